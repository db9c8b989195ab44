"""Asking through the network what a case wants asked, and what it makes of what it is told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol, Unpack
from uuid import UUID, uuid5

from kruispunt.circuits.benefits import (
    AskUnemployment,
    Consult,
    ConsultationAnswered,
    ConsultationFailed,
    ConsultationRefused,
    UnemploymentAccepted,
    UnemploymentFailed,
    UnemploymentRefused,
)
from kruispunt.circuits.circuit import Event, Question, Request
from kruispunt.client import Asked, AskFailed, AskRefused, AskReply, Fault
from kruispunt.vocabulary import Reason, Ssin, WrongNumber

FIRST_PAUSE: Final = timedelta(seconds=1)
LAST_PAUSE: Final = timedelta(seconds=60)
MOST_CAUSE: Final = 200
COMES_BACK: Final = frozenset((409, 429, 503))
SAME_ID_OTHER_CONTENT: Final = "sameMessageOtherContent"
NO_REASON: Final = "refused without a reason"


class Accepted(Protocol):
    """That a question was accepted, whose answers come by mail under this ticket."""

    @property
    def ticket(self) -> UUID: ...


class Network(Protocol):
    """Who is asked: a `Client` is one."""

    async def ask(self, flow: str, /, **asked: Unpack[Asked]) -> AskReply: ...

    async def request(self, flow: str, /, **asked: Unpack[Asked]) -> Accepted: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Later(Exception):
    """Nobody answered now, but may do so later. Asking again under the same id is safe."""

    cause: str


def pause(attempts: int) -> timedelta:
    """How long to leave what was tried so often in vain."""
    return min(FIRST_PAUSE * 2 ** min(attempts - 1, 10), LAST_PAUSE)


def event_id(action: UUID, what: str) -> UUID:
    """The id of what happened to an action: the same, however often and by whom it is told."""
    return uuid5(action, what)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Asks in the name of one institution. Each question has the id that its action says."""

    network: Network
    now: Callable[[], datetime]

    async def consult(self, task: Consult) -> Event:
        """What a consultation brought.

        Raises:
            Later: nothing yet.
        """
        try:
            reply = await self.network.ask(task.flow, **_asked(task))
        except AskRefused as refused:
            return self._refused(task, refused)
        except AskFailed as failed:
            return self._failed(task, cause_of(failed))
        return ConsultationAnswered(
            id=event_id(task.id, "answered"),
            at=self.now(),
            action=task.id,
            rows=tuple(dict(row) for row in reply.rows),
        )

    async def request(self, task: Request) -> Event:
        """What became of a question whose answers come by mail, under its message id.

        Raises:
            Later: nothing yet.
        """
        asked = _asked(task)
        asked["ticket"] = str(task.message_id)
        asked["details"] = details_of(task)
        try:
            reply = await self.network.request(task.flow, **asked)
        except AskRefused as refused:
            return self._refused(task, refused)
        except AskFailed as failed:
            return self._failed(task, cause_of(failed))
        return UnemploymentAccepted(
            id=event_id(task.id, "accepted"),
            at=self.now(),
            action=task.id,
            ticket=str(reply.ticket),
        )

    def _refused(self, task: Question, refused: AskRefused) -> Event:
        """A refusal for no reason that we know is a failure."""
        reason = _reason(refused)
        if reason is None:
            return self._failed(task, NO_REASON)
        told = UnemploymentRefused if isinstance(task, Request) else ConsultationRefused
        return told(
            id=event_id(task.id, "refused"),
            at=self.now(),
            action=task.id,
            reason=reason,
            successor=_successor(refused),
        )

    def _failed(self, task: Question, cause: str) -> Event:
        failed = UnemploymentFailed if isinstance(task, Request) else ConsultationFailed
        return failed(id=event_id(task.id, "failed"), at=self.now(), action=task.id, cause=cause)


def cause_of(failed: AskFailed) -> str:
    """Why asking failed for good, without a word about the person.

    Raises:
        Later: it did not fail for good.
    """
    problem = failed.problem
    status = problem.status if problem else 0
    kind = problem.type.rpartition(":")[2] if problem else ""
    cause = f"{failed.fault} {status} {kind}".strip() if problem else failed.fault.value
    passing = status in COMES_BACK and kind != SAME_ID_OTHER_CONTENT
    if failed.fault is Fault.SILENT or passing:
        raise Later(cause=cause)
    return cause[:MOST_CAUSE]


def details_of(task: Request) -> Mapping[str, str]:
    """The risk block and the person block of §37, beside person and period; of a risk only."""
    if not isinstance(task, AskUnemployment):
        return {}
    details = {
        "risk_type": task.risk.value,
        "risk_begin_date": task.about.begin.isoformat(),
        "insurability_only": "true" if task.insurability_only else "false",
    }
    if task.card_number:
        details["eid_card_number"] = task.card_number
    return details


def _asked(task: Question) -> Asked:
    return Asked(
        ssin=task.person,
        purpose=task.purpose,
        begin=task.about.begin,
        until=task.about.last_day,
        message_id=task.message_id,
    )


def _reason(refused: AskRefused) -> Reason | None:
    return next((one for one in Reason if one.value == refused.reason), None)


def _successor(refused: AskRefused) -> Ssin | None:
    """The number that took the place of the person's, where we are told one."""
    digits = refused.problem.replaced_by
    try:
        return Ssin(digits) if digits else None
    except WrongNumber:
        return None
