"""A turn of an inquiry: how one event changes it, and what the rules then want done."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from kruispunt.circuits.benefits import (
    Stage,
)
from kruispunt.circuits.reimbursement.advance import Step as MatterStep
from kruispunt.circuits.reimbursement.advance import advance
from kruispunt.circuits.reimbursement.case import (
    AskProof,
    AskUnemployment,
    Award,
    Decline,
    Reimbursement,
    ReimbursementAction,
    ReimbursementEvent,
    Why,
)
from kruispunt.circuits.reimbursement.inquiry import (
    Decide,
    Due,
    Ending,
    InquireUnemployment,
    Inquiry,
    InquiryAction,
    SetDay,
    Wait,
    WantProof,
)
from kruispunt.circuits.reimbursement.lawful import InquiryRules

ASSUMED: Final = "assumption"


@dataclass(slots=True)
class Turn:
    """Changes one inquiry; nothing outside sees it before the turn is over."""

    state: Inquiry
    at: datetime
    actions: list[InquiryAction] = field(default_factory=list[InquiryAction])

    @property
    def rules(self) -> InquiryRules:
        assert self.state.rules, "expected an inquiry that has begun"
        return self.state.rules

    @property
    def matter(self) -> Reimbursement:
        assert self.state.matter, "expected an inquiry that has begun"
        return self.state.matter

    def next_id(self) -> UUID:
        number = self.state.actions
        self.state = replace(self.state, actions=number + 1)
        return self.state.action_id(number)

    def set_day(self, wait: Wait, due_at: datetime) -> None:
        """Ask to be told when it is time; what was waited for until now is not any more."""
        fresh = self.next_id()
        self.actions.append(SetDay(id=fresh, paragraph=ASSUMED, wait=wait, due_at=due_at))
        due = {fresh: Due(wait=wait, due_at=due_at)}
        self.state = replace(self.state, deadlines=due, since=self.at)

    def tell(self, event: ReimbursementEvent) -> bool:
        """Let the rules see what happened; False: it means nothing to them."""
        before = self.matter
        told = advance(before, event, self.rules.lawful())
        self.follow(told)
        return told[0] is not before

    def follow(self, told: MatterStep) -> None:
        """Do what the rules want done."""
        matter, actions = told
        self.state = replace(self.state, matter=matter)
        for action in actions:
            _follow(self, action)

    def close(self, ending: Ending, *, paragraph: str, decided: Decide | None = None) -> None:
        decide = decided or Decide(id=self.next_id(), paragraph=paragraph, ending=ending)
        self.actions.append(decide)
        self.state = replace(self.state, stage=Stage.CLOSED, ending=ending, deadlines={})


def _follow(turn: Turn, action: ReimbursementAction) -> None:
    match action:
        case AskUnemployment():
            turn.state = replace(turn.state, question=action)
            ask(turn)
        case AskProof(paragraph=paragraph):
            proof = turn.next_id()
            turn.actions.append(WantProof(id=proof, paragraph=paragraph))
            turn.state = replace(turn.state, proof=proof, deadlines={}, since=turn.at)
        case Award():
            _award(turn, action)
        case Decline():
            _decline(turn, action)


def ask(turn: Turn, *, before: tuple[UUID, ...] = ()) -> None:
    """Ask; `before`: the same question again, under the id that it had first."""
    state, question = turn.state, turn.state.question
    assert question, "expected what is asked"
    assert state.person, "expected an inquiry that has begun"
    action = turn.next_id()
    turn.actions.append(
        InquireUnemployment(
            id=action,
            paragraph=question.paragraph,
            flow=turn.rules.flow,
            purpose=question.purpose,
            person=state.person,
            about=question.about,
            message_id=before[0] if before else action,
        )
    )
    turn.state = replace(turn.state, asked=(*before, action), failed=False)
    days = turn.rules.delays.unemployment_days
    turn.set_day(Wait.ANSWERS, turn.at + timedelta(days=days))


def _award(turn: Turn, award: Award) -> None:
    decide = Decide(
        id=turn.next_id(),
        paragraph=award.paragraph,
        ending=Ending.GRANTED,
        why=Why.INCOME_LOWER,
        on=award.since,
        income_cents=award.income_cents,
        ceiling_cents=award.ceiling_cents,
    )
    turn.close(Ending.GRANTED, paragraph=award.paragraph, decided=decide)


def _decline(turn: Turn, decline: Decline) -> None:
    """Ex officio, late answers still count for a while, where any are expected at all."""
    if decline.why is Why.UNANSWERED:
        if turn.matter.is_complete or turn.state.ticket is None:
            end_unanswered(turn)
            return
        days = turn.rules.delays.late_days
        turn.set_day(Wait.LATE_ANSWERS, turn.at + timedelta(days=days))
        return
    decide = Decide(
        id=turn.next_id(),
        paragraph=decline.paragraph,
        ending=Ending.NOT_GRANTED,
        why=decline.why,
        on=turn.matter.met_on,
        income_cents=decline.income_cents,
        ceiling_cents=decline.ceiling_cents,
    )
    turn.close(Ending.NOT_GRANTED, paragraph=decline.paragraph, decided=decide)


def end_unanswered(turn: Turn) -> None:
    """Close: nobody told what was asked."""
    question = turn.state.question
    assert question, "expected what was asked"
    decide = Decide(
        id=turn.next_id(),
        paragraph=question.paragraph,
        ending=Ending.UNANSWERED,
        why=Why.UNANSWERED,
    )
    turn.close(Ending.UNANSWERED, paragraph=question.paragraph, decided=decide)


def has_come(turn: Turn) -> bool:
    """True where something of an answer came."""
    return turn.matter.expected is not None or bool(turn.matter.answers)
