"""One connection: what comes over it in pieces, together, bent, too slowly, or not at all."""

import asyncio
import re

import msgspec
import pytest
from tests.contract.http_talk import PONDER, POST, dice, raw, served

from kruispunt.web import (
    Address,
    App,
    HttpReply,
    Request,
    Route,
    Server,
    connection,
    json_reply,
    serve,
)


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"POST /echo HTTP/1.1\r\nno colon\r\n\r\n",
        POST + b"content-length: x\r\n\r\n",
        POST + b"content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n",
        POST + b"transfer-encoding: chunked\r\n\r\nzz\r\n",
    ],
)
async def test_what_is_not_http_is_refused_as_a_problem(sent: bytes):
    async with served() as server:
        got = await raw(server.port, sent)

    head, _, body = got.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"\r\ncontent-type: application/problem+json\r\n" in head
    assert b"\r\nconnection: close" in head
    assert msgspec.json.decode(body)["type"] == "urn:problem-type:belgif:badRequest"


async def test_requests_that_come_together_are_answered_in_their_order():
    quick = POST + b"content-length: 7\r\n\r\n"
    together = PONDER + quick + b'{"a":1}' + quick + b'{"a":2}' + b"nonsense\r\n\r\n"

    async with served() as server:
        got = await raw(server.port, together)

    # What is no request is told last: before, it would pass for the answer to another.
    statuses = re.findall(rb"HTTP/1\.1 ([0-9]{3})", got)
    assert [got.count(body) for body in (b'{"a":1}', b'{"a":2}')] == [1, 1]
    assert got.index(b'{"a":1}') < got.index(b'{"a":2}')
    assert sorted(statuses) == statuses == [b"200", b"200", b"200", b"400"]


async def test_a_body_in_chunks_is_whole_and_still_within_the_limit():
    chunked = POST + b"connection: close\r\ntransfer-encoding: chunked\r\n\r\n"

    async with served() as server:
        whole = await raw(server.port, chunked + b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n")
        large = await raw(server.port, chunked + b"3e9\r\n" + b"x" * 1001)

    assert whole.endswith(b"\r\n\r\n{}")
    assert large.startswith(b"HTTP/1.1 413 ")


async def test_who_asks_whether_to_go_on_is_told():
    asking = POST + b"connection: close\r\nexpect: 100-continue\r\n"

    async with served() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(asking + b"content-length: 2\r\n\r\n")
        told = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 3)
        writer.write(b"{}")
        answer = await asyncio.wait_for(reader.read(), 3)
        writer.close()
        refused = await raw(server.port, asking + b"content-length: 1001\r\n\r\n")

    assert told == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert refused.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    "last",
    [
        b"HEAD /echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
        b"HEAD /echo HTTP/1.0\r\n\r\n",
        b"HEAD /echo HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n",
    ],
)
async def test_the_head_alone_comes_without_a_body_and_the_last_request_ends_it(last: bytes):
    async with served() as server:
        got = await raw(server.port, last)

    head, _, body = got.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 405 ")
    assert b"\r\nconnection: close" in head
    assert body == b""


async def test_a_whole_address_leads_where_its_path_leads():
    async with served() as server:
        got = await raw(server.port, b"GET http://x/echo HTTP/1.0\r\n\r\n")
        none = await raw(server.port, b"CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n")

    assert got.startswith(b"HTTP/1.1 405 ")
    assert none.startswith(b"HTTP/1.1 404 ")


async def test_a_connection_that_rests_too_long_is_closed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "KEEP_ALIVE_S", 0.1)

    async with served() as server:
        got = await raw(server.port, POST + b"content-length: 2\r\n\r\n{}")

    assert got.startswith(b"HTTP/1.1 200 ")


async def test_what_is_asked_by_someone_who_left_is_done_all_the_same():
    done = asyncio.Event()

    async def work(_request: Request) -> HttpReply:
        await asyncio.sleep(0.1)
        done.set()
        return json_reply(b"{}")

    route = Route(method="GET", template="/work", handler=work)
    server = Server(App([route], random_bytes=dice), Address())
    running = asyncio.create_task(server.run(signals=False))
    await asyncio.sleep(0.05)
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET /work HTTP/1.1\r\nhost: x\r\n\r\n")
    await asyncio.sleep(0.05)
    writer.transport.abort()
    server.stop()

    await running

    assert done.is_set()


async def test_a_reply_that_can_not_be_sent_leaves_nobody_waiting():
    async def bend(_request: Request) -> HttpReply:
        return HttpReply(status=200, headers={"x": "a\r\nx-other: b"}, body=b"")

    route = Route(method="GET", template="/bend", handler=bend)
    server = Server(App([route], random_bytes=dice), Address())
    running = asyncio.create_task(server.run(signals=False))
    await asyncio.sleep(0.05)

    got = await raw(server.port, b"GET /bend HTTP/1.1\r\nhost: x\r\n\r\n")
    server.stop()
    await running

    assert got == b""


async def test_the_rest_of_a_body_that_was_refused_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(connection, "HEAD_S", 0.1)
    refused = POST.replace(b"json", b"pdf")

    async with served() as server:
        never = await raw(server.port, refused + b"content-length: 9\r\n\r\n{}")
        bent = await raw(server.port, refused + b"transfer-encoding: chunked\r\n\r\n2\r\n{}x")

    assert never.startswith(b"HTTP/1.1 415 ")
    assert bent.startswith(b"HTTP/1.1 415 ")


async def test_the_end_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(serve, "GRACE_S", 0.1)

    async with served() as server:
        cut = asyncio.create_task(raw(server.port, PONDER))
        idle = asyncio.create_task(raw(server.port, b""))
        await asyncio.sleep(0.05)

    assert await idle == b""
    assert await cut == b""


async def test_a_reader_who_takes_nothing_is_left_in_the_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "KEEP_ALIVE_S", 0.1)

    async def pour(_request: Request) -> HttpReply:
        return json_reply(b"x" * 50_000_000)

    route = Route(method="GET", template="/pour", handler=pour)
    server = Server(App([route], random_bytes=dice), Address())
    running = asyncio.create_task(server.run(signals=False))
    await asyncio.sleep(0.05)
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET /pour HTTP/1.1\r\nhost: x\r\n\r\n" * 3)
    await asyncio.sleep(0.3)
    there = len(server.connections)
    async with asyncio.timeout(5):
        while server.connections:  # noqa: ASYNC110 - nothing tells when one is gone
            await asyncio.sleep(0.05)
    writer.transport.abort()
    server.stop()
    await running

    assert there == 1
