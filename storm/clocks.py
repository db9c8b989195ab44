"""Clocks that jump: of the hub, the node, the station, or all at once; and are right again."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from kruispunt.cli.clock import now
from storm.faults import Fault
from storm.kept import Kept, Window
from storm.messages import replayed
from storm.scene import Scene

TWO_MINUTES: Final = 120
HOUR: Final = 3600
REPLAYED: Final = 10
JUMPS: Final = ("hub", "node", "station", "all")


def back_over_month(moment: datetime) -> int:
    """Seconds to the middle of the month before."""
    first = moment.replace(day=1)
    return int((first - timedelta(days=15) - moment).total_seconds())


def on_over_month(moment: datetime) -> int:
    """Seconds to just after this month."""
    first = (moment.replace(day=1) + timedelta(days=32)).replace(day=1, hour=0, minute=10)
    return int((first - moment).total_seconds())


def jump(whose: str, name: str) -> Fault:
    """Put clocks off for a while; then replay what was answered before, which nobody may win."""

    async def fault(scene: Scene, window: Window) -> None:
        seconds = _seconds(name)
        window.note = f"{seconds:+d} s"
        wrong = {"hub": (scene.hub,), "node": (scene.node,), "all": (scene.hub, scene.node)}
        window.shifts = dict.fromkeys(wrong.get(whose, ()), seconds)
        names = _names(scene, whose)
        before = list(scene.load.answered)
        alone = whose in ("station", "node")
        await _jumped(scene, window, names=names, seconds=seconds, alone=alone)
        window.recovered_s = await scene.well()
        for old in scene.chance.sample(before, min(REPLAYED, len(before))):
            await replayed(scene, old)

    return fault


async def _jumped(
    scene: Scene, window: Window, *, names: list[str], seconds: int, alone: bool
) -> None:
    before = len(scene.asker.kept)
    scene.set_clocks(names, seconds)
    scene.asker.off_s = 0 if alone else seconds
    scene.load.travels = 0.0 if alone else 0.5
    try:
        # Longer than a sweep waits, so that it meets the wrong clock.
        await asyncio.sleep(scene.seconds(4.0, 7.0))
    finally:
        scene.set_clocks(names, 0)
        scene.load.travels = 0.0
        await scene.load.settle_briefly()
        scene.asker.off_s = 0
    for kept in scene.asker.kept[before:]:
        if kept.status == 401:
            _check_words(kept)
    window.counts["out-of-time"] = sum(kept.status == 401 for kept in scene.asker.kept[before:])


def _check_words(kept: Kept) -> None:
    """A signature out of time is refused in words that say so."""
    if kept.kind == "load" and not any(
        word in kept.detail for word in ("expires", "created", "not valid", "nonce")
    ):
        kept.faults.append(f"a signature out of time is refused by {kept.detail!r}")


def _seconds(name: str) -> int:
    fixed = {
        "on-2-min": TWO_MINUTES,
        "on-1-h": HOUR,
        "back-2-min": -TWO_MINUTES,
        "back-1-h": -HOUR,
    }
    if name in fixed:
        return fixed[name]
    return on_over_month(now()) if name == "on-a-month" else back_over_month(now())


def _names(scene: Scene, whose: str) -> list[str]:
    codes = {"hub": scene.hub, "node": scene.node, "station": scene.station}
    wanted = [codes[whose]] if whose in codes else list(codes.values())
    return [note.name for code in wanted for note in scene.of(code)]


CLOCKS: Final[Mapping[str, Fault]] = {
    f"clock-{whose}-{name}": jump(whose, name)
    for whose in JUMPS
    for name in ("on-2-min", "on-1-h", "back-2-min", "back-1-h", "on-a-month", "back-a-month")
}
