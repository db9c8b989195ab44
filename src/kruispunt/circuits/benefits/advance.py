"""The circuit of 05/022 §5 as one pure function: a state and an event give a state and actions."""

from msgspec.structs import replace

from kruispunt.circuits.benefits import consultations, holder, requests, unemployment
from kruispunt.circuits.benefits.action import Action, Delay, Ending, Matter, Medium
from kruispunt.circuits.benefits.case import Case, Stage
from kruispunt.circuits.benefits.event import (
    Answer,
    CaseWithdrawn,
    ClerkAnswered,
    ConsultationAnswered,
    ConsultationFailed,
    ConsultationRefused,
    DeadlinePassed,
    DeclarationReceived,
    Event,
    HolderSheetReturned,
    HolderSheetSent,
    HolderSheetUndeliverable,
    LetterSent,
    LetterUndeliverable,
    NumberReplaced,
    PersonMoved,
    RequestDead,
    RequestDelivered,
    RiskDeclared,
    RulesChanged,
    UnemploymentAccepted,
    UnemploymentAnswered,
    UnemploymentCounted,
    UnemploymentFailed,
    UnemploymentRefused,
)
from kruispunt.circuits.benefits.turn import Turn

Step = tuple[Case, tuple[Action, ...]]


def advance(state: Case, event: Event) -> Step:
    """The case after an event, and what it now wants done.

    Deterministic: time and ids come from the event and from the case. An event that was seen, that
    answers nothing, or that comes after the end, gives back the very same state and no actions.
    """
    if event.id in state.seen or state.stage is Stage.CLOSED:
        return state, ()
    turn = Turn(case=state, at=event.at)
    if not _take(turn, event):
        return state, ()
    turn.case = replace(turn.case, seen=turn.case.seen | {event.id})
    _progress(turn)
    return turn.case, tuple(turn.actions)


def _progress(turn: Turn) -> None:
    """All that may be done now, in the order of §5; what is done once is not done again."""
    if turn.is_open:
        holder.send_if_due(turn)
        consultations.ask_what_is_due(turn)
        unemployment.ask_if_due(turn)
        requests.plan(turn)
        consultations.ask_what_is_due(turn)
        requests.send_what_is_due(turn)
        _close_if_done(turn)


def _close_if_done(turn: Turn) -> None:
    """Done: sheet back, requests and L500 settled, nothing open, nobody asked."""
    case = turn.case
    settled = (
        case.planned
        and case.holder.settled
        and case.unemployment.settled
        and all(one.settled for one in case.requests)
        and all(one.settled for one in case.consultations.values())
    )
    if settled and not case.notices:
        consultations.close(turn, Ending.DONE, paragraph="05/022 §5")


def _take(turn: Turn, event: Event) -> bool:
    """What the event changes; False: it means nothing to this case."""
    if isinstance(event, RiskDeclared):
        return _open(turn, event)
    if turn.case.stage is Stage.NEW:
        return False
    if isinstance(event, DeadlinePassed):
        return _take_deadline(turn, event)
    if isinstance(event, ClerkAnswered):
        return _take_clerk(turn, event)
    return _take_answer(turn, event)


def _open(turn: Turn, event: RiskDeclared) -> bool:
    """§5(1): one case, one risk. A second declaration is another case."""
    if turn.case.stage is not Stage.NEW:
        return False
    turn.case = replace(
        turn.case,
        stage=Stage.OPEN,
        person=event.person,
        risk=event.risk,
        contact=event.contact,
        rules=event.rules,
    )
    return True


def _take_answer(turn: Turn, event: Event) -> bool:
    match event:
        case ConsultationAnswered():
            return consultations.take_answer(turn, event)
        case ConsultationRefused():
            return consultations.take_refusal(turn, event)
        case ConsultationFailed():
            return consultations.take_failure(turn, event)
        case UnemploymentAccepted():
            return unemployment.take_ticket(turn, event)
        case UnemploymentRefused():
            return unemployment.take_refusal(turn, event)
        case UnemploymentCounted():
            return unemployment.take_count(turn, event)
        case UnemploymentAnswered():
            return unemployment.take_part(turn, event)
        case UnemploymentFailed():
            return unemployment.take_failure(turn, event)
        case _:
            return _take_news(turn, event)


def _take_news(turn: Turn, event: Event) -> bool:
    match event:
        case HolderSheetSent(action=action):
            return holder.take_posting(turn, action)
        case HolderSheetReturned(action=action):
            return holder.take_return(turn, action)
        case HolderSheetUndeliverable(action=action):
            return holder.take_loss(turn, action)
        case RequestDelivered(action=action):
            return requests.take_arrival(turn, action, medium=Medium.ELECTRONIC)
        case LetterSent(action=action):
            return requests.take_arrival(turn, action, medium=None)
        case RequestDead(action=action):
            return requests.take_loss(turn, action, electronic=True)
        case LetterUndeliverable(action=action):
            return requests.take_loss(turn, action, electronic=False)
        case DeclarationReceived():
            return requests.take_declaration(turn, event)
        case _:
            return _take_change(turn, event)


def _take_change(turn: Turn, event: Event) -> bool:
    match event:
        case RulesChanged(rules=rules) if rules != turn.case.rules:
            turn.case = replace(turn.case, rules=rules)
            return True
        case NumberReplaced(successor=successor) if successor != turn.case.person:
            turn.case = replace(turn.case, person=successor)
            turn.tell(Matter.NUMBER_REPLACED, "person", paragraph="assumption")
            consultations.ask_again_open(turn)
            unemployment.ask_again_if_not_accepted(turn)
            return True
        case PersonMoved():
            consultations.close(turn, Ending.MOVED, paragraph="05/022 §7.4, §11")
            return True
        case CaseWithdrawn():
            consultations.close(turn, Ending.WITHDRAWN, paragraph="05/022 §5(1)")
            return True
        case _:
            return False


def _take_deadline(turn: Turn, event: DeadlinePassed) -> bool:
    """A deadline that is not due yet, or not there any more, means nothing."""
    deadlines = dict(turn.case.deadlines)
    found = deadlines.pop(event.deadline, None)
    if found is None or event.at < found.due_at:
        return False
    turn.case = replace(turn.case, deadlines=deadlines)
    match found.delay:
        case Delay.CONSULTATION:
            consultations.take_lateness(turn, found.about)
        case Delay.RETRY:
            consultations.take_retry(turn, found.about)
            unemployment.take_retry(turn, found.about)
        case Delay.HOLDER_SHEET:
            holder.take_lateness(turn)
        case Delay.DECLARATION:
            requests.take_lateness(turn, event.deadline)
        case Delay.UNEMPLOYMENT:
            unemployment.take_lateness(turn, event.deadline)
    return True


def _take_clerk(turn: Turn, event: ClerkAnswered) -> bool:
    """A clerk answers what it was asked, once. The sheet is not sent again, whatever it says."""
    notice = turn.case.notices.get(event.notice)
    if notice is None:
        return False
    rooms = (consultations, unemployment, requests)
    if event.answer is Answer.RETRY:
        return any(room.retry(turn, notice.about) for room in rooms)
    return any(room.skip(turn, notice.about) for room in (*rooms, holder))
