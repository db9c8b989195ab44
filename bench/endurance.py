"""Whether memory is flat: `python -m bench.endurance [--json] [--minutes 60] [--state FOLDER]`.

A steady 300/s without a pause, each question signed shortly before it is sent; memory of hub and
station every ten seconds, and how fast it grows after the first minutes, by least squares. It may
run beside other work: `nice -n 10 python -m bench.endurance … &`.
"""

import asyncio
import sys
from array import array
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Annotated

import msgspec
from cyclopts import App, Parameter

from bench import page, record
from bench.cpu import memory_mb
from bench.figures import Figure, percentile, rounded, slope_per_hour
from bench.legs import Crossing
from bench.limits import ENDURANCE, judged
from bench.machine import commit, machine
from bench.opened import opened, state_folder
from bench.page import tell
from bench.trails import counted, faults, settled_trails, trails
from kruispunt.cli.clock import now
from kruispunt.cli.supervisor_state import RunNote, StateFolder
from kruispunt.vocabulary import InstitutionCode
from kruispunt.web import Http, HttpSilent

WARM = 500
AT_ONCE = 64
PART_S = 60.0
"""Signatures count for five minutes, so questions are signed in parts."""

LEAD_S = 15.0
"""Before a part begins it is signed, and its load generator waits at the door."""

LOOK_S = 10.0
LOOKS_TOLD = 6
"""One line of progress for so many looks."""

SETTLE_MINUTES = 5.0
"""Memory that remembers minutes (nonces, caches, connections) fills up first."""

FAULTY = 1
OPEN_FILES = "process_open_fds"

ROWS: page.Rows = {
    "minutes": "how long, minutes",
    "rate": "questions per second",
    "answered_per_second": "answers per second",
    "late": "sent over 10 ms late",
    "p50_ms": "half were answered within, ms",
    "p99_ms": "99 % were answered within, ms",
    "hub_memory_start_mb": "memory of the hub at the first look, MB",
    "hub_memory_max_mb": "most memory of the hub, MB",
    "hub_memory_slope_mb": "how much it grows in an hour, MB",
    "station_memory_max_mb": "most memory of the station, MB",
    "station_memory_slope_mb": "how much it grows in an hour, MB",
    "open_files_max": "most files and connections open in the hub",
    "open_files_end": "files and connections open in the hub at the last look",
    "looks": "looks at memory",
    "hub_restarts": "processes of the hub that were started anew",
    "exchanges": "questions that the hub answered",
    "entries": "entries of them in its trail",
    "given": "of those: given, with rows",
    "outcomes_missing": "looks without an outcome after a second",
    "failed": "answers that were no answer",
}
KEPT = tuple(ROWS)

