"""One person's page out of many entries: ten years of them, in a partition for each month."""

import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time
from typing import Final
from uuid import UUID

from bench.figures import Figure, medians, percentile
from bench.page import tell
from bench.trail_door import AFTER, page_door
from bench.trail_load import House, loaded, used
from bench.trail_record import MASTER, Bench
from bench.trail_rows import EACH
from kruispunt.audit import Hidden, Look, Pages, Reader, Spoiled, list_months
from kruispunt.postgres import Database, Query
from kruispunt.vocabulary import InstitutionCode, Ssin

PAGE: Final = 100
KINDS: Final = 3
"""Of pages: as the trail's commands read them, all that a person is shown, and that over HTTP."""

SMALL: Final = 0.1
"""The share that is asked beside: three of thirty million."""

EVER: Final = (datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC))
LAST: Final = UUID(int=(1 << 128) - 1)
SEEN: Final = Hidden(consumers=frozenset({InstitutionCode("nobody")}))
"""Looks of an institution that asked nothing: nothing is kept back, but it is looked for."""

Page = Callable[[Ssin], Awaitable[Sequence[Look | Spoiled]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How often pages are asked, and how many at a time, after so many that are not measured."""

    rounds: int
    pages: int
    warm: int

    @property
    def persons(self) -> int:
        """Nobody is asked twice: for each of three kinds of page, in each round, others."""
        return KINDS * self.rounds * (self.warm + self.pages)

    def who(self, persons: Sequence[Ssin], *, round_: int, kind: int) -> Sequence[Ssin]:
        """Those of this round and kind."""
        size = self.warm + self.pages
        begin = (KINDS * round_ + kind) * size
        return persons[begin : begin + size]


FULL: Final = Asked(rounds=3, pages=2_000, warm=200)
SHORT: Final = Asked(rounds=1, pages=800, warm=200)


async def pages(
    many: Bench, small: Bench, entries: int, *, asked: Asked
) -> tuple[dict[str, Figure], list[dict[str, float | None]]]:
    """Milliseconds of one person's page out of all entries and out of a tenth, side by side.

    The median of rounds, and each of them.
    """
    began = perf_counter()
    persons = max(asked.persons, entries // EACH)
    all_of_them = await loaded(many, persons, opened=asked.persons)
    took = perf_counter() - began
    lists = await listed(many)
    a_tenth = await loaded(small, max(asked.persons, int(persons * SMALL)), opened=asked.persons)
    await listed(small)
    for house in (a_tenth, all_of_them):
        await used(house.bench)
    rounds = list[dict[str, float | None]]()
    for number in range(asked.rounds):
        found = await _asked(all_of_them, asked, number, name="page")
        found |= await _asked(a_tenth, asked, number, name="small")
        found |= _ratios(found)
        tell(f"round {number + 1}: {found}")
        rounds.append(found)
    told: dict[str, Figure] = {
        "page_entries": all_of_them.entries,
        "small_entries": a_tenth.entries,
        "page_load_s": round(took),
        "page_list_s": round(lists["seconds"]),
        "page_list_bytes": round(lists["bytes"] / all_of_them.entries, 1),
    }
    return {**_rounded(medians(rounds)), **told}, rounds


def _ratios(found: Mapping[str, float | None]) -> dict[str, float | None]:
    """Of all entries, times that of a tenth."""
    names = ("p99_ms", "door_p99_ms", "http_p99_ms", "server_cpu_ms")
    return {
        f"ratio_page_{name.removesuffix('_ms')}": (found[f"page_{name}"] or 0)
        / (found[f"small_{name}"] or 1)
        for name in names
    }


def _rounded(found: Mapping[str, float | None]) -> dict[str, Figure]:
    return {name: None if told is None else round(told, 2) for name, told in found.items()}


async def _asked(house: House, asked: Asked, number: int, *, name: str) -> dict[str, float | None]:
    """Pages of persons by chance, one after the other, each with all its looks opened.

    First as the trail's own commands read them, then with all that a person is shown at the door;
    each on a new connection: a pool puts another one in its place after 50 000 statements. Then
    at the door itself, signed and over HTTP, where each page is an entry before it is shown.
    """
    tell(f"{asked.pages} pages out of {house.entries} entries")

    async def timed(kind: int, page_of: Callable[[Reader], Page]) -> Timed:
        who = asked.who(house.persons, round_=number, kind=kind)
        database = await Database.open(house.bench.database.dsn, size=1)
        try:
            page = page_of(Reader.over(database, master=MASTER))
            return await _timed(database, who, page, warm=asked.warm)
        finally:
            await database.close()

    plain, door = await timed(0, _plain), await timed(1, _door)
    http = await _http(house, asked.who(house.persons, round_=number, kind=2), warm=asked.warm)
    told = {f"{name}_http_{what}": found for what, found in http.items()}
    return {**plain.told(name), **door.told(f"{name}_door"), **told}


async def _http(house: House, who: Sequence[Ssin], *, warm: int) -> dict[str, float]:
    async with page_door(house.bench.database.dsn) as door:
        for one in who[:warm]:
            await door.ms(one)
        cpu = door.cpu_ms
        ms = [await door.ms(one) for one in who[warm:]]
        cpu_ms = (door.cpu_ms - cpu) / len(ms)
    return {"p50_ms": percentile(ms, 0.5), "p99_ms": percentile(ms, 0.99), "cpu_ms": cpu_ms}


async def listed(bench: Bench) -> dict[str, float]:
    """List all months, as a seat does with each that is over: seconds, and bytes of all lists."""
    tell("months are listed")
    began = perf_counter()
    await list_months(bench.database, AFTER)
    took = perf_counter() - began
    (row,) = await bench.database.fetch(LISTS)
    return {"seconds": took, "bytes": float(row["bytes"])}


def _plain(reader: Reader) -> Page:
    return lambda about: reader.looks(about, limit=PAGE)


def _door(reader: Reader) -> Page:
    shown = Pages(reader=reader)
    return lambda about: _shown(shown, about)


@dataclass(frozen=True, slots=True)
class Timed:
    """How long each page took; CPU of ours and of the server, and KB from the disk, for one."""

    ms: list[float]
    cpu_ms: float
    server_cpu_ms: float
    disk_kb: float

    def told(self, name: str) -> dict[str, float | None]:
        """As figures of this name."""
        return {
            f"{name}_p50_ms": percentile(self.ms, 0.5),
            f"{name}_p99_ms": percentile(self.ms, 0.99),
            f"{name}_cpu_ms": self.cpu_ms,
            f"{name}_server_cpu_ms": self.server_cpu_ms,
            f"{name}_disk_kb": self.disk_kb,
        }


async def _timed(
    database: Database,
    asked: Sequence[Ssin],
    page: Page,
    *,
    warm: int,
) -> Timed:
    for one in asked[:warm]:
        await _page(page, one)
    pid = await _server(database)
    server, disk, cpu = _cpu_ms(pid), _disk_kb(pid), process_time()
    ms = [await _page(page, one) for one in asked[warm:]]
    cpu_ms = (process_time() - cpu) * 1000 / len(ms)
    assert await _server(database) == pid, "all pages are read on one connection"
    return Timed(ms, cpu_ms, (_cpu_ms(pid) - server) / len(ms), (_disk_kb(pid) - disk) / len(ms))


async def _shown(pages: Pages, about: Ssin) -> Sequence[Look | Spoiled]:
    """What the door asks the database for a person's first page."""
    begin, before = EVER[0], (EVER[1], LAST)
    looks = await pages.about(about, begin=begin, before=before, hidden=SEEN, limit=PAGE)
    await pages.readings_about(about, begin=begin, before=before, hidden=SEEN, limit=PAGE)
    await pages.changes_about(about, begin=begin, before=before, limit=PAGE)
    await pages.unseen(about, hidden=SEEN)
    return looks


async def _server(database: Database) -> int:
    """The process of the one connection that pages asked one by one are read on."""
    (row,) = await database.fetch(PID)
    return row["pid"]


def _cpu_ms(pid: int) -> float:
    told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def _disk_kb(pid: int) -> float:
    """What was read for this process from the disk itself, where we may know."""
    try:
        lines = Path(f"/proc/{pid}/io").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0.0
    return next(int(line[11:]) for line in lines if line.startswith("read_bytes:")) / 1000


async def _page(page: Page, about: Ssin) -> float:
    began = perf_counter()
    looks = await page(about)
    took = (perf_counter() - began) * 1000
    assert len(looks) == EACH, len(looks)
    assert all(isinstance(look, Look) and look.outcome for look in looks)
    return took


VERSION: Final = Query("version", "select current_setting('server_version') as version")
LISTS: Final = Query("lists", "select pg_total_relation_size('audit.about') as bytes")
PID: Final = Query("pid", "select pg_backend_pid() as pid")
