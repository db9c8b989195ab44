"""The committer on a real server: claims, poison, two processes, and a server that goes away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import asyncpg
import pytest

from kruispunt.postgres import (
    Bundle,
    Commit,
    Committed,
    Database,
    Lost,
    Query,
    Statement,
    Write,
)
from kruispunt.postgres.driver import connect
from kruispunt.vocabulary import Unavailable

TABLES = """
create table claim (key text primary key, owner integer not null);
create table note (position bigserial primary key, number integer not null check (number < 1000));
create table seal (number integer primary key);
create type new_claim as (key text, owner integer);
create type new_number as (number integer);
"""
CLAIM = Statement(
    Query(
        "claim",
        "insert into claim (key, owner) select c.key, c.owner "
        "from unnest($1::new_claim[]) as c on conflict (key) do nothing returning key",
    ),
    width=2,
    key=(0,),
)
NUMBERS = "select n.number from unnest($1::new_number[]) as n"
NOTE = Statement(Query("note", f"insert into note (number) {NUMBERS}"), width=1)
SEAL = Statement(
    Query("seal", f"insert into seal (number) {NUMBERS} on conflict do nothing"), width=1
)
ORDER = (CLAIM, NOTE, SEAL)
COUNT = Query("count", "select number from note order by position")


def note(number: int, *, key: str | None = None) -> Bundle:
    claims = () if key is None else (Write(CLAIM, (key, number)),)
    return Bundle(writes=(*claims, Write(NOTE, (number,))), mark=b"%d" % number)


@pytest.fixture
async def database(empty_database: str) -> AsyncIterator[Database]:
    opened = await Database.open(empty_database)
    async with opened.transaction() as connection:
        await connection.execute(TABLES)
    yield opened
    await opened.close()


@pytest.fixture
async def commit(database: Database) -> AsyncIterator[Commit]:
    started = Commit(database, order=ORDER, linger_s=0.05)
    await started.start()
    yield started
    await started.stop()


async def notes(database: Database) -> list[int]:
    return [record["number"] for record in await database.fetch(COUNT)]


async def end_connections(dsn: str) -> None:
    """End every other connection to this database, as an operator or a crash would."""
    connection = await connect(dsn, name="test", timeout_s=10)
    await connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid()"
    )
    await connection.close()


async def test_rows_stand_in_the_order_of_bundles_and_groups_know_their_marks(
    commit: Commit, database: Database
):
    results = await asyncio.gather(*[commit.run(note(number)) for number in range(100)])

    assert await notes(database) == list(range(100))
    for number, result in enumerate(results):
        assert isinstance(result, Committed)
        assert result.group.marks[result.index] == b"%d" % number


async def test_the_first_of_a_group_has_the_key_and_the_others_write_nothing_after_it(
    commit: Commit, database: Database
):
    runs = [commit.run(note(number, key=f"key {number % 3}")) for number in range(9)]

    results = await asyncio.gather(*runs)

    assert [isinstance(result, Committed) for result in results] == [True] * 3 + [False] * 6
    assert results[8] == Lost(CLAIM)
    assert await notes(database) == [0, 1, 2]
    winner = results[2]
    assert isinstance(winner, Committed)
    assert (winner.group.marks, winner.index) == ((b"0", b"1", b"2"), 2)


async def test_a_key_is_won_once_across_two_processes_that_claim_in_opposite_order(
    commit: Commit, database: Database
):
    other = Commit(database, order=ORDER)
    await other.start()
    keys = [f"key {number:03d}" for number in range(300)]

    ours = [commit.run(note(0, key=key)) for key in keys]
    theirs = [other.run(note(1, key=key)) for key in reversed(keys)]
    results = await asyncio.wait_for(asyncio.gather(*ours, *theirs), timeout=20)

    mine, yours = results[:300], list(reversed(results[300:]))
    for one, two in zip(mine, yours, strict=True):
        assert isinstance(one, Committed) != isinstance(two, Committed)
    assert len(await notes(database)) == 300
    await other.stop()


async def test_only_the_guilty_bundle_of_a_group_is_refused(commit: Commit, database: Database):
    numbers = [1, 2, 5000, 3, 6000, 4]

    results = await asyncio.gather(
        *[commit.run(note(number)) for number in numbers], return_exceptions=True
    )

    kinds = [type(result) for result in results]
    refused = asyncpg.CheckViolationError
    assert kinds == [Committed, Committed, refused, Committed, refused, Committed]
    assert await notes(database) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "poison",
    [
        Bundle(writes=(Write(NOTE, ("not a number",)),)),
        Bundle(writes=(Write(NOTE, (1, 2)),)),
        Bundle(writes=(Write(Statement(Query("unknown", "select 1"), width=1), (1,)),)),
    ],
)
async def test_a_bundle_that_can_not_be_sent_harms_nobody_else(
    commit: Commit, database: Database, poison: Bundle
):
    results = await asyncio.gather(
        commit.run(note(1)), commit.run(poison), commit.run(note(2)), return_exceptions=True
    )

    assert isinstance(results[1], ValueError | asyncpg.DataError | asyncpg.InterfaceError)
    assert await notes(database) == [1, 2]


async def test_a_refused_bundle_that_rides_is_counted_and_dropped(
    commit: Commit, database: Database
):
    commit.later(note(5000))
    commit.later(note(7))
    await commit.run(note(8))

    assert commit.dropped == 1
    assert await notes(database) == [7, 8]


async def test_a_connection_that_ended_meanwhile_costs_nobody_an_answer(
    commit: Commit, database: Database, empty_database: str
):
    await commit.run(note(1))

    await end_connections(empty_database)
    await asyncio.sleep(0.1)  # for the end to arrive

    assert isinstance(await commit.run(note(2)), Committed)
    assert await notes(database) == [1, 2]


async def test_what_was_told_committed_stands_when_connections_are_cut_under_load(
    commit: Commit, database: Database, empty_database: str
):
    told: list[int] = []
    away: list[int] = []

    async def client(first: int) -> None:
        for number in range(first, 1000, 16):
            commit.later(Bundle(writes=(Write(SEAL, (number,)),)))
            try:
                await commit.run(note(number))
                told.append(number)
            except Unavailable:
                away.append(number)

    async def cutter() -> None:
        for _ in range(5):
            await asyncio.sleep(0.01)
            await end_connections(empty_database)

    await asyncio.wait_for(asyncio.gather(cutter(), *map(client, range(16))), timeout=60)
    await commit.stop()

    with suppress(Unavailable):  # a connection of the pool that was cut
        await notes(database)
    stand = await notes(database)
    sealed = await database.fetch(Query("sealed", "select number from seal"))
    assert len(told) + len(away) == 1000
    assert away, "expected some to be cut off"
    assert set(told) <= set(stand)
    assert len(stand) == len(set(stand))
    assert {record["number"] for record in sealed} == set(range(1000))
    assert commit.dropped == 0


async def test_who_waits_for_a_database_that_does_not_answer_is_told_so(database: Database):
    commit = Commit(database, order=ORDER, timeout_s=0.3)
    await commit.start()
    async with database.transaction() as other:
        await other.execute("lock table note in access exclusive mode")

        with pytest.raises(Unavailable):
            await asyncio.wait_for(commit.run(note(1)), timeout=5)

    assert isinstance(await commit.run(note(2)), Committed)
    assert await notes(database) == [2]
    await commit.stop()


async def test_a_deadlock_is_tried_again(commit: Commit, database: Database):
    async with database.transaction() as other:
        await other.execute("insert into claim (key, owner) values ('b', 9)")
        run = asyncio.create_task(
            commit.run(Bundle(writes=(Write(CLAIM, ("a", 1)), Write(CLAIM, ("b", 1)))))
        )
        await asyncio.sleep(0.1)
        with suppress(asyncpg.DeadlockDetectedError):
            await other.execute("insert into claim (key, owner) values ('a', 9)")

    assert isinstance(await asyncio.wait_for(run, timeout=10), Committed | Lost)
