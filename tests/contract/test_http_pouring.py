"""Replies that are sent as they come: to their end, to a slow reader, to one who leaves."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from tests.contract.http_talk import dice

from kruispunt.vocabulary import Unavailable
from kruispunt.web import Address, App, HttpReply, Request, Route, Server, pouring

GET = b"GET /v1/things/seven/tail HTTP/1.1\r\nhost: x\r\n\r\n"


@dataclass
class Tap:
    """Parts that a test pours; without an end, it waits after the last one."""

    parts: Iterable[bytes] = (b"one", b"two")
    ends: bool = True
    breaks: bool = False
    given: int = 0
    asked: list[str] = field(default_factory=list[str])
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    times_closed: int = 0

    def __post_init__(self) -> None:
        self.waiting = iter(self.parts)

    async def next(self) -> bytes | None:
        part = next(self.waiting, None)
        if part is not None:
            self.given += 1
            return part
        if self.breaks:
            raise Unavailable("the database does not answer")
        if not self.ends:
            await asyncio.Event().wait()
        return None

    async def close(self) -> None:
        self.times_closed += 1
        self.closed.set()

    async def pour(self, request: Request) -> HttpReply:
        self.asked.append(request.argument)
        return HttpReply(
            status=200, headers={"content-type": "text/plain"}, body=b"zero", parts=self
        )


@asynccontextmanager
async def served(tap: Tap) -> AsyncGenerator[Server]:
    app = App(
        [Route(method="GET", template="/v1/things/{thing}/tail", handler=tap.pour)],
        random_bytes=dice,
    )
    server = Server(app, Address())
    running = asyncio.create_task(server.run(signals=False))
    await asyncio.sleep(0.05)
    try:
        yield server
    finally:
        server.stop()
        async with asyncio.timeout(5):
            await running


async def said(server: Server, words: bytes = GET) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(words)
    async with asyncio.timeout(5):
        got = await reader.read()
    writer.close()
    return got


async def test_parts_come_in_chunks_and_an_end_is_told():
    tap = Tap()

    async with served(tap) as server:
        head, _, body = (await said(server)).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 200 ")
    assert b"transfer-encoding: chunked\r\nconnection: close" in head
    assert b"content-length" not in head
    assert body == b"4\r\nzero\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"
    assert (tap.asked, tap.times_closed) == (["seven"], 1)


async def test_who_speaks_an_older_http_reads_until_the_end_of_the_connection():
    async with served(Tap()) as server:
        head, _, body = (await said(server, GET.replace(b"1.1", b"1.0"))).partition(b"\r\n\r\n")

    assert b"chunked" not in head
    assert body == b"zeroonetwo"


async def test_a_reply_that_breaks_is_seen_to_be_cut():
    tap = Tap(breaks=True)

    async with served(tap) as server:
        got = await said(server)

    assert got.endswith(b"3\r\ntwo\r\n")
    assert tap.times_closed == 1


async def test_who_leaves_ends_it():
    tap = Tap(ends=False)

    async with served(tap) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(GET)
        await reader.readuntil(b"two\r\n")
        writer.close()
        async with asyncio.timeout(3):
            await tap.closed.wait()

    assert tap.times_closed == 1


async def test_a_slow_reader_is_given_no_more_than_fits_and_then_dropped(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(pouring, "SLOW_S", 0.3)
    many = 10_000
    tap = Tap(parts=(b"x" * 10_000 for _ in range(many)))

    async with served(tap) as server:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1024)
        writer.write(GET)
        async with asyncio.timeout(5):
            await tap.closed.wait()
        writer.close()

    assert 0 < tap.given < many / 2


async def test_a_server_that_stops_ends_it_well():
    tap = Tap(ends=False)

    async with served(tap) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(GET)
        await reader.readuntil(b"two\r\n")
        server.stop()
        async with asyncio.timeout(3):
            rest = await reader.read()
        writer.close()

    assert rest == b"0\r\n\r\n"
    assert tap.times_closed == 1


async def test_a_parameter_within_a_path_is_one_segment():
    tap = Tap()

    async with served(tap) as server:
        for target in (b"/v1/things/a/b/tail", b"/v1/things//tail", b"/v1/things/tail"):
            got = await said(
                server,
                GET.replace(b"/v1/things/seven/tail", target)[:-2] + b"connection: close\r\n\r\n",
            )
            assert got.startswith(b"HTTP/1.1 404 ")

    assert tap.asked == []
