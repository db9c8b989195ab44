"""The reference directory as the waist uses it: the lines that a question's controls name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final, Protocol

from kruispunt.directory.lines import QUERIES, Lines, in_order, line_of
from kruispunt.directory.witness import UNSEEN
from kruispunt.postgres import Coalesced, Database, Record, in_parts
from kruispunt.vocabulary import (
    DirectoryLine,
    Facts,
    InstitutionCode,
    Period,
    Quality,
    Question,
    Sector,
    Settled,
    Ssin,
)

PART: Final = 2_000
"""Persons in one query: so few that the server goes by the index, whatever it guesses; and it
finds the next ones while we read the lines of these."""

Pairs = tuple[tuple[Sector, Quality], ...]
Use = tuple[Pairs, InstitutionCode | None]
"""Which pairs, and of which member where it is a node's directory."""


class Jurisdiction(Protocol):
    """What the law tells the directory: where it stands, and which lines a question needs."""

    @property
    def is_node(self) -> bool: ...

    def wanted(self, question: Question) -> Pairs: ...

    def lines_of(self, consumer: InstitutionCode) -> InstitutionCode | None: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines of whom; `member`: only those of this institution."""

    ssin: Ssin
    pairs: Pairs
    member: InstitutionCode | None


def wanted(settled: Settled, jurisdiction: Jurisdiction) -> Wanted:
    """The lines of the current number that the controls name; at a node a member's own."""
    question = settled.question
    return Wanted(
        ssin=settled.current,
        pairs=jurisdiction.wanted(question),
        member=jurisdiction.lines_of(question.consumer),
    )


class Directory:
    """Brings the lines of one question; concurrent questions go together in one query."""

    def __init__(self, database: Database, *, jurisdiction: Jurisdiction) -> None:
        self.lines = Lines(database, UNSEEN)
        self._database = database
        self._jurisdiction = jurisdiction
        self._found: Coalesced[Wanted, tuple[DirectoryLine, ...]] = Coalesced(
            one=self._one, many=self._many
        )

    async def facts(self, settled: Settled) -> Facts:
        """Number and lines: all that decides. The query is the same whatever the status is.

        Raises:
            Unavailable: the database is away; asking again is safe.
        """
        want = wanted(settled, self._jurisdiction)
        lines = await self._found.get(want) if want.pairs else ()
        return Facts(number=settled.number, lines=lines)

    async def facts_many(self, settled: Sequence[Settled]) -> list[Facts]:
        """As `facts`, for a whole set of persons, in its order: few queries, side by side.

        Raises:
            Unavailable: the database is away; asking again is safe.
        """
        found: list[tuple[DirectoryLine, ...]] = [()] * len(settled)
        for use, places in self._uses(settled).items():
            ask = partial(self._many_alike, use=use)
            ssins = [settled[place].current for place in places]
            lines = await in_parts(ssins, ask, size=PART)
            for place, of_one in zip(places, lines, strict=True):
                found[place] = of_one
        return [
            Facts(number=one.number, lines=lines)
            for one, lines in zip(settled, found, strict=True)
        ]

    def _uses(self, settled: Sequence[Settled]) -> Mapping[Use, Sequence[int]]:
        """Which persons need the same lines: the law is asked once for each kind of question."""
        kinds = dict[object, list[int]]()
        uses: dict[Use, list[int]] = {}
        for place, one in enumerate(settled):
            question = one.question
            kind = (question.consumer, question.flow, question.purpose, question.asked_on)
            places = kinds.get(kind)
            if places is None:
                pairs = self._jurisdiction.wanted(question)
                use = (pairs, self._jurisdiction.lines_of(question.consumer))
                places = kinds[kind] = uses.setdefault(use, []) if pairs else []
            places.append(place)
        return uses

    async def _many_alike(
        self, ssins: Sequence[Ssin], *, use: Use
    ) -> Sequence[tuple[DirectoryLine, ...]]:
        """The lines of persons who all need the same pairs, in the order of the trail."""
        pairs, member = use
        numbers = "{" + ",".join([ssin.digits for ssin in ssins]) + "}"
        sectors, qualities = zip(*pairs, strict=True)
        (columns,) = await self._database.fetch(
            QUERIES["find_lines_of_many"], numbers, sectors, qualities, member
        )
        return _lines_of_many(ssins, columns) if columns[0] else [()] * len(ssins)

    async def _one(self, want: Wanted) -> tuple[DirectoryLine, ...]:
        sectors, qualities = zip(*want.pairs, strict=True)
        rows = await self._database.fetch(
            QUERIES["find_lines"], want.ssin.number, sectors, qualities, want.member
        )
        found = [line_of(row, ssin=want.ssin) for row in rows if row["sector"] is not None]
        return tuple(in_order(found))

    async def _many(self, wants: Sequence[Wanted]) -> Sequence[tuple[DirectoryLine, ...]]:
        asked = [
            (place, want.ssin.number, sector, quality, want.member)
            for place, want in enumerate(wants)
            for sector, quality in want.pairs
        ]
        columns = zip(*asked, strict=True)
        found: list[list[DirectoryLine]] = [[] for _ in wants]
        for row in await self._database.fetch(QUERIES["find_many_lines"], *columns):
            if row["sector"] is not None:
                place: int = row["place"]
                found[place].append(line_of(row, ssin=wants[place].ssin))
        return [tuple(in_order(lines)) for lines in found]


def _lines_of_many(ssins: Sequence[Ssin], columns: Record) -> list[tuple[DirectoryLine, ...]]:
    """The lines of each person. Periods are shared: many files open and close on the same days."""
    numbers = [ssin.number for ssin in ssins]
    persons = dict(zip(numbers, ssins, strict=True))
    found: dict[int, tuple[DirectoryLine, ...]] = dict.fromkeys(numbers, ())
    periods: dict[tuple[int, int | None], Period] = {}
    number: int
    for number, sector, quality, phase, begin, end, member in zip(*columns, strict=True):
        days = (begin, end)
        period = periods.get(days)
        if period is None:
            period = periods[days] = _period(begin, end)
        line = DirectoryLine(
            ssin=persons[number],
            sector=sector,
            quality=quality,
            period=period,
            phase=phase,
            member=member,
        )
        found[number] += (line,)
    return [found[number] for number in numbers]


def _period(begin: int, end: int | None) -> Period:
    return Period(date.fromordinal(begin), None if end is None else date.fromordinal(end))
