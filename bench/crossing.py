"""What one crossing costs: `python -m bench.crossing [--json] [--short] [--record]`.

The real house (`kruispunt up`) on a state folder of its own, signatures checked, fsync on, entries
counted in SQL; beside a bare Python proxy and nginx before the same station, and behind nginx with
TLS and client certificates, in the same run.
"""

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from bench import page, record
from bench.figures import (
    AIM_PER_SECOND,
    Figure,
    Leg,
    medians,
    open_rate,
    percentile,
    ratio,
    rounded,
    spreads,
)
from bench.fronted import fronted
from bench.house import DATABASE, Running
from bench.legs import HUB, LOAD, NODE, PEER, STATION, Crossing
from bench.limits import CROSSING, judged
from bench.machine import commit, machine
from bench.opened import opened, state_folder
from bench.page import tell
from bench.peers import bare_proxy, nginx, nginx_program
from bench.trails import counted, faults, settled_trails, trails
from kruispunt.cli.clock import now

AT_ONCE = 64
FAULTY = 1

app = App(help="Measure one crossing.")


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
    workers: Annotated[int, Parameter(help="Processes of the hub.")] = 1,
    state: Annotated[
        Path | None, Parameter(help="State folder; else one that is removed afterwards.")
    ] = None,
) -> int:
    """Start the house, load it, and print what one exchange costs, and which limits hold.

    Exit codes: 1 entries and exchanges differ, an answer failed, or a forgery passed.
    """
    size = SHORT if short else FULL
    held = people or (2_000 if short else 20_000)
    figures, spread = asyncio.run(
        _measure(size, held, state and state.absolute(), workers=workers)
    )
    verdicts = judged(CROSSING, figures)
    if json:
        page.print_json(figures, verdicts, spread)
    else:
        page.print_page("One crossing", page.CROSSING, figures, spread)
        page.print_limits(CROSSING, verdicts)
    if keep:
        day = f"{now():%Y-%m-%d}"
        record.record("One crossing", record.CROSSING, figures, day=day)
        if not short:
            record.record_limits(CROSSING, verdicts, figures, day=day)
    return FAULTY if faults(figures) else 0


async def _measure(
    size: Size, people: int, state: Path | None, *, workers: int
) -> tuple[dict[str, Figure], dict[str, float | None]]:
    async with (
        state_folder(state) as folder,
        opened(folder, people, tell=tell, workers=workers, fronted=True) as crossing,
    ):
        place = crossing.running
        before = await trails(place)
        tell(f"{len(crossing.people)} people to ask about; warming up")
        await crossing.at_hub(size.warm, at_once=AT_ONCE)
        await crossing.at_node(size.warm, at_once=AT_ONCE)
        runs = [await _run(crossing, size, n) for n in range(1, size.runs + 1)]
        tell("forging")
        await crossing.forge()
        figures: dict[str, Figure] = {
            **{name: rounded(name, value) for name, value in medians(runs).items()},
            **counted(crossing.counts, before, await settled_trails(place)),
            "forged_refused": crossing.counts.forged_refused,
            "forged_passed": crossing.counts.forged_passed,
            **await _told(place, size, people),
            "hub_processes": workers,
        }
    for fault in faults(figures):
        tell(f"[red]{fault}[/red]")
    apart = spreads(runs) if size.runs > 1 else {}
    return figures, {name: rounded("ratio", value) for name, value in apart.items()}