app = App(help="Measure memory for a long time.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How long, how fast, and after which minutes growth counts."""

    minutes: float
    rate: float
    settle_minutes: float
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Memory in MB at a moment, in seconds since the load began."""

    second: float
    hub_mb: float
    station_mb: float
    open_files: int
    restarts: int


@dataclass(slots=True)
class Heard:
    """What came back so far."""

    ms: "array[float]" = field(default_factory=lambda: array("d"))
    late: int = 0
    seconds: float = 0.0
    ended: float = 0.0


@app.default
def main(
    *,
    json: Annotated[bool, Parameter(negative="", help="One JSON object.")] = False,
    keep: Annotated[
        bool, Parameter(name="--record", negative="", help="Add a row to the page of figures.")
    ] = False,
    minutes: Annotated[float, Parameter(help="How long the load lasts.")] = 60.0,
    per_second: Annotated[float, Parameter(help="Questions per second.")] = 300.0,
    settle_minutes: Annotated[
        float, Parameter(help="Minutes at the start that no slope is drawn through.")
    ] = SETTLE_MINUTES,
    people: Annotated[int, Parameter(help="Synthetic people.")] = 20_000,
    state: Annotated[
        Path | None, Parameter(help="State folder; else one that is removed afterwards.")
    ] = None,
) -> int:
    """Ask steadily for a long time, and print how much memory that takes.

    Exit codes: 1 entries and exchanges differ, an answer failed, or the hub was started anew.
    """
    plan = Plan(minutes=minutes, rate=per_second, settle_minutes=settle_minutes, people=people)
    figures = asyncio.run(_measure(plan, state and state.absolute()))
    verdicts = judged(ENDURANCE, figures)
    if json:
        page.print_json(figures, verdicts, {})
    else:
        page.print_page("Endurance", ROWS, figures)
        page.print_limits(ENDURANCE, verdicts)
    if keep:
        day = f"{now():%Y-%m-%d}"
        record.record("Endurance", KEPT, figures, day=day)
        record.record_limits(ENDURANCE, verdicts, figures, day=day)
    return FAULTY if faults(figures) else 0


async def _measure(plan: Plan, state: Path | None) -> dict[str, Figure]:
    async with (
        state_folder(state) as folder,
        opened(folder, plan.people, tell=tell) as crossing,
    ):
        place = crossing.running
        before = await trails(place)
        await crossing.at_hub(WARM, at_once=AT_ONCE)
        looks: list[Look] = []
        heard = await _loaded(crossing, plan, looks)
        figures: dict[str, Figure] = {
            "minutes": plan.minutes,
            "rate": plan.rate,
            "people": plan.people,
            "answered_per_second": rounded("per_second", len(heard.ms) / heard.seconds),
            "late": heard.late,
            "p50_ms": rounded("p50_ms", percentile(heard.ms, 0.50)),
            "p99_ms": rounded("p99_ms", percentile(heard.ms, 0.99)),
            **memory(looks, settle_s=plan.settle_minutes * 60),
            **counted(crossing.counts, before, await settled_trails(place)),
            "machine": machine(postgres=await place.postgres_version()),
            "commit": await commit(),
        }
    for fault in faults(figures):
        tell(f"[red]{fault}[/red]")
    return figures


async def _loaded(crossing: Crossing, plan: Plan, looks: list[Look]) -> Heard:
    """One part after the other without a pause, while memory is looked at."""
    heard = Heard()
    begin, lasts_s = perf_counter() + LEAD_S, plan.minutes * 60
    watch = asyncio.create_task(_watched(crossing, looks, plan, begin=begin))
    try:
        async with asyncio.TaskGroup() as parts:
            for first_s in range(0, round(lasts_s), round(PART_S)):
                number = round(min(PART_S, lasts_s - first_s) * plan.rate)
                part = _part(crossing, heard, number, rate=plan.rate, begin=begin + first_s)
                parts.create_task(part)
    finally:
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch
    heard.seconds = heard.ended - begin
    return heard


async def _part(
    crossing: Crossing, heard: Heard, number: int, *, rate: float, begin: float
) -> None:
    await asyncio.sleep(max(0.0, begin - LEAD_S - perf_counter()))
    requests = await asyncio.to_thread(crossing.for_hub, number)
    told = await crossing.hub_hears(requests, per_second=rate, begin=begin)
    heard.ms.extend(told.ms)
    heard.late += told.late
    heard.ended = max(heard.ended, begin + told.seconds)


async def _watched(crossing: Crossing, looks: list[Look], plan: Plan, *, begin: float) -> None:
    """Look every ten seconds, and say how it goes every minute."""
    async with await Http.open() as http:
        while True:
            await asyncio.sleep(max(0.0, begin + len(looks) * LOOK_S - perf_counter()))
            looks.append(await _look(crossing, http, second=perf_counter() - begin))
            if len(looks) % LOOKS_TOLD == 0:
                found = memory(looks, settle_s=plan.settle_minutes * 60)
                tell(
                    f"minute {looks[-1].second / 60:.0f} of {plan.minutes:g}: hub "
                    f"{looks[-1].hub_mb:.1f} MB, slope {page.text(found['hub_memory_slope_mb'])}"
                )


async def _look(crossing: Crossing, http: Http, *, second: float) -> Look:
    place = crossing.running.house.place
    notes = StateFolder.at(place.state).notes()
    hubs, stations = _of(notes, crossing.running.hub), _of(notes, crossing.supplier)
    return Look(
        second=second,
        hub_mb=_memory(hubs),
        station_mb=_memory(stations),
        open_files=await _open_files(_targets(place.metrics_file), http, hubs),
        restarts=sum(note.restarts for note in hubs),
    )


def _of(notes: Sequence[RunNote], code: InstitutionCode) -> list[RunNote]:
    return [note for note in notes if note.name.startswith(f"{code.lower()}-")]


def _memory(notes: Sequence[RunNote]) -> float:
    """Memory of the largest; one that ended just now has none."""
    found = [0.0]
    for note in notes:
        with suppress(FileNotFoundError, ProcessLookupError):
            found.append(memory_mb(note.pid))
    return max(found)


class Target(msgspec.Struct, frozen=True):
    """Where a process tells its metrics."""

    targets: list[str]
    labels: dict[str, str]


def _targets(file: Path) -> dict[str, str]:
    """Where each process tells its metrics, by its name."""
    told = msgspec.json.decode(file.read_bytes(), type=list[Target])
    return {target.labels["process"]: target.targets[0] for target in told}


async def _open_files(targets: Mapping[str, str], http: Http, notes: Sequence[RunNote]) -> int:
    """Open files of these processes, as their metrics tell; of one that is away: none."""
    found = 0
    for note in notes:
        with suppress(HttpSilent):
            url = f"http://{targets[note.name]}/metrics"
            reply = await http.get(url, headers={}, timeout_s=LOOK_S / 2, max_bytes=2**20)
            found += open_files(reply.body.decode())
    return found


def open_files(metrics: str) -> int:
    """What a process tells of its open files, as Prometheus text."""
    told = [line for line in metrics.splitlines() if line.startswith(f"{OPEN_FILES}{{")]
    return int(float(told[0].rpartition(" ")[2])) if told else 0


def memory(looks: Sequence[Look], *, settle_s: float) -> dict[str, Figure]:
    """How much memory, and how fast it grows once it has settled."""
    later = [look for look in looks if look.second >= settle_s]
    hub = slope_per_hour([(look.second, look.hub_mb) for look in later])
    station = slope_per_hour([(look.second, look.station_mb) for look in later])
    return {
        "hub_memory_start_mb": rounded("memory_mb", looks[0].hub_mb),
        "hub_memory_max_mb": rounded("memory_mb", max(look.hub_mb for look in looks)),
        "hub_memory_slope_mb": rounded("memory_mb", hub),
        "station_memory_max_mb": rounded("memory_mb", max(look.station_mb for look in looks)),
        "station_memory_slope_mb": rounded("memory_mb", station),
        "open_files_max": max(look.open_files for look in looks),
        "open_files_end": looks[-1].open_files,
        "looks": len(looks),
        "hub_restarts": looks[-1].restarts - looks[0].restarts,
    }


if __name__ == "__main__":
    sys.exit(app())
