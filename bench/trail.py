"""What the trail costs: `python -m bench.trail [--json] [--short] [--entries N]`.

Recording, sealing, verifying and replaying, bytes of a row, and one person's page out of ten years
of entries. On a server of its own, fsync on.
"""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Final

import uvloop
from cyclopts import App, Parameter

from bench import page
from bench.figures import Figure
from bench.limits import Limit, judged
from bench.machine import commit, machine
from bench.trail_pages import EACH, PAGES, VERSION, pages
from bench.trail_record import AT_ONCE, MANY, Bench, recorded
from kruispunt.law import read_lawbook
from kruispunt.postgres import (
    Database,
    EmbeddedCluster,
    Query,
    migrate,
    migrated_rooms,
    migrations_folder,
)
from kruispunt.web import make_key

RECORDED: Final = 300_000
SHORT_RECORDED: Final = 20_000
ENTRIES: Final = 30_000_000
SHORT_ENTRIES: Final = 300_000
BYTES_EACH: Final = 900
"""Of the disk for each entry of a page: both rows, indexes, and what the server writes ahead."""

BYTES_FREE: Final = 4_000_000_000
NO_ROOM: Final = 2

LIMITS: Final = (
    Limit(figure="record_us", bound=15, told="our own CPU for an entry, 64 at once, µs"),
    Limit(
        figure="record_per_second",
        bound=20_000,
        least=True,
        told="entries that were durable in a second, from one process, 64 at once",
    ),
    Limit(figure="seal_per_second", bound=50_000, least=True, told="leaves sealed in a second"),
    Limit(
        figure="page_p99_ms",
        bound=20,
        when={"page_entries": ENTRIES},
        told="one person's page out of 30 million entries in 120 months, 99 % within, ms",
    ),
    Limit(
        figure="ratio_page_p99",
        bound=1.25,
        when={"page_entries": ENTRIES},
        told="… times that out of 3 million (runs of the same lie a tenth apart)",
    ),
    Limit(
        figure="verify_per_second",
        bound=60_000,
        least=True,
        told="entries and outcomes verified in a second of CPU",
    ),
    Limit(
        figure="replay_per_second",
        bound=30_000,
        least=True,
        told="decisions decided again in a second of CPU",
    ),
    Limit(figure="bytes_per_decision", bound=500, told="bytes of a decision, with all indexes"),
    Limit(figure="bytes_per_outcome", bound=150, told="bytes of an outcome, with all indexes"),
)

ROWS: Final[page.Rows] = {
    "record_us": f"our own CPU for an entry, {AT_ONCE} at once, µs",
    "prepare_us": "… of that before the committer, µs",
    "record_per_second": f"entries that were durable in a second, {AT_ONCE} at once",
    f"record_us_{MANY}": f"our own CPU for an entry, {MANY} at once, µs",
    f"record_per_second_{MANY}": f"entries that were durable in a second, {MANY} at once",
    "outcome_us": f"our own CPU for an outcome, {MANY} at once, µs",
    "seal_per_second": "leaves that got their place and were published in a second",
    "seal_us": "… CPU of the sealer for each, µs",
    "verify_per_second": "entries and outcomes verified in a second of CPU",
    "verify_per_second_of_time": "… in a second",
    "replay_per_second": "decisions decided again in a second of CPU",
    "bytes_per_decision": "bytes of a decision with indexes and its place in the tree",
    "bytes_per_outcome": "bytes of an outcome with indexes and its place in the tree",
    "bytes_per_place": "… of that the place",
    "page_entries": "entries in 120 months",
    "page_p50_ms": "one person's page out of them, half within, ms",
    "page_p99_ms": "… 99 % within, ms",
    "page_cpu_ms": "… our own CPU for one, ms",
    "page_server_cpu_ms": "… CPU of the server for one, ms",
    "page_door_p50_ms": "the same with all that a person is shown at the door, half within, ms",
    "page_door_p99_ms": "… 99 % within, ms",
    "page_door_server_cpu_ms": "… CPU of the server for one, ms",
    "small_entries": "entries in 120 months, a tenth",
    "small_p50_ms": "one person's page out of those, half within, ms",
    "small_p99_ms": "… 99 % within, ms",
    "small_server_cpu_ms": "… CPU of the server for one, ms",
    "small_door_p99_ms": "… with all that is shown at the door, 99 % within, ms",
    "ratio_page_p99": "99 % out of all, times out of a tenth",
    "page_load_s": "seconds to load them all",
    "load_average": "of the machine when it began: above 0.5, others were at work",
}

