"""What is done to processes, to the source and to the disk: each lasts a while, then heals."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from time import monotonic
from typing import Final

from kruispunt.vocabulary import InstitutionCode
from storm.disk import SmallDisk
from storm.kept import Window
from storm.lies import LIES
from storm.proxy import Mode
from storm.scene import DATABASE, Scene

Fault = Callable[[Scene, Window], Awaitable[None]]
"""Does something bad, and undoes it; returns when the house is well again."""

UNANSWERED_S: Final = 12.0


async def kill(
    scene: Scene, window: Window, *, code: InstitutionCode, seats: frozenset[str]
) -> None:
    """kill -9 of one process of an institution, by its id."""
    note = scene.chance.choice(scene.of(code))
    window.loses, window.note = seats, note.name
    scene.signal(note, signal.SIGKILL)
    window.recovered_s = await scene.well(gone=frozenset({note.pid}))


async def kill_hub(scene: Scene, window: Window) -> None:
    await kill(scene, window, code=scene.hub, seats=frozenset({scene.hub}))


async def kill_node(scene: Scene, window: Window) -> None:
    await kill(scene, window, code=scene.node, seats=frozenset({scene.node}))


async def kill_station(scene: Scene, window: Window) -> None:
    await kill(scene, window, code=scene.station, seats=frozenset())


async def kill_database(scene: Scene, window: Window) -> None:
    """kill -9 of the server's main process: its supervisor brings another."""
    note = scene.notes(DATABASE)[0]
    window.loses = _both(scene)
    scene.signal(note, signal.SIGKILL)
    window.recovered_s = await scene.well(gone=frozenset({note.pid}))


async def kill_backend(scene: Scene, window: Window) -> None:
    """kill -9 of one backend: the server ends all others and recovers by itself."""
    pid = scene.chance.choice(scene.server()[1:])
    window.loses = _both(scene)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    window.recovered_s = await scene.well()


async def stop_database(scene: Scene, window: Window) -> None:
    """SIGSTOP of the server and all its backends, for seconds."""
    pids = scene.server()
    window.loses = _both(scene)
    _tell(pids, signal.SIGSTOP)
    try:
        await asyncio.sleep(scene.seconds(3, 8))
    finally:
        _tell(reversed(pids), signal.SIGCONT)
    window.recovered_s = await scene.well()


async def stop_station(scene: Scene, window: Window) -> None:
    """SIGSTOP of the station: it takes connections and says nothing."""
    notes = scene.of(scene.station)
    for note in notes:
        scene.signal(note, signal.SIGSTOP)
    try:
        await asyncio.sleep(scene.seconds(4, 9))
    finally:
        for note in notes:
            scene.signal(note, signal.SIGCONT)
    window.recovered_s = await scene.well()


async def slow_station(scene: Scene, window: Window) -> None:
    """Every answer of the station comes late: some in time, some too late."""
    await _through(scene, window, Mode(delay_s=scene.chance.choice((0.8, 1.6, 3.0))))


async def asked_twice(scene: Scene, window: Window) -> None:
    """The same bytes reach the station a second time: it must not look again."""
    await _through(scene, window, Mode(twice=True))


def lie(name: str) -> Fault:
    """The station lies in this way, under its true key."""

    async def fault(scene: Scene, window: Window) -> None:
        await _through(scene, window, Mode(lie=name))

    return fault


async def _through(scene: Scene, window: Window, mode: Mode) -> None:
    """The proxy before the station does something for a while."""
    await scene.set_mode(mode)
    window.surely = monotonic()
    window.note = f"{mode.delay_s:.1f} s late" if mode.delay_s else window.note
    try:
        for _ in range(2):
            for seat in (scene.hub, scene.node):
                await scene.probe(seat)
        await asyncio.sleep(scene.seconds(1.0, 4.0))
        window.ended = monotonic()
    finally:
        await scene.set_mode(Mode())
    window.recovered_s = await scene.well()


async def fill_disk(scene: Scene, window: Window) -> None:
    """No room for the database at all: nothing is asked of a source that is not written down."""
    await _full(scene, window, scene.disk, until=_until_unavailable)


async def fill_folder(scene: Scene, window: Window) -> None:
    """No room for logs and notes, while a process dies and must come back."""
    await _full(scene, window, scene.floor, until=_until_restarted)


async def _full(
    scene: Scene,
    window: Window,
    disk: SmallDisk,
    *,
    until: Callable[[Scene, int], Awaitable[frozenset[int]]],
) -> None:
    if disk.why_not:
        window.skipped = disk.why_not
        return
    window.loses = _both(scene)
    before, gone = len(scene.asker.kept), frozenset[int]()
    await asyncio.to_thread(disk.fill)
    try:
        gone = await until(scene, before)
        await asyncio.sleep(scene.seconds(3, 8))
    finally:
        disk.empty()
    window.recovered_s = await scene.well(gone=gone, within_s=90)


async def _until_restarted(scene: Scene, _before: int) -> frozenset[int]:
    """End one process of the hub, by its id: its supervisor has no room to say so."""
    note = scene.chance.choice(scene.of(scene.hub))
    scene.signal(note, signal.SIGKILL)
    return frozenset({note.pid})


async def _until_unavailable(scene: Scene, before: int) -> frozenset[int]:
    """Ask until the hub says that it can't write: the last pages must be full first."""
    deadline = monotonic() + UNANSWERED_S
    while monotonic() < deadline:
        asked = [scene.probe(seat) for seat in (scene.hub, scene.node) for _ in range(15)]
        await asyncio.gather(*asked)
        silent = [kept for kept in scene.asker.kept[before:] if kept.status == 503]
        if len(silent) > 30:
            break
    return frozenset()


def _both(scene: Scene) -> frozenset[str]:
    return frozenset({scene.hub, scene.node})


def _tell(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


FAULTS: Final[Mapping[str, Fault]] = {
    "kill-hub": kill_hub,
    "kill-node": kill_node,
    "kill-station": kill_station,
    "kill-database": kill_database,
    "kill-backend": kill_backend,
    "stop-database": stop_database,
    "stop-station": stop_station,
    "slow-station": slow_station,
    "asked-twice": asked_twice,
    "disk-full": fill_disk,
    "folder-full": fill_folder,
    **{f"lie-{name}": lie(name) for name in LIES},
}
