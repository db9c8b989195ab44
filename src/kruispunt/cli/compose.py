"""The one place that wires a network together: what stands in it, what runs, in which order."""

import os
import socket
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from kruispunt.cli.clock import now, random_bytes
from kruispunt.cli.network import Network, StationOf, read_network
from kruispunt.cli.place import Place
from kruispunt.cli.prepare import Preparation
from kruispunt.cli.settings import Settings, read_settings, state_folder
from kruispunt.cli.supervisor import Process, Stage, program
from kruispunt.cli.supervisor_reach import answers, attach_or_start, listen
from kruispunt.cli.up import Clock, database_stage, open_cluster
from kruispunt.law import read_lawbook
from kruispunt.postgres import Cluster, Database
from kruispunt.vocabulary import InstitutionCode


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A network on this machine, in one state folder."""

    place: Place
    network: Network
    settings: Settings
    network_file: Path | None = None
    doors: dict[InstitutionCode, socket.socket] = field(
        default_factory=dict[InstitutionCode, socket.socket]
    )
    """Listening sockets: ours, so that a process that comes back finds its address free."""

    def with_settings(self, settings: Settings) -> "House":
        """The same house under other settings; nothing may be open yet."""
        return replace(self, settings=settings, doors={})

    def stages(self) -> list[Stage]:
        """Database, then stations, then the hub, then nodes: each finds whom it asks."""
        clock = Clock(now=now, random_bytes=random_bytes)
        cluster = open_cluster(self.place.state, self.settings.database, clock=clock)

        async def stations() -> Sequence[Process]:
            await self._prepare(cluster)
            await self._open_doors()
            return [self._station(one) for one in self.network.stations]

        async def hub() -> Sequence[Process]:
            workers = self.settings.processes.workers
            return [self._seat(self.network.hub, n) for n in range(1, workers + 1)]

        async def nodes() -> Sequence[Process]:
            return [self._seat(node.institution, 1) for node in self.network.nodes]

        return [database_stage(cluster), stations, hub, nodes]

    async def _prepare(self, cluster: Cluster) -> None:
        await Preparation(
            place=self.place,
            network=self.network,
            cluster=cluster,
            now=now,
            random_bytes=random_bytes,
        ).run()

    async def _open_doors(self) -> None:
        """Bind every address: the one of last time where it is free, and write them down."""
        codes = [self.network.hub, *(one.institution for one in self.network.nodes)]
        codes += [one.institution for one in self.network.stations]
        file = self.place.addresses_file
        last = dict(self.place.addresses()) if file.exists() else {}
        first = self.settings.processes.port
        for n, code in enumerate(codes):
            wanted = first + n if first else urlsplit(last.get(code, "")).port or 0
            self.doors[code] = await self._listen(wanted, fixed=bool(first))
        host = self.settings.processes.host
        found = {code: f"http://{host}:{_port(door)}" for code, door in self.doors.items()}
        draft = file.with_suffix(".draft")
        draft.write_bytes(msgspec.json.encode(found))
        draft.replace(file)

    async def _listen(self, port: int, *, fixed: bool) -> socket.socket:
        host = self.settings.processes.host
        try:
            return await listen(host, port, patience_s=10.0 if fixed or port else 0.1)
        except OSError:
            if fixed:
                raise
            return await listen(host, 0)

    def _seat(self, code: InstitutionCode, n: int) -> Process:
        words = ["hub", "serve", "--at", code, "--state", str(self.place.state)]
        return self._process(f"{code.lower()}-{n}", code, words + self._network_words())

    def _station(self, station: StationOf) -> Process:
        code = station.institution
        mapping = self.network.folder / station.mapping
        words = ["station", "serve", str(mapping), "--state", str(self.place.home(code).folder)]
        words += ["--url", self.place.addresses()[code]]
        return self._process(f"{code.lower()}-station", code, words)

    def _process(self, name: str, code: InstitutionCode, words: list[str]) -> Process:
        door = self.doors[code]
        host, port = self.settings.processes.host, _port(door)
        return Process(
            name=name,
            argv=program(*words, "--fd", str(door.fileno())),
            ready=answers(host, port),
            address=f"http://{host}:{port}",
            pass_fds=(door.fileno(),),
        )

    def _network_words(self) -> list[str]:
        return ["--network", str(self.network_file)] if self.network_file else []


def _port(door: socket.socket) -> int:
    return int(door.getsockname()[1])


def open_house(state: Path | None = None, *, network_file: Path | None = None) -> House:
    """Read law, network and settings of a state folder. Nothing is started.

    Raises:
        LawWrong, NetworkWrong, WrongSettings: with file and place.
    """
    folder = state_folder(os.environ, state)
    settings = read_settings(folder)
    given = network_file or (
        Path(settings.processes.network) if settings.processes.network else None
    )
    return House(
        place=Place(state=folder),
        network=read_network(read_lawbook(), given),
        settings=settings,
        network_file=given,
    )


@asynccontextmanager
async def open_institution(state: Path | None, code: InstitutionCode) -> AsyncGenerator[Database]:
    """The database of an institution: attach to what runs, or start it for the duration.

    Raises:
        StartFailed: it did not become ready.
        FileNotFoundError: the institution has no database here.
    """
    folder = state_folder(os.environ, state)
    async with (
        attach_or_start(folder),
        Place(state=folder).home(code).database() as database,
    ):
        yield database
