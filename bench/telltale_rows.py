"""One pair of questions that nobody may tell apart, asked in pairs of random order."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from os import kill
from signal import SIGCONT, SIGSTOP
from time import perf_counter
from typing import Final

import msgspec

from bench.asks import Door, Person, signed, written
from bench.house import DECISIONS, Running
from bench.legs import HUB, ROOT, Crossing, LoadFailed
from bench.load import write_requests
from bench.telltale_ask import Heard, Job
from bench.telltale_stats import Pair
from kruispunt.postgres import Query

GRANTS: Final = Query(
    name="grants", sql="select count(*) as n from audit.decision where reason = 0"
)

PART_S: Final = 20.0
"""Signatures count for minutes, so questions are signed in parts."""

LEAD_S: Final = 3.0
"""A load knocks before it begins."""

EDGE_S: Final = 0.5
"""Who asks begins so much later than the load, and ends so much earlier."""

ABOUT_S: Final = 0.025
"""What a question takes, to guess how long a load must last; with others to ask it begins anew."""

WARM: Final = 20
"""Pairs at the start of each row that are asked and not counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Two kinds of persons at one seat; `load`: other questions a second at the hub meanwhile.

    `grants`: the second kind is granted at the hub, and the first is not. `silent`: the supplier's
    station says nothing meanwhile.
    """

    name: str
    seat: str
    kinds: tuple[Sequence[Person], Sequence[Person]]
    status: int
    grants: bool
    load: float = 0.0
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """One question of a pair, and what came back."""

    kind: int
    ms: float
    size: int
    shape: str


Answers = tuple[Said, Said]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """All pairs of a row that were answered, in their order, and what the hub's trail says."""

    row: Row
    pairs: Sequence[Answers]
    entries: int
    grants: int
    sent: tuple[int, int]
    beside: int

    @property
    def times(self) -> list[Pair]:
        """Milliseconds of each kind."""
        return [_by_kind(one, one.ms, two, two.ms) for one, two in self.pairs]

    @property
    def sizes(self) -> list[Pair]:
        """Bytes of each kind's answers, receipts included."""
        return [_by_kind(one, one.size, two, two.size) for one, two in self.pairs]

    @property
    def after(self) -> list[Pair]:
        """Milliseconds of the question after each: what was asked then is any kind.

        Only the first question of a pair says nothing of the one before it.
        """
        kinds: tuple[list[float], list[float]] = ([], [])
        for (_, last), (following, _) in zip(self.pairs, self.pairs[1:], strict=False):
            kinds[last.kind].append(following.ms)
        return list(zip(*kinds, strict=False))

    @property
    def shapes(self) -> tuple[set[str], set[str]]:
        """Every answer that each kind met, but for what differs from answer to answer."""
        found: tuple[set[str], set[str]] = (set(), set())
        for said in (said for pair in self.pairs for said in pair):
            found[said.kind].add(said.shape)
        return found

    @property
    def faults(self) -> list[str]:
        """What makes the row worthless, or tells, in words."""
        first, second = self.shapes
        status = f"HTTP/1.1 {self.row.status} "
        granted = self.sent[1] * self.row.grants + self.beside
        # Of what a node refuses the hub hears nothing.
        asked = sum(self.sent) if self.row.seat == HUB or self.row.grants else 0
        found = {
            "bodies differ": first != second or len(first) != 1,
            "expected another status": not all(one.startswith(status) for one in first | second),
            "not asked as often as told": self.entries != asked + self.beside,
            "others were granted than meant": self.grants != granted,
        }
        return [what for what, is_so in found.items() if is_so]


def _by_kind(one: Said, first: float, two: Said, second: float) -> Pair:
    assert {one.kind, two.kind} == {0, 1}
    return (second, first) if one.kind else (first, second)


