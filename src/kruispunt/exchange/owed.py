"""What a node owes the hub above it: changes of lines that it made, until the hub has answered.

What is owed is written down with the change itself. So a node that dies between its own lines and
the hub's, or whose hub is silent, brings there what stands here when it is back.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

import structlog

from kruispunt.exchange.bringing import clause_of
from kruispunt.exchange.fan import Laws
from kruispunt.exchange.onward import Above, Onward
from kruispunt.law import Jurisdiction
from kruispunt.sources import RefusedUpstream
from kruispunt.vocabulary import Act, DirectoryLine, Entry, LinesAsked, Problem, Ssin, Unavailable

LOG: Final = structlog.get_logger(__name__)
LEASE: Final = timedelta(seconds=30)
"""How long whoever makes a change has for telling the hub, before another process tells it."""

AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A change that stands here, and the entry by which the hub has to hear of it."""

    ticket: UUID
    entry: UUID
    recorded_at: datetime
    asked: LinesAsked


class Debts(Protocol):
    """Where changes stand, with what the hub has to hear of them."""

    async def list(self, ssin: Ssin) -> Sequence[DirectoryLine]: ...

    async def undo(self, ssin: Ssin, *, once: UUID, entry: Entry) -> bool:
        """Take back what was done under this id; nothing is owed for it any more."""
        ...

    async def settle(self, once: UUID) -> None:
        """The hub has answered: nothing is owed any more."""
        ...

    async def take_owed(self, now: datetime, *, until: datetime, limit: int) -> Sequence[Owed]:
        """What is owed too long; nobody else takes it until then."""
        ...


class Entries(Protocol):
    """The trail, in which the entry of a change stands."""

    async def find(self, entry_id: UUID, *, recorded_at: datetime) -> Entry | None: ...


async def tell_above(
    entry: Entry,
    asked: LinesAsked,
    *,
    law: Jurisdiction,
    above: Above,
    files: Debts,
    again: bool = False,
) -> Sequence[DirectoryLine]:
    """Let the hub do what was done here; what it refuses stands here no more.

    `again`: it may have heard some of it before.

    Raises:
        RefusedUpstream, SilentSource, WrongSource: as `Above.lines`.
    """
    question = entry.question
    onward = Onward(
        above=above,
        entry=entry,
        clause=clause_of(question, law),
        timeout_s=law.lawbook.flows[question.flow].limits.timeout_s,
        again=again,
    )
    try:
        told = await onward.send(asked, lambda: files.list(question.ssin))
    except RefusedUpstream:
        # That it is taken back is written down as well.
        await files.undo(question.ssin, once=entry.ticket, entry=entry)
        raise
    if asked.act is not Act.LIST:
        await files.settle(entry.ticket)
    return told


@dataclass(frozen=True, slots=True, kw_only=True)
class Owing:
    """Brings to the hub above what whoever made a change did not bring there."""

    laws: Laws
    trail: Entries
    files: Debts
    above: Above

    async def sweep(self, now: datetime) -> int:
        """Tell the hub what it should have heard. How many changes were due.

        One of which it can't be told holds no other up, and comes again.

        Raises:
            Unavailable: the database is away; the rest is told another time.
        """
        due = await self.files.take_owed(now, until=now + LEASE, limit=AT_ONCE)
        for owed in due:
            # The one way to hear of any fault without ending the sweep.
            (came,) = await asyncio.gather(self._tell(owed), return_exceptions=True)
            if isinstance(came, RefusedUpstream):
                LOG.warning("lines.taken_back", ticket=str(owed.ticket))
            elif isinstance(came, Problem):
                LOG.warning("lines.not_told", ticket=str(owed.ticket), why=came.detail)
            elif isinstance(came, BaseException):
                LOG.error("lines.can_not_be_told", ticket=str(owed.ticket), exc_info=came)
            else:
                LOG.info("lines.told", ticket=str(owed.ticket))
        return len(due)

    async def _tell(self, owed: Owed) -> None:
        entry = await self.trail.find(owed.entry, recorded_at=owed.recorded_at)
        if entry is None:
            raise Unavailable("the entry of this change can't be read now")
        law = self.laws.of(entry.lawbook)
        await tell_above(
            entry, owed.asked, law=law, above=self.above, files=self.files, again=True
        )
