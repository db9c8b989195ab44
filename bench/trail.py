"""What the trail costs: `python -m bench.trail [--json] [--short] [--record] [--only PART]`.

Recording, sealing, verifying and replaying, bytes of a row, and one person's page out of ten years
of entries. On a server of its own, fsync on.
"""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Final, Literal

import uvloop
from cyclopts import App, Parameter

from bench import page, record
from bench.figures import Figure, rounded, spreads
from bench.limits import TRAIL, judged
from bench.machine import commit, machine
from bench.trail_pages import FULL, SHORT, SMALL, VERSION, pages
from bench.trail_record import AT_ONCE, MANY, Bench, recorded
from bench.trail_rows import EACH
from kruispunt.cli.clock import now
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
PAGE: Final = record.PAGE.with_name("trail-performance.md")

Part = Literal["entries", "pages"]
Spread = dict[str, float | None]

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
    "page_disk_kb": "… read from the disk for one, KB",
    "page_door_p50_ms": "the same with all that a person is shown at the door, half within, ms",
    "page_door_p99_ms": "… 99 % within, ms",
    "page_door_cpu_ms": "… our own CPU for one, ms",
    "page_door_server_cpu_ms": "… CPU of the server for one, ms",
    "page_http_p50_ms": "the same over HTTP, signed, written down before, half within, ms",
    "page_http_p99_ms": "… 99 % within, ms",
    "page_http_cpu_ms": "… CPU of the door's process for one, ms",
    "small_entries": "entries in 120 months, a tenth",
    "small_p50_ms": "one person's page out of those, half within, ms",
    "small_p99_ms": "… 99 % within, ms",
    "small_server_cpu_ms": "… CPU of the server for one, ms",
    "small_disk_kb": "… read from the disk for one, KB",
    "small_door_p50_ms": "… with all that is shown at the door, half within, ms",
    "small_door_p99_ms": "… 99 % within, ms",
    "small_door_server_cpu_ms": "… CPU of the server for one, ms",
    "small_http_p50_ms": "… over HTTP, half within, ms",
    "small_http_p99_ms": "… 99 % within, ms",
    "ratio_page_p99": "99 % out of all, times out of a tenth",
    "ratio_page_door_p99": "… with all that is shown at the door",
    "ratio_page_http_p99": "… over HTTP",
    "ratio_page_server_cpu": "CPU of the server for a page out of all, times out of a tenth",
    "page_load_s": "seconds to load them all",
    "page_list_s": "seconds to list all months at once, which a seat does month by month",
    "page_list_bytes": "bytes of lists for each entry, fifteen months each",
    "load_average": "of the machine when it began: above 0.5, others were at work",
}

RECORDING: Final = (
    "entries", "record_us", "record_per_second", f"record_us_{MANY}", f"record_per_second_{MANY}",
    "outcome_us", "seal_per_second", "verify_per_second", "replay_per_second",
    "bytes_per_decision", "bytes_per_outcome", "load_average",
)  # fmt: skip
PAGES: Final = (
    "page_entries", "page_p50_ms", "page_p99_ms", "page_server_cpu_ms", "page_cpu_ms",
    "page_disk_kb", "page_door_p50_ms", "page_door_p99_ms", "page_door_server_cpu_ms",
    "page_http_p50_ms", "page_http_p99_ms", "small_p99_ms", "small_server_cpu_ms",
    "small_door_p99_ms", "small_http_p99_ms", "ratio_page_p99", "ratio_page_http_p99",
    "ratio_page_server_cpu", "page_list_bytes", "page_load_s", "load_average",
)  # fmt: skip

app = App(help="Measure the trail.")


