"""The lines of a seat as messages change them: each change in the trail, in its transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from kruispunt.audit import Change, LoadedFile, Made, MonthKey, Part, Trail, write_change
from kruispunt.directory import (
    UNSEEN,
    Check,
    FileOfLines,
    Lines,
    MemoryLines,
    Removal,
    Seen,
    unchecked,
)
from kruispunt.exchange.claims import QUERIES
from kruispunt.exchange.owed import LEASE, Owed
from kruispunt.exchange.ticket import new_ticket
from kruispunt.postgres import Connection, Database, Record
from kruispunt.vocabulary import Act, DirectoryLine, Entry, LinesAsked, Ssin


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatFiles:
    """The directory of a seat, with the trail that tells of every change for which entry it was.

    Trust: who writes here decides who has a file on whom; nothing that it says gives a field.
    """

    database: Database
    trail: Trail
    now: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]

    async def list(self, ssin: Ssin) -> tuple[DirectoryLine, ...]:
        """All lines of a person, of whomever."""
        return await Lines(self.database, UNSEEN).list(ssin)

    async def take(
        self,
        ssin: Ssin,
        changes: Sequence[DirectoryLine | Removal],
        *,
        once: UUID,
        entry: Entry,
        check: Check = unchecked,
        owed: LinesAsked | None = None,
    ) -> bool:
        """All changes and what the trail tells of them, or nothing; False: done before."""
        at = self.now()
        key = await self.trail.key_of(at)  # no other connection is used once lines are held
        saw = _Saw(entry=entry, at=at, key=key, random_bytes=self.random_bytes)

        async def owe(connection: Connection) -> None:
            if owed is not None:
                row = _owed_row(once, entry, owed, due_at=at + LEASE)
                await connection.execute(QUERIES["owe_lines"].sql, *row)

        lines = Lines(self.database, saw)
        return await lines.take(ssin, changes, once=once, check=check, beside=owe)

    async def undo(self, ssin: Ssin, *, once: UUID, entry: Entry) -> bool:
        """Take back exactly what was taken under this id, told in the trail; False: nothing."""
        at = self.now()
        key = await self.trail.key_of(at)
        saw = _Saw(entry=entry, at=at, key=key, random_bytes=self.random_bytes)

        async def settle(connection: Connection) -> None:
            await connection.execute(QUERIES["settle_lines"].sql, once)

        return bool(await Lines(self.database, saw).undo(ssin, once=once, beside=settle))

    async def settle(self, once: UUID) -> None:
        """As `Debts.settle`."""
        await self.database.execute(QUERIES["settle_lines"], once)

    async def take_owed(self, now: datetime, *, until: datetime, limit: int) -> tuple[Owed, ...]:
        """As `Debts.take_owed`."""
        rows = await self.database.fetch(QUERIES["take_owed_lines"], now, until, limit)
        return tuple(_owed_of(row) for row in rows)


@dataclass(slots=True)
class MemoryFiles:
    """The twin of `SeatFiles`: what the trail would tell stands in `told`."""

    lines: MemoryLines
    told: "list[tuple[UUID, DirectoryLine | Removal]]" = field(
        default_factory=list["tuple[UUID, DirectoryLine | Removal]"]
    )
    owed: dict[UUID, tuple[Owed, datetime]] = field(
        default_factory=dict[UUID, tuple[Owed, datetime]]
    )
    """By ticket: what is owed, and from when on it is due."""

    async def list(self, ssin: Ssin) -> tuple[DirectoryLine, ...]:
        """As `SeatFiles.list`."""
        return await self.lines.list(ssin)

    async def take(
        self,
        ssin: Ssin,
        changes: Sequence[DirectoryLine | Removal],
        *,
        once: UUID,
        entry: Entry,
        check: Check = unchecked,
        owed: LinesAsked | None = None,
    ) -> bool:
        """As `SeatFiles.take`."""
        done = await self.lines.take(ssin, changes, once=once, check=check)
        if done:
            self.told += [(entry.ticket, change) for change in changes]
        if done and owed is not None:
            at = entry.recorded_at
            debt = Owed(ticket=once, entry=entry.id, recorded_at=at, asked=owed)
            self.owed[once] = (debt, at + LEASE)
        return done

    async def undo(self, ssin: Ssin, *, once: UUID, entry: Entry) -> bool:
        """As `SeatFiles.undo`."""
        changes = await self.lines.undo(ssin, once=once)
        self.told += [(entry.ticket, change) for change in changes]
        self.owed.pop(once, None)
        return bool(changes)

    async def settle(self, once: UUID) -> None:
        """As `SeatFiles.settle`."""
        self.owed.pop(once, None)

    async def take_owed(self, now: datetime, *, until: datetime, limit: int) -> tuple[Owed, ...]:
        """As `SeatFiles.take_owed`."""
        due = tuple(one for one, due_at in self.owed.values() if due_at <= now)[:limit]
        self.owed |= {one.ticket: (one, until) for one in due}
        return due


def _owed_row(
    once: UUID, entry: Entry, asked: LinesAsked, *, due_at: datetime
) -> tuple[object, ...]:
    kind = (asked.act.value, asked.sector, asked.quality, asked.phase)
    return (once, entry.id, entry.recorded_at, *kind, asked.whole, asked.line_begin, due_at)


def _owed_of(row: Record) -> Owed:
    asked = LinesAsked(
        act=Act(row["act"]),
        sector=row["sector"],
        quality=row["quality"],
        phase=row["phase"],
        whole=row["whole"],
        line_begin=row["line_begin"],
    )
    return Owed(
        ticket=row["ticket"], entry=row["entry"], recorded_at=row["recorded_at"], asked=asked
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Saw:
    """The witness of one entry's changes."""

    entry: Entry
    at: datetime
    key: MonthKey
    random_bytes: Callable[[int], bytes]

    async def saw(self, connection: Connection, seen: Seen) -> None:
        """As `Witness.saw`."""
        change = change_of(
            self.entry, seen, at=self.at, ticket=new_ticket(self.at, self.random_bytes)
        )
        await write_change(connection, change, key=self.key)


def change_of(entry: Entry, seen: Seen, *, at: datetime, ticket: UUID) -> Change:
    """What the trail tells, under a ticket of its own, of a change made for this entry."""
    question = entry.question
    made, part, file = what_was_made(seen)
    return Change(
        id=ticket,
        recorded_at=at,
        institution=question.consumer,
        user=question.user,
        made=made,
        ssin=question.ssin,
        part=part,
        file=file,
        why=f"{question.purpose}, {entry.ticket}",
    )


def what_was_made(seen: Seen) -> tuple[Made, Part | None, LoadedFile | None]:
    """A change of the directory in the words of the trail."""
    match seen:
        case DirectoryLine():
            return Made.INTEGRATION, _part(seen, None), None
        case Removal():
            return Made.DEINTEGRATION, _part(seen, seen.line_begin), None
        case FileOfLines() as file:
            loaded = LoadedFile(digest=file.digest, lines=file.lines, skipped=file.skipped)
            return Made.LOAD, None, loaded


def _part(meant: DirectoryLine | Removal, line_begin: date | None) -> Part:
    return Part(
        sector=meant.sector,
        quality=meant.quality,
        phase=meant.phase,
        period=meant.period,
        line_begin=line_begin,
        member=meant.member,
    )
