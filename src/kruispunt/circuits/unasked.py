"""R-SPONTANEOUS (05/022 §4, §23): declarations that nobody asked for, told to their case.

They are durable before anybody looks whether there is a case. So who declares is told the same,
in the same time, whether the worker is a member here or not: that may tell a belief (§33).
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final, Protocol
from uuid import UUID

import msgspec
import structlog
from msgspec import Struct
from msgspec.structs import replace

from kruispunt.circuits.benefits import Case, DeclarationReceived, Risk, RiskType
from kruispunt.circuits.cases import Cases
from kruispunt.circuits.filed import Filed
from kruispunt.circuits.stored import encode
from kruispunt.postgres import Database, read_queries
from kruispunt.vocabulary import Period, Problem, SameMessageOtherContent, Ssin

LOG: Final = structlog.get_logger(__name__)
QUERIES: Final = read_queries(Path(__file__).with_name("unasked.sql"))
KEPT: Final = timedelta(days=90)
"""How long a declaration waits for its case (assumption)."""

LOOK_EVERY_S: Final = 60.0
MOST: Final = 256


class Unasked(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A declaration that quotes no request: about whom, and which risk. Stored for ever so."""

    person: Ssin
    risk: RiskType
    period: Period
    event: DeclarationReceived


class UnaskedStore(Protocol):
    """Where such declarations are kept. All raise `Unavailable` while it is away."""

    async def keep(self, one: Unasked, *, forget: datetime) -> Unasked | None:
        """Make it durable; what stands under its id already. Older ones than `forget` go."""
        ...

    async def untold(self, person: Ssin | None, after: UUID | None) -> list[Unasked]:
        """Those that no case was told of, where there is an open case about the person.

        At most `MOST`, in the order of their ids, after this one.
        """
        ...

    async def told(self, declaration: UUID, at: datetime) -> None:
        """A case was told of it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledUnasked:
    """In the institution's own database.

    Trust: who writes here can make a case believe that an employer declared.
    """

    database: Database

    async def keep(self, one: Unasked, *, forget: datetime) -> Unasked | None:
        row = (one.event.id, int(one.person.digits), one.event.at, encode(one), forget)
        if await self.database.fetch(QUERIES["keep_declared"], *row):
            return None
        rows = await self.database.fetch(QUERIES["find_declared"], one.event.id)
        return _decode(rows[0]["body"]) if rows else None

    async def untold(self, person: Ssin | None, after: UUID | None) -> list[Unasked]:
        number = int(person.digits) if person else None
        rows = await self.database.fetch(QUERIES["list_untold"], number, after, MOST)
        return [_decode(row["body"]) for row in rows]

    async def told(self, declaration: UUID, at: datetime) -> None:
        await self.database.execute(QUERIES["tell_declared"], declaration, at)


@dataclass(frozen=True, slots=True)
class MemoryUnasked:
    """The twin of the store, for tests; it doesn't look whether there is a case."""

    kept: dict[UUID, Unasked] = field(default_factory=dict[UUID, Unasked])
    done: set[UUID] = field(default_factory=set[UUID])

    async def keep(self, one: Unasked, *, forget: datetime) -> Unasked | None:
        for old in [key for key, each in self.kept.items() if each.event.at < forget]:
            del self.kept[old]
        stands = self.kept.get(one.event.id)
        self.kept.setdefault(one.event.id, one)
        return stands

    async def untold(self, person: Ssin | None, after: UUID | None) -> list[Unasked]:
        waiting = sorted(key for key in self.kept if key not in self.done)
        found = (self.kept[key] for key in waiting if after is None or key > after)
        return [one for one in found if person in (None, one.person)][:MOST]

    async def told(self, declaration: UUID, at: datetime) -> None:
        assert at.tzinfo, "expected a moment"
        self.done.add(declaration)


@dataclass(slots=True, kw_only=True)
class Initiatives:
    """Takes declarations that nobody asked for, and tells each to its case, now or later."""

    cases: Cases
    store: UnaskedStore
    now: Callable[[], datetime]
    under_way: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    async def take(self, one: Unasked) -> bool:
        """Keep it, and leave its case for after the reply; False: it came before.

        Raises:
            SameMessageOtherContent: its id was used for another.
            Unavailable: the store is away; sending it again is safe.
        """
        stands = await self.store.keep(one, forget=self.now() - KEPT)
        if stands is None:
            task = asyncio.create_task(self._tell_or_leave(one), name="unasked declaration")
            self.under_way.add(task)
            task.add_done_callback(self.under_way.discard)
            return True
        if replace(stands, event=replace(stands.event, at=one.event.at)) != one:
            raise SameMessageOtherContent("this id was used for another declaration")
        return False

    async def catch_up(self, person: Ssin | None = None) -> None:
        """Tell cases of what came before them, or before this process died.

        One that can't be told holds no other up, and comes again the next time.

        Raises:
            Unavailable: the store is away.
        """
        after = None
        while found := await self.store.untold(person, after):
            for one in found:
                await self._tell_or_leave(one)
            after = found[-1].event.id

    async def forever(self) -> None:
        """Catch up now and then."""
        while True:
            # The one way to hear of any fault without ending the work.
            (came,) = await asyncio.gather(self.catch_up(), return_exceptions=True)
            if isinstance(came, Problem):
                LOG.warning("circuit.unasked_away", why=type(came).__name__)
            elif isinstance(came, BaseException):
                LOG.error("circuit.unasked_failed", exc_info=came)
            await asyncio.sleep(LOOK_EVERY_S)

    async def _tell_or_leave(self, one: Unasked) -> None:
        (came,) = await asyncio.gather(self._tell(one), return_exceptions=True)
        if isinstance(came, Problem):
            LOG.warning("circuit.unasked_later", why=type(came).__name__)
        elif isinstance(came, BaseException):
            LOG.error("circuit.unasked_not_told", declaration=str(one.event.id), exc_info=came)

    async def _tell(self, one: Unasked) -> None:
        fitting = [case for case in await self.cases.store.about(one.person) if _fits(case, one)]
        if fitting:
            nearest = min(fitting, key=lambda filed: abs(_begin(filed) - one.period.begin))
            await self.cases.add(nearest.case.id, one.event)
            await self.store.told(one.event.id, self.now())


def _fits(filed: Filed, one: Unasked) -> bool:
    """The same risk, on days that both have (assumption: an employer may not know its first)."""
    risk = _risk(filed)
    return risk is not None and risk.type is one.risk and risk.period.overlaps(one.period)


def _begin(filed: Filed) -> date:
    risk = _risk(filed)
    assert risk, "expected a case of a risk that was opened"
    return risk.period.begin


def _risk(filed: Filed) -> Risk | None:
    """The risk that a case is about; None: another kind of case."""
    return filed.case.risk if isinstance(filed.case, Case) else None


_decode: Final = msgspec.json.Decoder(Unasked).decode
