"""Which one-time file was sent: in memory and on PostgreSQL the same ones are let through."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID, uuid4

import pytest
from tests.house import NOON
from tests.law.inventing import FLOW, FUND, OTHER_FUND

from kruispunt.exchange import MemorySpent, PostgresSpent, Spent
from kruispunt.exchange.spent import ADD_BATCH, SPEND, WHOLE, Came, Passed, Spending
from kruispunt.postgres import Bundle, Commit, Committed, Database, Lost

ONE, OTHER = UUID(int=1), UUID(int=2)


class Store(Protocol):
    """A store, and what commits its writes."""

    @property
    def spent(self) -> Spent: ...

    async def run(self, bundle: Bundle) -> Committed | Lost: ...


@dataclass(frozen=True)
class Memory:
    spent: MemorySpent

    async def run(self, bundle: Bundle) -> Committed | Lost:
        claims = [one for one in bundle.writes if one.statement in {SPEND, ADD_BATCH}]
        lost = next((one for one in claims if not self.spent.claim(one)), None)
        if lost is not None:
            return Lost(lost.statement)
        self.spent.write(bundle.writes)
        return Committed(group=None, index=-1)  # pyright: ignore[reportArgumentType] nobody asks


@dataclass(frozen=True)
class Postgres:
    spent: PostgresSpent
    commit: Commit

    async def run(self, bundle: Bundle) -> Committed | Lost:
        return await self.commit.run(bundle)


@asynccontextmanager
async def postgres(dsn: str, *, processes: int = 1) -> AsyncGenerator[list[Postgres]]:
    database = await Database.open(dsn, size=2)
    commits = [Commit(database, order=(SPEND, ADD_BATCH)) for _ in range(processes)]
    for commit in commits:
        await commit.start()
    try:
        yield [Postgres(PostgresSpent(database=database), commit) for commit in commits]
    finally:
        for commit in commits:
            await commit.stop()
        await database.close()


@pytest.fixture(params=["memory", "postgres"])
async def store(
    request: pytest.FixtureRequest, empty_database: str
) -> AsyncGenerator[Memory | Postgres]:
    if request.param == "memory":
        yield Memory(MemorySpent())
        return
    async with postgres(empty_database) as (one,):
        yield one


def spending(file: UUID = ONE, *, sender: str = WHOLE, batches: int = 0) -> Spending:
    return Spending(flow=FLOW, sender=sender, file=file, batches=batches)


async def spend(store: Store, *spendings: Spending, mail: UUID | None = None, of: int = 0) -> bool:
    mail = mail or uuid4()
    passed = Passed(
        mail=mail,
        flow=FLOW,
        file=spendings[0].file,
        sender=FUND,
        persons=5,
        passed=4,
        recorded_at=NOON,
        digest=b"said",
        batches=of,
    )
    writes = [store.spent.spend(one, mail=mail, now=NOON) for one in spendings]
    done = await store.run(Bundle(writes=(*writes, store.spent.add(passed))))
    return isinstance(done, Committed)


async def test_r_once_the_first_file_stands_and_goes_on_and_any_other_is_lost(
    store: Memory | Postgres,
):
    """05/022 §44: once, one file for all."""
    assert await store.spent.find(spending()) is None

    assert await spend(store, spending())
    assert await spend(store, spending())
    assert not await spend(store, spending(OTHER))

    assert await store.spent.find(spending(OTHER)) == ONE


async def test_of_each_sender_one_part_of_one_length_beside_the_file_as_a_whole(
    store: Memory | Postgres,
):
    mine, theirs = (
        spending(UUID(int=8), sender=FUND, batches=3),
        spending(UUID(int=9), sender=OTHER_FUND, batches=2),
    )

    assert await spend(store, spending(), mine)
    assert await spend(store, spending(), theirs)
    assert not await spend(store, spending(), spending(OTHER, sender=FUND, batches=3))
    assert not await spend(store, spending(), spending(mine.file, sender=FUND, batches=4))
    assert not await spend(store, spending(OTHER), mine)


async def test_of_two_files_that_come_first_at_once_in_two_processes_one_is_sent(
    empty_database: str,
):
    async with postgres(empty_database, processes=2) as stores:
        files = [ONE, OTHER] * 8
        told = await asyncio.gather(
            *(spend(stores[n % 4 // 2], spending(file)) for n, file in enumerate(files))
        )

        sent = await stores[0].spent.find(spending())
        won = {file for file, taken in zip(files, told, strict=True) if taken}
        assert won == {sent}
        (so_far,) = await stores[0].spent.files()
        assert (so_far.file, so_far.batches) == (sent, sum(told))
        assert (so_far.persons, so_far.passed) == (5 * sum(told), 4 * sum(told))


async def test_a_mail_counts_once_for_ever_and_what_it_said_is_known(store: Memory | Postgres):
    assert await store.spent.came(ONE) is None

    assert await spend(store, spending(), mail=ONE)
    assert not await spend(store, spending(), mail=ONE)

    came = await store.spent.came(ONE)
    assert came == Came(sender=FUND, digest=b"said")


async def test_of_a_part_no_more_batches_are_taken_than_were_told(store: Memory | Postgres):
    mine = spending(UUID(int=8), sender=FUND, batches=2)

    told = [await spend(store, spending(), mine, of=2) for _ in range(3)]

    assert told == [True, True, False]
    assert await store.spent.count(mine) == 2


async def test_two_processes_take_together_no_more_batches_than_were_told(empty_database: str):
    async with postgres(empty_database, processes=2) as stores:
        mine = spending(UUID(int=8), sender=FUND, batches=3)

        told = await asyncio.gather(*(spend(stores[n % 2], mine, of=3) for n in range(12)))

        assert 1 <= sum(told) == await stores[0].spent.count(mine) <= 3
