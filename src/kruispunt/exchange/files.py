"""The lines of a seat as messages change them: each change in the trail, in its transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
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
        question = self.entry.question
        made, part, file = what_was_made(seen)
        change = Change(
            id=new_ticket(self.at, self.random_bytes),
            recorded_at=self.at,
            institution=question.consumer,
            user=question.user,
            made=made,
            ssin=question.ssin,
            part=part,
            file=file,
            why=f"{question.purpose}, {self.entry.ticket}",
        )
        await write_change(connection, change, key=self.key)


def what_was_made(seen: Seen) -> tuple[Made, Part | None, LoadedFile | None]:
    """A change of the directory in the words of the trail."""
    match seen:
        case DirectoryLine() as line:
            part = Part(
                sector=line.sector,
                quality=line.quality,
                phase=line.phase,
                period=line.period,
                member=line.member,
            )
            return Made.INTEGRATION, part, None
        case Removal() as removal:
            part = Part(
                sector=removal.sector,
                quality=removal.quality,
                phase=removal.phase,
                period=removal.period,
                line_begin=removal.line_begin,
                member=removal.member,
            )
            return Made.DEINTEGRATION, part, None
        case FileOfLines() as file:
            loaded = LoadedFile(digest=file.digest, lines=file.lines, skipped=file.skipped)
            return Made.LOAD, None, loaded
