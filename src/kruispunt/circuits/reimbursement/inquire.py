"""An inquiry as one pure function: where it stands and an event give where it stands, and actions.

Between what happens (`inquiry`) and what the rules say of it (`advance`) stands the one question
that may be asked: once, under one message id, until it is answered or nobody answers.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from kruispunt.circuits.benefits import (
    CaseWithdrawn,
    Cell,
    DeadlinePassed,
    NumberReplaced,
    PersonMoved,
    Stage,
    UnemploymentAccepted,
    UnemploymentAnswered,
    UnemploymentCounted,
    UnemploymentFailed,
    UnemploymentRefused,
)
from kruispunt.circuits.reimbursement.advance import Step as MatterStep
from kruispunt.circuits.reimbursement.advance import advance, begin
from kruispunt.circuits.reimbursement.case import (
    Answered,
    AskProof,
    AskUnemployment,
    Award,
    Counted,
    Decline,
    Phase,
    Proved,
    Reimbursement,
    ReimbursementAction,
    ReimbursementEvent,
    Unanswered,
    Why,
)
from kruispunt.circuits.reimbursement.inquiry import (
    Decide,
    Due,
    Ending,
    IncomeProved,
    InquireUnemployment,
    Inquiry,
    InquiryAction,
    InquiryBegun,
    InquiryEvent,
    InquiryRulesChanged,
    SetDay,
    Wait,
    WantProof,
)
from kruispunt.circuits.reimbursement.lawful import InquiryRules
from kruispunt.circuits.reimbursement.rules import NEEDED, read_unemployment
from kruispunt.vocabulary import Reason, Row

Step = tuple[Inquiry, tuple[InquiryAction, ...]]

NO_FILE: Final = "05/022 §11"
ASSUMED: Final = "assumption"


def inquire(state: Inquiry, event: InquiryEvent) -> Step:
    """The inquiry after an event, and what it now wants done.

    Deterministic, as `benefits.advance`: an event that was seen, that answers nothing, or that
    comes after the end, gives back the very same state and no actions.
    """
    if event.id in state.seen or state.stage is Stage.CLOSED:
        return state, ()
    turn = _Turn(state=state, at=event.at)
    if not _take(turn, event):
        return state, ()
    return replace(turn.state, seen=turn.state.seen | {event.id}), tuple(turn.actions)


def keep_needed(event: InquiryEvent) -> InquiryEvent:
    """§40: of an answer no field is kept that no rule looks at, though it was given."""
    if not isinstance(event, UnemploymentAnswered):
        return event
    rows = tuple({name: row[name] for name in NEEDED if name in row} for row in event.rows)
    return replace(event, rows=rows)


@dataclass(slots=True)
class _Turn:
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


def _take(turn: _Turn, event: InquiryEvent) -> bool:
    """What the event changes; False: it means nothing to this inquiry."""
    if isinstance(event, InquiryBegun):
        return _begin(turn, event)
    if turn.state.stage is Stage.NEW:
        return False
    match event:
        case InquiryRulesChanged(rules=rules):
            changed = rules != turn.rules
            turn.state = replace(turn.state, rules=rules)
            return changed
        case DeadlinePassed():
            return _take_deadline(turn, event)
        case IncomeProved():
            proved = Proved(on=turn.rules.day(event.at), unemployment=event.unemployment)
            return event.action == turn.state.proof and turn.tell(proved)
        case NumberReplaced():
            return _take_number(turn, event)
        case PersonMoved():
            turn.close(Ending.MOVED, paragraph="05/022 §7.4, §11")
            return True
        case CaseWithdrawn():
            turn.close(Ending.WITHDRAWN, paragraph="05/022 §2.2")
            return True
        case _:
            return event.action in turn.state.asked and _take_reply(turn, event)


def _begin(turn: _Turn, event: InquiryBegun) -> bool:
    if turn.state.stage is not Stage.NEW:
        return False
    turn.state = replace(
        turn.state, stage=Stage.OPEN, person=event.person, rules=event.rules, since=event.at
    )
    turn.follow(begin(event.begun, event.rules.lawful()))
    return True


Reply = (
    UnemploymentAccepted
    | UnemploymentRefused
    | UnemploymentCounted
    | UnemploymentAnswered
    | UnemploymentFailed
)


def _take_reply(turn: _Turn, event: Reply) -> bool:
    match event:
        case UnemploymentAccepted():
            return _take_ticket(turn, event)
        case UnemploymentRefused():
            return _take_refusal(turn, event)
        case UnemploymentFailed():
            return _take_failure(turn, event)
        case UnemploymentCounted():
            return _take_count(turn, event)
        case UnemploymentAnswered():
            return _take_answer(turn, event)


def _take_ticket(turn: _Turn, event: UnemploymentAccepted) -> bool:
    if turn.state.ticket is not None:
        return False
    turn.state = replace(turn.state, ticket=event.ticket, failed=False)
    return True


def _take_refusal(turn: _Turn, event: UnemploymentRefused) -> bool:
    """A replaced number is asked under the new one; who has no file here is not our member."""
    if turn.state.ticket is not None or not _is_asking(turn, event.action):
        return False
    if event.successor is not None and event.successor != turn.state.person:
        turn.state = replace(turn.state, person=event.successor)
        _ask(turn)
        return True
    if event.reason is Reason.NO_FILE:
        turn.close(Ending.REFUSED, paragraph=NO_FILE)
        return True
    return turn.tell(Unanswered(on=turn.rules.day(turn.at)))


def _take_failure(turn: _Turn, event: UnemploymentFailed) -> bool:
    """Not asked: again, a few times. Asked but not answered in time: unanswered."""
    state = turn.state
    if state.ticket is not None or _has_come(turn):
        return turn.tell(Unanswered(on=turn.rules.day(turn.at)))
    if state.failed or not _is_asking(turn, event.action):
        return False
    delays = turn.rules.delays
    if len(state.asked) >= delays.attempts:
        return turn.tell(Unanswered(on=turn.rules.day(turn.at)))
    turn.state = replace(state, failed=True)
    turn.set_day(Wait.RETRY, turn.at + timedelta(minutes=delays.retry_minutes))
    return True


def _take_count(turn: _Turn, event: UnemploymentCounted) -> bool:
    if event.count < 0:
        return False
    highest = max((one.part for one in turn.matter.answers), default=0)
    return turn.tell(
        Counted(on=turn.rules.day(turn.at), expected=max(event.count, highest))
    ) and _came(turn)


def _take_answer(turn: _Turn, event: UnemploymentAnswered) -> bool:
    """Who gives no answer leaves an amount unknown: that is not an amount of nothing."""
    expected = turn.matter.expected
    if event.place < 1 or (expected is not None and event.place > expected):
        return False
    on = turn.rules.day(turn.at)
    if event.refused:
        return turn.tell(Unanswered(on=on))
    rows = read_unemployment(_plain(row) for row in event.rows)
    answered = Answered(on=on, part=event.place, rows=rows)
    return turn.tell(answered) and _came(turn)


def _plain(row: dict[str, Cell]) -> Row:
    """The fields that rules look at; none of them is a group."""
    return {name: found for name in NEEDED if isinstance(found := row.get(name), str)}


def _came(turn: _Turn) -> bool:
    """What came shows that it was asked after all."""
    turn.state = replace(turn.state, failed=False)
    return True


def _is_asking(turn: _Turn, action: UUID) -> bool:
    """True where this asked last, and nobody gave up on it since."""
    return turn.matter.phase is Phase.ASKED and action == turn.state.asked[-1]


def _has_come(turn: _Turn) -> bool:
    return turn.matter.expected is not None or bool(turn.matter.answers)


def _take_number(turn: _Turn, event: NumberReplaced) -> bool:
    if event.successor == turn.state.person:
        return False
    turn.state = replace(turn.state, person=event.successor)
    if turn.matter.phase is Phase.ASKED and turn.state.ticket is None and not _has_come(turn):
        _ask(turn)
    return True


def _take_deadline(turn: _Turn, event: DeadlinePassed) -> bool:
    """A deadline that is not due yet, or not there any more, means nothing."""
    found = turn.state.deadlines.get(event.deadline)
    if found is None or event.at < found.due_at:
        return False
    turn.state = replace(turn.state, deadlines={})
    match found.wait:
        case Wait.RETRY:
            _ask(turn, before=turn.state.asked)
        case Wait.ANSWERS:
            turn.tell(Unanswered(on=turn.rules.day(event.at)))
        case Wait.LATE_ANSWERS:
            _end_unanswered(turn)
    return True


def _follow(turn: _Turn, action: ReimbursementAction) -> None:
    match action:
        case AskUnemployment():
            turn.state = replace(turn.state, question=action)
            _ask(turn)
        case AskProof(paragraph=paragraph):
            proof = turn.next_id()
            turn.actions.append(WantProof(id=proof, paragraph=paragraph))
            turn.state = replace(turn.state, proof=proof, deadlines={}, since=turn.at)
        case Award():
            _award(turn, action)
        case Decline():
            _decline(turn, action)


def _ask(turn: _Turn, *, before: tuple[UUID, ...] = ()) -> None:
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


def _award(turn: _Turn, award: Award) -> None:
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


def _decline(turn: _Turn, decline: Decline) -> None:
    """Ex officio, late answers still count for a while, where any are expected at all."""
    if decline.why is Why.UNANSWERED:
        if turn.matter.is_complete or turn.state.ticket is None:
            _end_unanswered(turn)
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


def _end_unanswered(turn: _Turn) -> None:
    question = turn.state.question
    assert question, "expected what was asked"
    decide = Decide(
        id=turn.next_id(),
        paragraph=question.paragraph,
        ending=Ending.UNANSWERED,
        why=Why.UNANSWERED,
    )
    turn.close(Ending.UNANSWERED, paragraph=question.paragraph, decided=decide)
