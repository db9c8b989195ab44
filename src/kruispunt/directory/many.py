"""Changes of many persons' lines in one transaction: in order, and as if each had come alone."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from kruispunt.directory.change import Removal, changed, check_line
from kruispunt.directory.lines import QUERIES, line_of
from kruispunt.postgres import Connection
from kruispunt.vocabulary import DirectoryLine, Ssin

Kept = frozenset[DirectoryLine]
May = Callable[[DirectoryLine | Removal, Kept], bool]
"""True where a change may leave the person's lines so."""


async def take_many(
    connection: Connection,
    changes: Sequence[DirectoryLine | Removal],
    *,
    names_members: bool,
    may: May,
) -> list[Kept | None]:
    """Make the changes in this transaction, in their order; the person's lines after each.

    None for a change that may not be made: it is not, and the others are. Nobody else
    changes a line until the transaction ends.

    Raises:
        WrongLine: a code is out of bounds, or a line names a member at a hub.
    """
    for change in changes:
        if isinstance(change, DirectoryLine):
            check_line(change, names_members=names_members)
    await connection.execute(QUERIES["lock_all"].sql)
    before = await _lines_of(connection, {change.ssin for change in changes})
    after = dict(before)
    each = list[Kept | None]()
    for change in changes:
        kept = changed(after[change.ssin], change)
        if not may(change, kept):
            each.append(None)
            continue
        after[change.ssin] = kept
        each.append(kept)
    await _write(connection, before, after)
    return each


async def _lines_of(connection: Connection, persons: Iterable[Ssin]) -> dict[Ssin, Kept]:
    by_number = {ssin.number: ssin for ssin in persons}
    numbers = "{" + ",".join(map(str, by_number)) + "}"
    found: defaultdict[Ssin, list[DirectoryLine]] = defaultdict(list)
    for row in await connection.fetch(QUERIES["list_lines_of_many"].sql, numbers):
        ssin = by_number[row["ssin"]]
        found[ssin].append(line_of(row, ssin=ssin))
    return {ssin: frozenset(found[ssin]) for ssin in by_number.values()}


async def _write(
    connection: Connection, before: Mapping[Ssin, Kept], after: Mapping[Ssin, Kept]
) -> None:
    gone = [line for ssin, kept in before.items() for line in kept - after[ssin]]
    come = [line for ssin, kept in after.items() for line in kept - before[ssin]]
    members = {line.member for line in come if line.member is not None}
    if members:
        await connection.execute(QUERIES["add_members"].sql, sorted(members))
    if gone:
        rows = zip(
            *(
                (n.ssin.number, n.sector, n.quality, n.phase, n.period.begin, n.member)
                for n in gone
            ),
            strict=True,
        )
        await connection.execute(QUERIES["delete_many_lines"].sql, *rows)
    if come:
        rows = zip(
            *(
                (
                    *(n.ssin.number, n.sector, n.quality, n.phase),
                    *(n.period.begin, n.period.end, n.member),
                )
                for n in come
            ),
            strict=True,
        )
        await connection.execute(QUERIES["insert_many_lines"].sql, *rows)
