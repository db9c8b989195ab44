"""Where the microseconds of a crossing go: `python -m bench.profile [--json] [--deep]`.

Every process of ours runs under a sampling profiler; the share of each stage times the CPU that
the kernel counted is its cost per exchange.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from bench.house import Running
from bench.legs import HUB, NODE, STATION, Crossing
from bench.opened import opened, state_folder
from bench.sampled_up import stacks_of
from bench.stages import lines, shares
from kruispunt.vocabulary import InstitutionCode

AT_ONCE = 64
WARM = 500
WRITE_S = 30.0
LOOK_S = 0.1

Costs = dict[str, dict[str, float]]

app = App(help="Find where the microseconds of a crossing go.")
_console = Console(stderr=True, highlight=False)


@app.default
def main(
    *,
    json: Annotated[bool, Parameter(negative="", help="One JSON object.")] = False,
    deep: Annotated[
        bool, Parameter(negative="", help="Also the functions of each stage.")
    ] = False,
    exchanges: Annotated[int, Parameter(help="Exchanges in each load.")] = 6_000,
    people: Annotated[int, Parameter(help="Synthetic people.")] = 20_000,
) -> None:
    """Load hub and node, and print what each stage costs per exchange, in microseconds."""
    costs, told = asyncio.run(_profile(people, exchanges, deep=deep))
    if json:
        print(msgspec.json.format(msgspec.json.encode(costs), indent=2).decode())
        return
    for seat, stages in costs.items():
        table = Table(seat, "µs", "share")
        total = sum(stages.values())
        for stage, us in stages.items():
            table.add_row(stage, f"{us:.0f}", f"{us / total:.0%}")
            for function, part in told.get((seat, stage), []):
                table.add_row(f"  {function}", f"{part:.0f}", "")
        table.add_row("all", f"{total:.0f}", "")
        Console().print(table)


Deep = dict[tuple[str, str], list[tuple[str, float]]]


async def _profile(people: int, exchanges: int, *, deep: bool) -> tuple[Costs, Deep]:
    async with state_folder(None) as folder:
        command = [sys.executable, "-m", "bench.sampled_up", str(folder)]
        async with opened(folder, people, tell=_tell, command=command) as crossing:
            _tell("warming up")
            await crossing.at_hub(WARM, at_once=AT_ONCE)
            await crossing.at_node(WARM, at_once=AT_ONCE)
            _tell("loading")
            hub = await _watched(crossing, exchanges, seats=(HUB, STATION), folder=folder)
            node = await _watched(crossing, exchanges // 2, seats=(NODE,), folder=folder)
        files = {seat: stacks_of(folder, name) for seat, (name, _) in (hub | node).items()}
        total = {seat: us for seat, (_, us) in (hub | node).items()}
        costs = {
            seat: {stage: us * total[seat] for stage, us in shares(file).items()}
            for seat, file in files.items()
        }
        told: Deep = {}
        if deep:
            for seat, stages in costs.items():
                for stage in stages:
                    found = lines(files[seat], stage)
                    told[seat, stage] = [(name, part * total[seat]) for name, part in found]
        return costs, told


async def _watched(
    crossing: Crossing, exchanges: int, *, seats: tuple[str, ...], folder: Path
) -> dict[str, tuple[str, float]]:
    """Load, and have these seats write their stacks; for each its process and CPU per exchange."""
    place, codes = crossing.running, [crossing.groups[seat] for seat in seats]
    _ring(place, codes, signal.SIGUSR1)
    load = crossing.at_node if NODE in seats else crossing.at_hub
    leg = await load(exchanges, at_once=AT_ONCE)
    _ring(place, codes, signal.SIGUSR2)
    names = {note.pid: note.name for note in place.notes}
    await _written([stacks_of(folder, names[place.pids(code)[0]]) for code in codes])
    return {
        seat: (names[place.pids(code)[0]], leg.cpu_us(seat))
        for seat, code in zip(seats, codes, strict=True)
    }


async def _written(files: list[Path]) -> None:
    async with asyncio.timeout(WRITE_S):
        for file in files:
            while not await asyncio.to_thread(file.exists):  # noqa: ASYNC110 - another process's
                await asyncio.sleep(LOOK_S)


def _ring(place: Running, codes: list[InstitutionCode], number: signal.Signals) -> None:
    for code in codes:
        for pid in place.pids(code):
            os.kill(pid, number)


def _tell(text: str) -> None:
    _console.print(f"bench: {text}")


if __name__ == "__main__":
    app()
