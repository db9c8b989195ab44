"""A campaign from beginning to end: start the house, ask all the while, do bad things, check."""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from time import monotonic
from typing import Final

from kruispunt.cli.clock import now, random_bytes
from kruispunt.cli.compose import House, open_house
from kruispunt.cli.fill import Filling
from kruispunt.cli.supervisor_reach import attach_or_start
from kruispunt.vocabulary import InstitutionCode, day_of_asking
from kruispunt.web import Http, make_key, write_key
from storm.ask import Asker
from storm.check import Evidence, check, open_grants
from storm.clocks import CLOCKS
from storm.disk import make_disk
from storm.faults import FAULTS, Fault
from storm.kept import Finding, Kept, Window
from storm.load import Load
from storm.messages import MESSAGES
from storm.people import granted, wishes
from storm.places import ROOT, Places
from storm.scene import NotWell, Scene
from storm.shown import persons_in_logs, shown_as_open
from storm.trail import read_asked, read_looks, read_trail

ALL: Final[Mapping[str, Fault]] = {**FAULTS, **MESSAGES, **CLOCKS}
SHORT: Final = (
    "kill-hub", "kill-node", "kill-station", "kill-database", "stop-station", "slow-station",
    "lie-wrong-type", "lie-extra-field", "lie-bound-to-another", "lie-other-person", "asked-twice",
    "duplicated", "truncated", "hung-up", "replayed", "clock-all-on-1-h",
    "clock-hub-back-2-min", "clock-hub-on-a-month", "disk-full",
)  # fmt: skip
"""One of each kind, for a campaign that must be over soon."""

