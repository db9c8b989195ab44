"""A small server on real sockets, and words said to it byte by byte."""

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from kruispunt.web import (
    Address,
    App,
    HttpReply,
    Request,
    Route,
    Server,
    json_reply,
)

dice = random.Random(3).randbytes
POST = b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
PONDER = POST.replace(b"echo", b"ponder") + b"content-length: 2\r\n\r\n{}"


async def echo(request: Request) -> HttpReply:
    return json_reply(request.body)


async def ponder(request: Request) -> HttpReply:
    await asyncio.sleep(0.3)
    return json_reply(b"{}")


def an_app() -> App:
    return App(
        [
            Route(method="POST", template="/echo", handler=echo, max_body=1000),
            Route(method="POST", template="/ponder", handler=ponder),
        ],
        random_bytes=dice,
    )


@asynccontextmanager
async def served(address: Address | None = None) -> AsyncGenerator[Server]:
    server = Server(an_app(), address or Address())
    running = asyncio.create_task(server.run(signals=False))
    await asyncio.sleep(0.05)
    try:
        yield server
    finally:
        server.stop()
        await running


async def raw(port: int, sent: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    got = await asyncio.wait_for(reader.read(), 3)
    writer.close()
    return got
