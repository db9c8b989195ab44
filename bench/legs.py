"""Loads on the real house: questions signed beforehand, and what every process used for them."""

import asyncio
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from bench.asks import Builder, Chance, Door, Person, signed, written
from bench.cpu import Used, used
from bench.figures import Leg
from bench.forge import forgeries
from bench.house import Running
from bench.load import Job, Tls, Told, write_requests
from bench.peers import Peer
from kruispunt.law import Clause
from kruispunt.vocabulary import FlowId, InstitutionCode, PurposeId
from kruispunt.web import SigningKey, read_key

ROOT = Path(__file__).resolve().parents[1]
FLOW = FlowId("employment.consult")
PURPOSE = PurposeId("asr-benefits")

HUB, NODE, STATION, PEER = "hub", "node", "station", "peer"
LOAD = "load"
"""The load generator itself: on the same cores, so its CPU is told beside that of the others."""

OK, NOT_PROVEN = 200, 401

LINGER_S = 0.5
"""Outcomes ride with a later commit: what they cost belongs to the load that made them."""


class LoadFailed(RuntimeError):
    """The load generator did not end as it should."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """A proxy with TLS before the hub: its public address, and how its callers come to it."""

    url: str
    tls: Tls
    peer: Peer


@dataclass(slots=True)
class Counts:
    """What was asked of each seat over the whole benchmark, and what came of it."""

    answered: Counter[str] = field(default_factory=Counter[str])
    failed: int = 0
    forged_refused: int = 0
    forged_passed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """Sends one flow's questions to hub, node and station of a house that runs."""

    running: Running
    people: Sequence[Person]
    clause: Clause
    builder: Builder
    chance: Chance
    folder: Path
    counts: Counts = field(default_factory=Counts)
    asked: Counter[str] = field(default_factory=Counter[str])

    @property
    def groups(self) -> dict[str, InstitutionCode]:
        running = self.running
        return {HUB: running.hub, NODE: running.node, STATION: self.supplier}

    @property
    def supplier(self) -> InstitutionCode:
        return self.running.house.network.lawbook.flows[FLOW].supplier

    @property
    def station_url(self) -> str:
        return self.running.url(self.supplier)

    def hub_door(self) -> Door:
        """The hub as a node asks it."""
        running = self.running
        return Door.of_seat(running.url(running.hub), FLOW, self._key(running.node))

    def node_door(self, member: InstitutionCode) -> Door:
        """The node as one of its members asks it."""
        return Door.of_seat(self.running.url(self.running.node), FLOW, self._key(member))

    def station_door(self) -> Door:
        """The station as the hub asks it."""
        return Door.of_station(self.station_url, FLOW, self._key(self.running.hub))

    def for_hub(self, size: int, *, url: str | None = None) -> list[bytes]:
        """So many questions to the hub, signed as its node, for another address where it has one.

        Signatures count for minutes: send them soon.
        """
        door = self.hub_door() if url is None else replace(self.hub_door(), url=url)
        return [self._ask(door, one) for one in self._next(size)]

    async def at_hub(self, size: int, *, at_once: int = 0, per_second: float = 0.0) -> Leg:
        """Questions straight to the hub."""
        return await self._seat(HUB, self.for_hub(size), at_once=at_once, per_second=per_second)

    async def at_front(self, front: Front, size: int, *, at_once: int) -> Leg:
        """The same questions over TLS, through the proxy before the hub."""
        job = Job(port=_port(front.url), at_once=at_once, tls=front.tls)
        leg = await self._load(job, self.for_hub(size, url=front.url), peer=front.peer)
        return self._note(HUB, leg)

    async def hub_hears(self, requests: list[bytes], *, per_second: float, begin: float) -> Told:
        """Send what `for_hub` made at a steady rate from a moment on; count what is answered."""
        port = _port(self.running.url(self.running.hub))
        told = await self._generate(Job(port=port, per_second=per_second, begin=begin), requests)
        good = told.statuses.get(OK, 0)
        self.counts.answered[HUB] += good
        self.counts.failed += len(requests) - good
        return told

    async def at_node(self, size: int, *, at_once: int) -> Leg:
        """Questions to the node, signed as the insurer of each person."""
        doors = {one.member: self.node_door(one.member) for one in self.people}
        requests = [self._ask(doors[one.member], one) for one in self._next(size)]
        return await self._seat(NODE, requests, at_once=at_once)

    async def at_peer(self, peer: Peer, size: int, *, at_once: int) -> Leg:
        """Calls that the hub could have made, through someone who passes them on."""
        door, fields = self.station_door(), self.clause.ground.fields
        calls = (
            self.builder.call(one, flow=FLOW, clause=self.clause.id, fields=fields)
            for one in self._next(size)
        )
        requests = [written(door, body, signed(door, body, self.chance)) for body in calls]
        leg = await self._load(Job(port=peer.port, at_once=at_once), requests, peer=peer)
        self.counts.failed += leg.failed
        return leg

    async def forge(self) -> None:
        """Send every kind of forgery to hub, node and station; count what is refused."""
        member = self.people[0]
        for door in (self.hub_door(), self.node_door(member.member)):
            true = self._ask(door, member)
            seat = HUB if door.url == self.hub_door().url else NODE
            await self._seat(seat, [true], at_once=1)
            await self._forged(door, {"replayed": true, **self._forgeries(door, member)})
        door, fields = self.station_door(), self.clause.ground.fields
        body = self.builder.call(member, flow=FLOW, clause=self.clause.id, fields=fields)
        await self._forged(door, forgeries(door, body, self.chance))

    def _forgeries(self, door: Door, person: Person) -> Mapping[str, bytes]:
        return forgeries(door, self.builder.ask(person), self.chance)

    async def _forged(self, door: Door, requests: Mapping[str, bytes]) -> None:
        for kind, request in requests.items():
            told = await self._generate(Job(port=door.port, at_once=1), [request])
            refused = told.statuses == {NOT_PROVEN: 1}
            self.counts.forged_refused += refused
            self.counts.forged_passed += not refused
            if not refused:
                print(f"a forgery passed: {kind}, {told.statuses}", file=sys.stderr)

    async def _seat(
        self, seat: str, requests: list[bytes], *, at_once: int = 0, per_second: float = 0.0
    ) -> Leg:
        port = _port(self.running.url(self.groups[seat]))
        job = Job(port=port, at_once=at_once, per_second=per_second)
        return self._note(seat, await self._load(job, requests))

    def _note(self, seat: str, leg: Leg) -> Leg:
        self.counts.answered[seat] += leg.answered
        self.counts.failed += leg.failed
        return leg

    async def _load(self, job: Job, requests: list[bytes], *, peer: Peer | None = None) -> Leg:
        before = self._used(peer)
        told = await self._generate(job, requests)
        await asyncio.sleep(LINGER_S)
        after = self._used(peer)
        cpu_ns = {name: after[name].since(before[name]) for name in after}
        missing = [0.0] * (len(requests) - len(told.ms))
        return Leg(
            ms=(*told.ms, *missing),
            failed=len(requests) - told.statuses.get(OK, 0),
            seconds=told.seconds,
            cpu_ns={**cpu_ns, LOAD: told.cpu_ns},
            late=told.late,
        )

    def _used(self, peer: Peer | None) -> dict[str, Used]:
        found = self.running.used(self.groups)
        return found if peer is None else found | {PEER: used([peer.pid], descend=True)}

    async def _generate(self, job: Job, requests: list[bytes]) -> Told:
        self.asked["loads"] += 1
        return await generate(job, requests, folder=self.folder, name=f"{self.asked['loads']}")

    def _ask(self, door: Door, person: Person) -> bytes:
        body = self.builder.ask(person)
        return written(door, body, signed(door, body, self.chance))

    def _next(self, size: int) -> list[Person]:
        """People in turn, so that a load does not ask about the same ones as the load before."""
        begin = self.asked["people"]
        self.asked["people"] += size
        return [self.people[n % len(self.people)] for n in range(begin, begin + size)]

    def _key(self, code: InstitutionCode) -> SigningKey:
        return read_key(self.running.house.place.home(code).key)


async def generate(job: Job, requests: list[bytes], *, folder: Path, name: str) -> Told:
    """Send requests from a process of its own; its files stand in the folder under this name.

    Raises:
        LoadFailed: the process did not end as it should.
    """
    file, told = folder / f"requests-{name}", folder / f"told-{name}"
    await asyncio.to_thread(write_requests, file, requests)
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.load", str(file), str(told)),
        stdin=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    await child.communicate(msgspec.json.encode(job))
    file.unlink()
    if child.returncode != 0:
        raise LoadFailed(f"the load generator ended with {child.returncode}")
    heard = msgspec.json.decode(told.read_bytes(), type=Told)
    told.unlink()
    return heard


def _port(url: str) -> int:
    return int(url.rpartition(":")[2])
