"""Bulk integration: files of lines by COPY, all of them or none."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import file_digest
from itertools import chain
from pathlib import Path
from typing import Final

import polars as pl

from kruispunt.directory.lines import QUERIES, Lines
from kruispunt.directory.loading.build import MOST_IN_MEMORY, build, csv_of
from kruispunt.directory.loading.table import BadRow, Batch, WrongTable, check_rows, read_batches
from kruispunt.directory.witness import FileOfLines
from kruispunt.postgres import Connection

STAGED: Final = ("ssin", "sector", "quality", "phase", "begin_date", "end_date", "member")
MAX_TOLD: Final = 1000
"""So many bad rows are told one by one; of the others only the number."""


class BadRows(ValueError):
    """Rows that break a rule, so nothing was loaded."""

    def __init__(self, rows: tuple[BadRow, ...], count: int) -> None:
        super().__init__(f"{count} rows break a rule; nothing was loaded")
        self.rows = rows
        self.count = count


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a load did: rows taken, and rows left out because they break a rule."""

    rows: int
    skipped: int


async def load_file(
    lines: Lines,
    path: Path,
    *,
    rejects: Path | None = None,
    progress: Callable[[int], None] = lambda _rows: None,
) -> Loaded:
    """Integrate a CSV or Parquet file with columns ssin, sector, quality, phase, begin, end
    (last day included, empty: open) and, at a node, member.

    One transaction: either every line stands and has merged as `Lines.add` would have done, and
    the witness has seen the file, or nothing has changed. With `rejects` the bad rows are written
    there and the others loaded.

    Raises:
        WrongTable: the file can't be read, or was changed meanwhile.
        BadRows: rows break a rule, and `rejects` was not given.
    """
    names_members = await lines.names_members()
    batches = read_batches(path, names_members=names_members)
    before, digest = await asyncio.to_thread(_known, path)

    async def tell(connection: Connection, loaded: Loaded) -> None:
        if _state(path) != before:
            raise WrongTable("the file was changed while it was read")
        file = FileOfLines(digest=digest, lines=loaded.rows, skipped=loaded.skipped)
        await lines.witness.saw(connection, file)

    return await _load(lines, batches, rejects=rejects, progress=progress, tell=tell)


async def load_frame(lines: Lines, frame: pl.DataFrame) -> Loaded:
    """Integrate a frame with the columns of a file. No witness sees it: these are made up.

    Raises:
        BadRows: rows break a rule; nothing was loaded.
    """
    names_members = await lines.names_members()
    batch = check_rows(frame, first=1, names_members=names_members)
    return await _load(lines, (batch,), rejects=None, progress=lambda _rows: None, tell=_untold)


async def _load(
    lines: Lines,
    batches: Iterable[Batch],
    *,
    rejects: Path | None,
    progress: Callable[[int], None],
    tell: Callable[[Connection, Loaded], Awaitable[None]],
) -> Loaded:
    sieve = _Sieve(rejects=rejects, progress=progress)
    async with lines.database.transaction() as connection:
        has_merged = await _take(connection, batches, sieve)
        await tell(connection, sieve.loaded())
    if has_merged:
        await lines.database.execute(QUERIES["analyze_lines"])
    return sieve.loaded()


async def _take(connection: Connection, batches: Iterable[Batch], sieve: "_Sieve") -> bool:
    """Let the lines stand; False where they were built into an empty directory, in order."""
    held: list[pl.DataFrame] = []
    rest = iter(batches)
    if not await connection.fetchval(QUERIES["any_line"].sql):
        held.extend(_as_many_as_fit(sieve.passing(rest)))
    more = next(rest, None)
    rest = rest if more is None else chain((more,), rest)
    if more is None and await _is_empty(connection):
        sieve.check()
        await build(connection, held)
        return False
    await connection.execute(QUERIES["stage_lines"].sql)
    for frame in chain(held, sieve.passing(rest)):
        await _stage(connection, frame)
    sieve.check()
    await _merge(connection)
    return True


async def _untold(_connection: Connection, _loaded: Loaded) -> None:
    """Nobody is told."""


def _known(path: Path) -> tuple[tuple[int, int, int], bytes]:
    """The state of a file, and then its SHA-256."""
    try:
        with path.open("rb") as file:
            return _state(path), file_digest(file, "sha256").digest()
    except OSError as error:
        raise WrongTable(f"can't read {path.name} as a table of lines") from error


def _state(path: Path) -> tuple[int, int, int]:
    """What is another once a file was written to or replaced."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


@dataclass(slots=True, kw_only=True)
class _Sieve:
    """Lets right lines through and remembers what was wrong; after a fault none comes through."""

    rejects: Path | None
    progress: Callable[[int], None]
    rows: int = 0
    count: int = 0
    bad: list[BadRow] = field(default_factory=list[BadRow])

    def passing(self, batches: Iterable[Batch]) -> Iterator[pl.DataFrame]:
        for batch in batches:
            self.count += len(batch.bad)
            self.bad.extend(batch.bad[: MAX_TOLD - len(self.bad)])
            if self.rejects is not None and batch.bad:
                _reject(batch.rejected, self.rejects, header=self.count == len(batch.bad))
            if not self.count or self.rejects is not None:
                self.rows += batch.lines.height
                yield batch.lines
            self.progress(self.rows)

    def check(self) -> None:
        """Nothing was wrong, or what was wrong may be left out.

        Raises:
            BadRows: something was, and may not.
        """
        if self.count and self.rejects is None:
            raise BadRows(tuple(self.bad), self.count)

    def loaded(self) -> Loaded:
        return Loaded(rows=self.rows, skipped=self.count)


def _as_many_as_fit(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Frames until there are more lines than are sorted in memory; the others stay unread."""
    held = 0
    for frame in frames:
        yield frame
        held += frame.height
        if held > MOST_IN_MEMORY:
            return


async def _is_empty(connection: Connection) -> bool:
    """True where no line stands, and none can come before this transaction ends."""
    await connection.execute(QUERIES["lock_all"].sql)
    return not await connection.fetchval(QUERIES["any_line"].sql)


async def _stage(connection: Connection, frame: pl.DataFrame) -> None:
    await connection.copy_to_table(
        "line_staged",
        source=csv_of(frame),
        columns=STAGED,
        schema_name="pg_temp",
        format="csv",
    )


async def _merge(connection: Connection) -> None:
    """Let the staged lines stand, merged among themselves and with what stands already."""
    await connection.execute(QUERIES["lock_all"].sql)
    members = await connection.fetch(QUERIES["list_staged_members"].sql)
    await connection.execute(QUERIES["add_members"].sql, [row["member"] for row in members])
    if await connection.fetchval(QUERIES["any_line"].sql):
        await connection.execute(QUERIES["stage_meeting_lines"].sql)
    await connection.execute(QUERIES["merge_staged"].sql)


def _reject(frame: pl.DataFrame, path: Path, *, header: bool) -> None:
    """Add bad rows to the reject file, which only its owner may read: it holds numbers."""
    if header:
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
    with path.open("ab") as file:
        frame.write_csv(file, include_header=header)
