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
from kruispunt.exchange.ticket import new_ticket
from kruispunt.postgres import Connection, Database
from kruispunt.vocabulary import DirectoryLine, Entry, Ssin


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
    ) -> bool:
        """All changes and what the trail tells of them, or nothing; False: done before."""
        at = self.now()
        key = await self.trail.key_of(at)  # no other connection is used once lines are held
        saw = _Saw(entry=entry, at=at, key=key, random_bytes=self.random_bytes)
        return await Lines(self.database, saw).take(ssin, changes, once=once, check=check)

    async def undo(self, ssin: Ssin, *, once: UUID, entry: Entry) -> bool:
        """Take back exactly what was taken under this id, told in the trail; False: nothing."""
        at = self.now()
        key = await self.trail.key_of(at)
        saw = _Saw(entry=entry, at=at, key=key, random_bytes=self.random_bytes)
        return bool(await Lines(self.database, saw).undo(ssin, once=once))


@dataclass(slots=True)
class MemoryFiles:
    """The twin of `SeatFiles`: what the trail would tell stands in `told`."""

    lines: MemoryLines
    told: "list[tuple[UUID, DirectoryLine | Removal]]" = field(
        default_factory=list["tuple[UUID, DirectoryLine | Removal]"]
    )

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
    ) -> bool:
        """As `SeatFiles.take`."""
        done = await self.lines.take(ssin, changes, once=once, check=check)
        if done:
            self.told += [(entry.ticket, change) for change in changes]
        return done

    async def undo(self, ssin: Ssin, *, once: UUID, entry: Entry) -> bool:
        """As `SeatFiles.undo`."""
        changes = await self.lines.undo(ssin, once=once)
        self.told += [(entry.ticket, change) for change in changes]
        return bool(changes)


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
