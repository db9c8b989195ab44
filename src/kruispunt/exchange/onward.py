"""From a node to the hub: what its members bring and take, without taking days of another."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

from msgspec import structs

from kruispunt.exchange.bringing import longest, months_after
from kruispunt.law import Clause
from kruispunt.sources import RefusedUpstream
from kruispunt.vocabulary import Act, DirectoryLine, Entry, LinesAsked, Period, Quality, Reason

EVER: Final = Period(date(1900, 1, 1))
"""All days that lines may have, where whole lines go."""


class Above(Protocol):
    """The hub above a node, which decides again. The same message twice is safe."""

    async def lines(
        self, entry: Entry, asked: LinesAsked, about: Period, *, timeout_s: float
    ) -> Sequence[DirectoryLine]:
        """Do what is asked for the person of this entry; the lines that stand there are told."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Onward:
    """What one entry comes to at the hub, where a line names no member.

    INVARIANT: the hub's lines of a quality cover the days of all members. So only days that some
    member has are brought, and only days that none has any more are taken there; what changed
    here meanwhile is taken or brought again. `again`: the hub may have heard some of it before,
    in whatever order with other messages, so all days asked about are made right.
    """

    above: Above
    entry: Entry
    clause: Clause | None
    timeout_s: float
    again: bool = False

    async def send(
        self, asked: LinesAsked, now: Callable[[], Awaitable[Sequence[DirectoryLine]]]
    ) -> Sequence[DirectoryLine]:
        """Let the hub do what was done here; `now` tells the lines of all members."""
        match asked.act:
            case Act.LIST:
                return await self._ask(asked, self.entry.question.about)
            case Act.INTEGRATE:
                return await self._bring(asked, now)
            case Act.REMOVE:
                return await self._take(asked, now)

    async def _bring(
        self, asked: LinesAsked, now: Callable[[], Awaitable[Sequence[DirectoryLine]]]
    ) -> Sequence[DirectoryLine]:
        told: Sequence[DirectoryLine] = ()
        for days in without(self.entry.question.about, self._missing(asked, await now())):
            told = await self._ask(asked, days)
        gone = structs.replace(asked, act=Act.REMOVE, phase=asked.phase or 0)
        for days in self._missing(asked, await now()):
            told = await self._ask(gone, days)
        return told

    def _missing(self, asked: LinesAsked, lines: Iterable[DirectoryLine]) -> list[Period]:
        """The days asked about on which no such line stands."""
        kind = (asked.sector, asked.quality, asked.phase or 0)
        stand = [n.period for n in lines if (n.sector, n.quality, n.phase) == kind]
        return without(self.entry.question.about, stand)

    async def _take(
        self, asked: LinesAsked, now: Callable[[], Awaitable[Sequence[DirectoryLine]]]
    ) -> Sequence[DirectoryLine]:
        told: Sequence[DirectoryLine] = ()
        whole = EVER if asked.whole else self.entry.question.about
        sent = [(asked, whole)] if self.again else list[tuple[LinesAsked, Period]]()
        for part, period in self._parts(asked, await now()):
            told = await self._ask(part, period)
            sent.append((part, period))
        for line in await now():
            again = LinesAsked(
                act=Act.INTEGRATE, sector=line.sector, quality=line.quality, phase=line.phase
            )
            for days in self._lost(line, sent):
                told = await self._ask(again, days)
        return told

    async def _ask(self, asked: LinesAsked, about: Period) -> Sequence[DirectoryLine]:
        """What the hub tells. That no file of ours is there: nothing is, and nothing had to go."""
        try:
            return await self.above.lines(self.entry, asked, about, timeout_s=self.timeout_s)
        except RefusedUpstream as refused:
            if asked.act is Act.INTEGRATE or refused.refusal.reason is not Reason.NO_FILE:
                raise
            return ()

    def _lost(
        self, line: DirectoryLine, sent: Iterable[tuple[LinesAsked, Period]]
    ) -> Iterator[Period]:
        """The days of a line that went at the hub, in parts no longer than a message may ask."""
        most = longest(self.clause, line.sector, line.quality)
        for part, period in sent:
            days = line.period.shared_with([period]) if _touches(line, part, period) else None
            if days is not None:
                yield from parts_of(days, most)

    def _parts(
        self, asked: LinesAsked, lines: Iterable[DirectoryLine]
    ) -> list[tuple[LinesAsked, Period]]:
        """What may go at the hub: the days of each quality that no member has any more."""
        about = EVER if asked.whole else self.entry.question.about
        held = [line for line in lines if _touches(line, asked, about)]
        plain = structs.replace(asked, line_begin=None)
        if not held:
            return [(plain, about)]
        parts = list[tuple[LinesAsked, Period]]()
        for quality in self._qualities(asked):
            one = structs.replace(plain, quality=quality)
            kept = [line.period for line in held if line.quality == quality]
            days = structs.replace(one, whole=False) if kept else one
            parts += [(days, left) for left in without(about, kept)]
        return parts

    def _qualities(self, asked: LinesAsked) -> list[Quality]:
        if asked.quality is not None:
            return [asked.quality]
        kinds = () if self.clause is None else self.clause.integrates
        return sorted(q for kind in kinds if kind.sector == asked.sector for q in kind.qualities)


def _touches(line: DirectoryLine, asked: LinesAsked, about: Period) -> bool:
    return (
        line.sector == asked.sector
        and asked.quality in (None, line.quality)
        and line.period.overlaps(about)
    )


def parts_of(period: Period, most: int | None) -> Iterator[Period]:
    """The same days, in parts of so many months at most; of a period without end all in one."""
    begin, end = period.begin, period.end
    while most is not None and end is not None and months_after(begin, most) < end:
        yield Period(begin, months_after(begin, most))
        begin = months_after(begin, most)
    yield Period(begin, end)


def without(whole: Period, holes: Iterable[Period]) -> list[Period]:
    """The days of a period that none of the others has."""
    left, rest = list[Period](), whole
    for hole in sorted(holes, key=lambda one: one.begin):
        if not hole.overlaps(rest):
            continue
        if rest.begin < hole.begin:
            left.append(Period(rest.begin, hole.begin))
        if hole.end is None or (rest.end is not None and rest.end <= hole.end):
            return left
        rest = Period(hole.end, rest.end)
    return [*left, rest]
