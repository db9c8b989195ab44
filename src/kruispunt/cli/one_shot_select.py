"""`kruispunt one-shot select|population`: who is in a part of the file, before it is sent."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter

from kruispunt.circuits import one_shot
from kruispunt.cli.clock import now
from kruispunt.cli.compose import House, open_house
from kruispunt.cli.one_shot_file import (
    AWAY,
    WRONG,
    At,
    CannotSend,
    Json,
    State,
    find_clause,
    read_file,
    say,
)
from kruispunt.cli.supervisor import StartFailed
from kruispunt.cli.supervisor_reach import attach_or_start
from kruispunt.law import Side
from kruispunt.station import ListingFailed, StationFileWrong, open_listing, read_station
from kruispunt.vocabulary import InstitutionCode, Problem, Ssin, day_of_asking


class SelectedRow(msgspec.Struct, frozen=True, rename="camel"):
    """What was chosen, as `one-shot select --json` tells it."""

    listed: int
    persons: int
    amounts: int


def select(
    *,
    at: At,
    into: Annotated[Path, Parameter(help="File to write: `one-shot send` takes it.")],
    json: Json = False,
    state: State = None,
) -> int:
    """Choose from an institution's own tables who is in its part of the file, and write that.

    A select in the file of its station lists everyone whom an insurer asked about; the rules of
    05/022 §7.4 choose among them (OS-4, OS-5), and leave out what was told before. What is written
    stands whole, or not at all.

    Exit codes: 0 written; 1 the database is away; 2 the institution has no such tables here, or
    they say what can't be, and nothing was written.
    """
    try:
        house = open_house(state)
        listed, records = asyncio.run(_selected(house, InstitutionCode(at)))
        one_shot.keep_file(into, records)
    except (CannotSend, ListingFailed, one_shot.Unreadable, StationFileWrong, OSError) as wrong:
        return say(str(wrong), WRONG)
    except (StartFailed, Problem) as away:
        return say(str(away) or "the database is not there", AWAY)
    amounts = sum(len(one.drops) for one in records)
    row = SelectedRow(listed=listed, persons=len(records), amounts=amounts)
    if json:
        print(msgspec.json.encode(row).decode())
    else:
        print(f"{row.persons} persons of {row.listed}, {row.amounts} amounts: {into}")
    return 0


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
        records = read_file(file)
        house = open_house(state)
        lines = _population(house, records)
        out.touch(mode=0o600)
        out.write_text(lines, "utf-8")
    except (one_shot.WrongFile, CannotSend, OSError) as wrong:
        return say(str(wrong), WRONG)
    return 0


async def _selected(
    house: House, code: InstitutionCode
) -> tuple[int, list[one_shot.OneShotRecord]]:
    """How many the tables list, and who of them is in.

    Raises:
        one_shot.Unreadable: a row is no person, or a person is listed twice.
    """
    lawbook = house.network.lawbook
    flow, _ = find_clause(lawbook)
    freeze = one_shot.days_of_freeze(lawbook, on=day_of_asking(now(), house.network.zone))
    home = house.place.home(code)
    settings = read_station(home.station, state=home.folder, institution=code)
    seen, records = set[Ssin](), list[one_shot.OneShotRecord]()
    async with (
        attach_or_start(house.place.state),
        open_listing(settings, flow.id, fields=one_shot.LISTED) as listing,
        aclosing(listing.rows(freeze, one_shot.LISTED)) as rows,
    ):
        async for row in rows:
            paid = one_shot.paid_of(row)
            if paid.ssin in seen:
                raise one_shot.Unreadable("expected each person once in the tables")
            seen.add(paid.ssin)
            record = one_shot.select(paid, freeze)
            if record is not None:
                records.append(record)
    return len(seen), records


def _population(house: House, records: Sequence[one_shot.OneShotRecord]) -> str:
    lawbook = house.network.lawbook
    _, clause = find_clause(lawbook)
    today = day_of_asking(now(), house.network.zone)
    (control,) = (one for one in clause.controls if one.side is Side.SUPPLIER)
    found = one_shot.integrate(records, control, on=today)
    head = "ssin,sector,quality,phase,begin,end\n"
    return head + "".join(
        f"{line.ssin.digits},{line.sector},{line.quality},0,{line.period.begin},\n"
        for line in found
    )