app = App(help="Measure the trail.")


@app.default
def main(
    *,
    json: Annotated[bool, Parameter(negative="", help="One JSON object.")] = False,
    short: Annotated[bool, Parameter(negative="", help="A small run, for a check.")] = False,
    entries: Annotated[
        int | None, Parameter(help="Entries of which a page is asked; else 30 000 000.")
    ] = None,
    folder: Annotated[Path | None, Parameter(help="A disk with room; else the temporary.")] = None,
) -> int:
    """Record, seal, verify and replay on a server of its own, and ask pages out of many entries.

    Exit codes: 0 measured; 2 there is no room on the disk.
    """
    wanted = max(PAGES * EACH, entries or (SHORT_ENTRIES if short else ENTRIES))
    missing = no_room(folder or Path(tempfile.gettempdir()), wanted)
    if missing:
        print(missing, file=sys.stderr)
        return NO_ROOM
    number = SHORT_RECORDED if short else RECORDED
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        figures = runner.run(_measure(number, wanted, folder))
    verdicts = judged(LIMITS, figures)
    if json:
        page.print_json(figures, verdicts, {})
    else:
        page.print_page("The trail", ROWS, figures)
        page.print_limits(LIMITS, verdicts)
    return 0


def no_room(folder: Path, entries: int) -> str:
    """Why so many entries can't be loaded here; empty: they can."""
    needed, free = entries * BYTES_EACH + BYTES_FREE, shutil.disk_usage(folder).free
    if free >= needed:
        return ""
    return (
        f"{entries} entries need {needed / 1e9:.0f} GB in {folder}, {free / 1e9:.0f} GB are free: "
        "take fewer with --entries, or another disk with --folder"
    )


async def _measure(number: int, entries: int, parent: Path | None) -> dict[str, Figure]:
    figures: dict[str, Figure] = {"load_average": round(os.getloadavg()[0], 2)}
    with tempfile.TemporaryDirectory(prefix="kruispunt-trail-", dir=parent) as folder:
        cluster = EmbeddedCluster(folder=Path(folder) / "database", random_bytes=os.urandom)
        await cluster.start()
        try:
            async with _bench(cluster, "recorded", Path(folder)) as bench:
                figures |= await recorded(bench, number)
            async with _bench(cluster, "pages", Path(folder)) as bench:
                figures |= await pages(bench, entries)
                (row,) = await bench.database.fetch(VERSION)
        finally:
            await cluster.stop()
    told = machine(postgres=str(row["version"]))
    return {**figures, "entries": number, "machine": told, "commit": await commit()}


@asynccontextmanager
async def _bench(cluster: EmbeddedCluster, name: str, folder: Path) -> AsyncGenerator[Bench]:
    """A trail in a database of its own, dropped afterwards: disks are shared."""
    server = await Database.open(cluster.dsn(), size=1)
    try:
        await server.execute(Query("create", f"create database {name}"))
        migrations = migrations_folder()
        await migrate(cluster.dsn(name), folder=migrations, rooms=migrated_rooms(migrations))
        database = await Database.open(cluster.dsn(name), name="kruispunt bench")
        try:
            yield Bench(
                database=database,
                published=folder / name,
                key=make_key("HUB", key_id="HUB/1", random_bytes=os.urandom),
                lawbook=read_lawbook(),
            )
        finally:
            await database.close()
        await server.execute(Query("drop", f"drop database {name}"))
    finally:
        await server.close()


if __name__ == "__main__":
    sys.exit(app())
