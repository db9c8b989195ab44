"""Changes of many persons' lines in one transaction: in order, and as if each had come alone."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from kruispunt.directory.change import Removal, changed, check_line
from kruispunt.directory.lines import QUERIES
from kruispunt.postgres import Connection
from kruispunt.vocabulary import DirectoryLine, Period, Quality, Sector, Ssin

Kept = frozenset[DirectoryLine]
May = Callable[[DirectoryLine | Removal, Kept], bool]
"""True where a change may leave the person's lines so."""

NONE: Final[Kept] = frozenset()


class Stood(NamedTuple):
    """A person's lines before a change that was made, and after it."""

    before: Kept
    after: Kept


async def take_many(
    connection: Connection,
    changes: Sequence[DirectoryLine | Removal],
    *,
    kinds: Collection[tuple[Sector, Quality]],
    names_members: bool,
    may: May,
) -> list[Stood | None]:
    """Make the changes in this transaction, in their order; what stood before and after each.

    All changes are of these kinds of lines, and other lines are not looked at. None for a change
    that may not be made: it is not, and the others are. Nobody else changes a line until the
    transaction ends.

    Raises:
        WrongLine: a code is out of bounds, or a line names a member at a hub.
        ValueError: a change is of another kind.
    """
    for change in changes:
        if (change.sector, change.quality) not in kinds:
            raise ValueError("expected changes of the kinds that are looked at")
        if isinstance(change, DirectoryLine):
            check_line(change, names_members=names_members)
    await connection.execute(QUERIES["lock_all"].sql)
    before = await _lines_of(connection, {one.ssin.digits: one.ssin for one in changes}, kinds)
    after = dict(before)
    each = list[Stood | None]()
    for change in changes:
        digits = change.ssin.digits
        stood = after.get(digits, NONE)
        kept = changed(stood, change)
        if not may(change, kept):
            each.append(None)
            continue
        after[digits] = kept
        each.append(Stood(stood, kept))
    await _write(connection, before, after)
    return each


async def _lines_of(
    connection: Connection,
    persons: Mapping[str, Ssin],
    kinds: Collection[tuple[Sector, Quality]],
) -> dict[str, Kept]:
    """By number; nothing for who has no such line."""
    numbers = "{" + ",".join(persons) + "}"
    sectors, qualities = zip(*kinds, strict=True)
    (columns,) = await connection.fetch(
        QUERIES["list_lines_of_many"].sql, numbers, sectors, qualities
    )
    if columns[0] is None:
        return {}
    found = dict[str, list[DirectoryLine]]()
    for number, sector, quality, phase, begin, end, member in zip(*columns, strict=True):
        digits = f"{number:011d}"
        line = DirectoryLine(
            ssin=persons[digits],
            sector=sector,
            quality=quality,
            period=Period(date.fromordinal(begin), None if end is None else date.fromordinal(end)),
            phase=phase,
            member=member,
        )
        found.setdefault(digits, []).append(line)
    return {digits: frozenset(lines) for digits, lines in found.items()}


async def _write(
    connection: Connection, before: Mapping[str, Kept], after: Mapping[str, Kept]
) -> None:
    gone, come = list[DirectoryLine](), list[DirectoryLine]()
    for digits, kept in after.items():
        stood = before.get(digits, NONE)
        gone += stood - kept
        come += kept - stood if stood else kept
    members = {line.member for line in come if line.member is not None}
    if members:
        await connection.execute(QUERIES["add_members"].sql, sorted(members))
    if gone:
        await connection.execute(QUERIES["delete_many_lines"].sql, list(map(_row, gone)))
    if come:
        await connection.execute(QUERIES["insert_many_lines"].sql, list(map(_row, come)))


def _row(line: DirectoryLine) -> tuple[object, ...]:
    """As `directory.new_line`."""
    period = line.period
    return (
        line.ssin.number,
        line.sector,
        line.quality,
        line.phase,
        period.begin,
        period.end,
        line.member,
    )
