"""The sealer on a real database: late transactions, two sealers, kill -9, an older database."""

import asyncio
import errno
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from tests.contract.seal_house import (
    FILL,
    a_sealer,
    checked,
    fill,
    grew,
    leaves,
    now,
    scalar,
    seal_all,
)

from kruispunt.audit import HistoryChanged, NotWritten, Published, Sealer
from kruispunt.postgres import Connection, Database
from kruispunt.postgres.driver import connect
from kruispunt.vocabulary import Checkpoint

ROOT = Path(__file__).parents[2]
WAITING = "select count(*) from audit.pending"
PLACES = "select coalesce(sum(size), 0) from audit.sealed"
KILLS = 20


@pytest.fixture
async def database(empty_database: str) -> AsyncGenerator[Database]:
    database = await Database.open(empty_database, size=4)
    yield database
    await database.close()


async def test_an_empty_trail_has_a_signed_checkpoint_of_nothing(
    database: Database, tmp_path: Path
):
    async with a_sealer(database, tmp_path) as sealer:
        await sealer.round()

    assert checked(tmp_path).size == 0


async def test_what_waits_gets_its_place_once_in_the_order_in_which_it_was_written(
    database: Database, tmp_path: Path
):
    await fill(database, 700, name="a")
    async with database.transaction() as connection:
        rows = await connection.fetch("select blinded from audit.pending order by seq")
    written = [bytes(row["blinded"]) for row in rows]

    async with a_sealer(database, tmp_path) as sealer:
        for limit in (1, 255, 1, 400, 400):
            await sealer.round(limit=limit)

    assert leaves(Published(tmp_path).tree(checked(tmp_path).size)) == written
    assert await scalar(database, WAITING) == 0


async def test_a_transaction_held_open_neither_holds_up_nor_loses_anything(
    database: Database, empty_database: str, tmp_path: Path
):
    late = await connect(empty_database, name="late", timeout_s=60)
    await late.execute("begin")
    await late.execute(FILL, 1, "late")
    await fill(database, 300)

    async with a_sealer(database, tmp_path) as sealer:
        await seal_all(sealer)
        before = checked(tmp_path)
        await late.execute("commit")
        await seal_all(sealer)
    await late.close()

    assert (before.size, checked(tmp_path).size) == (300, 301)
    assert grew(tmp_path, before, checked(tmp_path))
    assert await scalar(database, WAITING) == 0


async def test_what_was_rolled_back_leaves_a_gap_that_means_nothing(
    database: Database, empty_database: str, tmp_path: Path
):
    other = await connect(empty_database, name="other", timeout_s=60)
    await other.execute("begin")
    await other.execute(FILL, 5, "never")
    await other.execute("rollback")
    await other.close()
    await fill(database, 3)

    async with a_sealer(database, tmp_path) as sealer:
        assert await seal_all(sealer) == 3


async def test_a_second_sealer_waits_until_the_first_has_gone(database: Database, tmp_path: Path):
    order: list[str] = []

    async def second() -> None:
        async with a_sealer(database, tmp_path) as sealer:
            order.append("second")
            await seal_all(sealer)

    async with a_sealer(database, tmp_path) as sealer:
        waiting = asyncio.create_task(second())
        await asyncio.sleep(0.5)
        await fill(database, 10)
        await seal_all(sealer)
        order.append("first")
    await waiting

    assert order == ["first", "second"]
    assert checked(tmp_path).size == 10


async def test_a_second_sealer_with_another_folder_waits_too(database: Database, tmp_path: Path):
    async with a_sealer(database, tmp_path / "one"):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5), a_sealer(database, tmp_path / "two"):
                pass


async def test_a_checkpoint_is_signed_again_when_nothing_comes(database: Database, tmp_path: Path):
    async with a_sealer(database, tmp_path) as sealer:
        await sealer.round()
        first = Published(tmp_path).note()
        sealer.now = lambda: now() + timedelta(seconds=2)
        await sealer.round()

    again = Published(tmp_path).note()
    assert first is not None
    assert again is not None
    assert again.text == first.text
    assert again.lines[0] == first.lines[0]
    assert again.lines[1] != first.lines[1]


async def test_after_a_clock_that_jumped_back_the_order_stays(database: Database, tmp_path: Path):
    async with a_sealer(database, tmp_path) as sealer:
        await fill(database, 3)
        await sealer.round()
        async with database.transaction() as connection:
            await connection.execute(FILL.replace("now()", "now() - interval '1 day'"), 2, "back")
        sealer.now = lambda: now() - timedelta(days=1)
        await sealer.round()

    async with database.transaction() as connection:
        rows = await connection.fetch("select first, ended from audit.sealed order by first")
    assert [row["first"] for row in rows] == [0, 3]
    assert rows[1]["ended"] < rows[0]["ended"]


class _Broken(Exception):
    pass


