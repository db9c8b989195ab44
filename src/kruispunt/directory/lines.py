"""The lines of a directory on PostgreSQL: list, integrate, de-integrate.

Trust: who writes to this store decides who has a file on whom, and so whose control succeeds; at
a hub the database itself refuses to hold who is insured where.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from kruispunt.directory.change import (
    Check,
    Removal,
    added,
    changed,
    check_line,
    inverse,
    removed,
    unchecked,
)
from kruispunt.directory.witness import Beside, Witness, nothing
from kruispunt.postgres import Connection, Database, Record, read_queries
from kruispunt.vocabulary import DirectoryLine, InstitutionCode, Period, Quality, Sector, Ssin

QUERIES: Final = read_queries(Path(__file__).with_name("store.sql"))


@dataclass(frozen=True, slots=True)
class Lines:
    """All lines of one directory. Changes of one person's lines wait for one another.

    What is changed here and what the witness writes down stand together, or neither does.
    """

    database: Database
    witness: Witness

    async def take_seat(self, *, names_members: bool) -> None:
        """Say whether this is a node's directory, which names members, or a hub's. Once for ever.

        Raises:
            CheckViolationError: it was said before, and otherwise.
        """
        await self.database.execute(QUERIES["take_seat"], names_members)

    async def names_members(self) -> bool:
        """True in the directory of a node; where nobody has said so, it is a hub's."""
        rows = await self.database.fetch(QUERIES["find_seat"])
        return bool(rows and rows[0]["names_members"])

    async def list(self, ssin: Ssin) -> tuple[DirectoryLine, ...]:
        """All lines of a person, in order of sector, quality and begin."""
        rows = await self.database.fetch(QUERIES["list_lines"], ssin.number)
        return tuple(in_order(line_of(row, ssin=ssin) for row in rows))

    async def add(self, line: DirectoryLine) -> tuple[DirectoryLine, ...]:
        """Integrate: the line merges with those of its key that it overlaps or touches (I605).

        Doing it again changes no line, and is written down again. Returns the person's lines as
        they stand now.

        Raises:
            WrongLine: a code is out of bounds, or the line names a member at a hub.
        """
        check_line(line, names_members=await self.names_members())
        async with self.database.transaction() as connection:
            before = await _lock(connection, line.ssin)
            after = added(before, line)
            if line.member is not None:
                await connection.execute(QUERIES["add_members"].sql, [line.member])
            await _change(connection, before=before, after=after)
            await self.witness.saw(connection, line)
        return tuple(in_order(after))

    async def end(self, removal: Removal) -> tuple[DirectoryLine, ...]:
        """De-integrate, in one of the situations of form S607.

        Doing it again changes no line, and is written down again. Returns the person's lines as
        they stand now.
        """
        async with self.database.transaction() as connection:
            before = await _lock(connection, removal.ssin)
            after = removed(before, removal)
            await _change(connection, before=before, after=after)
            await self.witness.saw(connection, removal)
        return tuple(in_order(after))

    async def take(
        self,
        ssin: Ssin,
        changes: Sequence[DirectoryLine | Removal],
        *,
        once: UUID,
        check: Check = unchecked,
        beside: Beside = nothing,
    ) -> bool:
        """`add` and `end` for one person, all or none, and only once: under an id that was taken
        before nothing is changed.

        False where it was. The id stands with the changes and what takes them back, or none of
        it does.

        `check` sees the person's lines as they would stand, while nobody else changes them;
        `beside` writes what has to stand with them.

        Raises:
            WrongLine: as `add`.
            Exception: what the check raises.
        """
        names_members = await self.names_members()
        for change in changes:
            if isinstance(change, DirectoryLine):
                check_line(change, names_members=names_members)
        async with self.database.transaction() as connection:
            before = after = await _lock(connection, ssin)
            if not await connection.fetch(QUERIES["take_once"].sql, once):
                return False
            for change in changes:
                after = changed(after, change)
                await self.witness.saw(connection, change)
            check(after)
            members = {line.member for line in after if line.member is not None}
            await connection.execute(QUERIES["add_members"].sql, sorted(members))
            await _change(connection, before=before, after=after)
            days = [_day_row(once, back) for back in inverse(before, after)]
            await connection.executemany(QUERIES["keep_inverse"].sql, days)
            await beside(connection)
        return True

    async def undo(
        self, ssin: Ssin, *, once: UUID, beside: Beside = nothing
    ) -> tuple[DirectoryLine | Removal, ...]:
        """Take back what was taken under this id, and only that; again takes nothing back again.

        Days that another message brought or took meanwhile stay as that left them, unless both
        were about the same days. Returns what was changed; nothing where nothing was taken.
        """
        async with self.database.transaction() as connection:
            before = after = await _lock(connection, ssin)
            rows = await connection.fetch(QUERIES["take_inverse"].sql, once)
            changes = tuple(_back_of(row, ssin=ssin) for row in rows)
            for change in changes:
                after = changed(after, change)
                await self.witness.saw(connection, change)
            await _change(connection, before=before, after=after)
            await beside(connection)
        return changes

    async def forget(self, before: datetime) -> None:
        """Forget which changes were made before, by the clock of the store."""
        await self.database.execute(QUERIES["forget_taken"], before)


def in_order(lines: Iterable[DirectoryLine]) -> list[DirectoryLine]:
    """Lines in the order in which the trail keeps them: sector, quality, member, begin, phase."""
    return sorted(
        lines,
        key=lambda line: (
            line.sector,
            line.quality,
            line.member or "",
            line.period.begin,
            line.phase,
        ),
    )


def line_of(row: Record, *, ssin: Ssin) -> DirectoryLine:
    """The line of a row."""
    member = row["member"]
    return DirectoryLine(
        ssin=ssin,
        sector=Sector(row["sector"]),
        quality=Quality(row["quality"]),
        period=Period(row["begin_date"], row["end_date"]),
        phase=row["phase"],
        member=None if member is None else InstitutionCode(member),
    )


def _day_row(once: UUID, back: DirectoryLine | Removal) -> tuple[object, ...]:
    period = back.period
    if period is None:
        raise AssertionError("expected the days that go back")
    stood = isinstance(back, DirectoryLine)
    key = (back.sector, back.quality, back.phase)
    return (once, stood, *key, period.begin, period.end, back.member)


def _back_of(row: Record, *, ssin: Ssin) -> DirectoryLine | Removal:
    line = line_of(row, ssin=ssin)
    if row["stood"]:
        return line
    return Removal(
        ssin=ssin,
        sector=line.sector,
        quality=line.quality,
        phase=line.phase,
        period=line.period,
        member=line.member,
    )


async def _lock(connection: Connection, ssin: Ssin) -> frozenset[DirectoryLine]:
    await connection.execute(QUERIES["lock_person"].sql, ssin.number)
    rows = await connection.fetch(QUERIES["list_lines"].sql, ssin.number)
    return frozenset(line_of(row, ssin=ssin) for row in rows)


async def _change(
    connection: Connection, *, before: frozenset[DirectoryLine], after: frozenset[DirectoryLine]
) -> None:
    await connection.executemany(
        QUERIES["delete_line"].sql,
        [
            (n.ssin.number, n.sector, n.quality, n.phase, n.period.begin, n.member)
            for n in before - after
        ],
    )
    await connection.executemany(
        QUERIES["insert_line"].sql,
        [
            (
                *(n.ssin.number, n.sector, n.quality, n.phase),
                *(n.period.begin, n.period.end, n.member),
            )
            for n in after - before
        ],
    )
