"""What is forgotten when clocks jump: nothing that counts still, and in the end what is old."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from msgspec import structs
from tests.contract.ledger_house import a_ledger
from tests.house import NOON, Clock, a_hub, a_question, again
from tests.together import together

from kruispunt.audit import Trail
from kruispunt.cli.sweep import Sweep
from kruispunt.exchange import Claims, Hub
from kruispunt.postgres import Commit, Database, Query
from kruispunt.station.log import STATEMENTS, Log, Look
from kruispunt.vocabulary import (
    Answer,
    ClauseId,
    FlowId,
    Proof,
    Question,
    SameMessageOtherContent,
    WrongSignature,
)

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
KEEP = 30 * DAY
JUMPS = (HOUR, DAY, 40 * DAY, -HOUR, -DAY, -40 * DAY)


@dataclass
class Times:
    """The wall clock of a process, and its monotonic clock, which counts from its start."""

    wall: Clock = field(default_factory=Clock)
    passed: timedelta = timedelta()

    def monotonic(self) -> float:
        return self.passed.total_seconds()

    def pass_by(self, time: timedelta) -> None:
        """Time that really passes."""
        self.wall.pass_by(time)
        self.passed += time


@dataclass(frozen=True)
class Process:
    hub: Hub
    sweep: Sweep
    asked: Sequence[object]

    async def go(self, times: Times, time: timedelta, *, step: timedelta = 5 * MINUTE) -> None:
        """Let time pass, with a sweep at each step."""
        end = times.passed + time
        while times.passed < end:
            times.pass_by(step)
            await self.sweep.once()


@asynccontextmanager
async def a_process(dsn: str, times: Times) -> AsyncGenerator[Process]:
    """A hub with its own pool, committer and sweep: all that processes share is the store."""
    twin = a_hub()
    async with a_ledger(dsn, clock=times.wall) as (ledger, rooms):
        assert rooms.database is not None
        assert isinstance(ledger.trail, Trail)
        claims = Claims(database=rooms.database)
        sweep = Sweep(
            claims=claims,
            trail=ledger.trail,
            clock=claims.clock(times.monotonic),
            keep=KEEP,
            now=times.wall,
        )
        await sweep.once()
        yield Process(replace(twin.hub, ledger=ledger), sweep, twin.asked)


@dataclass(frozen=True)
class Played:
    """What was answered, each with its bytes: alone, the same message again, and a set."""

    alone: Question
    repeat: Question
    several: list[Question]

    async def is_refused(self, process: Process) -> None:
        before = len(process.asked)
        for one in (self.alone, self.repeat):
            with pytest.raises(WrongSignature):
                await process.hub.serve(one)
        with pytest.raises(WrongSignature):
            await process.hub.serve_many(self.several)
        assert len(process.asked) == before


def signed_at(question: Question, at: datetime) -> Question:
    proof = structs.replace(
        question.proof, created=int(at.timestamp()), expires=int(at.timestamp()) + 60
    )
    return structs.replace(question, proof=proof, received_at=at)


async def play(process: Process, times: Times, *, message: int = 1) -> Played:
    one, two, three = [signed_at(a_question(message=message + n), times.wall()) for n in range(3)]
    played = Played(one, again(one), together([two, three]))
    assert isinstance(await process.hub.serve(played.alone), Answer)
    repeated = await process.hub.serve(played.repeat)
    assert isinstance(repeated, Answer)
    assert repeated.repeated
    told = await process.hub.serve_many(played.several)
    assert all(isinstance(each, Answer) and not each.repeated for each in told)
    return played


@pytest.mark.parametrize("jump", JUMPS, ids=str)
async def test_nothing_is_won_twice_after_a_clock_jumped_while_the_sweep_ran(
    empty_database: str, jump: timedelta
):
    times = Times()
    async with a_process(empty_database, times) as process:
        played = await play(process, times)

        times.wall.pass_by(jump)
        await process.go(times, HOUR)
        meanwhile = await play(process, times, message=11)
        await process.go(times, HOUR)
        times.wall.pass_by(-jump)
        await process.go(times, HOUR)

        await played.is_refused(process)
        await meanwhile.is_refused(process)
        with pytest.raises(SameMessageOtherContent):
            await process.hub.serve(a_question(message=1, content="another"))
        with pytest.raises(SameMessageOtherContent):
            await process.hub.serve(a_question(message=11, content="another"))


@pytest.mark.parametrize("jump", JUMPS, ids=str)
async def test_nor_by_processes_that_started_during_the_jump(empty_database: str, jump: timedelta):
    async with a_process(empty_database, right := Times()) as process:
        played = await play(process, right)

        for start in range(3):
            wrong = Times(Clock(right.wall() + jump), passed=start * 100 * DAY)
            async with a_process(empty_database, wrong) as another:
                await another.go(wrong, 20 * MINUTE)
                await played.is_refused(another)
            right.pass_by(20 * MINUTE)

        await process.go(right, HOUR)
        await played.is_refused(process)


async def test_many_processes_put_the_clock_on_no_faster_than_one(empty_database: str):
    async with a_process(empty_database, first := Times()) as one:
        start = first.wall()
        async with (
            a_process(empty_database, second := Times(Clock(start + 40 * DAY))) as two,
            a_process(empty_database, third := Times(Clock(start + 80 * DAY))) as three,
        ):
            for _ in range(12):
                for times in (first, second, third):
                    times.pass_by(5 * MINUTE)
                for process in (one, two, three):
                    await process.sweep.once()
            at = await one.sweep.clock.tick(now=start)

    assert start + HOUR <= at <= start + 2 * HOUR


@pytest.mark.parametrize("jump", [timedelta(), 40 * DAY, -40 * DAY], ids=str)
async def test_what_is_old_goes_away_though_the_clock_was_wrong_when_the_database_was_new(
    empty_database: str, jump: timedelta
):
    times = Times(Clock(NOON + jump))
    async with a_process(empty_database, times) as process:
        await play(process, times)
        times.wall.pass_by(-jump)

        await process.go(times, 31 * DAY, step=6 * HOUR)
        assert await claims_of(process) == (0, 0)


async def test_what_is_old_goes_away_in_time_and_not_before(empty_database: str):
    times = Times()
    async with a_process(empty_database, times) as process:
        await play(process, times)

        await process.go(times, DAY)
        assert await claims_of(process) == (3, 3)
        await process.go(times, 10 * MINUTE)
        assert await claims_of(process) == (0, 3)
        await process.go(times, 28 * DAY + 18 * HOUR, step=6 * HOUR)
        assert await claims_of(process) == (0, 3)
        await process.go(times, 6 * HOUR, step=6 * HOUR)
        assert await claims_of(process) == (0, 0)


async def test_a_clock_that_fell_behind_since_nobody_ran_comes_up_with_the_wall_clock(
    empty_database: str,
):
    async with a_process(empty_database, Times()):
        pass
    later = Times(Clock(NOON + 2 * HOUR))
    async with a_process(empty_database, later) as process:
        await process.go(later, HOUR)
        halfway = await process.sweep.clock.tick(now=later.wall())
        await process.go(later, 2 * HOUR)
        at = await process.sweep.clock.tick(now=later.wall())

    assert halfway == NOON + 2 * HOUR
    assert at == later.wall()


async def test_claims_of_a_store_without_a_clock_have_their_own_times(empty_database: str):
    async with a_process(empty_database, times := Times()) as process:
        await process.sweep.claims.database.execute(NO_CLOCK)
        await play(process, times)
        await process.sweep.once()

        assert await claims_of(process) == (3, 3)


NO_CLOCK = Query(name="no_clock", sql="delete from exchange.clock")
COUNT = Query(
    name="count_claims",
    sql="select (select count(*) from exchange.nonce) as nonces,"
    " (select count(*) from exchange.message) as messages",
)


async def claims_of(process: Process) -> tuple[int, int]:
    (row,) = await process.sweep.claims.database.fetch(COUNT)
    return row["nonces"], row["messages"]


@asynccontextmanager
async def a_log(dsn: str, times: Times) -> AsyncGenerator[Log]:
    """A station's log, as a process of its own would have it."""
    database = await Database.open(dsn, size=2)
    commit = Commit(database, order=STATEMENTS)
    await commit.start()
    try:
        yield Log(database=database, commit=commit, monotonic=times.monotonic)
    finally:
        await commit.stop()
        await database.close()


