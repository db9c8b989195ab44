"""Calling a real server that behaves, and servers that do not: what `Http` owes its callers."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from kruispunt.web import Http, HttpReply, HttpSilent, HttpWrong

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


@asynccontextmanager
async def a_server(behave: Behaviour) -> AsyncGenerator[str]:
    connections: set[asyncio.StreamWriter] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.add(writer)
        try:
            await behave(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/answer/some.flow"
    finally:
        server.close()
        for writer in connections:
            writer.transport.abort()


async def request_read(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    body = await reader.readexactly(2)
    return head + body


def answering(*parts: bytes, pause_s: float = 0.0) -> Behaviour:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await request_read(reader)
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(pause_s)

    return behave


def closing(*parts: bytes) -> Behaviour:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_read(reader)
        for part in parts:
            writer.write(part)
        await writer.drain()

    return behave


async def silence(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await request_read(reader)
    writer.transport.abort()


async def asked(
    url: str, *, timeout_s: float = 2.0, max_bytes: int = 1000, http: Http | None = None
) -> HttpReply:
    async with http or await Http.open() as caller:
        return await caller.post(
            url,
            body=b"{}",
            headers={"content-type": "application/json"},
            timeout_s=timeout_s,
            max_bytes=max_bytes,
        )


async def test_a_whole_answer_comes_back_with_its_headers_in_lower_case():
    async with a_server(answering(HEAD + b"X-Thing: a\r\ncontent-length: 2\r\n\r\n[]")) as url:
        reply = await asked(url)

    assert (reply.status, reply.body, reply.headers["x-thing"]) == (200, b"[]", "a")


async def test_an_answer_in_pieces_comes_back_whole():
    pieces = (HEAD + b"transfer-encoding: chunked\r\n\r\n", b"1\r\n[\r\n", b"1\r\n]\r\n0\r\n\r\n")

    async with a_server(answering(*pieces, pause_s=0.01)) as url:
        reply = await asked(url)

    assert reply.body == b"[]"


async def test_a_connection_is_used_again():
    opened = 0
    answer = answering(HEAD + b"content-length: 2\r\n\r\n[]")

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened
        opened += 1
        await answer(reader, writer)

    async with a_server(behave) as url, await Http.open() as http:
        for _ in range(3):
            await http.post(url, body=b"{}", headers={}, timeout_s=2, max_bytes=10)

    assert opened == 1


async def test_nothing_is_sent_but_what_the_caller_gave():
    heard: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await request_read(reader))
        writer.write(HEAD + b"set-cookie: a=b\r\ncontent-length: 0\r\n\r\n")
        heard.append(await request_read(reader))
        writer.write(HEAD + b"content-length: 0\r\n\r\n")
        await writer.drain()

    async with a_server(listen) as url, await Http.open() as http:
        for _ in range(2):
            headers = {"content-type": "application/json"}
            await http.post(url, body=b"{}", headers=headers, timeout_s=2, max_bytes=10)

    names = [line.split(b":")[0].lower() for line in heard[1].split(b"\r\n")[1:-2]]
    assert sorted(names) == [b"content-length", b"content-type", b"host"]


async def test_a_redirect_is_an_answer_and_is_not_followed():
    moved = b"HTTP/1.1 307 Moved\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"

    async with a_server(answering(moved)) as url:
        reply = await asked(url)

    assert reply.status == 307


async def test_nobody_listening_is_silence():
    with pytest.raises(HttpSilent, match="no connection"):
        await asked("http://127.0.0.1:1/")


async def test_a_server_that_says_nothing_is_silent_after_the_deadline():
    began = asyncio.get_running_loop().time()

    async with a_server(silence) as url:
        with pytest.raises(HttpSilent, match=r"within 0\.1 s"):
            await asked(url, timeout_s=0.1)

    assert asyncio.get_running_loop().time() - began < 1


async def test_a_server_that_drips_is_silent_after_the_deadline_over_the_whole():
    pieces = (HEAD + b"content-length: 100\r\n\r\n", *[b"x"] * 100)

    async with a_server(answering(*pieces, pause_s=0.03)) as url:
        with pytest.raises(HttpSilent):
            await asked(url, timeout_s=0.2)


async def test_a_reset_or_an_end_before_the_answer_is_silence():
    async with a_server(reset) as url:
        with pytest.raises(HttpSilent, match="lost before"):
            await asked(url)
    async with a_server(closing()) as url:
        with pytest.raises(HttpSilent, match="lost before"):
            await asked(url)


async def test_an_answer_that_is_cut_short_is_wrong():
    async with a_server(closing(HEAD + b"content-length: 10\r\n\r\n[]")) as url:
        with pytest.raises(HttpWrong, match="cut short"):
            await asked(url)
    async with a_server(closing(HEAD + b"transfer-encoding: chunked\r\n\r\n9\r\n[")) as url:
        with pytest.raises(HttpWrong, match="cut short"):
            await asked(url)


async def test_an_answer_beyond_the_limit_is_wrong_whether_or_not_it_says_so():
    said = HEAD + b"content-length: 1001\r\n\r\n" + b"x" * 1001
    unsaid = HEAD + b"transfer-encoding: chunked\r\n\r\n"
    endless = (unsaid, *[b"64\r\n" + b"x" * 100 + b"\r\n"] * 1000)

    for parts in ((said,), endless):
        async with a_server(answering(*parts)) as url:
            with pytest.raises(HttpWrong, match="larger than 1000"):
                await asked(url)


async def test_what_is_not_http_is_wrong():
    async with a_server(closing(b"SSH-2.0-OpenSSH\r\n\r\n")) as url:
        with pytest.raises(HttpWrong, match="not HTTP"):
            await asked(url)


async def test_a_call_that_is_cancelled_gives_its_connection_up():
    ended = asyncio.Event()

    async def behave(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()
        ended.set()

    async with a_server(behave) as url, await Http.open() as http:
        call = asyncio.create_task(
            http.post(url, body=b"{}", headers={}, timeout_s=5, max_bytes=10)
        )
        await asyncio.sleep(0.05)
        call.cancel()

        await asyncio.wait_for(ended.wait(), 2)
