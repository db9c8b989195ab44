"""Repeats: that what an entry repeats stands, came before it, and was the same message."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from asyncpg import Record

from kruispunt.audit.blinding import month_of
from kruispunt.audit.form import DECISION
from kruispunt.audit.reader import EVER, NEAR, Reader
from kruispunt.audit.replayed import Differs
from kruispunt.audit.stands import Pair
from kruispunt.postgres import read_queries

REPLAY: Final = read_queries(Path(__file__).with_name("replay.sql"))
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Wrong = dict[UUID, list[Pair]]
"""What is wrong with entries that repeat one, by their id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """Holds entries that repeat one against the one that they name.

    Trust: where the month of the first is shredded, nobody can say any more what it was.
    """

    reader: Reader
    is_shredded: Callable[[date], Awaitable[bool]]

    async def wrong(self, rows: Sequence[Record]) -> Wrong:
        """What is wrong with those of these rows that repeat one."""
        again = [row for row in rows if row["repeats"] is not None]
        if not again:
            return {}
        spans = [_span(row["repeats"]) for row in again]
        found = await self.reader.database.fetch(
            REPLAY["find_firsts"],
            [row["id"] for row in again],
            [row["recorded_at"] for row in again],
            min(begin for begin, _ in spans),
            max(end for _, end in spans),
        )
        firsts = {row["id"]: row for row in found}
        await self.reader.terms.recall({row["lawbook"] for row in found})
        wrong: Wrong = {}
        for row in again:
            pairs = [pair async for pair in self._differing(row, firsts.get(row["id"]))]
            if pairs:
                wrong[row["id"]] = pairs
        return wrong

    async def _differing(self, row: Record, first: Record | None) -> AsyncGenerator[Pair]:
        if first is None:
            if not await self._is_over(row["repeats"]):
                yield Differs.REPEATS, str(row["repeats"]), "an entry that stands"
            return
        if not first["is_first"] or not first["same_message"]:
            yield Differs.REPEATS, str(row["repeats"]), "the first entry of the same message"
        elif not first["is_earlier"] and not await self._stood_before(first, row):
            yield Differs.REPEATS, str(row["repeats"]), "an entry of before"
        elif not first["same_decision"]:
            yield Differs.REPEATS, "another decision", "the decision of the entry repeated"
        for pair in _alike(row, first, self.reader.terms.contents):
            yield pair

    async def _stood_before(self, first: Record, row: Record) -> bool:
        """Clocks may jump back; the order of the tree does not."""
        places = [
            await self._place(row["repeats"], first["recorded_at"]),
            await self._place(row["id"], row["recorded_at"]),
        ]
        return places[0] < places[1]

    async def _place(self, entry: UUID, recorded_at: datetime) -> int:
        key = bytes((DECISION,)) + entry.bytes
        rows = await self.reader.database.fetch(REPLAY["find_order"], key, recorded_at, entry)
        return rows[0]["place"] if rows else -1

    async def _is_over(self, entry: UUID) -> bool:
        """True where the time of an entry of that id is over."""
        begin, end = _span(entry)
        if (begin, end) == EVER:
            return False
        return any([await self.is_shredded(month) for month in {month_of(begin), month_of(end)}])


def _alike(row: Record, first: Record, contents: dict[int, str]) -> Iterator[Pair]:
    """A repeat keeps the day and the law of its first time."""
    if row["asked_on"] != first["asked_on"]:
        yield Differs.ASKED_ON, row["asked_on"].isoformat(), first["asked_on"].isoformat()
    if row["lawbook"] != first["lawbook"]:
        stands, again = (contents.get(one["lawbook"], "unknown") for one in (row, first))
        yield Differs.LAWBOOK, stands, again


def _span(entry: UUID) -> tuple[datetime, datetime]:
    """When an entry of that id may have been recorded."""
    if entry.version != 7:
        return EVER
    try:
        told = _EPOCH + timedelta(milliseconds=entry.int >> 80)
        return told - NEAR, told + NEAR
    except OverflowError:
        return EVER
