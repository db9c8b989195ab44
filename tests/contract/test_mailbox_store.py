"""Mailboxes on PostgreSQL when things go wrong: late commits, two writers, a killed server."""

import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import pytest
from tests.contract.mailbox_house import (
    DAY,
    MOMENT,
    MailHouse,
    a_mail,
    arrivals_of,
    on_postgres,
)
from tests.contract.test_postgres_commit import end_connections

from kruispunt.mailbox import PUT, Arrivals, Batch, Mailboxes, put_mail
from kruispunt.postgres import (
    Bundle,
    Commit,
    Database,
    EmbeddedCluster,
    Lost,
    Query,
    Statement,
    StoreClock,
    Write,
    migrate,
    migrated_rooms,
    migrations_folder,
)
from kruispunt.vocabulary import Mail, Unavailable

PARTS = Query(
    "parts",
    "select c.relname as name from pg_class as c join pg_inherits as i on i.inhrelid = c.oid"
    " where i.inhparent = 'mailbox.mail'::regclass order by 1",
)
NOTE = Query(
    "note",
    "insert into note (number) select n.number from unnest($1::new_note[]) as n (number)"
    " on conflict do nothing returning number",
)
CLAIM = Statement(NOTE, width=1, key=(0,))


@pytest.fixture
async def house(empty_database: str) -> AsyncGenerator[MailHouse]:
    async with on_postgres(empty_database) as found:
        yield found


def database_of(house: MailHouse) -> Database:
    assert isinstance(house.store, Mailboxes)
    return house.store.database


def row_of(mail: Mail) -> tuple[object, ...]:
    return put_mail(mail)[0].row


async def test_a_reader_skips_no_mail_whose_commit_comes_late(
    house: MailHouse, empty_database: str
):
    async with on_postgres(empty_database) as other:
        async with database_of(house).transaction() as late:
            await late.execute(PUT.query.sql, [row_of(a_mail(1))])
            following = asyncio.create_task(house.put(a_mail(2)))
            await other.put(a_mail(9, to="BERT"))
            await asyncio.sleep(0.1)
            early = await house.numbers()
            assert not following.done()

        await following

    assert early == []
    assert await house.numbers() == [1, 2]
    assert await house.numbers("BERT") == [9]


async def test_a_commit_that_is_rolled_back_leaves_neither_mail_nor_its_id(house: MailHouse):
    with suppress(ZeroDivisionError):
        async with database_of(house).transaction() as undone:
            await undone.execute(PUT.query.sql, [row_of(a_mail(1))])
            raise ZeroDivisionError

    await house.put(a_mail(2), a_mail(1))

    assert await house.numbers() == [2, 1]


async def test_a_reader_that_reads_on_gets_all_that_two_processes_write_once_and_in_order(
    house: MailHouse, empty_database: str
):
    read: list[int] = []

    async def write(put: MailHouse, first: int) -> None:
        for start in range(first, first + 200, 5):
            mails = [a_mail(number, to="ANNA") for number in range(start, start + 5)]
            await put.put(*mails, a_mail(start, to="BERT"))

    async def follow() -> None:
        after = 0
        while len(read) < 400:
            batch = await house.store.read("ANNA", after=after, limit=7)
            read.extend(letter.mail.id.int for letter in batch.letters)
            after = batch.letters[-1].position if batch.letters else after

    async with on_postgres(empty_database) as other, asyncio.timeout(60):
        await asyncio.gather(write(house, 1), write(other, 1001), follow())

    ours = [number for number in read if number < 1000]
    theirs = [number for number in read if number > 1000]
    assert ours == list(range(1, 201))
    assert theirs == list(range(1001, 1201))


async def test_writers_who_put_for_the_same_two_in_opposite_order_do_not_stop_each_other(
    house: MailHouse, empty_database: str
):
    async with on_postgres(empty_database) as other, asyncio.timeout(30):
        for number in range(1, 60):
            await asyncio.gather(
                house.put(a_mail(number, to="ANNA"), a_mail(number, to="BERT")),
                other.put(a_mail(1000 + number, to="BERT"), a_mail(1000 + number, to="ANNA")),
            )

    for name in ("ANNA", "BERT"):
        assert len(await house.numbers(name)) == 118


