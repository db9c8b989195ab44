"""How well persons are found by name: `python -m bench.search [--json] [--short]`.

A register of synthetic persons on a server of its own, fsync on. A clerk types names with one
error and the date of birth; recall is how many of the persons meant stand among the first ten.
Besides, what a search takes and costs where only a month or a year of birth is known.
"""

import asyncio
import os
import random
import sys
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from time import perf_counter, process_time
from typing import Annotated, Final

from cyclopts import App, Parameter

from bench import page
from bench.figures import Figure
from bench.machine import commit, machine
from bench.mistyped import KINDS, TOLERANCES, Row, Typed, has_accents, roughly, typed
from bench.page import tell
from kruispunt.cli.fill import SEX_CODES
from kruispunt.identity import Persons
from kruispunt.people import generate_persons, person_rows, read_country
from kruispunt.postgres import (
    Database,
    EmbeddedCluster,
    migrate,
    migrated_rooms,
    migrations_folder,
)

Figures = dict[str, Figure]

FULL: Final = 1_000_000
SHORT: Final = 100_000
ASKED: Final = 1_000
"""Searches of each kind."""

SEED: Final = 1
TODAY: Final = date(2025, 1, 1)

app = App(help="Measure the search for persons.")

ROWS: page.Rows = {
    "people": "persons in the register",
    "load_seconds": "loaded in, seconds",
    "search_recall": "found among the first ten, one error of any kind, whole date of birth",
    **{f"recall_{kind}": f"… {kind}" for kind in KINDS},
    "search_p50_ms": "one search, one after the other: half take less than, ms",
    "search_p99_ms": "… 99 of 100",
    "search_cpu_us": "… of that our own CPU, µs",
    **{
        f"{name}_{known}": told
        for known in TOLERANCES
        for name, told in (
            ("recall", f"recall, birth known in {known} and a tolerance of {TOLERANCES[known]}"),
            ("p50_ms", "… half take less than, ms"),
            ("p99_ms", "… 99 of 100"),
        )
    },
}


@app.default
def main(
    *,
    json: Annotated[bool, Parameter(negative="", help="One JSON object.")] = False,
    short: Annotated[bool, Parameter(negative="", help="100 000 persons.")] = False,
) -> None:
    """Fill a register on a server of its own, search it, and print what comes of it."""
    figures = asyncio.run(_measure(SHORT if short else FULL))
    if json:
        page.print_json(figures, {}, {})
    else:
        page.print_page("Search", ROWS, figures)


async def _measure(people: int) -> Figures:
    with tempfile.TemporaryDirectory(prefix="kruispunt-search-") as folder:
        async with a_register(Path(folder)) as database:
            figures = await search_figures(database, people=people)
            (row,) = await database.pool.fetch("select current_setting('server_version') as now")
    return figures | {"machine": machine(postgres=str(row["now"])), "commit": await commit()}


@asynccontextmanager
async def a_register(folder: Path) -> AsyncGenerator[Database]:
    """An empty database with all tables, on a server of its own."""
    cluster = EmbeddedCluster(folder=folder / "database", random_bytes=os.urandom)
    await cluster.start()
    migrations = migrations_folder()
    await migrate(cluster.dsn(), folder=migrations, rooms=migrated_rooms(migrations))
    database = await Database.open(cluster.dsn(), name="kruispunt bench", size=2)
    try:
        yield database
    finally:
        await database.close()
        await cluster.stop()


async def search_figures(database: Database, *, people: int, asked: int = ASKED) -> Figures:
    """All figures of a search among so many persons, who are loaded into an empty register."""
    tell(f"{people:,} persons")
    frame = generate_persons(read_country(), size=people, seed=SEED, today=TODAY)
    rows: list[Row] = person_rows(frame, SEX_CODES).rows()
    persons = Persons(database)
    began = perf_counter()
    await persons.load(rows)
    figures: Figures = {"people": people, "load_seconds": round(perf_counter() - began, 1)}
    tell(f"loaded in {figures['load_seconds']} s")
    return figures | await _exact(persons, rows, asked) | await _rough(persons, rows, asked)


async def _exact(persons: Persons, rows: Sequence[Row], asked: int) -> Figures:
    """One error of each kind, with the whole date of birth."""
    chance = random.Random(SEED)
    accented = [row for row in rows if has_accents(row)]
    figures: Figures = {}
    took: list[float] = []
    right = 0
    began_cpu = process_time()
    for kind in KINDS:
        among = accented if kind == "accents" else rows
        searches = [typed(row, kind, chance) for row in chance.choices(among, k=asked)]
        found, each = await _search(persons, searches)
        figures[f"recall_{kind}"] = round(found / asked, 4)
        right += found
        took += each
    total = asked * len(KINDS)
    return {
        "search_recall": round(right / total, 4),
        **figures,
        "search_p50_ms": _quantile(took, 0.5),
        "search_p99_ms": _quantile(took, 0.99),
        "search_cpu_us": round((process_time() - began_cpu) * 1e6 / total),
    }


async def _rough(persons: Persons, rows: Sequence[Row], asked: int) -> Figures:
    """One typing error, with a birth that is known in part."""
    figures: Figures = {}
    for known in TOLERANCES:
        chance = random.Random(known)
        searches = [roughly(row, known, chance) for row in chance.choices(rows, k=asked)]
        found, took = await _search(persons, searches)
        figures[f"recall_{known}"] = round(found / asked, 4)
        figures[f"p50_ms_{known}"] = _quantile(took, 0.5)
        figures[f"p99_ms_{known}"] = _quantile(took, 0.99)
    return figures


async def _search(persons: Persons, searches: Sequence[Typed]) -> tuple[int, list[float]]:
    """How many of the persons meant were found, and the seconds that each search took."""
    found, took = 0, list[float]()
    for one in searches:
        began = perf_counter()
        shown = await persons.find(one.criteria)
        took.append(perf_counter() - began)
        found += one.meant in shown
    return found, took


def _quantile(took: Sequence[float], share: float) -> float:
    """Milliseconds that so many of all stay under."""
    return round(sorted(took)[int(share * (len(took) - 1))] * 1000, 2)


if __name__ == "__main__":
    sys.exit(app())
