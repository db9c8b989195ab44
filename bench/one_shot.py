"""What the one-time file costs: `python -m bench.one_shot [--json] [--short] [--record]`.

Synthetic persons of one payment institution's part, from its file on disk to the files on disk of
the insurers, through every seat of the real house (`kruispunt up`): read, sent, decided, recorded
and passed on by three seats. From the start of the command that sends, to the moment when every
mailbox is empty. The trails are counted: one entry for each person at each seat.
"""

import asyncio
import sys
import tempfile
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from time import perf_counter
from typing import Annotated

import polars as pl
from cyclopts import App, Parameter

from bench import page, record
from bench.cpu import used
from bench.figures import Figure
from bench.house import DATABASE, DECISIONS, Running, running, write_settings
from bench.machine import commit, machine
from bench.opened import state_folder
from bench.page import tell
from kruispunt.circuits import one_shot
from kruispunt.cli.clock import now
from kruispunt.directory import UNSEEN, Lines
from kruispunt.directory.loading import load_frame
from kruispunt.identity import Registered, Registers
from kruispunt.postgres import Query
from kruispunt.vocabulary import InstitutionCode, NumberFact, NumberStatus, Ssin, check_digits

PAYER = InstitutionCode("ACV")
INSURERS = 4
"""So many of those who pay benefits have members in the file."""

FULL, SHORT = 100_000, 5_000
DONE_S = 900.0
LOOK_S = 0.2
WAITING = Query(name="waiting", sql="select count(*) as n from mailbox.mail")
PASSED = Query(name="passed", sql="select coalesce(sum(passed), 0) as n from exchange.batch")
LINES = ("ssin", "sector", "quality", "phase", "begin", "end")
DROPS = (
    one_shot.Amount(begin=date(2021, 10, 1), daily_cents=55_00),
    one_shot.Amount(begin=date(2022, 4, 1), daily_cents=50_25),
)

app = App(help="Measure the one-time file.")

Figures = dict[str, Figure]

ROWS: page.Rows = {
    "persons": "persons in the file",
    "entries": "entries in the three trails",
    "oneshot_persons_per_second": "persons per second, file to file",
    "seconds": "… seconds",
    "cpu_us_per_person": "CPU per person of all, µs",
    "supplier_cpu_us": "… of the supplier's node",
    "hub_cpu_us": "… of the hub",
    "node_cpu_us": "… of the insurers' node",
    "database_cpu_us": "… of the database",
    "other_cpu_us": "… of carriers, sealers and the circuit",
    "commands_cpu_us": "… of who sends and collects",
}


@app.default
def main(
    *,
    json: Annotated[bool, Parameter(negative="", help="One JSON object.")] = False,
    short: Annotated[bool, Parameter(negative="", help="A small run, for a check.")] = False,
    keep: Annotated[
        bool, Parameter(name="--record", negative="", help="Add a row to the page of figures.")
    ] = False,
) -> None:
    """Send a file through a house of its own, and print what that costs."""
    figures = asyncio.run(_measure(SHORT if short else FULL))
    if json:
        page.print_json(figures, {}, {})
    else:
        page.print_page("One-time file", ROWS, figures)
    if keep:
        record.record("One-time file", tuple(ROWS), figures, day=f"{now():%Y-%m-%d}")


async def _measure(many: int) -> Figures:
    async with state_folder(None) as folder:
        write_settings(folder, workers=1, front={})
        async with running(folder, tell=tell) as place:
            persons = list(_persons(many))
            bench = Bench(place=place, insurers=_insurers(place))
            await bench.fill(persons)
            with tempfile.TemporaryDirectory(prefix="kruispunt-bench-") as files:
                found = await bench.send(persons, Path(files) / "part.csv")
            postgres = await place.postgres_version()
    return found | {"machine": machine(postgres=postgres), "commit": await commit()}