@app.default
def main(
    *,
    json: Annotated[bool, Parameter(negative="", help="One JSON object.")] = False,
    short: Annotated[bool, Parameter(negative="", help="A small run, for a check.")] = False,
    keep: Annotated[
        bool, Parameter(name="--record", negative="", help="Add rows to the page of figures.")
    ] = False,
    only: Annotated[Part | None, Parameter(help="One of the two parts.")] = None,
    entries: Annotated[
        int | None, Parameter(help="Entries of which a page is asked; else 30 000 000.")
    ] = None,
    folder: Annotated[Path | None, Parameter(help="A disk with room; else the temporary.")] = None,
) -> int:
    """Record, seal, verify and replay on a server of its own, and ask pages out of many entries.

    Exit codes: 0 measured; 2 there is no room on the disk.
    """
    wanted = max(EACH, entries or (SHORT_ENTRIES if short else ENTRIES))
    missing = "" if only == "entries" else no_room(folder or Path(tempfile.gettempdir()), wanted)
    if missing:
        print(missing, file=sys.stderr)
        return NO_ROOM
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        figures, spread = runner.run(_measure(short, wanted, folder, only=only))
    verdicts = judged(TRAIL, figures)
    if json:
        page.print_json(figures, verdicts, spread)
    else:
        rows = {name: told for name, told in ROWS.items() if name in figures}
        page.print_page("The trail", rows, figures, spread)
        page.print_limits(TRAIL, verdicts)
    if keep:
        _record(figures, short=short)
    return 0


def _record(figures: Mapping[str, Figure], *, short: bool) -> None:
    day = f"{now():%Y-%m-%d}"
    for part, columns in (("Entries", RECORDING), ("Pages", PAGES)):
        if columns[0] in figures:
            record.record(part, columns, figures, day=day, path=PAGE)
    if not short:
        record.record_limits(TRAIL, judged(TRAIL, figures), figures, day=day, path=PAGE)


def no_room(folder: Path, entries: int) -> str:
    """Why so many entries can't be loaded here; empty: they can."""
    needed = round(entries * (1 + SMALL)) * BYTES_EACH + BYTES_FREE
    free = shutil.disk_usage(folder).free
    if free >= needed:
        return ""
    return (
        f"{entries} entries need {needed / 1e9:.0f} GB in {folder}, {free / 1e9:.0f} GB are free: "
        "take fewer with --entries, or another disk with --folder"
    )


async def _measure(
    short: bool, entries: int, parent: Path | None, *, only: Part | None
) -> tuple[dict[str, Figure], Spread]:
    figures: dict[str, Figure] = {"load_average": round(os.getloadavg()[0], 2)}
    spread, version = Spread(), ""
    with tempfile.TemporaryDirectory(prefix="kruispunt-trail-", dir=parent) as folder:
        if only != "pages":
            number = SHORT_RECORDED if short else RECORDED
            async with (
                _server(Path(folder) / "recording") as cluster,
                _bench(cluster, "recorded", Path(folder)) as bench,
            ):
                figures |= {"entries": number, **await recorded(bench, number)}
                version = await _version(cluster)
        if only != "entries":
            async with _server(Path(folder) / "reading", **_memory()) as cluster:
                found, spread = await _paged(cluster, entries, Path(folder), short=short)
                figures |= found
                version = await _version(cluster)
    return {**figures, "machine": machine(postgres=version), "commit": await commit()}, spread


def _memory() -> dict[str, str]:
    """A quarter of it for the server, as its manual says for one of some size."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {"shared_buffers": f"{memory // 4 // 1_000_000}MB"}


@asynccontextmanager
async def _server(folder: Path, **settings: str) -> AsyncGenerator[EmbeddedCluster]:
    cluster = EmbeddedCluster(folder=folder, random_bytes=os.urandom, settings=settings)
    await cluster.start()
    try:
        yield cluster
    finally:
        await cluster.stop()


async def _paged(
    cluster: EmbeddedCluster, entries: int, folder: Path, *, short: bool
) -> tuple[dict[str, Figure], Spread]:
    """Figures of pages, and how far the rounds lie apart."""
    async with _bench(cluster, "many", folder) as many, _bench(cluster, "small", folder) as small:
        figures, rounds = await pages(many, small, entries, asked=SHORT if short else FULL)
    apart = spreads(rounds) if len(rounds) > 1 else {}
    return figures, {name: rounded("ratio", told) for name, told in apart.items()}


async def _version(cluster: EmbeddedCluster) -> str:
    database = await Database.open(cluster.dsn(), size=1)
    try:
        (row,) = await database.fetch(VERSION)
    finally:
        await database.close()
    return str(row["version"])


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
