"""What the network says of the one question of an inquiry, and what that changes."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from kruispunt.circuits.benefits import (
    Cell,
    UnemploymentAccepted,
    UnemploymentAnswered,
    UnemploymentCounted,
    UnemploymentFailed,
    UnemploymentRefused,
)
from kruispunt.circuits.reimbursement.case import (
    Answered,
    Counted,
    Phase,
    Unanswered,
)
from kruispunt.circuits.reimbursement.inquiry import (
    Ending,
    Wait,
)
from kruispunt.circuits.reimbursement.inquiry_turn import Turn, ask, has_come
from kruispunt.circuits.reimbursement.rules import NEEDED, read_unemployment
from kruispunt.vocabulary import Reason, Row

NO_FILE: Final = "05/022 §11"

Reply = (
    UnemploymentAccepted
    | UnemploymentRefused
    | UnemploymentCounted
    | UnemploymentAnswered
    | UnemploymentFailed
)


def take_reply(turn: Turn, event: Reply) -> bool:
    """What a reply to the question changes; False: it means nothing to this inquiry."""
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


def _take_ticket(turn: Turn, event: UnemploymentAccepted) -> bool:
    if turn.state.ticket is not None:
        return False
    turn.state = replace(turn.state, ticket=event.ticket, failed=False)
    return True


def _take_refusal(turn: Turn, event: UnemploymentRefused) -> bool:
    """A replaced number is asked under the new one; who has no file here is not our member."""
    if turn.state.ticket is not None or not _is_asking(turn, event.action):
        return False
    if event.successor is not None and event.successor != turn.state.person:
        turn.state = replace(turn.state, person=event.successor)
        ask(turn)
        return True
    if event.reason is Reason.NO_FILE:
        turn.close(Ending.REFUSED, paragraph=NO_FILE)
        return True
    return turn.tell(Unanswered(on=turn.rules.day(turn.at)))


def _take_failure(turn: Turn, event: UnemploymentFailed) -> bool:
    """Not asked: again, a few times. Asked but not answered in time: unanswered."""
    state = turn.state
    if state.ticket is not None or has_come(turn):
        return turn.tell(Unanswered(on=turn.rules.day(turn.at)))
    if state.failed or not _is_asking(turn, event.action):
        return False
    delays = turn.rules.delays
    if len(state.asked) >= delays.attempts:
        return turn.tell(Unanswered(on=turn.rules.day(turn.at)))
    turn.state = replace(state, failed=True)
    turn.set_day(Wait.RETRY, turn.at + timedelta(minutes=delays.retry_minutes))
    return True


def _take_count(turn: Turn, event: UnemploymentCounted) -> bool:
    if event.count < 0:
        return False
    highest = max((one.part for one in turn.matter.answers), default=0)
    return turn.tell(
        Counted(on=turn.rules.day(turn.at), expected=max(event.count, highest))
    ) and _came(turn)


def _take_answer(turn: Turn, event: UnemploymentAnswered) -> bool:
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


def _came(turn: Turn) -> bool:
    """What came shows that it was asked after all."""
    turn.state = replace(turn.state, failed=False)
    return True


def _is_asking(turn: Turn, action: UUID) -> bool:
    """True where this asked last, and nobody gave up on it since."""
    return turn.matter.phase is Phase.ASKED and action == turn.state.asked[-1]
