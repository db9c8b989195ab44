"""The reference directory as the waist uses it: the lines that a question's controls name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from kruispunt.directory.lines import QUERIES, Lines, in_order, line_of
from kruispunt.postgres import Coalesced, Database
from kruispunt.vocabulary import (
    DirectoryLine,
    Facts,
    InstitutionCode,
    Quality,
    Question,
    Sector,
    Settled,
    Ssin,
)

Pairs = tuple[tuple[Sector, Quality], ...]


class Jurisdiction(Protocol):
    """What the law tells the directory: where it stands, and which lines a question needs."""

    @property
    def is_node(self) -> bool: ...

    def wanted(self, question: Question) -> Pairs: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines of whom; `member`: only those of this institution."""

    ssin: Ssin
    pairs: Pairs
    member: InstitutionCode | None


def wanted(settled: Settled, jurisdiction: Jurisdiction) -> Wanted:
    """The lines of the current number that the controls name; at a node the consumer's own."""
    question = settled.question
    return Wanted(
        ssin=settled.current,
        pairs=jurisdiction.wanted(question),
        member=question.consumer if jurisdiction.is_node else None,
    )


class Directory:
    """Brings the lines of one question; concurrent questions go together in one query."""

    def __init__(self, database: Database, *, jurisdiction: Jurisdiction) -> None:
        self.lines = Lines(database)
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

    async def _one(self, want: Wanted) -> tuple[DirectoryLine, ...]:
        sectors, qualities = zip(*want.pairs, strict=True)
        rows = await self._database.fetch(
            QUERIES["find_lines"], want.ssin.number, sectors, qualities, want.member
        )
        return tuple(in_order(line_of(row, ssin=want.ssin) for row in rows))

    async def _many(self, wants: Sequence[Wanted]) -> Sequence[tuple[DirectoryLine, ...]]:
        asked = [
            (place, want.ssin.number, sector, quality, want.member)
            for place, want in enumerate(wants)
            for sector, quality in want.pairs
        ]
        columns = zip(*asked, strict=True)
        found: list[list[DirectoryLine]] = [[] for _ in wants]
        for row in await self._database.fetch(QUERIES["find_many_lines"], *columns):
            place: int = row["place"]
            found[place].append(line_of(row, ssin=wants[place].ssin))
        return [tuple(in_order(lines)) for lines in found]
