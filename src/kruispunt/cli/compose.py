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
from kruispunt.cli.mailboxes import carrying_seats
from kruispunt.cli.network import Collector, Network, StationOf, read_network
from kruispunt.cli.place import RESTORING, Place
from kruispunt.cli.prepare import Preparation
from kruispunt.cli.settings import Settings, WrongSettings, read_settings, state_folder
from kruispunt.cli.supervisor import Process, Stage, program
from kruispunt.cli.supervisor_reach import answers, attach_or_start, listen
from kruispunt.cli.up import Clock, database_stage, open_cluster
from kruispunt.law import read_lawbook
from kruispunt.postgres import Cluster, Database
from kruispunt.vocabulary import InstitutionCode
from kruispunt.web import Address


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

    private: dict[InstitutionCode, socket.socket] = field(
        default_factory=dict[InstitutionCode, socket.socket]
    )
    """Listening unix sockets of the seats that have a proxy in front."""

    def with_settings(self, settings: Settings) -> "House":
        """The same house under other settings; nothing may be open yet."""
        return replace(self, settings=settings, doors={}, private={}, watched={})

    watched: dict[str, socket.socket] = field(default_factory=dict[str, socket.socket])
    """Listening sockets of the private doors, by process: where each tells its metrics."""

    def stages(self) -> list[Stage]:
        """Database, stations, hub, nodes, mail, then circuits: each finds whom it asks."""
        clock = Clock(now=now, random_bytes=random_bytes)
        cluster = open_cluster(self.place.state, self.settings.database, clock=clock)

        async def stations() -> Sequence[Process]:
            await self._prepare(cluster)
            await self._open_doors()
            return [self._station(one) for one in self.network.stations]

        async def hub() -> Sequence[Process]:
            workers = self.settings.processes.workers
            seats = [self._seat(self.network.hub, n) for n in range(1, workers + 1)]
            return [*seats, self._sealer(self.network.hub)]

        async def nodes() -> Sequence[Process]:
            codes = [node.institution for node in self.network.nodes]
            return [self._seat(code, 1) for code in codes] + [self._sealer(c) for c in codes]

        async def mail() -> Sequence[Process]:
            carriers = [self._carrier(code) for code in carrying_seats(self.network)]
            return [*carriers, *(self._collector(one) for one in self.network.collectors)]

        async def circuits() -> Sequence[Process]:
            codes = [one.institution for one in self.network.circuits]
            return [process for code in codes for process in self._circuit(code)]

        return [database_stage(cluster), stations, hub, nodes, mail, circuits]

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
        codes += [one.institution for one in self.network.circuits]
        file = self.place.addresses_file
        last = dict(self.place.addresses()) if file.exists() else {}
        first = self.settings.processes.port
        for n, code in enumerate(codes):
            wanted = first + n if first else urlsplit(last.get(code, "")).port or 0
            self.doors[code] = await self._listen(wanted, fixed=bool(first))
        self._open_private(codes)
        host = self.settings.processes.host
        found = {code: f"http://{host}:{_port(door)}" for code, door in self.doors.items()}
        draft = file.with_suffix(".draft")
        draft.write_bytes(msgspec.json.encode(found))
        draft.replace(file)

    def _open_private(self, codes: Sequence[InstitutionCode]) -> None:
        """Bind a unix socket, for owner and group only, where a proxy stands in front."""
        front = self.settings.front
        folder = Path(front.folder) if front.folder else self.place.state / "doors"
        for code in codes:
            if code in front.urls:
                folder.mkdir(mode=0o750, parents=True, exist_ok=True)
                address = Address(path=folder / f"{code.lower()}.sock")
                self.private[code] = address.listen()

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
        if code in self.private:
            words += ["--private-fd", str(self.private[code].fileno())]
        return self._process(f"{code.lower()}-{n}", code, words + self._network_words())

    def _sealer(self, code: InstitutionCode) -> Process:
        """One for each trail, however many processes record in it."""
        words = ("audit", "seal", "--at", code, "--state", str(self.place.state))
        folder = str(self.place.published(code).folder)
        return Process(name=f"seal-{code.lower()}", argv=program(*words), address=folder)

    def _carrier(self, code: InstitutionCode) -> Process:
        """Brings the mail of a seat to other seats."""
        words = ["mail", "carry", "--at", code, "--state", str(self.place.state)]
        argv = program(*words, *self._network_words())
        return Process(name=f"carry-{code.lower()}", argv=argv, address=f"mail of {code}")

    def _circuit(self, code: InstitutionCode) -> list[Process]:
        """What asks, and what prints: a letter takes as long as some forty questions."""
        state = ("--at", code, "--state", str(self.place.state))
        serve = ["circuit", "serve", *state, *self._network_words()]
        words = ("circuit", "print", *state, *self._network_words())
        letters = str(self.place.home(code).letters)
        printer = Process(name=f"{code.lower()}-letters", argv=program(*words), address=letters)
        return [self._process(f"{code.lower()}-circuit", code, serve), printer]

    def _station(self, station: StationOf) -> Process:
        code = station.institution
        home = self.place.home(code)
        words = ["station", "serve", str(home.station), "--state", str(home.folder)]
        words += ["--url", self.place.addresses()[code]]
        words += ["--log-level", self.settings.processes.log_level]
        words += ["--trace-rate", str(self.settings.watch.trace_rate)]
        return self._process(f"{code.lower()}-station", code, words)

    def _collector(self, collector: Collector) -> Process:
        code = collector.institution
        words = ("station", "collect", "--at", code, "--state", str(self.place.state))
        name = f"{code.lower()}-collector"
        watch = self._watch(name)
        words += ("--log-level", self.settings.processes.log_level)
        return Process(
            name=name,
            argv=program(*words, "--watch-fd", str(watch), "--worker", name),
            ready=answers(self.settings.watch.host, _port(self.watched[name])),
            address=self.place.addresses()[collector.node],
            pass_fds=(watch,),
        )

    def _process(self, name: str, code: InstitutionCode, words: list[str]) -> Process:
        door = self.doors[code]
        private = [self.private[code].fileno()] if code in self.private else []
        host, port = self.settings.processes.host, _port(door)
        watch = self._watch(name)
        return Process(
            name=name,
            argv=program(
                *(*words, "--fd", str(door.fileno())),
                *("--watch-fd", str(watch), "--worker", name),
            ),
            ready=answers(self.settings.watch.host, _port(self.watched[name])),
            address=f"http://{host}:{port}",
            pass_fds=(door.fileno(), watch, *private),
        )

    def _watch(self, name: str) -> int:
        """The private door of a process: the socket is made once, and told to Prometheus."""
        watch = self.settings.watch
        if name not in self.watched:
            port = watch.port + len(self.watched) if watch.port else 0
            self.watched[name] = socket.create_server((watch.host, port))
        groups = [
            {"targets": [f"{watch.host}:{_port(door)}"], "labels": {"process": process}}
            for process, door in self.watched.items()
        ]
        draft = self.place.metrics_file.with_suffix(".draft")
        draft.write_bytes(msgspec.json.encode(groups))
        draft.replace(self.place.metrics_file)
        return self.watched[name].fileno()

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
    if (folder / RESTORING).exists():
        raise WrongSettings(f"{folder}: a restore broke off here; empty it and restore again")
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
    """The database of a hub or node: attach to what runs, or start it for the duration.

    Raises:
        StartFailed: it did not become ready.
        FileNotFoundError: the institution is neither here.
    """
    folder = state_folder(os.environ, state)
    home = Place(state=folder).home(code)
    async with attach_or_start(folder):
        if not home.master.exists():
            raise FileNotFoundError(f"{code} has no directory and no trail here")
        async with home.database() as database:
            yield database
