"""What a case costs: `python -m bench.circuit [--json] [--short] [--record]`.

Cases of one insurer in the real house (`kruispunt up`), opened at its door as its clerks do: about
risks that take seven consultations, a request to an employer and an L500 of two answers. How many
did is among the figures. Timed until all requests are sent, from the opening and by the clock of
the process: put in a mailbox, or printed where the employer chose paper. First at a steady rate,
then as fast as they go, until the last answer of an L500 came; CPU by process. Destinations that
chose mail have a key. Persons fall ill more than once where there are fewer of them than cases.
"""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter
from typing import Annotated
from uuid import UUID

import msgspec
import polars as pl
from cyclopts import App, Parameter

from bench import page, record
from bench.circuit_rows import (
    COPIES,
    DESTINATIONS,
    DONE,
    ROWS,
    UNANSWERED,
    UNDONE,
    Done,
    shape,
    within,
)
from bench.cpu import memory_mb, used
from bench.figures import Figure
from bench.house import DATABASE, Running, running, write_settings
from bench.machine import commit, machine
from bench.opened import state_folder
from bench.page import tell
from bench.risks import RiskOf, risks_of, whole_circuits
from bench.whom import chosen
from kruispunt.cli.clock import now, random_bytes
from kruispunt.client import (
    CASE_TAG,
    CASES_PATH,
    CaseRequest,
    ContactBody,
    PeriodBody,
    RiskBody,
    canonical,
)
from kruispunt.people import Population
from kruispunt.vocabulary import InstitutionCode
from kruispunt.web import Http, SigningKey, add_keys, make_key, read_key, sign_request

STEADY_PER_SECOND = 10
AT_ONCE = 32
LOOKED_AT = 20
DONE_S = 300.0
KEYS_LAST = timedelta(days=30)
LIFE_S = 120

app = App(help="Measure cases.")

