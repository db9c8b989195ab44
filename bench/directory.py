"""How a directory scales: `python -m bench.directory [--json] [--short] [--lines N]`.

Millions of lines into an empty directory, controls for a hundred thousand persons in one call
(numbers settled, lines found, decided), and what one question costs in registers and directory for
ever more people; besides, what one decision costs under 2 000 clauses, and reading the lawbook. On
a server of its own, fsync on.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Annotated

from cyclopts import App, Parameter

from bench import page, record
from bench.decisions import decide_us, lawbook_ms, settled_questions
from bench.figures import Figure
from bench.limits import DIRECTORY, judged
from bench.machine import commit, machine
from bench.many_lines import numbers, some_ssins, write_lines
from bench.page import tell
from kruispunt.authorisation import decide_many
from kruispunt.cli.clock import now
from kruispunt.cli.collector import leave_the_start_alone
from kruispunt.directory import UNSEEN, Directory, Lines
from kruispunt.directory.loading import load_file
from kruispunt.identity import CODES, Registers
from kruispunt.law import Jurisdiction, read_lawbook
from kruispunt.postgres import (
    Database,
    EmbeddedCluster,
    migrate,
    migrated_rooms,
    migrations_folder,
)
from kruispunt.vocabulary import Grant, NumberStatus, Quality, Question, Sector, Settled

EACH = 5
"""Lines of one person."""

ELSEWHERE = tuple((Sector(990 + place), Quality(0)) for place in range(EACH))

app = App(help="Measure the directory.")

Figures = dict[str, Figure]

ROWS: page.Rows = {
    "decide_us": "one decision under 2 000 clauses, each in turn, µs",
    "lawbook_ms": "the lawbook read and checked, ms",
    "lines": "lines loaded",
    "load_seconds": "for which it took, from a Parquet file into an empty directory, seconds",
    "controlled": "persons controlled in one call",
    "settle_seconds": "of that: their numbers settled, seconds",
    "facts_seconds": "… their lines found, seconds",
    "control_seconds": "all of it, with the decisions, seconds",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many lines are loaded, persons controlled, and people at each step of the scale."""

    lines: int
    controlled: int
    people: tuple[int, ...]
    asked: int
    runs: int


FULL = Size(
    lines=10_000_000, controlled=100_000, people=(20_000, 200_000, 2_000_000), asked=5000, runs=3
)
SHORT = Size(lines=200_000, controlled=20_000, people=(2_000, 20_000), asked=1000, runs=1)


