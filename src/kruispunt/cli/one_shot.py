"""`kruispunt one-shot`: the file that is sent once (05/022 §7.4): send it, take it, follow it."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import datetime
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
from kruispunt.cli.clock import now, random_bytes
from kruispunt.cli.compose import House, open_house, open_institution
from kruispunt.cli.one_shot_part import Away, Refused, Sending
from kruispunt.cli.supervisor import StartFailed
from kruispunt.cli.supervisor_reach import attach_or_start
from kruispunt.client import MOST_PERSONS, AskFailed, Mailbox
from kruispunt.exchange import PostgresSpent
from kruispunt.law import Clause, Flow, Lawbook, Side, Supply
from kruispunt.vocabulary import InstitutionCode, MailKind, Problem, day_of_asking
from kruispunt.web import Http, KeyRingFile, KeyWrong, SigningKeyFile

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


class CannotSend(ValueError):
    """This institution sends or takes no such file here."""


class SentRow(msgspec.Struct, frozen=True, rename="camel"):
    """What was sent, as `one-shot send --json` tells it."""

    file: UUID
    part: UUID
    persons: int
    batches: int
    sent: int
    seconds: float


class FileRow(msgspec.Struct, frozen=True, rename="camel"):
    """A file at a seat, as `one-shot show --json` tells it."""

    flow: str
    file: UUID
    batches: int
    persons: int
    passed: int
    withheld: int
    first_at: datetime
    last_at: datetime


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
        part = _part(house, records, as_file, batch)
        sent = asyncio.run(_send(house, InstitutionCode(at), part, patience, quiet=json))
    except (one_shot.WrongFile, CannotSend, OSError, KeyWrong) as wrong:
        return _told(str(wrong), WRONG)
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
        lines = _population(house, records)
        out.touch(mode=0o600)
        out.write_text(lines, "utf-8")
    except (one_shot.WrongFile, CannotSend, OSError) as wrong:
        return _told(str(wrong), WRONG)
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
        return _told(str(wrong), WRONG)
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
            found = await PostgresSpent(database=database).files()
        return [
            FileRow(
                flow=one.flow,
                file=one.file,
                batches=one.batches,
                persons=one.persons,
                passed=one.passed,
                withheld=one.persons - one.passed,
                first_at=one.first_at,
                last_at=one.last_at,
            )
            for one in found
        ]

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
    table = Table("flow", "file", "batches", "persons", "passed", "withheld", box=None)
    for row in rows:
        numbers = (row.batches, row.persons, row.passed, row.withheld)
        table.add_row(row.flow, str(row.file), *map(str, numbers))
    Console(highlight=False).print(table if rows else "no file came here")


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


def _clause(lawbook: Lawbook) -> tuple[Flow, Clause]:
    """The one leave to send a file, and its flow.

    Raises:
        CannotSend: the law gives none, or more than one.
    """
    found = [
        (flow, clause)
        for clause in lawbook.clauses
        if (flow := lawbook.flows[clause.flow]).supply is Supply.FILE
    ]
    if len(found) != 1:
        raise CannotSend(f"expected one clause for a one-time file, found {len(found)}")
    return found[0]


def _part(
    house: House, records: list[one_shot.OneShotRecord], file: UUID | None, most: int
) -> one_shot.Part:
    flow, clause = _clause(house.network.lawbook)
    return one_shot.Part.of(
        records,
        flow=flow.id,
        purpose=clause.purpose,
        consumer=clause.consumer,
        file=file or one_shot.whole_file(flow.id),
        most=most,
    )


def _population(house: House, records: Sequence[one_shot.OneShotRecord]) -> str:
    lawbook = house.network.lawbook
    _, clause = _clause(lawbook)
    today = day_of_asking(now(), house.network.zone)
    (control,) = (one for one in clause.controls if one.side is Side.SUPPLIER)
    file = one_shot.OneShotFile(id=one_shot.whole_file(clause.flow), records=tuple(records))
    found = one_shot.integrate(
        file, one_shot.Freeze.of(lawbook, on=today), sector=control.sector, on=today
    )
    head = "ssin,sector,quality,phase,begin,end\n"
    return head + "".join(
        f"{line.ssin.digits},{line.sector},{line.quality},0,{line.period.begin},\n"
        for line in found
    )


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
            mailbox=_mailbox(house, code, http),
            part=part,
            ring=KeyRingFile.open(house.place.home(code).ring),
            now=now,
            patience_s=patience_s,
            tell=tell,
        )
        await sending.run()
    return sending.done


async def _collect(house: House, code: InstitutionCode, into: Path | None, wait_s: int) -> int:
    shelf = one_shot.Shelf(folder=into or house.place.home(code).one_shot)
    persons, after = 0, 0
    async with attach_or_start(house.place.state), await Http.open() as http:
        mailbox = _mailbox(house, code, http)
        while True:
            polled = await mailbox.poll(after=after, wait_s=min(wait_s, 20))
            if not polled.letters:
                return persons
            after, done = polled.last, list[UUID]()
            for letter in polled.letters:
                if letter.mail.kind is not MailKind.BATCH:
                    continue
                try:
                    persons += await shelf.keep(letter.mail.id, letter.content or b"")
                except one_shot.Unreadable as wrong:
                    await mailbox.dead(letter.mail.id, str(wrong))
                else:
                    done.append(letter.mail.id)
            if done:
                await mailbox.acknowledge(done)


def _mailbox(house: House, code: InstitutionCode, http: Http) -> Mailbox:
    """The mailbox of an institution at its node.

    Raises:
        CannotSend: it stands behind no node of this network, or has no key here.
    """
    node, home = house.network.node_of(code), house.place.home(code)
    if node is None or not home.key.exists():
        raise CannotSend(f"expected an institution behind a node of this network, found {code}")
    return Mailbox(
        url=house.place.addresses()[node.institution],
        seat=node.institution,
        http=http,
        key=SigningKeyFile.open(home.key, now=now),
        ring=KeyRingFile.open(home.ring),
        now=now,
        random_bytes=random_bytes,
    )
