"""The mailboxes of declarants, beside the cases that send them requests."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from kruispunt.circuits import Cases, event_id
from kruispunt.circuits import benefits as b
from kruispunt.cli.mailboxes import Boxes
from kruispunt.mailbox import Batch
from kruispunt.vocabulary import InstitutionCode, Proof

TOLD_TOGETHER: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedBoxes:
    """The mailboxes of declarants: what one of them takes or can't take, its case is told first.

    The id of a mail is that of its action, so nothing else has to be kept.
    """

    boxes: Boxes
    cases: Cases
    now: Callable[[], datetime]

    async def read(self, recipient: str, *, after: int, limit: int, max_bytes: int) -> Batch:
        """As `Mailboxes.read`."""
        return await self.boxes.read(recipient, after=after, limit=limit, max_bytes=max_bytes)

    async def acknowledge(self, recipient: str, ids: Sequence[UUID]) -> int:
        """It has these: their cases know that they were delivered, then they are gone.

        Those told together share a commit: a thousand one by one would take as many.
        """
        for at in range(0, len(ids), TOLD_TOGETHER):
            some = ids[at : at + TOLD_TOGETHER]
            await asyncio.gather(*(self._delivered(recipient, mail) for mail in some))
        return await self.boxes.acknowledge(recipient, ids)

    async def dead(self, recipient: str, mail: UUID, reason: str, *, at: datetime) -> bool:
        """It can't take this one: its case asks on another way, and nothing waits behind it."""
        event = b.RequestDead(id=event_id(mail, "dead"), at=at, action=mail, cause=reason)
        await self._tell(recipient, mail, event)
        return await self.boxes.dead(recipient, mail, reason, at=at, told=True)

    async def _delivered(self, recipient: str, mail: UUID) -> None:
        event = b.RequestDelivered(id=event_id(mail, "delivered"), at=self.now(), action=mail)
        await self._tell(recipient, mail, event)

    async def _tell(
        self, recipient: str, mail: UUID, event: b.RequestDelivered | b.RequestDead
    ) -> None:
        """Only of a mail that was sent to this recipient; of any other nothing is known."""
        doing = await self.cases.store.action(mail)
        task = doing.task if doing else None
        if doing is not None and isinstance(task, b.SendRequest) and task.to.mailbox == recipient:
            await self.cases.add(doing.case, event)


class Repeatable:
    """Signatures for what may be said again with the same effect: none is kept."""

    async def claim(self, institution: InstitutionCode, proof: Proof) -> None:
        """Nothing."""
