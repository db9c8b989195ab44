"""`kruispunt one-shot`: the file that is sent once (05/022 §7.4): send it, take it, follow it."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import Annotated, Final
from uuid import UUID

import msgspec
from cyclopts import App, Parameter
from cyclopts.validators import Number
from rich.console import Console
from rich.table import Table

from kruispunt.circuits import one_shot
from kruispunt.cli.clock import now
from kruispunt.cli.compose import House, open_house, open_institution
from kruispunt.cli.one_shot_part import Away, Refused, Sending
from kruispunt.cli.one_shot_seat import (
    CannotSend,
    FileRow,
    collect_into,
    files_at,
    mailbox_of,
    part_of,
    population_lines,
)
from kruispunt.cli.reading import file_fault
from kruispunt.cli.supervisor import StartFailed
from kruispunt.cli.supervisor_reach import attach_or_start
from kruispunt.client import MOST_PERSONS, AskFailed
from kruispunt.vocabulary import InstitutionCode, Problem
from kruispunt.web import Http, KeyRingFile, KeyWrong

AWAY: Final = 1
WRONG: Final = 2
REFUSED: Final = 3
SENT_BEFORE: Final = 4
QUIET_S: Final = 2.0

one_shot_app: Final = App(
    name="one-shot", help="The file that is sent once: send it, take it, follow it."
)

At = Annotated[str, Parameter(help="Whose keys, mailbox or seat.")]
State = Annotated[Path | None, Parameter(help="State folder; else `.kruispunt`.")]
Json = Annotated[bool, Parameter(negative="", help="One JSON object.")]


class SentRow(msgspec.Struct, frozen=True, rename="camel"):
    """What was sent, as `one-shot send --json` tells it."""

    file: UUID
    part: UUID
    persons: int
    batches: int
    sent: int
    seconds: float


@one_shot_app.command
def send(
    file: Annotated[Path, Parameter(help="CSV: ssin, transition_date, daily_amount; then `end`.")],
    /,
    *,
    at: At,
    as_file: Annotated[UUID | None, Parameter(name="--file", help="Id of the whole file.")] = None,
    batch: Annotated[
        int, Parameter(help="Persons in one mail.", validator=Number(gte=1, lte=MOST_PERSONS))
    ] = MOST_PERSONS,
    patience: Annotated[float, Parameter(help="Seconds to try while the seat is away.")] = 60.0,
    json: Json = False,
    state: State = None,
) -> int:
    """Send an institution's part of the one-time file to the seat that it stands behind.

    The file is read whole first: where a line breaks a rule, nothing is sent. Sending the same
    file again, in mails as large, goes on where it was cut off and sends nobody twice; another one
    is refused.

    Exit codes: 0 all is at the seat, durably; 1 the seat is away: send again; 2 the file or the
    institution is wrong, nothing was sent; 3 the seat refused a batch; 4 another file was sent.
    """
    began = monotonic()
    try:
        records = _read(file)
        house = open_house(state)
        part = part_of(house, records, file=as_file, most=batch)
        sent = asyncio.run(_send(house, InstitutionCode(at), part, patience, quiet=json))
    except (one_shot.WrongFile, CannotSend, OSError, KeyWrong) as wrong:
        return _told(_words(wrong), WRONG)
    except Refused as refused:
        return _told(str(refused), SENT_BEFORE if refused.was_sent else REFUSED)
    except (Away, StartFailed, Problem) as away:
        return _told(f"{away}; send it again to go on", AWAY)
    row = SentRow(
        part.file, part.id, len(records), len(part.batches), sent, round(monotonic() - began, 2)
    )
    if json:
        print(msgspec.json.encode(row).decode())
    else:
        print(f"{row.persons} persons in {row.batches} batches are sent, file {row.file}")
    return 0


@one_shot_app.command
def population(
    file: Annotated[Path, Parameter(help="A file that is going to be sent.")],
    /,
    *,
    out: Annotated[Path, Parameter(help="Where to write the lines.")],
    state: State = None,
) -> int:
    """Write the lines by which the persons of a file become known at the hub (OS-7).

    `kruispunt directory load` takes what this writes.

    Exit codes: 0 written; 2 a line breaks a rule, or the file can't be read.
    """
    try:
        records = _read(file)
        house = open_house(state)
        lines = population_lines(house, records)
        out.touch(mode=0o600)
        out.write_text(lines, "utf-8")
    except (one_shot.WrongFile, CannotSend, OSError) as wrong:
        return _told(_words(wrong), WRONG)
    return 0


@one_shot_app.command
def collect(
    *,
    at: At,
    into: Annotated[Path | None, Parameter(help="Folder; else that of the institution.")] = None,
    wait: Annotated[
        int, Parameter(help="End when nothing came for so many seconds, at most 20.")
    ] = 20,
    json: Json = False,
    state: State = None,
) -> int:
    """Take what came of the file out of an institution's mailbox, a CSV file for each batch.

    For an insurer without a circuit: where one runs, it does the same by itself. Mail of another
    kind is left alone, and what is no batch becomes a dead letter.

    Exit codes: 0 taken, also when there was nothing; 1 the node is away; 2 no such institution.
    """
    try:
        persons = asyncio.run(_collect(open_house(state), InstitutionCode(at), into, wait))
    except (CannotSend, OSError, KeyWrong) as wrong:
        return _told(_words(wrong), WRONG)
    except (AskFailed, StartFailed, Problem) as away:
        return _told(str(away), AWAY)
    print(msgspec.json.encode({"persons": persons}).decode() if json else f"{persons} persons")
    return 0


@one_shot_app.command
def show(*, at: At, json: Json = False, state: State = None) -> int:
    """Show how much of a file came to a seat: persons, those passed on, those that stayed behind.

    Exit codes: 0; 1 the database is not there; 2 no such seat here.
    """

    async def files() -> list[FileRow]:
        async with open_institution(state, InstitutionCode(at)) as database:
            return await files_at(database)

    try:
        rows = asyncio.run(files())
    except FileNotFoundError:
        return _told(f"expected a hub or node here, found {at}", WRONG)
    except (Problem, StartFailed) as away:
        return _told(str(away) or "the database is not there", AWAY)
    if json:
        print(msgspec.json.encode(rows).decode())
    else:
        _show(rows)
    return 0


def _show(rows: Sequence[FileRow]) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("file", no_wrap=True)
    for name in ("batches", "persons", "passed on", "stayed"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        numbers = (row.batches, row.persons, row.passed, row.withheld)
        table.add_row(f"{row.flow}\n{row.file}", *map(str, numbers))
    Console(highlight=False).print(table if rows else "no file came here")


def _words(wrong: Exception) -> str:
    return file_fault(wrong) if isinstance(wrong, OSError) else str(wrong)


def _told(why: str, code: int) -> int:
    print(why, file=sys.stderr)
    return code


def _read(path: Path) -> list[one_shot.OneShotRecord]:
    """Every person of a file whose every line keeps the rules.

    Raises:
        one_shot.WrongFile: the first line that does not.
    """
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            records = list(one_shot.read_records(lines))
    except UnicodeDecodeError:
        raise one_shot.WrongFile(1, "expected text in UTF-8") from None
    if not records:
        raise one_shot.WrongFile(2, "expected at least one person")
    return records


async def _send(
    house: House, code: InstitutionCode, part: one_shot.Part, patience_s: float, *, quiet: bool
) -> int:
    last = monotonic()

    def tell(done: int) -> None:
        nonlocal last
        if not quiet and monotonic() - last > QUIET_S:
            last = monotonic()
            print(f"{done} of {len(part.batches)} batches", file=sys.stderr)

    async with attach_or_start(house.place.state), await Http.open() as http:
        sending = Sending(
            mailbox=mailbox_of(house, code, http),
            part=part,
            ring=KeyRingFile.open(house.place.home(code).ring),
            now=now,
            patience_s=patience_s,
            tell=tell,
        )
        await sending.run()
    return sending.done


async def _collect(house: House, code: InstitutionCode, into: Path | None, wait_s: int) -> int:
    folder = into or house.place.home(code).one_shot
    async with attach_or_start(house.place.state), await Http.open() as http:
        return await collect_into(mailbox_of(house, code, http), folder, wait_s=min(wait_s, 20))
