"""An inquiry as one pure function: where it stands and an event give where it stands, and actions.

Between what happens (`inquiry`) and what the rules say of it (`advance`) stands the one question
that may be asked: once, under one message id, until it is answered or nobody answers.
"""

from msgspec.structs import replace

from kruispunt.circuits.benefits import (
    CaseWithdrawn,
    DeadlinePassed,
    NumberReplaced,
    PersonMoved,
    Stage,
    UnemploymentAnswered,
)
from kruispunt.circuits.reimbursement.advance import begin
from kruispunt.circuits.reimbursement.case import (
    Phase,
    Proved,
    Unanswered,
)
from kruispunt.circuits.reimbursement.inquiry import (
    Ending,
    IncomeProved,
    Inquiry,
    InquiryAction,
    InquiryBegun,
    InquiryEvent,
    InquiryRulesChanged,
    Wait,
)
from kruispunt.circuits.reimbursement.inquiry_replies import take_reply
from kruispunt.circuits.reimbursement.inquiry_turn import Turn, ask, end_unanswered, has_come
from kruispunt.circuits.reimbursement.rules import NEEDED

Step = tuple[Inquiry, tuple[InquiryAction, ...]]


def inquire(state: Inquiry, event: InquiryEvent) -> Step:
    """The inquiry after an event, and what it now wants done.

    Deterministic, as `benefits.advance`: an event that was seen, that answers nothing, or that
    comes after the end, gives back the very same state and no actions.
    """
    if event.id in state.seen or state.stage is Stage.CLOSED:
        return state, ()
    turn = Turn(state=state, at=event.at)
    if not _take(turn, event):
        return state, ()
    return replace(turn.state, seen=turn.state.seen | {event.id}), tuple(turn.actions)


def keep_needed(event: InquiryEvent) -> InquiryEvent:
    """§40: of an answer no field is kept that no rule looks at, though it was given."""
    if not isinstance(event, UnemploymentAnswered):
        return event
    rows = tuple({name: row[name] for name in NEEDED if name in row} for row in event.rows)
    return replace(event, rows=rows)


def _take(turn: Turn, event: InquiryEvent) -> bool:
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
            return event.action in turn.state.asked and take_reply(turn, event)


def _begin(turn: Turn, event: InquiryBegun) -> bool:
    if turn.state.stage is not Stage.NEW:
        return False
    turn.state = replace(
        turn.state, stage=Stage.OPEN, person=event.person, rules=event.rules, since=event.at
    )
    turn.follow(begin(event.begun, event.rules.lawful()))
    return True


def _take_number(turn: Turn, event: NumberReplaced) -> bool:
    if event.successor == turn.state.person:
        return False
    turn.state = replace(turn.state, person=event.successor)
    if turn.matter.phase is Phase.ASKED and turn.state.ticket is None and not has_come(turn):
        ask(turn)
    return True


def _take_deadline(turn: Turn, event: DeadlinePassed) -> bool:
    """A deadline that is not due yet, or not there any more, means nothing."""
    found = turn.state.deadlines.get(event.deadline)
    if found is None or event.at < found.due_at:
        return False
    turn.state = replace(turn.state, deadlines={})
    match found.wait:
        case Wait.RETRY:
            ask(turn, before=turn.state.asked)
        case Wait.ANSWERS:
            turn.tell(Unanswered(on=turn.rules.day(event.at)))
        case Wait.LATE_ANSWERS:
            end_unanswered(turn)
    return True
