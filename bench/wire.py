"""What the wire costs: `python -m bench.wire [--json] [--short] [--record]`.

In the real house (`kruispunt up`) a centre asks its node who a person is, over classic XML and
over REST in turns. Apart, each on a server of its own with fsync on: the search for persons by
name, and files of integrations (I605) and of questions to the directory (L609).
"""

import asyncio
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from cyclopts import App, Parameter

from bench import page, record, search
from bench.figures import Figure
from bench.machine import commit, machine
from bench.page import tell
from bench.wire_files import file_figures
from bench.wire_house import HouseSize, house_figures
from bench.wire_read import read_figures
from kruispunt.cli.clock import now

Figures = dict[str, Figure]

SEARCHED: Final = ("search_recall", "search_p50_ms", "search_p99_ms", "search_cpu_us")
WAYS: Final = {"ssdn": "classic XML", "rest": "REST"}
PARTS: Final = {
    "node": "the node",
    "hub": "the hub",
    "station": "the register",
    "database": "the database",
    "load": "the load generator",
}

ROWS: page.Rows = {
    "people": "people in the house",
    "asked": "questions over each way",
    "ssdn_over_rest_cpu": "CPU of the node over classic XML, times that over REST (≤ 1.5)",
    "ssdn_over_rest_cpu_all": "… of all processes, the database too",
    "ssdn_per_second": "persons identified per second over classic XML, 64 at once (≥ 600)",
    "rest_per_second": "… over REST",
    **{
        f"{way}_{part}_cpu_us": f"CPU of {told} over {name}, µs for each"
        for way, name in WAYS.items()
        for part, told in PARTS.items()
    },
    "read_bytes": "bytes of an envelope of classic XML that is read alone",
    "read_us": "… CPU to parse it and hold it against its schemas, µs (≤ 100)",
    "searched": "persons in the register that is searched",
    **{name: search.ROWS[name] for name in SEARCHED},
    "file_lines": "lines of each file",
    "i605_lines_per_second": "lines integrated per second (≥ 50 000)",
    "i605_cpu_us": "… of that our own CPU for each, µs",
    "i605_database_cpu_us": "… and that of the database",
    "l609_persons_per_second": "persons asked about per second (≥ 20 000)",
    "l609_cpu_us": "… of that our own CPU for each, µs",
    "l609_database_cpu_us": "… and that of the database",
}

app = App(help="Measure the wire.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is asked, searched and taken."""

    house: HouseSize
    searched: int
    searches: int
    lines: int


FULL: Final = Size(
    house=HouseSize(people=50_000, warm=2_000, asked=6_000, rounds=5),
    searched=search.FULL,
    searches=search.ASKED,
    lines=500_000,
)
SHORT: Final = Size(
    house=HouseSize(people=5_000, warm=300, asked=1_000, rounds=2),
    searched=20_000,
    searches=100,
    lines=20_000,
)


@app.default
def main(
    *,
    json: Annotated[bool, Parameter(negative="", help="One JSON object.")] = False,
    short: Annotated[bool, Parameter(negative="", help="A small run, for a check.")] = False,
    keep: Annotated[
        bool, Parameter(name="--record", negative="", help="Add a row to the page of figures.")
    ] = False,
    state: Annotated[Path | None, Parameter(help="State folder; else a new one.")] = None,
) -> None:
    """Ask over classic XML and over REST, search, take files, and print what all that costs."""
    figures = asyncio.run(_measure(SHORT if short else FULL, state))
    if json:
        page.print_json(figures, {}, {})
    else:
        page.print_page("Wire", ROWS, figures)
    if keep:
        record.record("Wire", tuple(ROWS), figures, day=f"{now():%Y-%m-%d}")


async def _measure(size: Size, state: Path | None) -> Figures:
    figures, postgres = await house_figures(size.house, state)
    figures |= read_figures()
    tell("the search for persons")
    with tempfile.TemporaryDirectory(prefix="kruispunt-wire-") as folder:
        async with search.a_register(Path(folder)) as database:
            found = await search.search_figures(
                database, people=size.searched, asked=size.searches
            )
    figures |= {"searched": size.searched, **{name: found[name] for name in SEARCHED}}
    with tempfile.TemporaryDirectory(prefix="kruispunt-wire-") as folder:
        figures |= await file_figures(Path(folder), lines=size.lines)
    return figures | {"machine": machine(postgres=postgres), "commit": await commit()}


if __name__ == "__main__":
    sys.exit(app())
