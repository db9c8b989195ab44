"""The embedded server, and what institutions may do on any server."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest

from kruispunt.postgres import (
    Bundle,
    Commit,
    Database,
    EmbeddedCluster,
    ExternalCluster,
    Home,
    Query,
    Statement,
    Write,
    WrongCluster,
    database_name,
    provision,
)
from kruispunt.vocabulary import InstitutionCode, Unavailable

ONE = Query("one", "select 1 as n")
NUMBERS = "select n.number from unnest($1::new_number[]) as n"
NOTE = Statement(Query("note", f"insert into note (number) {NUMBERS}"), width=1)
SEAL = Statement(
    Query("seal", f"insert into seal (number) {NUMBERS} on conflict do nothing"), width=1
)
SERVER = EmbeddedCluster | ExternalCluster


@pytest.fixture
def parent() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="kruispunt-parent-"))
    yield folder
    shutil.rmtree(folder)


def modes(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mode for path in (folder, *folder.parents)}


async def answers(cluster: EmbeddedCluster) -> int:
    database = await Database.open(cluster.dsn(), size=1)
    found = await database.fetch(ONE)
    await database.close()
    return found[0]["n"]


async def test_a_server_under_a_private_folder_leaves_the_mode_of_every_parent(parent: Path):
    private = parent / "private"
    private.mkdir(mode=0o700)
    before = modes(private)
    cluster = EmbeddedCluster(folder=private / "state", random_bytes=os.urandom)

    await cluster.start()
    answered = await answers(cluster)
    await cluster.stop()

    assert answered == 1
    assert modes(private) == before
    assert {path.stat().st_mode & 0o077 for path in (private / "state").rglob("*.pgpass")} == {0}


async def test_a_server_whose_owner_was_killed_is_stopped_and_its_data_is_kept(parent: Path):
    first = EmbeddedCluster(folder=parent, random_bytes=os.urandom)
    await first.start()
    stale = first.server
    assert stale is not None
    database = await Database.open(first.dsn(), size=1)
    await database.execute(Query("make", "create table kept as select 7 as n"))

    second = EmbeddedCluster(folder=parent, random_bytes=os.urandom)
    starting = asyncio.create_task(second.start())
    await asyncio.to_thread(stale.wait)
    await starting

    again = await Database.open(second.dsn(), size=1)
    found = await again.fetch(Query("kept", "select n from kept"))
    assert found[0]["n"] == 7
    await again.close()
    await database.close()
    await second.stop()


async def test_a_server_that_was_killed_with_connections_open_starts_again(parent: Path):
    cluster = EmbeddedCluster(folder=parent, random_bytes=os.urandom)
    await cluster.start()
    database = await Database.open(cluster.dsn(), size=1)
    assert cluster.server is not None
    cluster.server.send_signal(signal.SIGKILL)
    cluster.server.wait()

    await cluster.start()

    assert (await database.fetch(ONE))[0]["n"] == 1
    await database.close()
    await cluster.stop()


async def test_what_was_told_committed_stands_after_the_server_was_killed_under_load(parent: Path):
    cluster = EmbeddedCluster(folder=parent, random_bytes=os.urandom)
    await cluster.start()
    database = await Database.open(cluster.dsn(), size=1)
    await database.execute(Query("note", "create table note (number integer)"))
    await database.execute(Query("seal", "create table seal (number integer primary key)"))
    await database.execute(Query("row", "create type new_number as (number integer)"))
    commit = Commit(database, order=(NOTE, SEAL))
    await commit.start()
    told: list[int] = []

    async def client(first: int) -> None:
        for number in range(first, 1_000_000, 16):
            if killed.done():
                return
            commit.later(Bundle(writes=(Write(SEAL, (number,)),)))
            ridden.append(number)
            with suppress(Unavailable):
                await commit.run(Bundle(writes=(Write(NOTE, (number,)),)))
                told.append(number)

    ridden: list[int] = []
    killed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    clients = [asyncio.create_task(client(first)) for first in range(16)]
    await asyncio.sleep(0.3)
    assert cluster.server is not None
    cluster.server.send_signal(signal.SIGKILL)
    cluster.server.wait()
    await cluster.start()
    await commit.run(Bundle(writes=(Write(NOTE, (-1,)),)))
    killed.set_result(None)
    await asyncio.gather(*clients)
    await commit.stop()

    notes = await database.fetch(Query("notes", "select number from note"))
    seals = await database.fetch(Query("seals", "select number from seal"))
    assert len(told) > 100
    assert set(told) <= {record["number"] for record in notes}
    assert {record["number"] for record in seals} == set(ridden)
    assert commit.dropped == 0
    await database.close()
    await cluster.stop()


async def test_a_note_left_by_a_dead_server_under_a_number_used_again_does_not_stop_us(
    parent: Path,
):
    cluster = EmbeddedCluster(folder=parent, random_bytes=os.urandom)
    await cluster.start()
    await cluster.stop()
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster.data}\n")

    await cluster.start()

    assert await answers(cluster) == 1
    await cluster.stop()


async def test_files_of_another_major_version_are_refused_untouched(parent: Path):
    cluster = EmbeddedCluster(folder=parent, random_bytes=os.urandom)
    cluster.data.mkdir()
    (cluster.data / "PG_VERSION").write_text("12\n")

    with pytest.raises(WrongCluster, match="is of PostgreSQL 12, this program brings"):
        await cluster.start()

    assert [path.name for path in cluster.data.iterdir()] == ["PG_VERSION"]


async def test_a_folder_with_a_long_name_still_gets_a_socket(parent: Path):
    deep = parent / ("deep" * 20) / ("deeper" * 10)
    cluster = EmbeddedCluster(folder=deep, random_bytes=os.urandom)

    await cluster.start()

    assert len(str(cluster.socket)) < 100
    assert await answers(cluster) == 1
    await cluster.stop()
    shutil.rmtree(cluster.socket)


async def homes(cluster: SERVER) -> tuple[Home, Home]:
    own = await provision(cluster, InstitutionCode("Fund-A"))
    other = await provision(cluster, InstitutionCode("fund.b"))
    return own, other


async def drop(cluster: SERVER, *institutions: str) -> None:
    admin = await Database.open(cluster.dsn(), size=1)
    for institution in institutions:
        name = database_name(InstitutionCode(institution))
        await admin.execute(Query("drop", f"drop database {name} with (force)"))
        for role in (f"{name}_reader", name):
            await admin.execute(Query("drop", f"drop role {role}"))
    await admin.close()


async def test_an_institution_owns_its_database_and_can_not_enter_another(cluster: SERVER):
    own, other = await homes(cluster)
    owner = await Database.open(own.owner_dsn, size=1)
    await owner.execute(Query("make", "create schema file"))
    trespass = cluster.dsn(database=own.database, role=other.database)

    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="CONNECT"):
        await Database.open(trespass, size=1)

    assert await owner.fetch(ONE)
    await owner.close()
    await drop(cluster, "Fund-A", "fund.b")


async def test_the_reader_of_an_institution_reads_what_comes_later_and_writes_nothing(
    cluster: SERVER,
):
    own, _ = await homes(cluster)
    again, _ = await homes(cluster)
    owner = await Database.open(own.owner_dsn, size=1)
    await owner.execute(Query("schema", "create schema file"))
    await owner.execute(Query("table", "create table file.person as select 7 as n"))
    reader = await Database.open(own.reader_dsn, size=1)

    found = await reader.fetch(Query("read", "select n from file.person"))
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await reader.execute(Query("write", "insert into file.person values (8)"))
    async with reader.transaction() as connection:
        await connection.execute("set transaction read write")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("insert into file.person values (8)")

    assert again == own
    assert found[0]["n"] == 7
    await owner.close()
    await reader.close()
    await drop(cluster, "Fund-A", "fund.b")


async def test_an_installed_server_that_is_away_is_unavailable(cluster: SERVER):
    away = ExternalCluster(
        admin_dsn="postgresql://admin@/postgres?host=/nowhere", secrets=cluster.secrets
    )

    with pytest.raises(Unavailable):
        await away.start()