async def look(log: Log, proof: Proof) -> None:
    one = Look(
        at=NOON,
        entry=UUID(int=1),
        flow=FlowId("cow.consult"),
        ssin=None,
        clause=ClauseId("01/001.a"),
        rows=0,
    )
    await log.write([one], proof)


async def forget(log: Log, times: Times, time: timedelta, *, step: timedelta = MINUTE) -> None:
    end = times.passed + time
    while times.passed < end:
        times.pass_by(step)
        await log.forget_nonces(now=times.wall())


@pytest.mark.parametrize("jump", JUMPS, ids=str)
async def test_a_station_answers_nothing_twice_whatever_its_clock_said(
    empty_database: str, jump: timedelta
):
    proof = signed_at(a_question(), NOON).proof
    async with a_log(empty_database, right := Times()) as log:
        await log.forget_nonces(now=right.wall())
        await look(log, proof)
        right.wall.pass_by(jump)
        await forget(log, right, HOUR)
        meanwhile = signed_at(a_question(), right.wall()).proof
        await look(log, meanwhile)

        async with a_log(empty_database, wrong := Times(Clock(right.wall()))) as another:
            await forget(another, wrong, HOUR)
            for used in (proof, meanwhile):
                with pytest.raises(WrongSignature):
                    await look(another, used)

        right.wall.pass_by(-jump)
        await forget(log, right, HOUR)
        for used in (proof, meanwhile):
            with pytest.raises(WrongSignature):
                await look(log, used)


async def test_a_station_forgets_a_nonce_a_day_after_its_signature(empty_database: str):
    proof = signed_at(a_question(), NOON).proof
    async with a_log(empty_database, times := Times()) as log:
        await log.forget_nonces(now=times.wall())
        await look(log, proof)

        await forget(log, times, DAY, step=10 * MINUTE)
        with pytest.raises(WrongSignature):
            await look(log, proof)
        await forget(log, times, 10 * MINUTE)
        await look(log, proof)
