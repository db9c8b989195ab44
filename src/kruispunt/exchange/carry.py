"""Bringing mail to seats whose door takes it, in order about each person, until they have it."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

import structlog

from kruispunt.client import AskFailed, Fault
from kruispunt.mailbox import Arrivals, Batch, Letter, Mode
from kruispunt.vocabulary import OWN, Mail, Problem, Unavailable

LOG: Final = structlog.stdlib.get_logger(__name__)
AT_ONCE: Final = 16
"""Persons whose mail is under way to one seat at the same time."""

READ: Final = 256
WAIT_S: Final = 30.0
FIRST_PAUSE_S: Final = 0.2
LAST_PAUSE_S: Final = 30.0
MOST_FAILURES: Final = 30
"""How often the other's door may fail at one mail, while it answers: then it is a dead letter."""

NOT_FINAL: Final = frozenset((401, 408, 425, 429))
"""Of the statuses that blame the sender: what may be otherwise when the same mail comes again."""

IN_FLIGHT: Final = OWN + "messageInFlight"


class Boxes(Protocol):
    """The mailboxes of this seat."""

    async def read(
        self, recipient: str, *, after: int = 0, limit: int, mode: Mode = Mode.POLL
    ) -> Batch: ...

    async def acknowledge(self, recipient: str, ids: Sequence[UUID]) -> int: ...

    async def dead(self, recipient: str, mail: UUID, reason: str, *, at: datetime) -> bool: ...


Send = Callable[[Mail], Awaitable[None]]
"""Brings a mail to its recipient. Raises `AskFailed` where it was not taken, or nobody knows."""


@dataclass(slots=True)
class _Round:
    """What became of the mails of one batch."""

    taken: list[UUID] = field(default_factory=list[UUID])
    away: bool = False
    """The other does not answer: what is left is left for later."""

    failed: bool = False
    """The other answers, and could not take all now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """Brings mail from the mailboxes of one seat to other seats, as long as `run` runs.

    Mail is acknowledged once the other has it durably. Ended in between, by us or by a crash, it
    is brought again under its old id. One of these at a time for a seat: two would bring the mail
    of one person in two orders.
    """

    boxes: Boxes
    arrivals: Arrivals
    send: Send
    now: Callable[[], datetime]
    recipients: Collection[str]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _failures: dict[UUID, int] = field(default_factory=dict[UUID, int], init=False)

    async def run(self) -> None:
        """Bring mail until this is cancelled."""
        async with asyncio.TaskGroup() as group:
            for recipient in self.recipients:
                group.create_task(self._serve(recipient), name=f"carry to {recipient}")

    async def _serve(self, recipient: str) -> None:
        pause = FIRST_PAUSE_S
        while True:
            try:
                rest = await self.bring(recipient, wait_s=WAIT_S)
            except Problem as away:  # our own database
                LOG.warning("carry.stopped", recipient=recipient, why=str(away))
                rest = True
            if rest:
                await self.sleep(pause)
                pause = min(2 * pause, LAST_PAUSE_S)
            else:
                pause = FIRST_PAUSE_S

    async def bring(self, recipient: str, *, wait_s: float = 0) -> bool:
        """Bring what waits for one recipient; true where some of it must wait longer.

        Raises:
            Unavailable: our own database is away.
        """

        async def look() -> Batch:
            return await self.boxes.read(recipient, limit=READ, mode=Mode.PUSH)

        batch = await self.arrivals.wait_for(
            recipient, look, wait_s=wait_s, found=lambda seen: bool(seen.letters)
        )
        done = _Round()
        lanes = lanes_of(batch.letters)
        room = asyncio.Semaphore(AT_ONCE)
        try:
            async with asyncio.TaskGroup() as group:
                for lane in lanes:
                    group.create_task(self._lane(lane, done, room))
        finally:
            if done.taken:
                await self.boxes.acknowledge(recipient, done.taken)
        if done.away:
            LOG.warning("carry.away", recipient=recipient, waiting=len(batch.letters))
        return done.away or done.failed

    async def _lane(self, mails: Sequence[Mail], done: _Round, room: asyncio.Semaphore) -> None:
        """The mail about one person, one after the other."""
        async with room:
            for mail in mails:
                if done.away or not await self._one(mail, done):
                    return

    async def _one(self, mail: Mail, done: _Round) -> bool:
        """True where the other has it."""
        try:
            await self.send(mail)
        except AskFailed as failed:
            why = self._final(mail, failed)
            if why is not None:
                done.failed |= not await self._bury(mail, why)
            elif failed.fault is Fault.PROBLEM and not _is_away(failed):
                done.failed = True
            else:
                done.away = True
            return False
        done.taken.append(mail.id)
        self._failures.pop(mail.id, None)
        return True

    def _final(self, mail: Mail, failed: AskFailed) -> str | None:
        """Why this mail will never be taken; None: it may be, later."""
        problem = failed.problem
        if failed.fault is not Fault.PROBLEM or problem is None or _is_away(failed):
            return None
        if 400 <= problem.status < 500:
            again = problem.status in NOT_FINAL or problem.type == IN_FLIGHT
            return None if again else f"{problem.status} {problem.title}: {problem.detail}"
        failures = self._failures[mail.id] = self._failures.get(mail.id, 0) + 1
        return f"the other failed at it {failures} times" if failures >= MOST_FAILURES else None

    async def _bury(self, mail: Mail, why: str) -> bool:
        """The mail is a dead letter; later mail of the same person waits behind it.

        False where our own database is away: it is brought once more, and refused again.
        """
        LOG.error("carry.dead", recipient=mail.recipient, mail=str(mail.id), why=why)
        try:
            await self.boxes.dead(mail.recipient, mail.id, why, at=self.now())
        except Unavailable as away:
            LOG.warning("carry.not_buried", mail=str(mail.id), why=away.detail)
            return False
        self._failures.pop(mail.id, None)
        return True


def lanes_of(letters: Sequence[Letter]) -> list[list[Mail]]:
    """Mail by person, in order; persons in the order of their first."""
    lanes: dict[bytes, list[Mail]] = {}
    for letter in letters:
        lanes.setdefault(letter.mail.person, []).append(letter.mail)
    return list(lanes.values())


def _is_away(failed: AskFailed) -> bool:
    """True where the other says that it is not there for anyone now."""
    return failed.problem is not None and failed.problem.status in (401, 429, 502, 503, 504)