async def _run(crossing: Crossing, size: Size, n: int) -> Run:
    """Every load once, one after the other, so that all meet the same noise."""
    tell(f"run {n} of {size.runs}")
    commits = await crossing.running.commit_ms(times=size.commits)
    beside = await _side_by_side(crossing, size, n)
    per_second = beside["per_second"] or 0.0
    tell("hub and node, alone")
    alone = await crossing.at_hub(size.alone, at_once=1)
    node_alone = await crossing.at_node(size.alone, at_once=1)
    tell(f"node, {AT_ONCE} at once")
    node = await crossing.at_node(size.closed // 2, at_once=AT_ONCE)
    return {
        **beside,
        **await _steady(crossing, size, per_second=per_second),
        **await _fronted(crossing, size),
        "node_cpu_us": node.cpu_us(NODE),
        "total_cpu_us": sum(node.cpu_us(group) for group in (NODE, HUB, STATION)),
        "database_cpu_us": node.cpu_us(DATABASE),
        "node_per_second": node.per_second,
        "alone_p50_ms": alone.at(0.50),
        "node_alone_p50_ms": node_alone.at(0.50),
        "commit_ms": percentile(commits, 0.50),
        "hub_memory_mb": crossing.running.memory_mb(crossing.running.hub),
    }


async def _side_by_side(crossing: Crossing, size: Size, n: int) -> Run:
    """Hub, bare proxy and nginx over the same number of connections: who is first takes turns."""
    legs: dict[str, Leg | None] = {}
    turns = [("hub", _hub), ("proxy", _proxy), ("nginx", _nginx)]
    for name, load in turns if n % 2 else reversed(turns):
        tell(f"{name}, {AT_ONCE} at once")
        legs[name] = await load(crossing, size)
    hub, proxy, beside = legs["hub"], legs["proxy"], legs["nginx"]
    assert hub is not None
    assert proxy is not None
    return {
        "hub_cpu_us": hub.cpu_us(HUB),
        "station_cpu_us": hub.cpu_us(STATION),
        "hub_database_cpu_us": hub.cpu_us(DATABASE),
        "load_cpu_us": hub.cpu_us(LOAD),
        "proxy_cpu_us": proxy.cpu_us(PEER),
        "ratio_bare_proxy": ratio(hub.per_second, proxy.per_second),
        "proxy_cpu_ratio": ratio(hub.cpu_us(HUB), proxy.cpu_us(PEER)),
        "ratio_nginx": ratio(hub.per_second, beside.per_second) if beside else None,
        "per_second": hub.per_second,
        "proxy_per_second": proxy.per_second,
        "nginx_per_second": beside.per_second if beside else None,
    }


async def _hub(crossing: Crossing, size: Size) -> Leg:
    return await crossing.at_hub(size.closed, at_once=AT_ONCE)


async def _proxy(crossing: Crossing, size: Size) -> Leg:
    async with bare_proxy(crossing.station_url) as peer:
        await crossing.at_peer(peer, size.warm, at_once=AT_ONCE)
        return await crossing.at_peer(peer, size.closed, at_once=AT_ONCE)


async def _nginx(crossing: Crossing, size: Size) -> Leg | None:
    program = nginx_program()
    if program is None:
        tell("nginx is not installed: no figure beside it")
        return None
    async with nginx(program, crossing.station_url, crossing.folder / "nginx") as peer:
        await crossing.at_peer(peer, size.warm, at_once=AT_ONCE)
        return await crossing.at_peer(peer, size.closed, at_once=AT_ONCE)


async def _steady(crossing: Crossing, size: Size, *, per_second: float) -> Run:
    """A rate that is held easily, and the design rate: where that is not held, no figure of it."""
    rate = open_rate(per_second)
    tell(f"hub, steady {rate:.0f}/s")
    easy = await crossing.at_hub(round(rate * size.open_s), per_second=rate)
    aimed = easy
    if rate != AIM_PER_SECOND:
        tell(f"hub, steady {AIM_PER_SECOND:.0f}/s")
        size_of = round(AIM_PER_SECOND * size.open_s)
        aimed = await crossing.at_hub(size_of, per_second=AIM_PER_SECOND)
    held = aimed.held(AIM_PER_SECOND)
    if not held:
        tell(f"{AIM_PER_SECOND:.0f}/s not reached: {aimed.per_second:.0f} were answered a second")
    return {
        "steady_650_p50_ms": aimed.at(0.50) if held else None,
        "steady_650_p99_ms": aimed.at(0.99) if held else None,
        "steady_650_late": aimed.late,
        "steady_650_per_second": aimed.per_second,
        "open_rate": rate,
        "p50_ms": easy.at(0.50),
        "p95_ms": easy.at(0.95),
        "p99_ms": easy.at(0.99),
        "late": easy.late,
    }


async def _fronted(crossing: Crossing, size: Size) -> Run:
    """The hub behind nginx, with TLS and the client certificate of who signs."""
    async with fronted(crossing.running, crossing.folder / "front") as front:
        if front is None:
            tell("nginx or openssl is not installed, or the house has no room for them: no TLS")
            return dict.fromkeys(name for name in page.CROSSING if name.startswith("tls_"))
        tell(f"hub behind nginx with TLS, {AT_ONCE} at once and alone")
        await crossing.at_front(front, size.warm, at_once=AT_ONCE)
        leg = await crossing.at_front(front, size.closed // 2, at_once=AT_ONCE)
        alone = await crossing.at_front(front, size.alone, at_once=1)
    return {
        "tls_per_second": leg.per_second,
        "tls_alone_p50_ms": alone.at(0.50),
        "tls_hub_cpu_us": leg.cpu_us(HUB),
        "tls_nginx_cpu_us": leg.cpu_us(PEER),
        "tls_load_cpu_us": leg.cpu_us(LOAD),
    }


async def _told(place: Running, size: Size, people: int) -> Mapping[str, Figure]:
    return {
        "machine": machine(postgres=await place.postgres_version()),
        "commit": await commit(),
        "runs": size.runs,
        "people": people,
        "at_once": AT_ONCE,
    }


if __name__ == "__main__":
    sys.exit(app())
