"""What callers can make a server keep: lines without end, requests, bodies, sockets."""

import asyncio
import gc
import re
import tracemalloc
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager

import msgspec
import pytest
import uvloop
from tests.contract.http_talk import POST, dice, raw

from kruispunt.web import (
    Address,
    App,
    HttpReply,
    Limits,
    Request,
    Route,
    Server,
    connection,
    json_reply,
    serve,
)
from kruispunt.web.arriving import Arriving, HungUp

GET = b"GET /said HTTP/1.1\r\nhost: x\r\n"
CHUNKED = POST.replace(b"/echo", b"/said") + b"transfer-encoding: chunked\r\n\r\n"
PONDER = GET.replace(b"/said", b"/ponder")


async def said(request: Request) -> HttpReply:
    """What was heard."""
    return json_reply(msgspec.json.encode([request.target, dict(request.headers)]))


async def ponder(_request: Request) -> HttpReply:
    """After a while, the bytes that are kept meanwhile."""
    await asyncio.sleep(0.4)
    return json_reply(b"%d" % tracemalloc.get_traced_memory()[0])


@asynccontextmanager
async def served(limits: Limits | None = None) -> AsyncGenerator[Server]:
    routes = [
        Route(method="GET", template="/said", handler=said),
        Route(method="POST", template="/said", handler=said),
        Route(method="GET", template="/ponder", handler=ponder),
    ]
    server = Server(App(routes, random_bytes=dice, limits=limits), Address())
    running = asyncio.create_task(server.run(signals=False))
    await asyncio.sleep(0.05)
    try:
        yield server
    finally:
        server.stop()
        await running


@pytest.mark.parametrize(
    ("begun", "more", "status"),
    [
        (b"", b"\r\n", 431),
        (b"GET ", b" ", 431),
        (b"GET /", b"y", 431),
        (b"GET /said HTTP/1.1\r\n", b"y", 431),
        (GET + b"x: ", b"y", 431),
        (GET, b"x: y\r\n", 431),
        (CHUNKED, b"0", 400),
        (CHUNKED + b"2;x=", b"y", 400),
        (CHUNKED + b"2\r\n{}\r\n0\r\nx: ", b"y", 400),
        (CHUNKED + b"2\r\n{}\r\n0\r\n", b"x: y\r\n", 400),
    ],
)
async def test_a_line_or_a_list_of_them_that_never_ends_is_cut_off(
    begun: bytes, more: bytes, status: int
):
    async with served() as server:
        got = await raw(server.port, begun + more * (1_000_000 // len(more)))

    assert got.startswith(b"HTTP/1.1 %d " % status)
    assert got.count(b"HTTP/1.1 %d" % status) == 1
    assert b"\r\nconnection: close\r\n" in got


async def test_no_more_requests_wait_than_a_piece_holds_and_all_are_answered_in_order():
    count, waiting = 5000, list[int]()
    lines = [b"GET /count?%d HTTP/1.1\r\nhost: x\r\n\r\n" % number for number in range(count)]

    async def tell(request: Request) -> HttpReply:
        if request.target.endswith("500"):
            waiting.append(sum(isinstance(one, Arriving) for one in gc.get_objects()))
        return json_reply(b"<%b>" % request.target.partition("?")[2].encode())

    route = Route(method="GET", template="/count", handler=tell)
    server = Server(App([route], random_bytes=dice), Address())
    running = asyncio.create_task(server.run(signals=False))
    await asyncio.sleep(0.05)
    last = b"GET /count?last HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"".join(lines) + last)
    async with asyncio.timeout(20):
        got = await reader.read()
    writer.close()
    server.stop()
    await running

    numbers = [str(number).encode() for number in range(count)]
    assert re.findall(rb"<(\w+)>", got) == [*numbers, b"last"]
    assert max(waiting) < connection.PIECE // len(lines[0]) + 5


async def test_what_comes_behind_the_body_is_no_header_of_this_request_or_the_next():
    trailers = b"client-cert: evil\r\ncontent-type: text/evil\r\n\r\n"
    last = GET + b"connection: close\r\n\r\n"

    async with served() as server:
        got = await raw(server.port, CHUNKED + b"2\r\n{}\r\n0\r\n" + trailers + last)

    assert re.findall(rb"HTTP/1\.1 ([0-9]{3})", got) == [b"200", b"200"]
    assert b"evil" not in got


async def test_a_body_that_broke_is_not_read_however_much_came():
    arriving = Arriving(method="POST", target="/", headers={})
    arriving.came(b"{}")
    arriving.ended()
    arriving.broke(HungUp())
    arriving.broke(ValueError("a later one"))

    with pytest.raises(HungUp):
        await arriving.read(10)


async def test_of_a_body_that_nobody_expects_nothing_is_kept_and_little_is_heard():
    async with served() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        tracemalloc.start()
        try:
            writer.write(PONDER + b"content-length: 4000000000\r\n\r\n")
            for _ in range(64):
                writer.write(b"y" * 65_536)
                await writer.drain()
            got = await asyncio.wait_for(reader.read(), 3)
        finally:
            tracemalloc.stop()
        writer.close()
        small = b"content-length: 4\r\n\r\nabcd"
        both = await raw(server.port, GET + small + GET + b"connection: close\r\n" + small)

    head, _, kept = got.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert b"\r\nconnection: close" in head
    assert int(kept) < 1_000_000
    assert both.count(b"HTTP/1.1 200 ") == 2


async def test_who_comes_when_there_is_no_room_is_told_to_come_back(
    monkeypatch: pytest.MonkeyPatch,
):
    last = GET + b"connection: close\r\n\r\n"

    async with served(Limits(connections=2)) as server:
        there = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(2)]
        told = await raw(server.port, b"")
        asked = await raw(server.port, last)
        monkeypatch.setattr(connection, "SPARE", 0)
        try:
            unheard = await raw(server.port, b"")
        except ConnectionResetError:
            unheard = b""
        there[0][1].close()
        await asyncio.sleep(0.05)
        later = await raw(server.port, last)
        there[1][1].close()

    for got in (told, asked):
        assert got.startswith(b"HTTP/1.1 503 ")
        assert b"\r\nretry-after: 1\r\n" in got
        assert b"\r\nconnection: close\r\n" in got
        assert b"urn:problem-type:belgif:serviceUnavailable" in got
    assert unheard == b""
    assert later.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("soft", "hard", "room"), [(1024, 1024, 512), (1024, 2**20, 4096), (-1, -1, 4096), (64, 64, 1)]
)
def test_callers_never_get_the_descriptors_of_database_and_sources(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, room: int
):
    asked = list[tuple[int, int]]()

    def have(_which: int) -> tuple[int, int]:
        return soft, hard

    def ask(_which: int, both: tuple[int, int]) -> None:
        asked.append(both)

    monkeypatch.setattr(serve.resource, "getrlimit", have)
    monkeypatch.setattr(serve.resource, "setrlimit", ask)

    server = Server(App([], random_bytes=dice), Address())

    assert server.most == room
    assert asked == ([(4096 + serve.KEPT, hard)] if hard > soft else [])


