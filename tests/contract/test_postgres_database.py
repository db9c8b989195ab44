"""Pool, COPY and migrations on a real server."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from kruispunt.postgres import (
    Database,
    EmbeddedCluster,
    ExternalCluster,
    Query,
    WrongMigration,
    migrate,
    migrations_folder,
)
from kruispunt.vocabulary import Unavailable

ONE = Query("one", "select 1 as n")


@pytest.fixture
async def database(empty_database: str) -> AsyncIterator[Database]:
    opened = await Database.open(empty_database)
    async with opened.transaction() as connection:
        await connection.execute("create table public.heap (a integer primary key, b text)")
    yield opened
    await opened.close()


async def test_a_pool_gets_new_connections_after_its_own_were_cut(
    database: Database, empty_database: str
):
    other = await Database.open(empty_database)
    cut = Query(
        "cut",
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid()",
    )
    await database.fetch(ONE)
    await other.fetch(cut)
    await asyncio.sleep(0.05)

    found = await database.fetch(ONE)

    assert found[0]["n"] == 1
    await other.close()


async def test_a_database_that_is_not_there_is_unavailable_and_says_when_to_come_back():
    with pytest.raises(Unavailable) as told:
        await Database.open("postgresql://nobody@/nothing?host=/nowhere")

    assert told.value.retry_after_s == 1


async def test_a_statement_that_takes_too_long_is_unavailable(empty_database: str):
    database = await Database.open(empty_database, timeout_s=0.2)

    with pytest.raises(Unavailable):
        await database.fetch(Query("sleep", "select pg_sleep(10)"))

    assert await database.fetch(ONE)
    await database.close()


RUNNING = Query(
    "running",
    "select count(*) as n from pg_stat_activity where datname = current_database()"
    " and state = 'active' and query like 'select pg_sleep%'",
)
NUMBER = Query("number", "select pg_backend_pid() as n")


async def until_running(database: Database, *, count: int) -> None:
    for _ in range(1000):
        if (await database.fetch(RUNNING))[0]["n"] == count:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"expected {count} sleeping statements within 10 s")


async def test_no_more_connections_are_opened_than_may_be_and_nobody_is_forgotten(
    empty_database: str,
):
    database = await Database.open(empty_database, size=2)
    nap = Query("nap", "select pg_sleep(0.02), pg_backend_pid() as n")
    before = (database.connections, database.idle)

    found = await asyncio.gather(*[database.fetch(nap) for _ in range(10)])

    assert before == (1, 1)
    assert len({rows[0]["n"] for rows in found}) == 2
    assert (database.connections, database.idle) == (2, 2)
    await database.close()


async def test_who_stops_waiting_takes_its_statement_along_and_spoils_nothing(
    empty_database: str,
):
    database = await Database.open(empty_database, size=1)
    other = await Database.open(empty_database, size=1)
    leaving = asyncio.create_task(database.fetch(Query("sleep", "select pg_sleep(60)")))
    await until_running(other, count=1)

    leaving.cancel()

    assert (await database.fetch(ONE))[0]["n"] == 1
    await until_running(other, count=0)
    await database.close()
    await other.close()


async def test_a_connection_on_which_a_statement_was_refused_is_used_again(database: Database):
    first = (await database.fetch(NUMBER))[0]["n"]
    for wrong in ("select 1 from nowhere", "insert into public.heap values (1), (1)"):
        with pytest.raises(asyncpg.PostgresError):
            await database.fetch(Query("wrong", wrong))
    with pytest.raises(asyncpg.UndefinedTableError):
        async with database.transaction() as connection:
            await connection.execute("select 1 from nowhere")

    assert (await database.fetch(NUMBER))[0]["n"] == first


async def test_a_database_that_was_closed_waits_for_what_runs_and_takes_no_more(
    empty_database: str,
):
    database = await Database.open(empty_database)
    running = asyncio.create_task(database.fetch(Query("nap", "select pg_sleep(0.2)")))
    await asyncio.sleep(0.05)

    await database.close()

    assert running.done()
    assert database.connections == 0
    with pytest.raises(Unavailable):
        await database.fetch(ONE)


async def test_our_own_mistakes_are_not_taken_for_a_database_that_is_away(database: Database):
    with pytest.raises(asyncpg.UndefinedTableError):
        await database.fetch(Query("wrong", "select 1 from nowhere"))
    with pytest.raises(asyncpg.InterfaceError):
        await database.fetch(ONE, 1, 2)


async def test_a_transaction_stands_or_falls_as_a_whole(database: Database):
    async def twice() -> None:
        async with database.transaction() as connection:
            await connection.execute("insert into public.heap values (1, 'x')")
            await connection.execute("insert into public.heap values (1, 'y')")

    with pytest.raises(asyncpg.UniqueViolationError):
        await twice()

    assert await database.fetch(Query("all", "select a from public.heap")) == []


async def test_rows_and_bytes_are_copied_and_counted(database: Database):
    async def chunks() -> AsyncIterator[bytes]:
        yield b"3,th"
        yield b"ree\n4,four\n"

    rows = await database.copy(
        schema="public", table="heap", columns=("a", "b"), source=[(1, "one"), (2, None)]
    )
    more = await database.copy(
        schema="public", table="heap", columns=("a", "b"), source=chunks(), form="csv"
    )

    found = await database.fetch(Query("all", "select a, b from public.heap order by a"))
    assert (rows, more) == (2, 2)
    assert [tuple(row) for row in found] == [(1, "one"), (2, None), (3, "three"), (4, "four")]


@pytest.fixture
async def bare_database(
    cluster: EmbeddedCluster | ExternalCluster, tmp_path: Path
) -> AsyncIterator[str]:
    admin = await Database.open(cluster.dsn(), size=1)
    name = f"bare_{abs(hash(tmp_path))}"
    await admin.execute(Query("create", f"create database {name}"))
    yield cluster.dsn(name)
    await admin.execute(Query("drop", f"drop database {name} with (force)"))
    await admin.close()


def migrations(folder: Path, **more: str) -> Path:
    folder.mkdir(exist_ok=True)
    own = migrations_folder() / "0001_postgres_create_migration.sql"
    (folder / own.name).write_bytes(own.read_bytes())
    for name, text in more.items():
        (folder / f"{name.removeprefix('n')}.sql").write_text(text)
    return folder


async def test_migrations_are_done_once_in_order_and_only_for_the_rooms_of_a_database(
    bare_database: str, tmp_path: Path
):
    folder = migrations(
        tmp_path / "files",
        n0010_first_create_a="create table a (n integer);",
        n0020_second_create_b="create table b (n integer); insert into a values (1);",
        n0030_third_create_c="create table c (n integer);",
    )

    did = await migrate(bare_database, folder=folder, rooms={"first", "second"})
    again = await migrate(bare_database, folder=folder, rooms={"first", "second", "third"})

    assert [name[:4] for name in did] == ["0001", "0010", "0020"]
    assert again == ["0030_third_create_c.sql"]


async def test_a_migration_that_was_changed_afterwards_is_refused(
    bare_database: str, tmp_path: Path
):
    folder = migrations(tmp_path / "files", n0010_first_create_a="create table a (n integer);")
    await migrate(bare_database, folder=folder, rooms={"first"})
    migrations(folder, n0010_first_create_a="create table a (n bigint);")

    with pytest.raises(WrongMigration, match="0010_first_create_a"):
        await migrate(bare_database, folder=folder, rooms={"first"})


async def test_a_migration_that_fails_leaves_nothing_of_itself(bare_database: str, tmp_path: Path):
    folder = migrations(
        tmp_path / "files", n0010_first_create_a="create table a (n integer); select wrong;"
    )
    with pytest.raises(asyncpg.UndefinedColumnError):
        await migrate(bare_database, folder=folder, rooms={"first"})
    migrations(folder, n0010_first_create_a="create table a (n integer);")

    did = await migrate(bare_database, folder=folder, rooms={"first"})

    assert did == ["0010_first_create_a.sql"]


async def test_two_who_migrate_at_once_do_it_once(bare_database: str, tmp_path: Path):
    folder = migrations(tmp_path / "files", n0010_first_create_a="create table a (n integer);")

    did = await asyncio.gather(
        *[migrate(bare_database, folder=folder, rooms={"first"}) for _ in range(3)]
    )

    assert sorted(len(names) for names in did) == [0, 0, 2]