Figures = dict[str, Figure]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is opened in each load."""

    people: int
    warm: int
    steady_s: int
    cases: int
    open_cases: int


FULL = Size(people=100_000, warm=100, steady_s=30, cases=1000, open_cases=100_000)
SHORT = Size(people=50_000, warm=20, steady_s=6, cases=120, open_cases=10_000)


@app.default
def main(
    *,
    json: Annotated[bool, Parameter(negative="", help="One JSON object.")] = False,
    short: Annotated[bool, Parameter(negative="", help="A small run, for a check.")] = False,
    keep: Annotated[
        bool, Parameter(name="--record", negative="", help="Add a row to the page of figures.")
    ] = False,
    state: Annotated[Path | None, Parameter(help="State folder; else a new one.")] = None,
) -> None:
    """Open cases in the real house, and print what they cost."""
    figures = asyncio.run(_measure(SHORT if short else FULL, state, short=short))
    if json:
        page.print_json(figures, {}, {})
    else:
        page.print_page("Circuit", ROWS, figures)
    if keep:
        record.record("Circuit", tuple(ROWS), figures, day=f"{now():%Y-%m-%d}")


async def _measure(size: Size, state: Path | None, *, short: bool) -> Figures:
    async with state_folder(state) as folder:
        write_settings(folder, workers=1, front={})
        async with running(folder, tell=tell) as place:
            found = await _loads(place, size)
            postgres = await place.postgres_version()
    found |= {
        "mailbox_per_second": await _mailbox(short=short),
        "oneshot_persons_per_second": await _one_shot(short=short),
    }
    return found | {"machine": machine(postgres=postgres), "commit": await commit()}


async def _loads(place: Running, size: Size) -> Figures:
    (running_at,) = place.house.network.circuits
    insurer = running_at.institution

    def choose(people: Population) -> pl.DataFrame:
        return whole_circuits(people, insurer)

    name = f"circuits-of-{insurer.lower()}"
    _, rows = await chosen(place.house, name, choose, people=size.people, tell=tell)
    if rows.height < AT_ONCE:
        raise RuntimeError(f"expected {AT_ONCE} persons for such cases, found {rows.height}")
    await _hand_out_keys(place, insurer)
    async with await Http.open(per_host=AT_ONCE) as http:
        key = read_key(place.house.place.home(insurer).key)
        opener = Opener(url=place.url(insurer), key=key, http=http)
        risks = cycle(risks_of(rows))
        bench = Bench(place=place, insurer=insurer, opener=opener, risks=risks)
        tell(f"warming up with {size.warm} cases")
        await bench.at_saturation(size.warm)
        steady = await bench.steadily(STEADY_PER_SECOND * size.steady_s)
        most = await bench.at_saturation(size.cases)
        held = await bench.beside(size.open_cases)
    return {"people": size.people, "persons": rows.height, **steady, **most, **held}


@dataclass(frozen=True, slots=True, kw_only=True)
class Opener:
    """Opens cases at the insurer's door, signed as its clerks' software signs."""

    url: str
    key: SigningKey
    http: Http

    async def open(self, of: RiskOf) -> UUID:
        """The case, which is durable now."""
        body = canonical(
            CaseRequest(
                id=UUID(bytes=random_bytes(16), version=4),
                ssin=of.ssin.digits,
                risk=RiskBody(
                    type="incapacity",
                    period=PeriodBody(begin_date=of.begin, end_date=of.until),
                ),
                contact=ContactBody(last_name="Peeters", first_name="An"),
            )
        )
        created = int(now().timestamp())
        headers = sign_request(
            self.key,
            method="POST",
            target_uri=self.url + CASES_PATH,
            body=body,
            created=created,
            expires=created + LIFE_S,
            nonce=random_bytes(16),
            tag=CASE_TAG,
        )
        reply = await self.http.post(
            self.url + CASES_PATH,
            body=body,
            headers={**headers, "content-type": "application/json"},
            timeout_s=60,
            max_bytes=2**20,
        )
        if reply.status != 201:
            raise RuntimeError(f"expected a case, found {reply.status}: {reply.body[:300]!r}")
        return UUID(msgspec.json.decode(reply.body)["head"]["case"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Loads of cases."""

    place: Running
    insurer: InstitutionCode
    opener: Opener
    risks: Iterator[RiskOf]

    @property
    def groups(self) -> Mapping[str, Sequence[int]]:
        """Processes whose CPU is told, by name."""
        network = self.place.house.network
        stations = [one.institution for one in network.stations]
        payers = {one.institution for one in network.collectors}
        payers |= {one.node for one in network.collectors}
        name = self.insurer.lower()
        return {
            "circuit": self._named(f"{name}-circuit"),
            "letters": self._named(f"{name}-letters"),
            "node": self.place.pids(self.place.node),
            "hub": self.place.pids(self.place.hub),
            "station": [pid for code in stations for pid in self.place.pids(code)],
            "payers": [pid for code in sorted(payers) for pid in self.place.pids(code)],
        }

    def _named(self, name: str) -> list[int]:
        return [note.pid for note in self.place.notes if note.name == name]

    async def steadily(self, count: int) -> Figures:
        """Open cases at a steady rate, whatever becomes of those before."""
        tell(f"{count} cases, {STEADY_PER_SECOND} per second")
        began = perf_counter()
        opening: list[asyncio.Task[UUID]] = []
        for n, risk in enumerate(islice(self.risks, count)):
            await asyncio.sleep(max(0.0, began + n / STEADY_PER_SECOND - perf_counter()))
            opening.append(asyncio.create_task(self.opener.open(risk)))
        cases = await asyncio.gather(*opening)
        took_s = perf_counter() - began
        await self._until_answered(cases)
        await self._until(lane=1)
        done = await self._done(cases)
        return {
            "steady_cases": len(cases),
            "steady_per_second": round(len(cases) / took_s, 1),
            **within(done),
        }

    async def at_saturation(self, count: int) -> Figures:
        """Open cases as fast as the door takes them, until all is answered; then for letters."""
        tell(f"{count} cases as fast as they go")
        before = self._cpu()
        began = now()
        waiting = asyncio.Semaphore(AT_ONCE)

        async def one(risk: RiskOf) -> UUID:
            async with waiting:
                return await self.opener.open(risk)

        cases = await asyncio.gather(*map(one, islice(self.risks, count)))
        await self._until_answered(cases)
        between = self._cpu()
        await self._until(lane=1)
        after = self._cpu()
        done = await self._done(cases)
        took_s = (max(one.asked for one in done) - began).total_seconds()
        last = max(max(one.answered or one.sent, one.sent) for one in done)
        letters = sum(one.letters for one in done)
        cpu = {name: (between[name] - ns) / 1e6 / count for name, ns in before.items()}
        printing = after["letters"] - before["letters"]
        return {
            "cases": count,
            "cases_per_second": round(count / took_s, 1),
            "answered_per_second": round(count / (last - began).total_seconds(), 1),
            "cpu_ms_per_case": round(sum(ms for name, ms in cpu.items() if name != "letters"), 1),
            **{f"{name}_cpu_ms": round(ms, 1) for name, ms in cpu.items() if name != "letters"},
            "letter_cpu_ms": round(printing / 1e6 / max(letters, 1), 1),
            **shape(done),
        }

    async def beside(self, count: int) -> Figures:
        """What so many other open cases cost the process in memory, once some more were opened."""
        tell(f"{count} open cases beside")
        (pid,) = self.groups["circuit"]
        before = memory_mb(pid)
        async with self.place.house.place.home(self.insurer).database() as database:
            await database.execute(COPIES, count)
        await self.at_saturation(50)
        return {
            "open_cases": count,
            "circuit_memory_mb": round(before, 1),
            "circuit_memory_open_mb": round(memory_mb(pid), 1),
        }

    def _cpu(self) -> dict[str, int]:
        found = {name: used(pids) for name, pids in self.groups.items()}
        cluster = self._named(DATABASE)
        found[DATABASE] = used(cluster, descend=True)
        return {name: sum(one.by_pid.values()) + one.reaped for name, one in found.items()}

    async def _until(self, *, lane: int) -> None:
        """Wait until nothing is left to do in a lane."""
        async with self.place.house.place.home(self.insurer).database() as database:
            deadline = perf_counter() + DONE_S
            while (await database.fetch(UNDONE, lane))[0]["n"]:
                if perf_counter() > deadline:
                    raise RuntimeError("expected all to be done in time")
                await asyncio.sleep(0.1)

    async def _until_answered(self, cases: Sequence[UUID]) -> None:
        """Wait until nothing is left to ask, and each L500 has the answers that it expects.

        A few cases are looked at at a time, since the looks are CPU of the database too: looking
        through a thousand took it most of a second.
        """
        await self._until(lane=0)
        async with self.place.house.place.home(self.insurer).database() as database:
            deadline = perf_counter() + DONE_S
            for first in range(0, len(cases), LOOKED_AT):
                few = list(cases[first : first + LOOKED_AT])
                while (await database.fetch(UNANSWERED, few))[0]["n"]:
                    if perf_counter() > deadline:
                        raise RuntimeError("expected all to be answered in time")
                    await asyncio.sleep(0.2)

    async def _done(self, cases: Sequence[UUID]) -> list[Done]:
        async with self.place.house.place.home(self.insurer).database() as database:
            rows = await database.fetch(DONE, list(cases))
        return [Done(**dict(row)) for row in rows]


