"""Whatever bytes come over a connection: a reply of HTTP, or an end; the next caller is served."""

import asyncio
import logging
from collections.abc import Generator
from contextlib import AbstractAsyncContextManager
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contract.http_talk import POST, served
from tests.property.mangling import spoiled

from kruispunt.web import Server

WHOLE: Final = POST + b"content-length: 2\r\nconnection: close\r\n\r\n{}"
SEEDS: Final = (
    WHOLE,
    POST + b"transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    POST + b"expect: 100-continue\r\ncontent-length: 2\r\n\r\n{}",
    b"GET http://x/echo?a=%zz#b HTTP/1.0\r\n\r\n" + WHOLE,
    WHOLE.replace(b"POST", b"CONNECT"),
)


class Standing:
    """One server for all that is said to it."""

    def __init__(self) -> None:
        self.loop = asyncio.Runner()
        self.faults: list[object] = []
        self.door: AbstractAsyncContextManager[Server] = served()
        self.server = self.loop.run(self._open())

    async def _open(self) -> Server:
        running = asyncio.get_running_loop()
        running.set_exception_handler(lambda _loop, context: self.faults.append(context))
        return await self.door.__aenter__()

    def say(self, sent: bytes) -> bytes:
        return self.loop.run(self._say(sent))

    async def _say(self, sent: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        writer.write(sent)
        writer.write_eof()
        try:
            return await asyncio.wait_for(reader.read(), 5)
        except ConnectionResetError:
            return b""
        finally:
            writer.close()

    def close(self) -> None:
        self.loop.run(self.door.__aexit__(None, None, None))
        self.loop.close()


@pytest.fixture(scope="module")
def standing() -> Generator[Standing]:
    standing = Standing()
    yield standing
    standing.close()


@given(sent=st.binary(max_size=300) | spoiled(*SEEDS))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_get_a_reply_or_an_end_and_the_next_caller_is_served(
    standing: Standing, caplog: pytest.LogCaptureFixture, sent: bytes
):
    caplog.set_level(logging.ERROR)
    told = standing.say(sent)

    assert told == b"" or told.startswith(b"HTTP/1.1 ")
    assert b" 500 " not in told.partition(b"\r\n")[0]
    assert standing.say(WHOLE).startswith(b"HTTP/1.1 200 ")
    assert (standing.faults, caplog.records) == ([], [])
