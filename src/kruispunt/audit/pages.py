"""Pages of the trail as the database holds them: looks, who read, what was changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from asyncpg import Record

from kruispunt.audit.blinding import month_of
from kruispunt.audit.change import CHANGES, Change, decode_change, encoded_change
from kruispunt.audit.look import Look
from kruispunt.audit.reader import EVER, Before, Reader, Sieve
from kruispunt.audit.reading import READS, Hidden, Reading, decode_reading
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

    looks: tuple[Look, ...]
    rest: UUID | None = None

    def reaches(self, entry: UUID) -> bool:
        """True where the looks about this id were looked at."""
        return self.rest is None or entry >= self.rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Pages of the trail as the database holds them, latest first.

    `most`: among so many entries a consumer's are looked for at once, so that a page of one that
    asks seldom takes no longer than another.
    """

    reader: Reader
    most: int = MOST

    async def about(
        self, ssin: Ssin, *, begin: datetime, before: Before, hidden: Hidden, limit: int
    ) -> list[Look]:
        """Looks at a person from `begin` on and before an entry, without hidden ones."""
        sieve = Sieve(begin=begin, hidden=await self._hidden(hidden))
        return await self.reader.looks(ssin, limit=limit, before=before, sieve=sieve)

    async def unseen(self, ssin: Ssin, *, hidden: Hidden) -> list[tuple[str, str, int]]:
        """Consumer, purpose and number of what is hidden of a person, in the whole trail.

        Readings by a hidden consumer are counted too; they have no purpose.
        """
        looks = await self._unseen_looks(ssin, hidden)
        if not hidden.consumers:
            return looks
        rows = await self.reader.database.fetch(
            READS["count_unseen_readings"], ssin.number, sorted(hidden.consumers)
        )
        return looks + [(row["institution"], "", row["readings"]) for row in rows]

    async def _unseen_looks(self, ssin: Ssin, hidden: Hidden) -> list[tuple[str, str, int]]:
        consumers, purposes = await self._hidden(hidden)
        if not consumers and not purposes:
            return []
        rows = await self.reader.database.fetch(
            READS["count_unseen"], ssin.number, *EVER, consumers, purposes
        )
        terms = self.reader.terms
        await terms.recall({row[name] for row in rows for name in ("consumer", "purpose")})
        return [
            (terms.content(row["consumer"]), terms.content(row["purpose"]), row["looks"])
            for row in rows
        ]

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
            looks = await self.reader.looks(ssin, limit=limit, before=before, sieve=sieve)
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
    ) -> list[Reading]:
        """Who read about a person from `begin` on and before an entry, without hidden readers."""
        rows = await self.reader.database.fetch(
            READS["readings_about"],
            *(ssin.number, begin, *before, sorted(hidden.consumers), None, limit),
        )
        return [decode_reading(row["encoded"]) for row in rows]

    async def readings(
        self,
        span: Span,
        *,
        before: Before,
        institution: InstitutionCode | None,
        ssin: Ssin | None,
        limit: int,
    ) -> list[Reading]:
        """Who read in a time, before an entry; of one institution, about one person."""
        fetch = self.reader.database.fetch
        if ssin is None:
            rows = await fetch(READS["page_readings"], *span, before[1], institution, limit)
        else:
            more = (ssin.number, span[0], *before, list[str](), institution, limit)
            rows = await fetch(READS["readings_about"], *more)
        return [decode_reading(row["encoded"]) for row in rows]

    async def changes_about(
        self, ssin: Ssin, *, begin: datetime, before: Before, limit: int
    ) -> list[Change]:
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
    ) -> list[Change]:
        """Changes in a time, before an entry; by one institution, about one person."""
        fetch = self.reader.database.fetch
        if ssin is None:
            rows = await fetch(CHANGES["page_changes"], *span, before[1], institution, limit)
        else:
            more = (ssin.number, span[0], *before, institution, limit)
            rows = await fetch(CHANGES["changes_about"], *more)
        return await self._changes(rows)

    async def _changes(self, rows: Sequence[Record]) -> list[Change]:
        keys = self.reader.keys
        return [
            decode_change(encoded_change(row, await keys.find(month_of(row["recorded_at"]))))
            for row in rows
        ]

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
