"""How cost grows with people and processes: `python -m bench.scale [--json] [--people N,N,N]`.

One house for each number of people, and one with two processes of the hub behind the same door.
All stand at once, and are asked in turns, one at a time: so all meet the same noise, and none is
colder than another. Flat means that with more people an exchange costs at most 1.25 times what it
costs with the fewest.
"""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from bench import page, record
from bench.cpu import Used
from bench.figures import Figure, Leg, medians, open_rate, ratio, rounded, spreads
from bench.house import DATABASE
from bench.legs import HUB, Crossing
from bench.limits import FLAT, SCALE, Limit, judged
from bench.machine import commit, machine
from bench.opened import opened
from bench.page import tell
from bench.trails import counted, faults, settled_trails, trails
from kruispunt.cli.clock import now

AT_ONCE = 64
FAULTY = 1
PEOPLE = "20000,200000,2000000"

app = App(help="Measure how cost grows.")

Run = dict[str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is asked of a house, once to warm it up, and then at each visit."""

    runs: int
    warm: int
    again: int
    closed: int
    open_s: float


FULL = Size(runs=3, warm=6000, again=500, closed=6000, open_s=8.0)
SHORT = Size(runs=1, warm=300, again=100, closed=1000, open_s=2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A house that is visited: how many people it holds, and how many hub processes it runs."""

    folder: Path
    people: int
    workers: int = 1


@app.default
def main(
    *,
    json: Annotated[bool, Parameter(negative="", help="One JSON object.")] = False,
    short: Annotated[bool, Parameter(negative="", help="One small run, for a check.")] = False,
    keep: Annotated[
        bool, Parameter(name="--record", negative="", help="Add a row to the page of figures.")
    ] = False,
    people: Annotated[str, Parameter(help="Numbers of people, with commas.")] = PEOPLE,
    state: Annotated[
        Path | None,
        Parameter(help="Folder that keeps the houses for the next time; else in the cache."),
    ] = None,
) -> int:
    """Visit houses of every size, and print what an exchange costs in each.

    Exit codes: 1 entries and exchanges differ, or an answer failed.
    """
    numbers = sorted({int(number) for number in people.split(",")})
    folder = (state or _cache()).absolute()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    figures, spread = asyncio.run(_measure(SHORT if short else FULL, numbers, folder))
    limits = limits_of(numbers)
    verdicts = judged(limits, figures)
    if json:
        page.print_json(figures, verdicts, spread)
    else:
        page.print_page("Scale", _rows(numbers), figures, spread)
        page.print_limits(limits, verdicts)
    if keep:
        day = f"{now():%Y-%m-%d}"
        record.record("Scale", ("runs", *_rows(numbers)), figures, day=day)
        if limits == SCALE and not short:
            record.record_limits(limits, verdicts, figures, day=day)
    return FAULTY if faults(figures) else 0


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "kruispunt-scale"


def limits_of(numbers: Sequence[int]) -> tuple[Limit, ...]:
    """Flat, between the fewest and the most people of this run."""
    if (numbers[0], numbers[-1]) == (20_000, 2_000_000):
        return SCALE
    return tuple(
        Limit(
            figure=f"ratio_{name}_{numbers[-1]}",
            bound=FLAT,
            told=f"{name} with {numbers[-1]:,} people, times that with {numbers[0]:,}",
        )
        for name in ("hub_cpu", "database_cpu", "p50")
        if len(numbers) > 1
    )


def _rows(numbers: Sequence[int]) -> page.Rows:
    rows = {"rate": "steady rate of every house, per second"}
    for n in numbers:
        with_people = f"with {n:,} people".replace(",", "\u202f")
        rows |= {
            f"hub_cpu_us_{n}": f"{with_people}: CPU of the hub, µs per exchange",
            f"database_cpu_us_{n}": f"{with_people}: CPU of the database, µs per exchange",
            f"per_second_{n}": f"{with_people}: exchanges per second, {AT_ONCE} at once",
            f"p50_ms_{n}": f"{with_people}: half were answered within at the steady rate, ms",
        }
    for n in numbers[1:]:
        rows |= {
            f"ratio_hub_cpu_{n}": f"CPU of the hub with {n}, times that with {numbers[0]}",
            f"ratio_database_cpu_{n}": f"CPU of the database with {n}, times the same",
            f"ratio_p50_{n}": f"half answered within with {n}, times the same",
        }
    return rows | {
        "two_hubs_per_second": "two hub processes: exchanges per second",
        "two_hubs_cpu_us": "two hub processes: CPU of both, µs per exchange",
        "two_hubs_share": "of that: the share of the one that did less",
        "two_hubs_p50_ms": "two hub processes: half were answered within, ms",
        "ratio_two_hubs_per_second": "two hub processes, times what one passes",
        "ratio_two_hubs_cpu": "two hub processes, times the CPU of one",
        "exchanges": "questions that the hubs answered",
        "entries": "entries of them in their trails",
        "failed": "answers that were no answer",
    }


async def _measure(
    size: Size, numbers: Sequence[int], folder: Path
) -> tuple[dict[str, Figure], dict[str, float | None]]:
    visits = [Visit(folder=folder / f"people-{n}", people=n) for n in numbers]
    visits.append(Visit(folder=folder / "two-hubs", people=numbers[0], workers=2))
    async with AsyncExitStack() as stack:
        houses: list[tuple[Visit, Crossing]] = []
        for visit in visits:
            tell(f"a house with {visit.people} people, hub processes: {visit.workers}")
            house = opened(visit.folder, visit.people, tell=tell, workers=visit.workers)
            houses.append((visit, await stack.enter_async_context(house)))
        before = [await trails(crossing.running) for _, crossing in houses]
        for crossing, stood in zip((each for _, each in houses), before, strict=True):
            tell("warming up")
            # Other people than those whom the run before this one asked about.
            crossing.asked["people"] = stood.hub
            await crossing.at_hub(size.warm, at_once=AT_ONCE)
        runs = await _runs(houses, size, numbers)
        total = Counter[str]()
        for (_, crossing), stood in zip(houses, before, strict=True):
            total.update(counted(crossing.counts, stood, await settled_trails(crossing.running)))
        version = await houses[0][1].running.postgres_version()
    figures: dict[str, Figure] = {
        **{name: rounded(name, value) for name, value in medians(runs).items()},
        **total,
        "machine": machine(postgres=version),
        "commit": await commit(),
        "runs": size.runs,
    }
    for fault in faults(figures):
        tell(f"[red]{fault}[/red]")
    apart = spreads(runs) if size.runs > 1 else {}
    return figures, {name: rounded("ratio", value) for name, value in apart.items()}


async def _runs(
    houses: Sequence[tuple[Visit, Crossing]], size: Size, numbers: Sequence[int]
) -> list[Run]:
    """Every house once in each run; all at the steady rate that the first one holds easily."""
    runs: list[Run] = []
    rate = 0.0
    for n in range(1, size.runs + 1):
        found: Run = {}
        for visit, crossing in houses:
            tell(f"run {n} of {size.runs}: {visit.people} people, hubs: {visit.workers}")
            each = crossing.running.cpu_of_each(crossing.running.hub)
            await crossing.at_hub(size.again, at_once=AT_ONCE)
            leg = await crossing.at_hub(size.closed, at_once=AT_ONCE)
            share = _share(crossing, each)
            rate = rate or open_rate(leg.per_second)
            steady = await crossing.at_hub(round(rate * size.open_s), per_second=rate)
            found |= _figures(visit, leg, steady, share=share)
        runs.append({"rate": rate, **found, **compared(found, numbers)})
    return runs


def _share(crossing: Crossing, before: Mapping[int, Used]) -> float:
    """The part of the CPU of all hub processes that the one used which did least."""
    now_used = crossing.running.cpu_of_each(crossing.running.hub)
    parts = [used.since(before[pid]) for pid, used in now_used.items()]
    return ratio(min(parts), sum(parts))


def _figures(visit: Visit, leg: Leg, steady: Leg, *, share: float) -> Run:
    if visit.workers > 1:
        return {
            "two_hubs_per_second": leg.per_second,
            "two_hubs_cpu_us": leg.cpu_us(HUB),
            "two_hubs_share": share,
            "two_hubs_p50_ms": steady.at(0.50),
        }
    n = visit.people
    return {
        f"hub_cpu_us_{n}": leg.cpu_us(HUB),
        f"database_cpu_us_{n}": leg.cpu_us(DATABASE),
        f"per_second_{n}": leg.per_second,
        f"p50_ms_{n}": steady.at(0.50),
    }


def compared(found: Run, numbers: Sequence[int]) -> Run:
    """Each number of people beside the fewest, and two processes beside one."""
    few = numbers[0]

    def times(name: str, base: str) -> float:
        return ratio(found[name] or 0.0, found[base] or 0.0)

    ratios: Run = {}
    for n in numbers[1:]:
        ratios |= {
            f"ratio_hub_cpu_{n}": times(f"hub_cpu_us_{n}", f"hub_cpu_us_{few}"),
            f"ratio_database_cpu_{n}": times(f"database_cpu_us_{n}", f"database_cpu_us_{few}"),
            f"ratio_p50_{n}": times(f"p50_ms_{n}", f"p50_ms_{few}"),
        }
    return ratios | {
        "ratio_two_hubs_per_second": times("two_hubs_per_second", f"per_second_{few}"),
        "ratio_two_hubs_cpu": times("two_hubs_cpu_us", f"hub_cpu_us_{few}"),
    }


if __name__ == "__main__":
    sys.exit(app())