async def test_files_that_were_not_written_are_written_by_the_next_sealer(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    await fill(database, 400)

    async def broken(_sealer: Sealer, _grown: object) -> None:
        raise _Broken

    with monkeypatch.context() as patch:
        patch.setattr(Sealer, "_publish", broken)
        async with a_sealer(database, tmp_path) as sealer:
            with pytest.raises(_Broken):
                await sealer.round()
    async with a_sealer(database, tmp_path) as sealer:
        await sealer.round()

    assert checked(tmp_path).size == 400
    assert await scalar(database, PLACES) == 400


@pytest.mark.parametrize("room", range(9))
async def test_a_full_disk_harms_nothing_and_sealing_goes_on_when_there_is_room(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
):
    async with a_sealer(database, tmp_path) as sealer:
        await fill(database, 300)
        await seal_all(sealer)
    before, written = checked(tmp_path), iter(range(room))
    write = Published._write  # pyright: ignore[reportPrivateUsage]  the disk below it is full

    def write_half(published: Published, path: str, data: bytes) -> None:
        if next(written, None) is None:
            (published.folder / path).with_name("half.draft").write_bytes(data[: len(data) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")
        write(published, path, data)

    with monkeypatch.context() as patch:
        patch.setattr(Published, "_write", write_half)
        await fill(database, 900)
        for _ in range(3):
            with suppress(NotWritten):
                async with a_sealer(database, tmp_path) as sealer:
                    await sealer.round(limit=300)
            between = checked(tmp_path)
            assert grew(tmp_path, before, between)
    async with a_sealer(database, tmp_path) as sealer:
        await seal_all(sealer)

    assert checked(tmp_path).size == 1200
    assert grew(tmp_path, before, checked(tmp_path))
    assert await scalar(database, WAITING) == 0


async def _truncate_to(connection: Connection, size: int) -> None:
    await connection.execute("delete from audit.sealed where first >= $1", size)
    await connection.execute("delete from audit.fresh where first >= $1", size)


async def test_a_sealer_stops_where_the_database_is_older_than_what_was_published(
    database: Database, tmp_path: Path
):
    async with a_sealer(database, tmp_path) as sealer:
        for _ in range(3):
            await fill(database, 10)
            await sealer.round()
    async with database.transaction() as connection:
        await _truncate_to(connection, 20)

    with pytest.raises(HistoryChanged, match="it knows 20 leaves, published are 30"):
        async with a_sealer(database, tmp_path):
            pass


async def test_a_sealer_stops_where_the_database_went_another_way(
    database: Database, tmp_path: Path
):
    async with a_sealer(database, tmp_path) as sealer:
        await fill(database, 10)
        await sealer.round()
    async with database.transaction() as connection:
        await _truncate_to(connection, 0)
    async with a_sealer(database, tmp_path / "elsewhere") as sealer:
        await fill(database, 10)
        await sealer.round()

    with pytest.raises(HistoryChanged, match="another history"):
        async with a_sealer(database, tmp_path):
            pass


@pytest.mark.parametrize("lost", ["checkpoint", "tile"])
async def test_a_sealer_stops_where_files_are_gone_that_it_cannot_make_again(
    database: Database, tmp_path: Path, lost: str
):
    async with a_sealer(database, tmp_path) as sealer:
        await fill(database, 10)
        await sealer.round()
    async with database.transaction() as connection:
        await connection.execute("delete from audit.fresh")
    (tmp_path / lost).rename(tmp_path / "gone")

    with pytest.raises(HistoryChanged, match="missing"):
        async with a_sealer(database, tmp_path):
            pass


async def test_a_tile_that_was_changed_is_not_built_upon(database: Database, tmp_path: Path):
    async with a_sealer(database, tmp_path) as sealer:
        await fill(database, 10)
        await sealer.round()
    tile = tmp_path / "tile/0/000.p/10"
    tile.write_bytes(bytes(32) + tile.read_bytes()[32:])

    with pytest.raises(HistoryChanged, match="do not lead to the checkpoint"):
        async with a_sealer(database, tmp_path):
            pass


async def test_a_copy_made_while_sealing_goes_on_is_whole(database: Database, tmp_path: Path):
    async with a_sealer(database, tmp_path / "a") as sealer:
        await fill(database, 600)
        await sealer.round(limit=300)
        Published(tmp_path / "a").copy(tmp_path / "b")
        await sealer.round(limit=300)

    assert checked(tmp_path / "b").size == 300


async def test_nothing_is_lost_or_placed_twice_when_sealers_are_killed(
    database: Database, empty_database: str, tmp_path: Path
):
    chance, seen = Random(os.urandom(8)), list[Checkpoint]()
    writing = asyncio.create_task(_write_on(database))

    for _ in range(KILLS):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.contract.seal_process", empty_database, str(tmp_path)),
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        )
        await _grown(tmp_path, seen[-1].size if seen else 0)
        await asyncio.sleep(chance.random() * 0.2)
        process.kill()
        await process.wait()
        seen.append(checked(tmp_path))
    writing.cancel()
    written = await _written(writing)
    async with a_sealer(database, tmp_path) as sealer:
        await seal_all(sealer)

    last = checked(tmp_path)
    assert len({one.size for one in seen}) == KILLS
    assert last.size == await scalar(database, PLACES) >= written
    assert await scalar(database, WAITING) == 0
    assert len(set(leaves(Published(tmp_path).tree(last.size)))) == last.size
    for old, new in zip(seen, [*seen[1:], last], strict=True):
        assert grew(tmp_path, old, new)


async def _grown(folder: Path, size: int) -> None:
    """Wait until a sealer has begun to publish; it is killed in the middle of what follows."""
    async with asyncio.timeout(30):
        while True:
            checkpoint = Published(folder).checkpoint()
            if checkpoint is not None and checkpoint.size > size:
                return
            await asyncio.sleep(0.01)


WRITTEN: dict[str, int] = {}


async def _write_on(database: Database) -> None:
    WRITTEN["leaves"] = 0
    while True:
        await fill(database, 20)
        WRITTEN["leaves"] += 20
        await asyncio.sleep(0.01)


async def _written(writing: asyncio.Task[None]) -> int:
    with pytest.raises(asyncio.CancelledError):
        await writing
    return WRITTEN["leaves"]
