"""`kruispunt one-shot show`: how much of the file came to a seat."""

import asyncio
from collections.abc import Sequence

import msgspec
from rich.console import Console
from rich.table import Table

from kruispunt.cli.compose import open_institution
from kruispunt.cli.one_shot_file import AWAY, WRONG, At, Json, State, say
from kruispunt.cli.one_shot_seat import FileRow, files_at
from kruispunt.cli.supervisor import StartFailed
from kruispunt.vocabulary import InstitutionCode, Problem


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
        return say(f"expected a hub or node here, found {at}", WRONG)
    except (Problem, StartFailed) as away:
        return say(str(away) or "the database is not there", AWAY)
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
