"""A part of the one-time file on its way to the seat of its sender: batch by batch, until done."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from kruispunt.circuits import one_shot
from kruispunt.client import AskFailed, Fault, Mailbox, canonical
from kruispunt.vocabulary import OWN, InstitutionCode, Mail, MailKind
from kruispunt.web import Ring, seal_for, sealing_key

AT_ONCE: Final = 8
"""Batches that are under way at the same time."""

NOBODY: Final = bytes(16)
FIRST_PAUSE_S: Final = 0.2
LAST_PAUSE_S: Final = 5.0
AGAIN: Final = frozenset((401, 408, 425, 429))
IN_FLIGHT: Final = OWN + "messageInFlight"
SENT_BEFORE: Final = OWN + "fileSentBefore"


class Refused(Exception):
    """The seat takes no batch of this part, now or ever."""

    def __init__(self, failed: AskFailed) -> None:
        super().__init__(str(failed))
        problem = failed.problem
        self.was_sent = problem is not None and problem.type == SENT_BEFORE
        self.said = str(failed) if problem is None else f"{problem.status}, {problem.detail}"


class Away(Exception):
    """The seat was away for too long. What it has, it has: send the part again."""


@dataclass(slots=True, kw_only=True)
class Sending:
    """Sends a part. A batch that the seat has, or had before, is durable there."""

    mailbox: Mailbox
    part: one_shot.Part
    ring: Ring
    now: Callable[[], datetime]
    patience_s: float
    tell: Callable[[int], None]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    done: int = 0
    """Batches that the seat has."""

    _left: list[int] = field(default_factory=list[int])

    async def run(self) -> None:
        """Send all batches.

        Raises:
            Refused: the seat said so of one; no other is sent after it.
            Away: the seat did not answer within the patience.
        """
        self._left = list(reversed(range(len(self.part.batches))))
        lanes = min(AT_ONCE, len(self._left))
        try:
            # One alone comes first: of a file that may not be sent, no more is sent.
            await self._one(self._left.pop())
            async with asyncio.TaskGroup() as group:
                for _ in range(lanes):
                    group.create_task(self._lane())
        except* (Refused, Away) as failed:
            raise failed.exceptions[0] from None

    async def _lane(self) -> None:
        while self._left:
            await self._one(self._left.pop())

    async def _one(self, number: int) -> None:
        loop = asyncio.get_running_loop()
        until, pause = loop.time() + self.patience_s, FIRST_PAUSE_S
        while True:
            try:
                await self.mailbox.send(self._mail(number))
            except AskFailed as failed:
                if _is_final(failed):
                    raise Refused(failed) from failed
                if loop.time() + pause > until:
                    raise Away(str(failed)) from failed
            else:
                self.done += 1
                self.tell(self.done)
                return
            await self.sleep(pause)
            pause = min(2 * pause, LAST_PAUSE_S)

    def _mail(self, number: int) -> Mail:
        now, seat = self.now(), InstitutionCode(self.mailbox.seat)
        key = sealing_key(self.ring, seat, now=int(now.timestamp()))
        return Mail(
            id=self.part.mail(number),
            recipient=seat,
            kind=MailKind.BATCH,
            flow=self.part.flow,
            ticket=str(self.part.file),
            person=NOBODY,
            sealed=seal_for(key, canonical(self.part.content(number))),
            sealed_for=key.key_id,
            sent_at=now,
        )


def _is_final(failed: AskFailed) -> bool:
    """True where the same batch will not be taken later either."""
    problem = failed.problem
    if failed.fault is not Fault.PROBLEM or problem is None:
        return False
    return 400 <= problem.status < 500 and not (
        problem.status in AGAIN or problem.type == IN_FLIGHT
    )
