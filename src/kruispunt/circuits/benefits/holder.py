"""The holder part of the information sheet: on paper, once (05/022 §5(2))."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from kruispunt.circuits.benefits.action import Delay, Matter, SendHolderSheet
from kruispunt.circuits.benefits.case import Holder, Sheet
from kruispunt.circuits.benefits.turn import Turn

PARAGRAPH: Final = "05/022 §5(2)"
SUBJECT: Final = "holder-sheet"


def send_if_due(turn: Turn) -> None:
    """R-HOLDER-SHEET (§5(2)): when the risk is declared, never again."""
    if turn.case.holder.sheet is not Sheet.UNSENT:
        return
    known, action = turn.known, turn.next_id()
    turn.add(
        SendHolderSheet(
            id=action,
            paragraph=PARAGRAPH,
            person=known.person,
            risk=known.risk.type,
            period=known.risk.period,
            language=known.risk.language,
        )
    )
    turn.holder(Holder(sheet=Sheet.SENT, action=action, since=turn.at))
    turn.set_deadline(
        Delay.HOLDER_SHEET, action, wait=timedelta(days=turn.rules.delays.holder_days)
    )


def take_return(turn: Turn, action: UUID) -> bool:
    """It came back filled in, early or late."""
    holder = turn.case.holder
    if holder.action != action or holder.sheet is Sheet.RETURNED:
        return False
    turn.settle(action)
    turn.holder(replace(holder, sheet=Sheet.RETURNED, since=turn.at))
    return True


def take_loss(turn: Turn, action: UUID) -> bool:
    """It could not be delivered: it is not sent again, a clerk reaches the person otherwise."""
    holder = turn.case.holder
    if holder.action != action or holder.sheet is not Sheet.SENT:
        return False
    turn.holder(replace(holder, sheet=Sheet.UNDELIVERABLE, since=turn.at))
    turn.ask_clerk(Matter.HOLDER_SHEET_UNDELIVERABLE, SUBJECT, action, paragraph=PARAGRAPH)
    return True


def take_lateness(turn: Turn) -> None:
    """It did not come back in time."""
    holder = turn.case.holder
    if holder.action is not None and not holder.settled:
        turn.ask_clerk(Matter.HOLDER_SHEET_MISSING, SUBJECT, holder.action, paragraph=PARAGRAPH)


def skip(turn: Turn, about: UUID) -> bool:
    """A clerk goes on without it; sending it again is not among the answers."""
    holder = turn.case.holder
    if holder.action != about or holder.settled:
        return False
    turn.settle(about)
    turn.holder(replace(holder, sheet=Sheet.GIVEN_UP, since=turn.at))
    return True


def take_posting(turn: Turn, action: UUID) -> bool:
    """The post has it."""
    holder = turn.case.holder
    if holder.action != action or holder.posted:
        return False
    turn.holder(replace(holder, posted=True))
    return True
