"""`kruispunt people`: make a synthetic country, or look at some of its people."""

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from time import monotonic
from typing import Annotated, Final

import msgspec
import polars as pl
from cyclopts import App, Parameter
from rich.console import Console
from rich.status import Status
from rich.table import Table

from kruispunt.people import (
    Country,
    Format,
    ParametersWrong,
    Population,
    generate,
    read_country,
    write_folder,
)

WRONG: Final = 1
QUIET_S: Final = 2.0
SHOWN: Final = ("name", "sex", "born", "lang", "jobs", "spells", "insurers")

people_app: Final = App(name="people", help="A synthetic country: make it, or look at it.")

Size = Annotated[int, Parameter(help="How many people.")]
Seed = Annotated[int, Parameter(help="The same seed gives the same people.")]
Today = Annotated[
    date | None, Parameter(help="The last day of their lives so far; without it, today (UTC).")
]
Json = Annotated[bool, Parameter(name="--json", negative="", help="One JSON object.")]
Folder = Annotated[
    Path | None,
    Parameter(name="--folder", help="Another country folder than the one that came along."),
]


class Progress:
    """Says on standard error what is being made, once it takes longer than two seconds."""

    def __init__(self, console: Console, clock: Callable[[], float] = monotonic) -> None:
        self._status = Status("", console=console)
        self._clock = clock
        self._begun = clock()

    def tell(self, stage: str) -> None:
        """A stage begins."""
        self._status.update(f"{stage} …")
        if self._clock() - self._begun > QUIET_S:
            self._status.start()

    def stop(self) -> float:
        """Fall silent; returns the seconds that passed."""
        self._status.stop()
        return self._clock() - self._begun


@people_app.command
def make(
    *,
    out: Annotated[Path, Parameter(help="Folder to fill; files of the same name are replaced.")],
    size: Size = 20_000,
    seed: Seed = 1,
    today: Today = None,
    form: Annotated[Format, Parameter(name="--format", help="Kind of file.")] = "parquet",
    json: Json = False,
    folder: Folder = None,
) -> int:
    """Make people and everything that follows from their lives, one file per frame.

    Exit codes: 0 made; 1 the country's folder is wrong or the size can't be made.
    """
    progress = Progress(Console(stderr=True))
    made = _made(size=size, seed=seed, today=today, folder=folder, progress=progress)
    if made is None:
        return WRONG
    progress.tell("files")
    rows = write_folder(made, out, form=form)
    seconds = round(progress.stop(), 3)
    if json:
        report = {"people": size, "seed": seed, "today": made.today, "seconds": seconds}
        print(msgspec.json.encode({**report, "folder": str(out), "rows": rows}).decode())
    else:
        _show_counts(rows, title=f"{size} synthetic people in {out}, {seconds} s")
    return 0


@people_app.command
def show(
    *,
    size: Size = 1_000,
    seed: Seed = 1,
    today: Today = None,
    rows: Annotated[int, Parameter(help="How many people to show.")] = 15,
    folder: Folder = None,
) -> int:
    """Show a few people and how many rows each frame has. Numbers are not shown.

    Exit codes: 0 shown; 1 the country's folder is wrong or the size can't be made.
    """
    progress = Progress(Console(stderr=True))
    made = _made(size=size, seed=seed, today=today, folder=folder, progress=progress)
    progress.stop()
    if made is None:
        return WRONG
    _show_people(made, rows=rows)
    _show_counts({name: frame.height for name, frame in made.frames().items()}, title="Rows")
    return 0


def _made(
    *, size: int, seed: int, today: date | None, folder: Path | None, progress: Progress
) -> Population | None:
    """The population, or None after saying why not."""
    try:
        country: Country = read_country(folder)
        day = today or datetime.now(UTC).date()
        return generate(country, size=size, seed=seed, today=day, tell=progress.tell)
    except (ParametersWrong, ValueError) as wrong:
        progress.stop()
        print(wrong, file=sys.stderr)
        return None


def _show_counts(rows: dict[str, int], *, title: str) -> None:
    table = Table("frame", "rows", title=title)
    for name, count in rows.items():
        table.add_row(name, str(count))
    Console().print(table)


def _show_people(people: Population, *, rows: int) -> None:
    """People with their jobs, spells of unemployment and memberships, counted."""
    persons = people.persons.head(rows).with_columns(
        pl.concat_str("first_name", "last_name", separator=" ").alias("name"),
        born="birth_date",
        lang="language",
    )
    for name, frame in (
        ("jobs", people.dimona),
        ("spells", people.unemployment),
        ("insurers", people.memberships),
    ):
        count = frame.group_by("ssin").agg(pl.len().alias(name))
        persons = persons.join(count, on="ssin", how="left", maintain_order="left")
    table = Table(*SHOWN, title=f"Synthetic people on {people.today}")
    for row in persons.select(SHOWN).iter_rows():
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    Console().print(table)
