"""`kruispunt up` for a campaign: clocks that can be put wrong, and a proxy before each station.

`python -m storm.up FOLDER`: the same processes, started by the same supervisor. The proxy listens
where the hub expects the station; the station listens behind it, and knows itself by the old name.
"""

import asyncio
import socket
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import uvloop

from kruispunt.cli.clock import now
from kruispunt.cli.compose import House, open_house
from kruispunt.cli.supervisor import Process, Stage, program
from kruispunt.cli.up import up
from storm.offset import write_offset
from storm.places import Places

OURS = program()
STATION = "-station"
PROXY = "-proxy"
WORKERS = 2


def stormy(stage: Stage, places: Places, *, behind: list[socket.socket]) -> Stage:
    """The same stage, ready for the campaign. `behind` keeps the sockets of stations open."""

    async def changed() -> Sequence[Process]:
        return [one for process in await stage() for one in _changed(process, places, behind)]

    return changed


def _changed(process: Process, places: Places, behind: list[socket.socket]) -> Iterator[Process]:
    argv = list(process.argv)
    if argv[: len(OURS)] != OURS:
        yield process
        return
    if process.name.endswith(STATION):
        door = socket.create_server(("127.0.0.1", 0))
        behind.append(door)
        yield _proxy(process, places, to=door.getsockname()[1])
        process = _moved(process, door)
    yield _shifted(process, places)


def _shifted(process: Process, places: Places) -> Process:
    offset = places.offset(process.name)
    write_offset(offset, 0)
    words = list(process.argv)[len(OURS) :]
    return replace(process, argv=[sys.executable, "-m", "storm.shifted", str(offset), *words])


def _moved(process: Process, door: socket.socket) -> Process:
    """The station on another socket."""
    argv = list(process.argv)
    place = argv.index("--fd") + 1
    old, argv[place] = int(argv[place]), str(door.fileno())
    passed = tuple(door.fileno() if fd == old else fd for fd in process.pass_fds)
    return replace(process, argv=argv, pass_fds=passed)


def _proxy(station: Process, places: Places, *, to: int) -> Process:
    argv = list(station.argv)
    door = argv[argv.index("--fd") + 1]
    key = Path(argv[argv.index("--state") + 1]) / "key.toml"
    words = [door, str(to), str(key), str(places.folder)]
    return Process(
        name=station.name.removesuffix(STATION) + PROXY,
        argv=[sys.executable, "-m", "storm.proxy", *words],
        address=station.address,
        pass_fds=(int(door),),
    )


def with_workers(house: House, workers: int) -> House:
    """The same house with so many processes of the hub."""
    processes = msgspec.structs.replace(house.settings.processes, workers=workers)
    return house.with_settings(msgspec.structs.replace(house.settings, processes=processes))


def main() -> None:
    places = Places(folder=Path(sys.argv[1]).absolute())
    house = with_workers(open_house(places.state), WORKERS)
    behind: list[socket.socket] = []
    stages = [stormy(stage, places, behind=behind) for stage in house.stages()]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(up(places.state, stages, now=now))


if __name__ == "__main__":
    main()