async def test_mail_stands_with_what_it_was_committed_with_and_not_where_that_lost(
    house: MailHouse,
):
    database = database_of(house)
    async with database.transaction() as connection:
        await connection.execute(
            "create table note (number integer primary key);"
            "create type new_note as (number integer)"
        )
    commit = Commit(database, order=(CLAIM, PUT))
    await commit.start()
    bundles = [
        Bundle(writes=(Write(CLAIM, (claim,)), *put_mail(a_mail(number))))
        for claim, number in ((1, 1), (1, 2), (2, 3))
    ]

    first = [await commit.run(bundle) for bundle in bundles[:1]]
    rest = await asyncio.gather(*(commit.run(bundle) for bundle in bundles[1:]))
    await commit.stop()

    assert [isinstance(result, Lost) for result in (*first, *rest)] == [False, True, False]
    assert await house.numbers() == [1, 3]


async def test_days_stand_ahead_and_are_dropped_once_they_are_old_and_empty(house: MailHouse):
    database = database_of(house)
    await house.put(a_mail(1), a_mail(2, sent_at=MOMENT + DAY))
    await house.put(a_mail(3, sent_at=MOMENT - 400 * DAY))
    await house.store.acknowledge("ANNA", [UUID(int=1)])

    before = [row["name"] for row in await database.fetch(PARTS)]
    ended = await house.store.end(before=MOMENT + DAY, now=MOMENT + 31 * DAY)
    after = [row["name"] for row in await database.fetch(PARTS)]

    assert before == [
        "mail_2031_03_05",
        "mail_2031_03_06",
        "mail_2031_03_07",
        "mail_2031_03_08",
        "mail_rest",
    ]
    assert after == before[1:]
    assert (ended.days, ended.lost) == ((MOMENT.date(),), 1)
    assert await house.numbers() == [2]
    await house.put(a_mail(1))
    assert await house.numbers() == [2, 1]


async def test_a_day_that_somebody_writes_to_is_not_dropped_and_holds_nobody_up(house: MailHouse):
    async with database_of(house).transaction() as late:
        await late.execute(PUT.query.sql, [row_of(a_mail(1))])
        ended = await house.store.end(before=MOMENT + DAY, now=MOMENT + 31 * DAY)
    again = await house.store.end(before=MOMENT + DAY, now=MOMENT + 31 * DAY)

    assert ended.days == ()
    assert (again.days, again.lost) == ((MOMENT.date(),), 1)


async def test_a_letter_released_after_its_day_was_dropped_is_delivered_and_acknowledged(
    house: MailHouse,
):
    await house.put(a_mail(1))
    later = MOMENT + 30 * DAY
    await house.store.dead("ANNA", UUID(int=1), "poison", at=later)
    await house.store.end(before=MOMENT + DAY, now=MOMENT + 31 * DAY)

    released = await house.store.release("ANNA", UUID(int=1), at=later)
    await house.store.end(before=MOMENT + 2 * DAY, now=MOMENT + 32 * DAY)

    assert released
    assert await house.numbers() == [1]
    assert await house.store.acknowledge("ANNA", [UUID(int=1)]) == 1


async def wait(house: MailHouse, arrivals: Arrivals, *, wait_s: float = 30) -> Batch:
    async def look() -> Batch:
        return await house.store.read("ANNA")

    return await arrivals.wait_for("ANNA", look, wait_s=wait_s, found=lambda b: bool(b.letters))


async def waiting(arrivals: Arrivals, count: int = 1) -> None:
    for _ in range(500):
        if arrivals.waiting == count:
            break
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)


async def test_who_waits_is_woken_by_mail_that_another_process_puts(
    house: MailHouse, empty_database: str
):
    async with arrivals_of(house) as arrivals, on_postgres(empty_database) as other:
        asked = asyncio.create_task(wait(house, arrivals))
        await waiting(arrivals)

        await other.put(a_mail(9, to="BERT"))
        await asyncio.sleep(0.1)
        assert not asked.done()
        await other.put(a_mail(1))

        async with asyncio.timeout(10):
            batch = await asked
    assert [letter.mail.id.int for letter in batch.letters] == [1]


