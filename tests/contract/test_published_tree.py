"""A folder of static files and a door give the same tree; a server that lies brings no answer."""

import asyncio
import os
import threading
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.unit.client.tree_house import NEW_KEY, Trail, a_receipt, a_trail, blinded, lowest, trust
from tests.unit.web.givens import NOW

from kruispunt.audit import Published
from kruispunt.client import Held, NotReached, ProofWrong, hold, hold_sync, open_published
from kruispunt.gateway.trail import TrailDoor
from kruispunt.vocabulary import leaf_hash
from kruispunt.web import Address, App, Server

TREE = a_trail(3000)
NOWHERE = a_receipt(leaf_hash(blinded(1, name="nowhere")))


def publish(trail: Trail, folder: Path) -> Published:
    published = Published(folder)
    folder.mkdir()
    published.add_tiles(trail.files)
    published.publish(trail.note(at=NOW + 60))
    published.drop_parts(trail.files)
    return published


@asynccontextmanager
async def door(published: Published) -> AsyncGenerator[str]:
    """The tree as a hub gives it."""
    app = App(TrailDoor(published.find).routes, random_bytes=os.urandom)
    server = Server(app, Address())
    running = asyncio.create_task(server.run(signals=False))
    await asyncio.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{server.port}/v1/trail/"
    finally:
        server.stop()
        await running


@asynccontextmanager
async def saying(answers: Mapping[str, bytes], default: bytes) -> AsyncGenerator[str]:
    """A server that says what it likes, byte by byte; nothing where it says nothing."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1].decode()
            path = line.removeprefix("/trail/")
            writer.write(answers.get(path, default))
            await writer.drain()
            if answers.get(path, default):
                writer.close()
            else:
                await asyncio.sleep(60)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/trail"
    finally:
        server.close()


def http(body: bytes, *, status: str = "200 OK", length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\ncontent-length: {size}\r\n\r\n".encode() + body


async def held(source: str, *, timeout_s: float = 10) -> list[Held]:
    async with open_published(source, timeout_s=timeout_s) as fetch:
        receipts = [a_receipt(TREE.leaves[place]) for place in (2999, 0, 700)]
        return await hold([*receipts, NOWHERE], fetch, trust=trust(), now=NOW)


@pytest.mark.parametrize("over", ["door", "folder"])
async def test_a_receipt_is_held_against_a_door_and_a_folder_alike(tmp_path: Path, over: str):
    published = publish(TREE, tmp_path / "published")

    async with door(published) as url:
        found = await held(url if over == "door" else str(published.folder))

    assert [one.position for one in found] == [2999, 0, 700, None]
    assert [one.is_missing for one in found] == [False, False, False, True]


async def test_a_program_without_a_loop_asks_from_any_thread(tmp_path: Path):
    published = publish(TREE, tmp_path / "published")
    told, found = list[int](), list[int | None]()

    def ask() -> None:
        one = hold_sync(
            [a_receipt(TREE.leaves[7])],
            str(published.folder),
            trust=trust(),
            now=NOW,
            told=told.append,
        )
        found.append(one[0].position)

    ask()  # from a thread in which a loop runs
    thread = threading.Thread(target=ask)
    thread.start()
    await asyncio.to_thread(thread.join)

    assert (found, told) == ([7, 7], [3000, 3000])


LIES: dict[str, tuple[bytes, type[Exception]]] = {
    "wrong bytes": (http(bytes(8192)), ProofWrong),
    "another tile": (http(TREE.files[lowest(1)]), ProofWrong),
    "half a tile": (http(TREE.files[lowest(0)][:4096]), ProofWrong),
    "cut on the way": (http(TREE.files[lowest(0)][:4096], length=8192), NotReached),
    "a huge body": (http(b"x" * 2**20), NotReached),
    "a huge length": (http(b"x", length=2**62), NotReached),
    "gone": (http(b"", status="404 Not Found"), NotReached),
    "elsewhere": (
        b"HTTP/1.1 302 Found\r\nlocation: file:///etc/passwd\r\ncontent-length: 0\r\n\r\n",
        NotReached,
    ),
    "not http": (b"SSH-2.0-nonsense\r\n\r\n", NotReached),
    "silence": (b"", NotReached),
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_lying_server_brings_no_answer(lie: str):
    said, error = LIES[lie]
    note = TREE.note(at=NOW + 60)
    files = {path: http(data) for path, data in TREE.files.items()}
    answers = {**files, "checkpoint": http(note.encode()), lowest(0): said}

    async with saying(answers, http(b"", status="404 Not Found")) as url:
        with pytest.raises(error):
            await held(url, timeout_s=0.5 if lie == "silence" else 10)


async def test_an_old_checkpoint_misses_nothing_that_came_later():
    old = a_trail(300)
    note = old.note(at=NOW - 5)
    files = {path: http(data) for path, data in TREE.files.items() | old.files.items()}

    async with saying({**files, "checkpoint": http(note.encode())}, http(b"")) as url:
        found = await held(url)

    assert [one.position for one in found] == [None, 0, None, None]
    assert not any(one.is_missing for one in found)


async def test_a_folder_with_a_file_that_never_ends_is_not_read_to_its_end(tmp_path: Path):
    published = publish(TREE, tmp_path / "published")
    (published.folder / lowest(0)).unlink()
    (published.folder / lowest(0)).symlink_to("/dev/zero")

    with pytest.raises(NotReached, match="larger than"):
        await held(str(published.folder))


async def test_a_server_that_signs_with_another_key_than_ours_is_not_believed():
    note = TREE.note(key=NEW_KEY)
    believed = trust()

    async with open_published("/nowhere") as fetch:
        with pytest.raises(NotReached):
            await fetch("checkpoint")
    only = type(believed)(keys=believed.keys[:1])
    with pytest.raises(ProofWrong):
        await hold([NOWHERE], TREE.fetch(note), trust=only, now=NOW)