KEY_AGE: Final = timedelta(days=90)
CALM_S: Final = 4.0
OUTCOMES_S: Final = 4.0

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How long, by which chance, and which faults."""

    minutes: float
    seed: int
    per_second: float
    people: int
    short: bool = False
    only: tuple[str, ...] = ()

    def order(self, chance: Random) -> Sequence[str]:
        """Every fault once, in an order by chance."""
        names = [name for name in (SHORT if self.short else ALL) if self._wanted(name)]
        if self.only:
            names = [name for name in ALL if self._wanted(name)]
        return chance.sample(names, len(names))

    def _wanted(self, name: str) -> bool:
        return not self.only or any(name == one or name.startswith(f"{one}-") for one in self.only)


@dataclass(slots=True, kw_only=True)
class Campaign:
    """What was done, what was asked, what was found."""

    plan: Plan
    kept: list[Kept] = field(default_factory=list[Kept])
    windows: list[Window] = field(default_factory=list[Window])
    findings: list[Finding] = field(default_factory=list[Finding])
    seconds: float = 0.0
    entries: dict[str, int] = field(default_factory=dict[str, int])
    open: dict[str, int] = field(default_factory=dict[str, int])
    """Grants of which nobody knows what came, by seat: they are shown as such."""

    strays: set[int] = field(default_factory=set[int])
    """Processes that ran and were not known any more: each is told once."""


async def run(plan: Plan, folder: Path, *, logs: Path | None, tell: Tell) -> Campaign:
    """Do it all, and stop everything that was started, however it ends; keep the logs there."""
    campaign = Campaign(plan=plan)
    async with AsyncExitStack() as stack:
        scene = await stack.enter_async_context(_standing(plan, folder, campaign, tell=tell))
        stack.callback(_keep_logs, scene.places.state / "log", logs, tell)
        began = monotonic()
        load = asyncio.create_task(scene.load.run())
        try:
            await _weather(campaign, scene, tell=tell)
        finally:
            load.cancel()
        await scene.load.settle()
        await asyncio.sleep(OUTCOMES_S)
        campaign.seconds = monotonic() - began
        tell("checking")
        await _judge(campaign, scene)
    return campaign


async def _weather(campaign: Campaign, scene: Scene, *, tell: Tell) -> None:
    """One fault after the other, until the time is over; each at least once."""
    plan, chance = campaign.plan, scene.chance
    until = monotonic() + 60 * plan.minutes
    await asyncio.sleep(CALM_S)
    while True:
        for name in plan.order(chance):
            if monotonic() > until and _all_done(campaign, plan):
                return
            await _do(campaign, scene, name, tell=tell)
            await asyncio.sleep(scene.seconds(0.5, 2.5))
        if monotonic() > until:
            return


def _all_done(campaign: Campaign, plan: Plan) -> bool:
    return {w.fault for w in campaign.windows} >= set(plan.order(Random(0)))


async def _do(campaign: Campaign, scene: Scene, name: str, *, tell: Tell) -> None:
    window = Window(fault=name, began=monotonic(), began_at=now())
    campaign.windows.append(window)
    tell(f"{len(campaign.windows):4d}  {name}  ({len(campaign.kept)} questions)")
    try:
        await ALL[name](scene, window)
    except NotWell as ill:
        campaign.findings.append(
            Finding(rule="the house comes back by itself", what=f"{name}: {ill}")
        )
    strays = set(scene.strays()) - campaign.strays
    if strays:
        campaign.strays |= strays
        what = f"{name}: {len(strays)} processes run that nobody watches"
        campaign.findings.append(Finding(rule="every process is watched", what=what))
    window.ended = window.ended or monotonic()
    window.ended_at = now()
    window.over = monotonic()


async def _judge(campaign: Campaign, scene: Scene) -> None:
    home = scene.house.place.home
    seats = (scene.hub, scene.node)
    evidence = Evidence(
        kept=campaign.kept,
        windows=campaign.windows,
        trails={seat: await read_trail(seat, home(seat)) for seat in seats},
        hub=scene.hub,
        limits={
            str(flow.id): flow.limits.timeout_s
            for flow in scene.house.network.lawbook.flows.values()
        },
        looks=await read_looks(home(scene.station)),
        asked=read_asked(scene.places),
    )
    campaign.findings += await asyncio.to_thread(check, evidence)
    campaign.findings += await asyncio.to_thread(persons_in_logs, scene.places)
    campaign.entries = {seat: len(trail.entries) for seat, trail in evidence.trails.items()}
    campaign.entries["looks"] = len(evidence.looks)
    for seat, trail in evidence.trails.items():
        campaign.open[seat] = len(open_grants(trail))
        campaign.findings += await shown_as_open(scene.places, trail, chance=scene.chance)
    for code in seats:
        health = await scene.health(code)
        if health not in ("UP", "DEGRADED"):
            campaign.findings.append(
                Finding(
                    rule="the house is well in the end", what=f"{code} is {health or 'silent'}"
                )
            )


@asynccontextmanager
async def _standing(
    plan: Plan, folder: Path, campaign: Campaign, *, tell: Tell
) -> AsyncGenerator[Scene]:
    """The house with its people, ready for bad weather."""
    places = Places(folder=folder)
    places.make()
    floor = await asyncio.to_thread(make_disk, places.state, folder / "floor.image")
    places.database.mkdir(mode=0o700)
    disk = await asyncio.to_thread(make_disk, places.database, folder / "disk.image")
    os.environ["PYTHONPATH"] = os.pathsep.join((str(ROOT), str(ROOT / "src")))
    try:
        house = open_house(places.state)
        _make_old_keys(house)
        tell("starting every process")
        command = [sys.executable, "-m", "storm.up", str(folder)]
        async with attach_or_start(places.state, command=command) as notes:
            filling = Filling(place=house.place, network=house.network, tell=lambda _: None)
            today = day_of_asking(now(), house.network.zone)
            people = await filling.people(size=plan.people, seed=1, today=today)
            chance = Random(plan.seed)
            wanted = wishes(house, people, chance=chance)
            async with await Http.open(per_host=1024) as http:
                asker = Asker(
                    house=house,
                    http=http,
                    kept=campaign.kept,
                    granted=lambda wish: granted(house, wish),
                )
                load = Load(asker=asker, wishes=wanted, per_second=plan.per_second)
                yield Scene(
                    house=house,
                    places=places,
                    asker=asker,
                    wishes=wanted,
                    load=load,
                    disk=disk,
                    floor=floor,
                    http=http,
                    chance=chance,
                    short=plan.short,
                    expected=len(notes),
                )
    finally:
        for made in (disk, floor):
            await asyncio.to_thread(made.close)


def _keep_logs(written: Path, logs: Path | None, tell: Tell) -> None:
    if logs is not None:
        shutil.copytree(written, logs)
        tell(f"logs stand in {logs}")


def _make_old_keys(house: House) -> None:
    """Keys that counted already before the month that clocks are put back to."""
    network = house.network
    codes = {network.hub, *(one.institution for one in network.stations)}
    for node in network.nodes:
        codes |= {node.institution, *network.members(node)}
    made_at = (now() - KEY_AGE).timestamp()
    for code in sorted(codes):
        home = house.place.home(InstitutionCode(code))
        home.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_key(make_key(code, key_id=f"{code}/1", random_bytes=random_bytes), home.key)
        os.utime(home.key, (made_at, made_at))


def stop_on_term(loop: asyncio.AbstractEventLoop, task: "asyncio.Task[Campaign]") -> None:
    """SIGTERM ends a campaign as Ctrl-C does: everything is stopped first."""
    loop.add_signal_handler(signal.SIGTERM, task.cancel)