@dataclass(slots=True)
class Attacker:
    """Asks the pairs of one row, again and again a part of them, until all are asked."""

    crossing: Crossing
    row: Row
    asked: list[Answers] = field(default_factory=list[Answers])
    sent: list[int] = field(default_factory=lambda: [0, 0])
    beside: int = 0

    async def ask(self, pairs: int) -> Told:
        """Ask so many pairs."""
        hub, place = self.crossing.running.hub, self.crossing.running
        before = await place.count(hub, DECISIONS), await place.count(hub, GRANTS)
        async with _silence(place, self.crossing) if self.row.silent else _nothing():
            waiting = list(self._pairs(pairs + WARM))
            while waiting:
                came = await self._part(waiting)
                self.asked += came
                waiting = waiting[len(came) :]
        after = await place.count(hub, DECISIONS), await place.count(hub, GRANTS)
        return Told(
            row=self.row,
            pairs=self.asked[WARM:],
            entries=after[0] - before[0],
            grants=after[1] - before[1],
            sent=(self.sent[0], self.sent[1]),
            beside=self.beside,
        )

    def _pairs(self, number: int) -> Iterator[tuple[int, int]]:
        """The number of the pair, and which kind comes first: by chance."""
        coins = self.crossing.chance.random_bytes(number)
        return ((n, coin & 1) for n, coin in enumerate(coins))

    async def _part(self, waiting: Sequence[tuple[int, int]]) -> list[Answers]:
        order = [(n, kind) for n, first in waiting for kind in (first, 1 - first)]
        door = self._door()
        requests = await asyncio.to_thread(self._signed, door, order)
        load = self.row.load
        begin = perf_counter() + (LEAD_S if load else 0.0)
        lasts_s = min(PART_S, 4 * EDGE_S + ABOUT_S * len(order)) if load else PART_S
        job = Job(port=door.port, begin=begin + EDGE_S, seconds=lasts_s - 2 * EDGE_S)
        async with asyncio.TaskGroup() as both:
            asking = both.create_task(_asked(self.crossing, job, requests))
            if load:
                others = self.crossing.for_hub(round(load * lasts_s))
                hears = self.crossing.hub_hears(others, per_second=load, begin=begin)
                both.create_task(hears)
                self.beside += len(others)
        heard = asking.result()
        for _, kind in order[: len(heard.ms)]:
            self.sent[kind] += 1
        return _in_pairs(order, heard)

    def _signed(self, door: Door, order: Sequence[tuple[int, int]]) -> list[bytes]:
        bodies = [self.crossing.builder.ask(self._person(n, kind)) for n, kind in order]
        chance = self.crossing.chance
        return [written(door, body, signed(door, body, chance)) for body in bodies]

    def _person(self, n: int, kind: int) -> Person:
        persons = self.row.kinds[kind]
        return persons[n % len(persons)]

    def _door(self) -> Door:
        if self.row.seat == HUB:
            return self.crossing.hub_door()
        return self.crossing.node_door(self.row.kinds[0][0].member)


def _in_pairs(order: Sequence[tuple[int, int]], heard: Heard) -> list[Answers]:
    """The pairs that were answered whole."""
    said = [
        Said(kind, ms, size, heard.all_shapes[shape])
        for (_, kind), ms, size, shape in zip(
            order, heard.ms, heard.sizes, heard.shapes, strict=False
        )
    ]
    return [(said[n], said[n + 1]) for n in range(0, len(said) - 1, 2)]


async def _asked(crossing: Crossing, job: Job, requests: Sequence[bytes]) -> Heard:
    """What one heard who asked these, in a process of its own."""
    file = crossing.folder / "asked"
    await asyncio.to_thread(write_requests, file, requests)
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.telltale_ask", str(file)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    told, _ = await child.communicate(msgspec.json.encode(job))
    file.unlink()
    if child.returncode != 0:
        raise LoadFailed(f"who asks ended with {child.returncode}")
    return msgspec.json.decode(told, type=Heard)


@asynccontextmanager
async def _silence(place: Running, crossing: Crossing) -> AsyncGenerator[None]:
    """The station takes connections and says nothing."""
    pids = place.pids(crossing.supplier)
    for pid in pids:
        kill(pid, SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            kill(pid, SIGCONT)


@asynccontextmanager
async def _nothing() -> AsyncGenerator[None]:
    """All is as it should be."""
    yield
