"""`kruispunt directory`: see and change who knows whom, as what, from when to when."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Final

import msgspec
from cyclopts import App, Parameter
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.table import Table

from kruispunt.audit import AtMachine, MasterKeyWrong, Shredded, Tampered
from kruispunt.cli.operator import NO_REASON, Desk, OperatorSaw, Why, open_desk
from kruispunt.cli.reading import NoSsin, Person, read_ssin_argument
from kruispunt.cli.supervisor import StartFailed
from kruispunt.directory import Lines, Removal, WrongLine, loading
from kruispunt.law import read_lawbook
from kruispunt.vocabulary import (
    DirectoryLine,
    InstitutionCode,
    Period,
    Problem,
    Quality,
    Sector,
    WrongNumber,
    WrongPeriod,
)

DONE: Final = 0
AWAY: Final = 1
WRONG: Final = 2
REFUSED: Final = 3
UNWRITTEN: Final = 4
QUIET_S: Final = 2.0
MAX_TOLD: Final = 20

At = Annotated[str | None, Parameter(help="Whose directory: the hub (default) or a node.")]
State = Annotated[Path | None, Parameter(help="State folder; else `.kruispunt`.")]
Json = Annotated[bool, Parameter(negative="", help="JSON instead of a table.")]
Begin = Annotated[date | None, Parameter(name="--begin", help="First day, yyyy-mm-dd.")]
End = Annotated[date | None, Parameter(name="--end", help="Last day, included; none: open.")]
Member = Annotated[str | None, Parameter(help="Institution behind the node; never at a hub.")]

directory_app: Final = App(
    name="directory", help="The reference directory: who knows whom, as what, from when to when."
)


class Line(msgspec.Struct, frozen=True):
    """A line as it is printed: the last day is included, null where the line is open."""

    sector: int
    quality: str
    phase: int
    begin: date
    end: date | None
    member: str | None


@directory_app.command(name="list")
def list_(
    *,
    ssin: Person,
    at: At = None,
    why: Why = NO_REASON,
    json: Json = False,
    state: State = None,
) -> int:
    """List the lines of a person. Your look is an entry of the trail.

    Exit codes: 0 listed, also when there are none; 1 the database is not there; 2 wrong input;
    4 the trail can't be written, so nothing is shown or changed.
    """

    async def work(desk: Desk, lines: Lines) -> int:
        person = read_ssin_argument(ssin)
        await desk.operator.look(person, AtMachine.LINES)
        _show(await lines.list(person), json=json)
        return DONE

    return _run(work, at=at, why=why, state=state)


@directory_app.command
def add(
    *,
    ssin: Person,
    sector: int,
    quality: int,
    begin: Annotated[date, Parameter(name="--begin", help="First day, yyyy-mm-dd.")],
    end: End = None,
    phase: int = 0,
    member: Member = None,
    at: At = None,
    why: Why = NO_REASON,
    json: Json = False,
    state: State = None,
) -> int:
    """Integrate a person; the line merges with those that it overlaps or touches (I605).

    Exit codes: 0 the line stands; 1 the database is not there; 2 wrong input;
    4 the trail can't be written, so nothing is shown or changed.
    """

    async def work(_desk: Desk, lines: Lines) -> int:
        line = DirectoryLine(
            ssin=read_ssin_argument(ssin),
            sector=Sector(sector),
            quality=Quality(quality),
            period=Period.through(begin, end),
            phase=phase,
            member=None if member is None else InstitutionCode(member),
        )
        _show(await lines.add(line), json=json)
        return DONE

    return _run(work, at=at, why=why, state=state)


@directory_app.command(name="end")
def end_(
    *,
    ssin: Person,
    sector: int,
    quality: int | None = None,
    phase: int | None = None,
    begin: Begin = None,
    end: End = None,
    line_begin: Annotated[date | None, Parameter(help="Only the line that begins then.")] = None,
    member: Member = None,
    at: At = None,
    why: Why = NO_REASON,
    json: Json = False,
    state: State = None,
) -> int:
    """De-integrate a person: whole lines, or the days from `--begin` to `--end` of them (S607).

    Without quality all lines of the sector; with quality, with quality and phase, or with the
    begin of one line only those. Days out of the middle of a line leave two lines.

    Exit codes: 0 no such line or day stands any more; 1 the database is not there; 2 wrong input;
    4 the trail can't be written, so nothing is shown or changed.
    """

    async def work(_desk: Desk, lines: Lines) -> int:
        if begin is None and end is not None:
            raise WrongLine("expected --begin with --end")
        removal = Removal(
            ssin=read_ssin_argument(ssin),
            sector=Sector(sector),
            quality=None if quality is None else Quality(quality),
            phase=phase,
            period=None if begin is None else Period.through(begin, end),
            line_begin=line_begin,
            member=None if member is None else InstitutionCode(member),
        )
        _show(await lines.end(removal), json=json)
        return DONE

    return _run(work, at=at, why=why, state=state)


@directory_app.command
def load(
    file: Annotated[Path, Parameter(help="A .csv or .parquet file.")],
    *,
    skip_bad: Annotated[
        Path | None, Parameter(help="Load the good rows and write the bad ones to this CSV file.")
    ] = None,
    at: At = None,
    why: Why = NO_REASON,
    json: Json = False,
    state: State = None,
) -> int:
    """Integrate a file of lines, all of them or none.

    Columns: ssin, sector, quality, phase (0 where empty), begin, end (last day included; empty:
    open) and, at a node, member.

    The file is one entry of the trail: its SHA-256 and number of lines. Keep the file.

    Exit codes: 0 loaded; 1 the database is not there; 2 no such table; 3 rows break a rule and
    nothing was loaded; 4 the trail can't be written, so nothing was loaded.
    """

    async def work(_desk: Desk, lines: Lines) -> int:
        try:
            with _progress(quiet=json) as tell:
                loaded = await loading.load_file(lines, file, rejects=skip_bad, progress=tell)
        except loading.BadRows as bad:
            return _tell_bad(bad, json=json)
        _tell_loaded(loaded, rejects=skip_bad, json=json)
        return DONE

    return _run(work, at=at, why=why, state=state)


def _run(
    work: Callable[[Desk, Lines], Awaitable[int]], *, at: str | None, why: str, state: Path | None
) -> int:
    async def run() -> int:
        code = read_lawbook().hub if at is None else InstitutionCode(at)
        async with open_desk(state, code, why=why) as desk:
            return await work(desk, Lines(desk.database, OperatorSaw(desk.operator)))

    try:
        return asyncio.run(run())
    except (NoSsin, WrongLine, WrongNumber, WrongPeriod, loading.WrongTable) as wrong:
        print(wrong, file=sys.stderr)
        return WRONG
    except FileNotFoundError:
        print(f"expected an institution with a directory here, found {at}", file=sys.stderr)
        return WRONG
    except (MasterKeyWrong, Shredded, Tampered) as unwritten:
        print(f"nothing is done without an entry in the trail: {unwritten}", file=sys.stderr)
        return UNWRITTEN
    except (Problem, StartFailed) as away:
        print(str(away) or "the database is not there", file=sys.stderr)
        return AWAY


def _show(lines: Sequence[DirectoryLine], *, json: bool) -> None:
    shown = [
        Line(
            sector=line.sector,
            quality=f"{line.quality:03d}",
            phase=line.phase,
            begin=line.period.begin,
            end=line.period.last_day,
            member=line.member,
        )
        for line in lines
    ]
    if json:
        print(msgspec.json.encode(shown).decode())
        return
    table = Table("sector", "quality", "phase", "begin", "end", "member", box=None)
    for line in shown:
        end = "open" if line.end is None else str(line.end)
        words = (str(line.sector), line.quality, str(line.phase), str(line.begin), end)
        table.add_row(*words, line.member or "")
    console = Console(highlight=False)
    console.print(table if shown else "no lines")


@contextmanager
def _progress(*, quiet: bool) -> Generator[Callable[[int], None]]:
    """Rows so far, on standard error, from the moment that loading takes long."""
    since = time.monotonic()
    columns = (SpinnerColumn(), TextColumn("{task.completed:,.0f} rows"))
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task("rows", total=None)

    def tell(rows: int) -> None:
        if not quiet and time.monotonic() - since > QUIET_S:
            bar.start()
            bar.update(task, completed=rows)

    try:
        yield tell
    finally:
        bar.stop()


def _tell_loaded(loaded: loading.Loaded, *, rejects: Path | None, json: bool) -> None:
    if json:
        print(msgspec.json.encode({"rows": loaded.rows, "skipped": loaded.skipped}).decode())
        return
    print(f"{loaded.rows} rows loaded")
    if loaded.skipped:
        print(f"{loaded.skipped} rows break a rule: see {rejects}")


def _tell_bad(bad: loading.BadRows, *, json: bool) -> int:
    if json:
        rows = [{"line": row.number, "rule": row.rule} for row in bad.rows]
        print(msgspec.json.encode({"rows": 0, "bad": bad.count, "wrong": rows}).decode())
        return REFUSED
    for row in bad.rows[:MAX_TOLD]:
        print(f"line {row.number}: {row.rule}", file=sys.stderr)
    if bad.count > MAX_TOLD:
        print(f"and {bad.count - MAX_TOLD} more", file=sys.stderr)
    print(bad, file=sys.stderr)
    return REFUSED
