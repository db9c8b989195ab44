"""`kruispunt one-shot select|population`: who is in a part of the file, before it is sent."""

import asyncio
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter

from kruispunt.circuits import one_shot
from kruispunt.cli.compose import House, open_house
from kruispunt.cli.one_shot_file import AWAY, WRONG, At, Json, State, read_file, say
from kruispunt.cli.one_shot_seat import CannotSend, Selected, population_lines, selected_by
from kruispunt.cli.supervisor import StartFailed
from kruispunt.cli.supervisor_reach import attach_or_start
from kruispunt.station import ListingFailed, StationFileWrong
from kruispunt.vocabulary import InstitutionCode, Problem


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
        chosen = asyncio.run(_selected(house, InstitutionCode(at)))
        one_shot.keep_file(into, chosen.records)
    except (CannotSend, ListingFailed, one_shot.Unreadable, StationFileWrong, OSError) as wrong:
        return say(wrong, WRONG)
    except (StartFailed, Problem) as away:
        return say(str(away) or "the database is not there", AWAY)
    amounts = sum(len(one.drops) for one in chosen.records)
    row = SelectedRow(listed=chosen.listed, persons=len(chosen.records), amounts=amounts)
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
        lines = population_lines(house, records)
        out.touch(mode=0o600)
        out.write_text(lines, "utf-8")
    except (one_shot.WrongFile, CannotSend, OSError) as wrong:
        return say(wrong, WRONG)
    return 0


async def _selected(house: House, code: InstitutionCode) -> Selected:
    async with attach_or_start(house.place.state):
        return await selected_by(house, code)
