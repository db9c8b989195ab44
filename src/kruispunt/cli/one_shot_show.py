"""`kruispunt one-shot show`: how much of the file came to a seat."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from rich.console import Console
from rich.table import Table

from kruispunt.cli.compose import open_institution
from kruispunt.cli.one_shot_file import AWAY, WRONG, At, Json, State, say
from kruispunt.cli.supervisor import StartFailed
from kruispunt.exchange import PostgresSpent
from kruispunt.vocabulary import InstitutionCode, Problem


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
        return say(f"expected a hub or node here, found {at}", WRONG)
    except (Problem, StartFailed) as away:
        return say(str(away) or "the database is not there", AWAY)
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
