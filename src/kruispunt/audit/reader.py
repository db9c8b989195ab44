"""Reading the trail back: rows become the very forms that their leaves were made over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self
from uuid import UUID

from asyncpg import Record

from kruispunt.audit.blinding import Tampered, month_of
from kruispunt.audit.encoding import read_entry, read_outcome
from kruispunt.audit.form import EntryForm
from kruispunt.audit.keys import MasterKey, MonthKeys, Shredded
from kruispunt.audit.look import Look, Spoiled
from kruispunt.audit.queries import QUERIES
from kruispunt.audit.row import WRITTEN_OTHERWISE, ended_form_of, entry_form_of, numbers_in
from kruispunt.audit.terms import Terms
from kruispunt.postgres import Database
from kruispunt.vocabulary import Outcome, Ssin

NEAR: Final = timedelta(days=1)
"""An entry is recorded within this much of the time that its id tells."""

EVER: Final = (datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC))
LAST: Final = UUID(int=(1 << 128) - 1)

Before = tuple[datetime, UUID]
"""The entry before which a page begins: when it was recorded, and its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sieve:
    """Which looks at a person pass: numbers of terms. `hidden`: consumers and granted purposes."""

    begin: datetime = EVER[0]
    hidden: tuple[Sequence[int], Sequence[int]] = ((), ())
    consumer: int | None = None


ALL: Final = Sieve()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads one institution's trail. It needs the master key and can't write an entry."""

    database: Database
    keys: MonthKeys
    terms: Terms

    @classmethod
    def over(cls, database: Database, *, master: MasterKey) -> Self:
        """A reader of the trail in this database."""
        return cls(
            database=database,
            keys=MonthKeys(database=database, master=master),
            terms=Terms(database=database),
        )

    async def form(self, entry_id: UUID, *, recorded_at: datetime | None) -> EntryForm | None:
        """The form of one entry. Without its time, the time in its id tells which months to read.

        Raises:
            Shredded, Tampered: it stands there, and its facts can't be read.
        """
        rows: Sequence[Record] = ()
        for begin, end in _spans(entry_id, recorded_at):
            rows = await self.database.fetch(QUERIES["find_decision"], entry_id, begin, end)
            if rows:
                break
        forms = await self.forms(rows)
        return forms[0] if forms else None

    async def looks(
        self, ssin: Ssin, *, limit: int, before: Before | None = None, sieve: Sieve = ALL
    ) -> list[Look]:
        """The latest looks at a person that pass, before an entry, latest first.

        Raises:
            Shredded, Tampered: one stands there, and can't be read.
        """
        rows = await self.rows_about(ssin, limit=limit, before=before, sieve=sieve)
        await self._recall(rows)
        return [await self._look(row) for row in rows]

    async def rows_about(
        self, ssin: Ssin, *, limit: int, before: Before | None = None, sieve: Sieve = ALL
    ) -> list[Record]:
        """The rows of the latest looks at a person that pass, with what came of each."""
        before, (consumers, purposes) = before or (EVER[1], LAST), sieve.hidden
        return await self.database.fetch(
            QUERIES["list_looks"],
            *(ssin.number, sieve.begin, *before, consumers, purposes, sieve.consumer, limit),
        )

    async def looked(self, rows: Sequence[Record]) -> list[Look | Spoiled]:
        """The looks of stored decisions that come with what came of each, in order.

        What can't be read keeps its place: nobody's page may fail by it.
        """
        await self._recall(rows)
        return [await self._look_or_spoiled(row) for row in rows]

    async def forms(self, rows: Sequence[Record]) -> list[EntryForm]:
        """The forms of stored decisions, in order.

        Raises:
            Shredded, Tampered: one of them can't be read.
        """
        await self._recall(rows)
        return [await self._form(row) for row in rows]

    async def _recall(self, rows: Sequence[Record]) -> None:
        await self.terms.recall({number for row in rows for number in numbers_in(row)})

    async def _form(self, row: Record) -> EntryForm:
        key = await self.keys.find(month_of(row["recorded_at"]))
        return entry_form_of(row, terms=self.terms, key=key)

    async def _look(self, row: Record) -> Look:
        if not row["told"]:
            raise Tampered(f"entry {row['id']} tells a time that no calendar has")
        try:
            entry = read_entry(await self._form(row))
            return Look(entry=entry, outcome=_outcome(row))
        except WRITTEN_OTHERWISE as wrong:
            raise Tampered(f"entry {row['id']} is not as this program writes it") from wrong

    async def _look_or_spoiled(self, row: Record) -> Look | Spoiled:
        try:
            return await self._look(row)
        except (Shredded, Tampered):
            return Spoiled(id=row["id"], recorded_at=row["recorded_at"])


def _outcome(row: Record) -> Outcome | None:
    return None if row["ended"] is None else read_outcome(ended_form_of(row))


def _spans(entry_id: UUID, recorded_at: datetime | None) -> tuple[tuple[datetime, datetime], ...]:
    """When an entry may have been recorded: exactly then, or near the time in its id, or ever."""
    if recorded_at is not None:
        return ((recorded_at, recorded_at),)
    if entry_id.version != 7:
        return (EVER,)
    try:
        told = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=entry_id.int >> 80)
        return ((told - NEAR, told + NEAR), EVER)
    except OverflowError:  # an id of chance may tell a time that no calendar has
        return (EVER,)
