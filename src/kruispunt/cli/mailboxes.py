"""The mailboxes of a seat, opened: who empties them at its door, and what ends with time."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

import structlog

from kruispunt.cli.backlog import MAIL, MAIL_AGE, counted, counted_mail
from kruispunt.cli.lasting import now_and_then
from kruispunt.cli.meters import Meters
from kruispunt.cli.network import Network
from kruispunt.law import Supply
from kruispunt.mailbox import Arrivals, Batch, Mailboxes, Mode
from kruispunt.postgres import Database, StoreClock
from kruispunt.vocabulary import InstitutionCode, Mail

_log: Final = structlog.stdlib.get_logger(__name__)

SWEEP_EVERY_S: Final = 300.0
BY_MAIL: Final = (Supply.BY_DIRECTORY, Supply.FILE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The mailboxes of one seat in one process, and who waits there."""

    boxes: Mailboxes
    arrivals: Arrivals


class Boxes(Protocol):
    """Mailboxes whose owners empty them: `Mailboxes` are."""

    async def read(self, recipient: str, *, after: int, limit: int, max_bytes: int) -> Batch: ...

    async def acknowledge(self, recipient: str, ids: Sequence[UUID]) -> int: ...

    async def find(self, recipient: str, mail: UUID) -> Mail | None: ...

    async def dead(
        self, recipient: str, mail: UUID, reason: str, *, at: datetime, told: bool
    ) -> bool: ...


class Post(Protocol):
    """What this seat waits for from those behind it."""

    async def give_up(self, mail: Mail) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MembersBoxes:
    """The mailboxes of those behind a seat: of a request that one of them can't take, it is told.

    INVARIANT: first told, then buried: where we die between the two, both are done again.
    """

    boxes: Boxes
    post: Post

    async def read(self, recipient: str, *, after: int, limit: int, max_bytes: int) -> Batch:
        """As `Mailboxes.read`."""
        return await self.boxes.read(recipient, after=after, limit=limit, max_bytes=max_bytes)

    async def acknowledge(self, recipient: str, ids: Sequence[UUID]) -> int:
        """As `Mailboxes.acknowledge`."""
        return await self.boxes.acknowledge(recipient, ids)

    async def dead(self, recipient: str, mail: UUID, reason: str, *, at: datetime) -> bool:
        """As `Mailboxes.dead`: who waits for the answer to a request is told that it fails."""
        found = await self.boxes.find(recipient, mail)
        told = found is not None and await self.post.give_up(found)
        return await self.boxes.dead(recipient, mail, reason, at=at, told=told)


def brought_from(network: Network, seat: InstitutionCode) -> tuple[InstitutionCode, ...]:
    """The seats to which this seat brings mail: from the hub to its nodes, from a node to the hub.

    Nobody, where no node of the network answers a flow: then nothing is ever sent.
    """
    nodes = tuple(node.institution for node in network.nodes)
    flows = network.lawbook.flows.values()
    by_mail = any(f.supply in BY_MAIL and f.supplier in nodes for f in flows)
    if not by_mail:
        return ()
    return nodes if seat == network.hub else (network.hub,)


def carrying_seats(network: Network) -> tuple[InstitutionCode, ...]:
    """The seats that bring mail to others: each has a process for that."""
    seats = (network.hub, *(node.institution for node in network.nodes))
    return tuple(seat for seat in seats if brought_from(network, seat))


@asynccontextmanager
async def open_mailboxes(
    database: Database,
    *,
    network: Network,
    seat: InstitutionCode,
    keep: timedelta,
    now: Callable[[], datetime],
    meters: Meters,
) -> AsyncGenerator[Opened]:
    """The mailboxes of a seat, swept and counted now and then while they are open.

    Raises:
        Unavailable: the database is not there now.
    """
    boxes, arrivals = Mailboxes(database=database), Arrivals()
    sweep = Sweep(boxes=boxes, clock=boxes.clock(), keep=keep, now=now)
    await sweep.start()
    await boxes.set_modes(brought_from(network, seat), Mode.PUSH)
    task = asyncio.create_task(sweep.forever(), name="sweep mailboxes")
    try:
        async with (
            arrivals.listening(database),
            counted(meters, counted_mail(meters, boxes), MAIL, MAIL_AGE),
        ):
            yield Opened(boxes=boxes, arrivals=arrivals)
    finally:
        task.cancel()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What a seat does for its mailboxes beside serving them; its clock says what is old."""

    boxes: Mailboxes
    clock: StoreClock
    keep: timedelta
    now: Callable[[], datetime]

    async def start(self) -> None:
        """Open the days that come.

        Raises:
            Unavailable: the database can't be reached.
        """
        moment = self.now()
        await self.clock.tick(now=moment)
        await self.boxes.open_days(moment)

    async def once(self) -> None:
        """Open the days that come, and end what is old.

        Raises:
            Unavailable: the database can't be reached; the next time makes up for it.
        """
        moment = self.now()
        at = await self.clock.tick(now=moment)
        await self.boxes.open_days(moment)
        ended = await self.boxes.end(before=at - self.keep, now=at)
        if ended.lost or ended.let_go:
            _log.error("mail.expired", lost=ended.lost, let_go=ended.let_go)

    async def forever(self) -> None:
        """Sweep now and then."""
        await now_and_then(self.once, every_s=SWEEP_EVERY_S, failed="mail.sweep.failed")
