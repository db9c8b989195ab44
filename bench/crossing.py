"""What one crossing costs: `python -m bench.crossing [--json] [--short] [--record]`.

The real house (`kruispunt up`) on a state folder of its own, signatures checked, fsync on, entries
counted in SQL; beside a bare Python proxy and nginx before the same station, in the same run.
"""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import App, Parameter
from rich.console import Console

from bench.figures import Leg, medians, open_rate, percentile, ratio, rounded, spreads
from bench.house import DATABASE, DECISIONS, GIVEN, OPEN_GRANTS, Running
from bench.legs import HUB, NODE, PEER, STATION, Crossing
from bench.machine import commit, machine
from bench.opened import opened, state_folder
from bench.page import Figure, print_page, record
from bench.peers import bare_proxy, nginx, nginx_program
from kruispunt.cli.clock import now

AT_ONCE = 64
OUTCOME_S = 1.0
FAULTY = 1

app = App(help="Measure one crossing.")
_console = Console(stderr=True, highlight=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is asked in each load of a run."""

    runs: int
    warm: int
    closed: int
    open_s: float
    alone: int
    commits: int


FULL = Size(runs=3, warm=500, closed=6000, open_s=8.0, alone=300, commits=300)
SHORT = Size(runs=1, warm=200, closed=1500, open_s=3.0, alone=100, commits=100)

Run = dict[str, float | None]


@app.default
def main(
    *,
    json: Annotated[bool, Parameter(negative="", help="One JSON object.")] = False,
    short: Annotated[bool, Parameter(negative="", help="One small run, for a check.")] = False,
    keep: Annotated[
        bool, Parameter(name="--record", negative="", help="Add a row to the page of figures.")
    ] = False,
    people: Annotated[
        int | None, Parameter(help="Synthetic people; else 20 000, short: 2 000.")
    ] = None,
    state: Annotated[
        Path | None, Parameter(help="State folder; else one that is removed afterwards.")
    ] = None,
) -> int:
    """Start the house, load it, and print what one exchange costs.

    Exit codes: 1 entries and exchanges differ, an answer failed, or a forgery passed.
    """
    size = SHORT if short else FULL
    held = people or (2_000 if short else 20_000)
    figures, spread = asyncio.run(_measure(size, held, state and state.absolute()))
    if json:
        told = figures | {"spread": spread}
        print(msgspec.json.format(msgspec.json.encode(told), indent=2).decode())
    else:
        print_page(figures, spread)
    if keep:
        record(figures, day=f"{now():%Y-%m-%d}")
    return FAULTY if faults(figures) else 0


def faults(figures: dict[str, Figure]) -> list[str]:
    """What makes the figures worthless, in words."""
    found = {
        "exchanges and entries differ": figures["exchanges"] != figures["entries"],
        "the node's differ": figures["node_exchanges"] != figures["node_entries"],
        "not every answer held rows": figures["given"] != figures["entries"],
        "grants have no outcome": bool(figures["outcomes_missing"]),
        "questions failed": bool(figures["failed"]),
        "forgeries passed": bool(figures["forged_passed"]),
    }
    return [what for what, is_so in found.items() if is_so]


async def _measure(
    size: Size, people: int, state: Path | None
) -> tuple[dict[str, Figure], dict[str, float | None]]:
    async with state_folder(state) as folder, opened(folder, people, tell=_tell) as crossing:
        place = crossing.running
        before = await _trail(place)
        _tell(f"{len(crossing.people)} people to ask about; warming up")
        await crossing.at_hub(size.warm, at_once=AT_ONCE)
        await crossing.at_node(size.warm, at_once=AT_ONCE)
        runs = [await _run(crossing, size, n) for n in range(1, size.runs + 1)]
        _tell("forging")
        await crossing.forge()
        counted = _counted(crossing, before, await _settled(place))
        found: dict[str, Figure] = {
            name: rounded(name, value) for name, value in medians(runs).items()
        }
        figures = found | counted | await _told(place, size, people)
    for fault in faults(figures):
        _tell(f"[red]{fault}[/red]")
    apart = spreads(runs) if size.runs > 1 else {}
    return figures, {name: rounded("ratio", value) for name, value in apart.items()}


async def _run(crossing: Crossing, size: Size, n: int) -> Run:
    """Every load once, one after the other, so that all meet the same noise."""
    _tell(f"run {n} of {size.runs}: hub, {AT_ONCE} at once")
    commits = await crossing.running.commit_ms(times=size.commits)
    hub = await crossing.at_hub(size.closed, at_once=AT_ONCE)
    _tell("bare proxy")
    async with bare_proxy(crossing.station_url) as peer:
        await crossing.at_peer(peer, size.warm, at_once=AT_ONCE)
        proxy = await crossing.at_peer(peer, size.closed, at_once=AT_ONCE)
    beside = await _nginx(crossing, size)
    rate = open_rate(hub.per_second)
    _tell(f"hub, steady {rate:.0f}/s")
    steady = await crossing.at_hub(round(rate * size.open_s), per_second=rate)
    _tell("hub and node, alone")
    alone = await crossing.at_hub(size.alone, at_once=1)
    node_alone = await crossing.at_node(size.alone, at_once=1)
    _tell(f"node, {AT_ONCE} at once")
    node = await crossing.at_node(size.closed // 2, at_once=AT_ONCE)
    return {
        "hub_cpu_us": hub.cpu_us(HUB),
        "node_cpu_us": node.cpu_us(NODE),
        "station_cpu_us": hub.cpu_us(STATION),
        "total_cpu_us": sum(node.cpu_us(group) for group in (NODE, HUB, STATION)),
        "database_cpu_us": node.cpu_us(DATABASE),
        "hub_database_cpu_us": hub.cpu_us(DATABASE),
        "proxy_cpu_us": proxy.cpu_us(PEER),
        "ratio_bare_proxy": ratio(hub.per_second, proxy.per_second),
        "proxy_cpu_ratio": ratio(hub.cpu_us(HUB), proxy.cpu_us(PEER)),
        "ratio_nginx": ratio(hub.per_second, beside.per_second) if beside else None,
        "per_second": hub.per_second,
        "node_per_second": node.per_second,
        "proxy_per_second": proxy.per_second,
        "nginx_per_second": beside.per_second if beside else None,
        "open_rate": rate,
        "p50_ms": steady.at(0.50),
        "p95_ms": steady.at(0.95),
        "p99_ms": steady.at(0.99),
        "alone_p50_ms": alone.at(0.50),
        "node_alone_p50_ms": node_alone.at(0.50),
        "commit_ms": percentile(commits, 0.50),
        "hub_memory_mb": crossing.running.memory_mb(crossing.running.hub),
    }


async def _nginx(crossing: Crossing, size: Size) -> Leg | None:
    program = nginx_program()
    if program is None:
        _tell("nginx is not installed: no figure beside it")
        return None
    _tell("nginx")
    async with nginx(program, crossing.station_url, crossing.folder / "nginx") as peer:
        await crossing.at_peer(peer, size.warm, at_once=AT_ONCE)
        return await crossing.at_peer(peer, size.closed, at_once=AT_ONCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trails:
    """What stands in the trails of hub and node."""

    hub: int
    node: int
    given: int
    open_grants: int


async def _trail(place: Running) -> Trails:
    return Trails(
        hub=await place.count(place.hub, DECISIONS),
        node=await place.count(place.node, DECISIONS),
        given=await place.count(place.hub, GIVEN),
        open_grants=await place.count(place.hub, OPEN_GRANTS)
        + await place.count(place.node, OPEN_GRANTS),
    )


async def _settled(place: Running) -> Trails:
    """The trails after the second within which every outcome must be written."""
    await asyncio.sleep(OUTCOME_S)
    return await _trail(place)


def _counted(crossing: Crossing, before: Trails, after: Trails) -> dict[str, Figure]:
    counts = crossing.counts
    answered = counts.answered
    return {
        "exchanges": answered[HUB] + answered[NODE],
        "entries": after.hub - before.hub,
        "node_exchanges": answered[NODE],
        "node_entries": after.node - before.node,
        "given": after.given - before.given,
        "outcomes_missing": after.open_grants - before.open_grants,
        "failed": counts.failed,
        "forged_refused": counts.forged_refused,
        "forged_passed": counts.forged_passed,
    }


async def _told(place: Running, size: Size, people: int) -> dict[str, Figure]:
    return {
        "machine": machine(postgres=await place.postgres_version()),
        "commit": await commit(),
        "runs": size.runs,
        "people": people,
        "at_once": AT_ONCE,
    }


def _tell(text: str) -> None:
    _console.print(f"bench: {text}")


if __name__ == "__main__":
    sys.exit(app())