@pytest.mark.parametrize(
    "hosts", [b"", b"host: a\r\nhost: b\r\n", b"host: \r\nhost: \r\n", b"host: a/b\r\n"]
)
async def test_a_request_names_one_host(hosts: bytes):
    async with served() as server:
        got = await raw(server.port, b"GET /said HTTP/1.1\r\n" + hosts + b"\r\n" + GET + b"\r\n")
        old = await raw(server.port, b"GET /said HTTP/1.0\r\n\r\n")

    assert got.startswith(b"HTTP/1.1 400 ")
    assert got.count(b"HTTP/1.1") == 1
    assert b"one header Host" in got
    assert old.startswith(b"HTTP/1.1 200 ")


async def test_who_has_no_more_to_send_gets_the_answers_to_what_came_whole():
    async with served() as server:
        heard = list[bytes]()
        for sent in (
            PONDER + b"\r\n",
            PONDER + b"\r\n" + GET + b"\r\n" + GET,
            CHUNKED + b"2\r\n{",
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(sent)
            writer.write_eof()
            heard.append(await asyncio.wait_for(reader.read(), 3))
            writer.close()

    assert [got.count(b"HTTP/1.1 200 ") for got in heard] == [1, 2, 0]
    assert heard[2] == b""


async def test_who_does_not_take_his_last_answer_is_left_in_the_end(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(connection, "KEEP_ALIVE_S", 0.1)

    async def pour(_request: Request) -> HttpReply:
        return json_reply(b"x" * 50_000_000)

    route = Route(method="GET", template="/pour", handler=pour)
    server = Server(App([route], random_bytes=dice), Address())
    running = asyncio.create_task(server.run(signals=False))
    await asyncio.sleep(0.05)
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET /pour HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    await asyncio.sleep(0.3)
    there = len(server.connections)
    async with asyncio.timeout(5):
        while server.connections:  # noqa: ASYNC110 - nothing tells when one is gone
            await asyncio.sleep(0.05)
    writer.transport.abort()
    server.stop()
    await running

    assert there == 1


async def test_who_was_cut_off_is_not_heard_for_ever(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "LINGER_S", 0.1)

    async with served() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"nonsense\r\n\r\n")
        told = await asyncio.wait_for(reader.read(), 3)
        async with asyncio.timeout(3):
            while server.connections:  # noqa: ASYNC110 - nothing tells when one is gone
                await asyncio.sleep(0.05)
        writer.transport.abort()

    assert told.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    "seen",
    [
        test_no_more_requests_wait_than_a_piece_holds_and_all_are_answered_in_order,
        test_of_a_body_that_nobody_expects_nothing_is_kept_and_little_is_heard,
        test_who_has_no_more_to_send_gets_the_answers_to_what_came_whole,
        lambda: test_a_line_or_a_list_of_them_that_never_ends_is_cut_off(GET + b"x: ", b"y", 431),
    ],
)
def test_the_loop_that_serves_pauses_and_stays_open_as_well(
    seen: Callable[[], Coroutine[None, None, None]],
):
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(seen())