async def _hand_out_keys(place: Running, insurer: InstitutionCode) -> None:
    """Destinations that chose mail get a key, which the insurer knows."""
    (station, *_) = place.house.network.stations
    async with place.house.place.home(station.institution).database() as database:
        rows = await database.fetch(DESTINATIONS)
    begin = now()
    keys = [
        make_key(
            InstitutionCode(row["number"]), key_id=f"{row['number']}/1", random_bytes=random_bytes
        ).public(not_before=begin, not_after=begin + KEYS_LAST)
        for row in rows
    ]
    tell(f"{len(keys)} destinations have a key")
    add_keys(keys, place.house.place.home(insurer).ring)


class Mailed(msgspec.Struct):
    """What is read of the figures of mail."""

    mailbox_per_second: float


class Filed(msgspec.Struct):
    """What is read of the figures of the one-time file."""

    oneshot_persons_per_second: float


async def _mailbox(*, short: bool) -> Figure:
    """How much mail is read and acknowledged, as `bench.mailbox` measures it."""
    tell("mail")
    said = await _beside("bench.mailbox", short=short)
    return None if said is None else msgspec.json.decode(said, type=Mailed).mailbox_per_second


async def _one_shot(*, short: bool) -> Figure:
    """How many persons of a one-time file arrive, as `bench.one_shot` measures it."""
    tell("one-time file")
    said = await _beside("bench.one_shot", short=short)
    if said is None:
        return None
    return msgspec.json.decode(said, type=Filed).oneshot_persons_per_second


async def _beside(module: str, *, short: bool) -> bytes | None:
    """What another benchmark prints; None where it fails."""
    words = ["-m", module, "--json", *(["--short"] if short else [])]
    child = await asyncio.create_subprocess_exec(sys.executable, *words, stdout=PIPE)
    said, _ = await child.communicate()
    return None if child.returncode else said


if __name__ == "__main__":
    app()
