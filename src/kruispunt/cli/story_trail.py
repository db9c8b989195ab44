"""What the trails of node and hub gained by an exchange, read as an auditor reads them."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Self
from uuid import UUID

from kruispunt.audit import Look, Reader, read_master_key, seen_by_auditor
from kruispunt.cli.network import Network
from kruispunt.cli.place import Place
from kruispunt.cli.story import Noted
from kruispunt.vocabulary import FlowId, InstitutionCode, Ssin

LOOKS: Final = 50
WAIT_S: Final = 5.0
LOOK_S: Final = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Trails:
    """The trails of every node and of the hub. Remembers which entries it has told already."""

    readers: dict[InstitutionCode, Reader]
    hub: InstitutionCode
    told: set[UUID] = field(default_factory=set[UUID])

    @classmethod
    @asynccontextmanager
    async def open(cls, place: Place, network: Network) -> AsyncGenerator[Self]:
        """Readers over the trails of a network on this machine.

        Raises:
            Unavailable: a database is not there now.
        """
        async with AsyncExitStack() as stack:
            readers = dict[InstitutionCode, Reader]()
            for code in (*(node.institution for node in network.nodes), network.hub):
                home = place.home(code)
                database = await stack.enter_async_context(home.database())
                readers[code] = Reader.over(database, master=read_master_key(home.master))
            yield cls(readers=readers, hub=network.hub)

    async def gained(
        self, ssin: Ssin, message: UUID, *, asked: InstitutionCode
    ) -> Sequence[Noted]:
        """The new entries of a message: where it was asked, then at the hub if it came there.

        Waits for the outcome of each look, which follows a moment after the answer.
        """
        looks = await self._ended(asked, ssin, {message})
        if asked != self.hub:
            # To the hub the entry of the node is the message.
            at_hub = await self._ended(self.hub, ssin, {look.entry.id for _, look in looks})
            looks = [*looks, *at_hub]
        return [_noted(at, look) for at, look in looks]

    async def passed(self, ssin: Ssin, flow: FlowId, *, since: datetime) -> Sequence[Noted]:
        """Every entry of a flow about a person from a moment on, in the order of recording.

        For questions that seats answer each other by mail: they decide one after the other, and
        each answer that passes is an entry again.
        """
        looks = [
            (at, look)
            for at, reader in self.readers.items()
            for look in await reader.looks(ssin, limit=LOOKS)
            if look.entry.question.flow == flow and look.entry.recorded_at >= since
        ]
        looks.sort(key=lambda one: one[1].entry.recorded_at)
        return [_noted(at, look) for at, look in looks]

    async def _ended(
        self, at: InstitutionCode, ssin: Ssin, messages: set[UUID]
    ) -> list[tuple[InstitutionCode, Look]]:
        deadline = asyncio.get_running_loop().time() + WAIT_S
        while True:
            looks = [
                look
                for look in await self.readers[at].looks(ssin, limit=LOOKS)
                if look.entry.question.message_id in messages and look.entry.id not in self.told
            ]
            late = asyncio.get_running_loop().time() > deadline
            if late or all(_has_ended(look) for look in looks):
                self.told.update(look.entry.id for look in looks)
                return [(at, look) for look in reversed(looks)]
            await asyncio.sleep(LOOK_S)


def _has_ended(look: Look) -> bool:
    """A refusal in words has nothing to wait for; one told as an empty answer ends as a look."""
    reason = seen_by_auditor(look).reason
    return look.outcome is not None or (reason is not None and reason.told is not None)


def _noted(at: InstitutionCode, look: Look) -> Noted:
    seen = seen_by_auditor(look)
    return Noted(
        at=at,
        consumer=seen.consumer,
        granted=seen.granted,
        again=seen.repeats is not None,
        reason=None if seen.reason is None else seen.reason.value,
        outcome=None if seen.ending is None else seen.ending.value,
        rows=seen.shown,
        cause=seen.cause,
        paragraph=f"{seen.deliberation} {seen.paragraph}".strip(),
    )