@app.default
def main(
    *,
    json: Annotated[bool, Parameter(negative="", help="One JSON object.")] = False,
    short: Annotated[bool, Parameter(negative="", help="A small run, for a check.")] = False,
    keep: Annotated[
        bool, Parameter(name="--record", negative="", help="Add a row to the page of figures.")
    ] = False,
    lines: Annotated[int | None, Parameter(help="Lines to load; else 10 000 000.")] = None,
) -> None:
    """Load a directory on a server of its own, ask it, and print what that costs."""
    size = SHORT if short else FULL
    lines = max(EACH, lines or size.lines) // EACH * EACH
    size = replace(size, lines=lines, controlled=min(size.controlled, lines // EACH))
    figures = asyncio.run(_measure(size))
    verdicts = judged(DIRECTORY, figures)
    if json:
        page.print_json(figures, verdicts, {})
    else:
        page.print_page("Directory", _rows(size), figures)
        page.print_limits(DIRECTORY, verdicts)
    if keep:
        day = f"{now():%Y-%m-%d}"
        record.record("Directory", ("runs", *_rows(size)), figures, day=day)
        if not short:
            record.record_limits(DIRECTORY, verdicts, figures, day=day)


def _rows(size: Size) -> page.Rows:
    asked = {
        name: told
        for people in size.people
        for name, told in (
            (f"ask_us_{people}", f"numbers and lines of one question, {people:,} people, µs"),
            (f"ask_at_once_us_{people}", "… 64 at once"),
            (f"ask_cpu_us_{people}", "… of that our own CPU"),
        )
    }
    return {**ROWS, **asked}


async def _measure(size: Size) -> Figures:
    lawbook = read_lawbook()
    law = lawbook.jurisdiction(lawbook.hub)
    tell("decisions, and the lawbook")
    figures: Figures = {"decide_us": decide_us(), "lawbook_ms": lawbook_ms()}
    with tempfile.TemporaryDirectory(prefix="kruispunt-directory-") as folder:
        async with _cluster(Path(folder)) as cluster:
            figures |= await _loaded(cluster, size, law=law, folder=Path(folder))
            for people in size.people:
                tell(f"{people} people: one question after the other, and 64 at once")
                figures |= await _asked(cluster, size, people, law=law, folder=Path(folder))
            version = await _version(cluster)
    told: Figures = {"lines": size.lines, "controlled": size.controlled, "runs": size.runs}
    return figures | told | {"machine": machine(postgres=version), "commit": await commit()}


@asynccontextmanager
async def _cluster(folder: Path) -> AsyncGenerator[EmbeddedCluster]:
    cluster = EmbeddedCluster(folder=folder / "database", random_bytes=os.urandom)
    await cluster.start()
    try:
        yield cluster
    finally:
        await cluster.stop()


@asynccontextmanager
async def _database(cluster: EmbeddedCluster, name: str) -> AsyncGenerator[Database]:
    """A database of its own with all tables, dropped afterwards: disks are shared."""
    await _said(cluster, f"create database {name}")
    folder = migrations_folder()
    await migrate(cluster.dsn(name), folder=folder, rooms=migrated_rooms(folder))
    database = await Database.open(cluster.dsn(name), name="kruispunt bench")
    try:
        yield database
    finally:
        await database.close()
        await _said(cluster, f"drop database {name}")


async def _said(cluster: EmbeddedCluster, statement: str) -> None:
    server = await Database.open(cluster.dsn(), size=1)
    try:
        await server.pool.execute(statement)
    finally:
        await server.close()


async def _version(cluster: EmbeddedCluster) -> str:
    server = await Database.open(cluster.dsn(), size=1)
    try:
        (row,) = await server.pool.fetch("select current_setting('server_version') as version")
        return str(row["version"])
    finally:
        await server.close()


async def _loaded(
    cluster: EmbeddedCluster, size: Size, *, law: Jurisdiction, folder: Path
) -> Figures:
    """Seconds to load a file into an empty directory, and to control many persons of it."""
    persons = size.lines // EACH
    questions = [
        one.question for one in settled_questions(law, some_ssins(size.controlled, of=persons))
    ]
    async with _database(cluster, "many") as database:
        load_s = await _fill(database, folder, persons, questions[0], law=law)
        tell(f"{size.lines:,} lines in {load_s:.1f} s; {persons:,} numbers")
        registers, directory = Registers(database), Directory(database, jurisdiction=law)
        await _register(registers, persons)
        tell(f"controls for {size.controlled:,} persons in one call")
        spent: list[tuple[float, float]] = []

        async def control() -> None:
            began = perf_counter()
            settled = await registers.settle_many(questions)
            known = perf_counter()
            facts = await directory.facts_many(settled)
            found = perf_counter()
            told = decide_many(settled, facts, law)
            spent.append((known - began, found - known))
            assert sum(isinstance(one, Grant) for one in told) == size.controlled

        control_s = await _median_s(control, runs=size.runs)
    settle_s, facts_s = (median(part) for part in zip(*spent[1:], strict=True))
    return {
        "load_seconds": round(load_s, 2),
        "settle_seconds": round(settle_s, 3),
        "facts_seconds": round(facts_s, 3),
        "control_seconds": round(control_s, 3),
    }


async def _register(registers: Registers, persons: int) -> None:
    known = CODES[NumberStatus.KNOWN]
    await registers.load((number, known, None, None) for number in numbers(persons))


async def _fill(
    database: Database, folder: Path, persons: int, question: Question, *, law: Jurisdiction
) -> float:
    path = folder / "lines.parquet"
    # Two lines of the sectors that the controls name, and the others elsewhere.
    named = law.wanted(question)[:2]
    write_lines(path, persons=persons, each=EACH, pairs=(*named, *ELSEWHERE[: EACH - len(named)]))
    began = perf_counter()
    loaded = await load_file(Lines(database, UNSEEN), path)
    took = perf_counter() - began
    path.unlink()
    assert loaded.rows == persons * EACH
    return took


async def _asked(
    cluster: EmbeddedCluster, size: Size, people: int, *, law: Jurisdiction, folder: Path
) -> Figures:
    """Microseconds that one question costs in the registers and in the directory, one by one and
    with 64 at once; `cpu` is ours alone.
    """
    questions = settled_questions(law, some_ssins(size.asked, of=people))
    async with _database(cluster, f"people_{people}") as database:
        await _fill(database, folder, people, questions[0].question, law=law)
        registers, directory = Registers(database), Directory(database, jurisdiction=law)
        await _register(registers, people)

        async def ask(one: Settled) -> None:
            settled = await registers.settle(one.question)
            assert settled.number.status is NumberStatus.KNOWN
            facts = await directory.facts(settled)
            assert facts.lines

        await _each(ask, questions)
        alone_us = await _each(ask, questions)
        cpu = process_time()
        at_once_us = await _each(ask, questions, at_once=64)
        cpu_us = (process_time() - cpu) * 1e6 / len(questions)
    return {
        f"ask_us_{people}": round(alone_us, 1),
        f"ask_at_once_us_{people}": round(at_once_us, 1),
        f"ask_cpu_us_{people}": round(cpu_us, 1),
    }


async def _each(
    ask: Callable[[Settled], Awaitable[None]], questions: Sequence[Settled], *, at_once: int = 1
) -> float:
    """Microseconds for each of these questions, so many under way together."""
    waiting = iter(questions)

    async def asker() -> None:
        for one in waiting:
            await ask(one)

    began = perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(asker())
    return (perf_counter() - began) * 1e6 / len(questions)


async def _median_s(work: Callable[[], Awaitable[None]], *, runs: int) -> float:
    """Median seconds of some runs after one that warms up, as a process that serves has it."""
    await work()
    leave_the_start_alone()
    took: list[float] = []
    for _ in range(runs):
        began = perf_counter()
        await work()
        took.append(perf_counter() - began)
    return median(took)


if __name__ == "__main__":
    sys.exit(app())
