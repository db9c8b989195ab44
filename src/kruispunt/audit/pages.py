"""Pages of the trail as the database holds them: looks, who read, what was changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from asyncpg import Record

from kruispunt.audit.blinding import Tampered, month_of
from kruispunt.audit.change import CHANGES, Change, decode_change, encoded_change
from kruispunt.audit.keys import Shredded
from kruispunt.audit.look import Look, Spoiled
from kruispunt.audit.reader import Before, Reader, Sieve
from kruispunt.audit.reading import READS, Hidden, Reading, decode_reading, is_of
from kruispunt.audit.terms import TermKind
from kruispunt.vocabulary import InstitutionCode, Ssin

MOST: Final = 10_000
FIRST: Final = UUID(int=0)
TOLD_BITS: Final = 80
"""Behind the bits of an id that tell its time."""

Span = tuple[datetime, datetime]
"""From a moment up to but not including another, in which entries were recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Some looks, latest first. `rest`: those with ids before it were not looked at; None: all."""

    looks: tuple[Look | Spoiled, ...]
    rest: UUID | None = None

    def reaches(self, entry: UUID) -> bool:
        """True where the looks about this id were looked at."""
        return self.rest is None or entry >= self.rest


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBack:
    """Consumer, purpose and number of what is hidden of a person; a reading has no purpose.

    `whole`: all there is was counted; else the latest `Pages.most` of each kind.
    """

    rows: tuple[tuple[str, str, int], ...] = ()
    whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Pages of the trail as the database holds them, latest first.

    What can't be read is `Spoiled`, and keeps its place. `most`: among so many entries a
    consumer's are looked for at once, and hidden ones of a person counted, so that a page of one
    that asks seldom, or is looked at often, takes no longer than another.
    """

    reader: Reader
    most: int = MOST

    async def about(
        self, ssin: Ssin, *, begin: datetime, before: Before, hidden: Hidden, limit: int
    ) -> list[Look | Spoiled]:
        """Looks at a person from `begin` on and before an entry, without hidden ones."""
        sieve = Sieve(begin=begin, hidden=await self._hidden(hidden))
        return await self._looked(ssin, limit=limit, before=before, sieve=sieve)

    async def _looked(
        self, ssin: Ssin, *, limit: int, before: Before, sieve: Sieve
    ) -> list[Look | Spoiled]:
        rows = await self.reader.rows_about(ssin, limit=limit, before=before, sieve=sieve)
        return await self.reader.looked(rows)

    async def unseen(self, ssin: Ssin, *, hidden: Hidden) -> KeptBack:
        """What is hidden of a person, in the whole trail, as far as it is counted.

        Readings by a hidden consumer are counted too.
        """
        looks = await self._unseen_looks(ssin, hidden)
        readings = await self._unseen_readings(ssin, hidden)
        return KeptBack(rows=looks.rows + readings.rows, whole=looks.whole and readings.whole)

    async def _unseen_looks(self, ssin: Ssin, hidden: Hidden) -> KeptBack:
        consumers, purposes = await self._hidden(hidden)
        if not consumers and not purposes:
            return KeptBack()
        rows = await self.reader.database.fetch(
            READS["count_unseen"], ssin.number, consumers, purposes, self.most + 1
        )
        terms, kept = self.reader.terms, [row for row in rows if row["consumer"] is not None]
        await terms.recall({row[name] for row in kept for name in ("consumer", "purpose")})
        found = [
            (terms.content(row["consumer"]), terms.content(row["purpose"]), row["looks"])
            for row in kept
        ]
        return KeptBack(rows=tuple(found), whole=sum(row["looks"] for row in rows) <= self.most)

    async def _unseen_readings(self, ssin: Ssin, hidden: Hidden) -> KeptBack:
        if not hidden.consumers:
            return KeptBack()
        rows = await self.reader.database.fetch(
            *(READS["count_unseen_readings"], ssin.number, sorted(hidden.consumers)),
            self.most + 1,
        )
        found = [(row[0], "", row["readings"]) for row in rows if row["institution"] is not None]
        whole = sum(row["readings"] for row in rows) <= self.most
        return KeptBack(rows=tuple(found), whole=whole)

    async def between(
        self,
        span: Span,
        *,
        before: Before,
        consumer: InstitutionCode | None,
        ssin: Ssin | None,
        limit: int,
    ) -> Stretch:
        """Looks recorded in a time, before an entry; of one consumer, about one person."""
        own = None
        if consumer is not None:
            found, _ = await self._hidden(Hidden(consumers=frozenset({consumer})))
            if not found:
                return Stretch(looks=())
            (own,) = found
        if ssin is not None:
            sieve = Sieve(begin=span[0], consumer=own)
            looks = await self._looked(ssin, limit=limit, before=before, sieve=sieve)
            return Stretch(looks=tuple(looks))
        rest = None if own is None else await self._rest(span, before[1])
        rows = await self.reader.database.fetch(
            READS["page_between"], *span, before[1], rest or FIRST, own, limit
        )
        return Stretch(looks=tuple(await self.reader.looked(rows)), rest=rest)

    async def readings_about(
        self,
        ssin: Ssin,
        *,
        begin: datetime,
        before: Before,
        hidden: Hidden,
        limit: int,
    ) -> list[Reading | Spoiled]:
        """Who read about a person from `begin` on and before an entry, without hidden readers."""
        rows = await self.reader.database.fetch(
            READS["readings_about"],
            *(ssin.number, begin, *before, sorted(hidden.consumers), None, limit),
        )
        return list(map(_reading, rows))

    async def readings(
        self,
        span: Span,
        *,
        before: Before,
        institution: InstitutionCode | None,
        ssin: Ssin | None,
        limit: int,
    ) -> list[Reading | Spoiled]:
        """Who read in a time, before an entry; of one institution, about one person."""
        fetch = self.reader.database.fetch
        if ssin is None:
            rows = await fetch(READS["page_readings"], *span, before[1], institution, limit)
        else:
            more = (ssin.number, span[0], *before, list[str](), institution, limit)
            rows = await fetch(READS["readings_about"], *more)
        return list(map(_reading, rows))

    async def changes_about(
        self, ssin: Ssin, *, begin: datetime, before: Before, limit: int
    ) -> list[Change | Spoiled]:
        """Changes about a person from `begin` on and before an entry."""
        rows = await self.reader.database.fetch(
            CHANGES["changes_about"], ssin.number, begin, *before, None, limit
        )
        return await self._changes(rows)

    async def changes(
        self,
        span: Span,
        *,
        before: Before,
        institution: InstitutionCode | None,
        ssin: Ssin | None,
        limit: int,
    ) -> list[Change | Spoiled]:
        """Changes in a time, before an entry; by one institution, about one person."""
        fetch = self.reader.database.fetch
        if ssin is None:
            rows = await fetch(CHANGES["page_changes"], *span, before[1], institution, limit)
        else:
            more = (ssin.number, span[0], *before, institution, limit)
            rows = await fetch(CHANGES["changes_about"], *more)
        return await self._changes(rows)

    async def _changes(self, rows: Sequence[Record]) -> list[Change | Spoiled]:
        return [await self._change(row) for row in rows]

    async def _change(self, row: Record) -> Change | Spoiled:
        try:
            key = await self.reader.keys.find(month_of(row["recorded_at"]))
            return decode_change(encoded_change(row, key))
        except (Shredded, Tampered):
            return _spoiled(row)

    async def _rest(self, span: Span, before: UUID) -> UUID | None:
        """The id down to which `most` entries reach; None: there are no more than that.

        No entry's own: only the millisecond that it tells, since the page may be another's.
        """
        rows = await self.reader.database.fetch(READS["id_behind"], *span, before, self.most)
        found: UUID | None = rows[0]["id"]
        return None if found is None else UUID(int=found.int >> TOLD_BITS << TOLD_BITS)

    async def _hidden(self, hidden: Hidden) -> tuple[list[int], list[int]]:
        """The numbers of these consumers and purposes that the trail knows."""
        if not hidden.consumers and not hidden.purposes:
            return [], []
        consumer, purpose = TermKind.CONSUMER.value, TermKind.PURPOSE.value
        rows = await self.reader.database.fetch(
            READS["find_terms"],
            *(consumer, sorted(hidden.consumers), purpose, sorted(hidden.purposes)),
        )
        consumers = [row["id"] for row in rows if row["kind"] == consumer]
        return consumers, [row["id"] for row in rows if row["kind"] == purpose]


def _reading(row: Record) -> Reading | Spoiled:
    """A reading, where its columns say what was written down: a page may not show another's."""
    try:
        told = decode_reading(row["encoded"])
    except ValueError:
        return _spoiled(row)
    return told if is_of(row, told) else _spoiled(row)


def _spoiled(row: Record) -> Spoiled:
    return Spoiled(id=row["id"], recorded_at=row["recorded_at"])