def _persons(many: int) -> Iterator[Ssin]:
    """Numbers of nobody, each on a day of its own or with a counter of its own."""
    for n in range(many):
        head = 500101 * 1000 + (n // 900) % 28 * 1000 + (n // 25_200) * 10_000_000 + n % 900 + 1
        yield Ssin(f"{head:09d}{check_digits(head):02d}")


def _insurers(place: Running) -> Sequence[InstitutionCode]:
    """Those with a circuit come first; the others collect by command."""
    network = place.house.network
    circuits = [one.institution for one in network.circuits]
    members = [
        code
        for code in sorted(network.members(network.nodes[0]))
        if "benefits_insurer" in network.lawbook.institutions[code].roles
    ]
    return sorted(members, key=lambda code: code not in circuits)[:INSURERS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A house, and the insurers whose members stand in the file."""

    place: Running
    insurers: Sequence[InstitutionCode]

    @property
    def supplier(self) -> InstitutionCode:
        (_, supplier, *_) = self.place.house.network.nodes
        return supplier.institution

    async def fill(self, persons: Sequence[Ssin]) -> None:
        """Everybody is insured, has a risk that runs, and is of the population."""
        tell(f"{len(persons)} persons")
        known = NumberFact(status=NumberStatus.KNOWN)
        home, hub, node = self.place.house.place.home, self.place.hub, self.place.node
        async with home(hub).database() as database:
            numbers = (Registered(ssin=one, fact=known) for one in persons)
            await Registers(database).load(numbers)
            lines = _lines(persons, ((11, 1), (11, 2), (18, 90)))
            await load_frame(Lines(database, UNSEEN), lines)
        async with home(node).database() as database:
            own = _lines(persons, ((11, 1), (11, 2)))
            codes = [self.insurers[n % len(self.insurers)] for n in range(len(persons))] * 2
            await load_frame(Lines(database, UNSEEN), own.with_columns(pl.Series("member", codes)))

    async def send(self, persons: Sequence[Ssin], file: Path) -> Figures:
        """From a file at the payer to files at the insurers."""
        records = (one_shot.OneShotRecord(ssin=one, drops=DROPS) for one in persons)
        lines = "".join(one_shot.write_records(records))
        await asyncio.to_thread(file.write_text, lines, "utf-8")
        circuits = [one.institution for one in self.place.house.network.circuits]
        collecting = [
            await self._command("collect", "--at", code)
            for code in self.insurers
            if code not in circuits
        ]
        await asyncio.sleep(2)  # until they wait for mail
        tell("sending")
        before, children = self._cpu(), _children()
        began = perf_counter()
        sending = await self._command("send", str(file), "--at", PAYER)
        await self._until_passed(len(persons))
        took_s = perf_counter() - began
        cpu = {name: ns - before[name] for name, ns in self._cpu().items()}
        for process in (sending, *collecting):
            if await process.wait():
                raise RuntimeError("expected a command that ends well")
        cpu["commands"] = _children() - children
        entries = await self._entries()
        if entries != 3 * len(persons):
            raise RuntimeError(f"expected {3 * len(persons)} entries, found {entries}")
        each = {name: round(ns / 1000 / len(persons), 1) for name, ns in cpu.items()}
        return {
            "persons": len(persons),
            "entries": entries,
            "oneshot_persons_per_second": round(len(persons) / took_s),
            "seconds": round(took_s, 2),
            "cpu_us_per_person": round(sum(each.values()), 1),
            **{f"{name}_cpu_us": us for name, us in each.items()},
        }

    async def _command(self, *words: str) -> Process:
        state = ("--state", str(self.place.house.place.state))
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "kruispunt", "one-shot", *words, *state, stdout=DEVNULL
        )

    async def _until_passed(self, many: int) -> None:
        """Wait until all were passed on by the last node, and its mailboxes are empty."""
        deadline = perf_counter() + DONE_S
        async with self.place.house.place.home(self.place.node).database() as database:
            while True:
                (passed,) = await database.fetch(PASSED)
                (waiting,) = await database.fetch(WAITING)
                if int(passed["n"]) == many and not waiting["n"]:
                    return
                if perf_counter() > deadline:
                    raise RuntimeError(f"expected {many} persons in time, found {passed['n']}")
                await asyncio.sleep(LOOK_S)

    async def _entries(self) -> int:
        seats = (self.supplier, self.place.hub, self.place.node)
        return sum([await self.place.count(code, DECISIONS) for code in seats])

    def _cpu(self) -> dict[str, int]:
        seats = {"supplier": self.supplier, "hub": self.place.hub, "node": self.place.node}
        groups = {name: self.place.pids(code) for name, code in seats.items()}
        cluster = [note.pid for note in self.place.notes if note.name == DATABASE]
        named = {pid for pids in groups.values() for pid in (*pids, *cluster)}
        groups["other"] = [one.pid for one in self.place.notes if one.pid not in named]
        found = {name: used(pids) for name, pids in groups.items()}
        found[DATABASE] = used(cluster, descend=True)
        return {name: sum(one.by_pid.values()) + one.reaped for name, one in found.items()}


def _lines(persons: Sequence[Ssin], pairs: Sequence[tuple[int, int]]) -> pl.DataFrame:
    numbers = [one.digits for one in persons]
    frames = [
        pl.DataFrame(
            {
                "ssin": numbers,
                "sector": [str(sector)] * len(numbers),
                "quality": [str(quality)] * len(numbers),
                "phase": ["0"] * len(numbers),
                "begin": ["2020-01-01"] * len(numbers),
                "end": [None] * len(numbers),
            },
            schema_overrides={"end": pl.String},
        )
        for sector, quality in pairs
    ]
    return pl.concat(frames)


def _children() -> int:
    """Nanoseconds of our children that ended."""
    found = getrusage(RUSAGE_CHILDREN)
    return int((found.ru_utime + found.ru_stime) * 1e9)


if __name__ == "__main__":
    app()
