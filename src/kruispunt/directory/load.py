"""Bulk integration: files of lines by COPY, all of them or none."""

from collections.abc import AsyncGenerator, Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

import polars as pl

from kruispunt.directory.lines import QUERIES, Lines
from kruispunt.directory.table import BadRow, Batch, check_rows, read_batches
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

    One transaction: either every line stands and has merged as `Lines.add` would have done, or
    nothing has changed. With `rejects` the bad rows are written there and the others loaded.

    Raises:
        WrongTable: the file can't be read.
        BadRows: rows break a rule, and `rejects` was not given.
    """
    names_members = await lines.names_members()
    batches = read_batches(path, names_members=names_members)
    return await _load(lines, batches, rejects=rejects, progress=progress)


async def load_frame(lines: Lines, frame: pl.DataFrame) -> Loaded:
    """Integrate a frame with the columns of a file.

    Raises:
        BadRows: rows break a rule; nothing was loaded.
    """
    names_members = await lines.names_members()
    batch = check_rows(frame, first=1, names_members=names_members)
    return await _load(lines, (batch,), rejects=None, progress=lambda _rows: None)


async def _load(
    lines: Lines,
    batches: Iterable[Batch],
    *,
    rejects: Path | None,
    progress: Callable[[int], None],
) -> Loaded:
    rows, bad, count = 0, list[BadRow](), 0
    async with lines.database.transaction() as connection:
        await connection.execute(QUERIES["stage_lines"].sql)
        for batch in batches:
            count += len(batch.bad)
            bad.extend(batch.bad[: MAX_TOLD - len(bad)])
            if rejects is not None and batch.bad:
                _reject(batch.rejected, rejects, header=count == len(batch.bad))
            if not count or rejects is not None:
                rows += await _stage(connection, batch.lines)
            progress(rows)
        if count and rejects is None:
            raise BadRows(tuple(bad), count)
        await _merge(connection)
    await lines.database.execute(QUERIES["analyze_lines"])
    return Loaded(rows=rows, skipped=count)


async def _stage(connection: Connection, frame: pl.DataFrame) -> int:
    status = await connection.copy_to_table(
        "line_staged",
        source=_csv(frame),
        columns=STAGED,
        schema_name="pg_temp",
        format="csv",
    )
    return int(status.removeprefix("COPY "))


async def _csv(frame: pl.DataFrame) -> AsyncGenerator[bytes]:
    buffer = BytesIO()
    frame.write_csv(buffer, include_header=False)
    yield buffer.getvalue()


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