async def test_who_waits_is_woken_though_the_connection_that_hears_was_cut(
    house: MailHouse, empty_database: str
):
    async with arrivals_of(house) as arrivals:
        asked = asyncio.create_task(wait(house, arrivals))
        await waiting(arrivals)
        await end_connections(empty_database)
        for number in (1, 2):  # the first meets the cut
            with suppress(Unavailable):
                await house.put(a_mail(number))

        async with asyncio.timeout(20):
            batch = await asked
    assert batch.letters


async def test_who_waits_looks_again_by_itself_and_is_told_at_the_end_that_there_is_nothing(
    house: MailHouse,
):
    deaf = Arrivals(look_every_s=0.05)
    asked = asyncio.create_task(wait(house, deaf))
    await waiting(deaf)
    await house.put(a_mail(1))
    async with asyncio.timeout(10):
        found = await asked
    await house.store.acknowledge("ANNA", [UUID(int=1)])

    nothing = await wait(house, deaf, wait_s=0.2)

    assert found.letters
    assert nothing == Batch()
    assert deaf.waiting == 0


async def test_no_more_may_wait_than_there_is_room_for_and_all_are_told_at_the_end(
    house: MailHouse,
):
    arrivals = Arrivals(most_waiting=2)
    asked = [asyncio.create_task(wait(house, arrivals)) for _ in range(2)]
    await waiting(arrivals, 2)

    with pytest.raises(Unavailable):
        await wait(house, arrivals)
    arrivals.close()

    async with asyncio.timeout(10):
        assert await asyncio.gather(*asked) == [Batch(), Batch()]


@pytest.fixture
def parent() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="kruispunt-mail-") as folder:
        yield Path(folder)


async def test_mail_that_was_told_committed_is_read_after_the_server_was_killed_in_the_middle(
    parent: Path,
):
    cluster = EmbeddedCluster(folder=parent, random_bytes=os.urandom)
    await cluster.start()
    folder = migrations_folder()
    await migrate(cluster.dsn(), folder=folder, rooms=migrated_rooms(folder))
    told: list[int] = []
    taken: set[int] = set()
    alive = asyncio.Event()
    async with on_postgres(cluster.dsn()) as house:

        async def put(first: int) -> None:
            for number in range(first, 1_000_000, 8):
                if alive.is_set():
                    return
                with suppress(Unavailable):
                    await house.put(a_mail(number))
                    told.append(number)

        async def take() -> None:
            while not alive.is_set():
                with suppress(Unavailable):
                    letters = (await house.store.read("ANNA", limit=5)).letters
                    ids = [letter.mail.id for letter in letters]
                    # Whoever is told nothing asks again: so it may have been done.
                    taken.update(one.int for one in ids)
                    await house.store.acknowledge("ANNA", ids)
                await asyncio.sleep(0.01)

        work = [asyncio.create_task(put(first)) for first in range(1, 9)]
        work.append(asyncio.create_task(take()))
        await asyncio.sleep(0.4)
        assert cluster.server is not None
        cluster.server.send_signal(signal.SIGKILL)
        cluster.server.wait()
        await cluster.start()
        for number in (2_000_000, 2_000_001):
            with suppress(Unavailable):
                await house.put(a_mail(number))
        alive.set()
        await asyncio.gather(*work)
        left = await house.numbers()

    assert len(told) > 50
    assert taken
    assert set(told) <= taken | set(left)
    assert len(left) == len(set(left))
    await cluster.stop()


async def test_the_clock_of_the_mailboxes_does_not_jump_with_a_wall_clock(house: MailHouse):
    assert isinstance(house.store, Mailboxes)
    seconds = [0.0]
    clock: StoreClock = house.store.clock(lambda: seconds[0])
    await clock.tick(now=MOMENT)
    seconds[0] = 60.0

    assert await clock.tick(now=MOMENT + 365 * DAY) - MOMENT <= DAY
