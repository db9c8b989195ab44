"""The proxy before a station: passes messages on, and can be slow, repeat them, or lie.

`python -m storm.proxy FD PORT KEY FOLDER`: listens on FD, asks the station on PORT, and signs lies
with the station's own KEY, as a station that lies would. What it does stands in a file of the
campaign and may change at any moment. It writes down every look that passes it.
"""

import asyncio
import os
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import msgspec
import uvloop

from kruispunt.cli.clock import now, random_bytes
from kruispunt.cli.supervisor import READY_FILE
from kruispunt.web import SigningKey, make_key, read_key, sign_reply
from storm.lies import LIES, Lie
from storm.places import Places
from storm.wire import Message, read_message

LOOK_S = 0.02
SIGNING = ("signature", "signature-input", "content-digest")
UNBOUND = "kruispunt=:" + "A" * 86 + "==:"


class Mode(msgspec.Struct, frozen=True, kw_only=True):
    """What the proxy does: wait, send every request twice, tell a lie."""

    delay_s: float = 0.0
    twice: bool = False
    lie: str = ""


class AskedLine(msgspec.Struct, frozen=True, kw_only=True):
    """What is written down of a request: whether it came a second time, and what came of that."""

    kind: Literal["asked", "twice"]
    entries: list[str] = []
    status: int = 0


class _Look(msgspec.Struct, frozen=True):
    entry: str


class _Looks(msgspec.Struct, frozen=True):
    looks: list[_Look]


@dataclass(slots=True, kw_only=True)
class Proxy:
    """One proxy; it holds no state but what it does at this moment."""

    port: int
    key: SigningKey
    places: Places
    mode: Mode = field(default_factory=Mode)

    async def follow(self) -> None:
        """Do what the file says, as soon as it says so."""
        seen = 0
        while True:
            with suppress(OSError, msgspec.DecodeError):
                stamp = self.places.mode.stat().st_mtime_ns
                if stamp != seen:
                    self.mode = msgspec.json.decode(self.places.mode.read_bytes(), type=Mode)
                    seen = stamp
            await asyncio.sleep(LOOK_S)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on what comes over one connection, one message after the other."""
        with suppress(OSError, EOFError, ValueError):
            while (request := await read_message(reader)) is not None:
                if not await self._answer(request, writer):
                    break
        writer.close()

    async def _answer(self, request: Message, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; false where the connection must end."""
        mode = self.mode
        self._note(request)
        await asyncio.sleep(mode.delay_s)
        reply = await self._ask(request)
        if mode.twice:
            again = await self._ask(request)
            self._write(AskedLine(kind="twice", status=again.status))
        lie = LIES.get(mode.lie)
        told = self._lied(request, reply, lie) if lie and reply.status == 200 else reply
        data = told.encoded()
        if lie is not None and lie.cut:
            writer.write(data[: -len(told.body) // 2])
            await writer.drain()
            return False
        writer.write(data)
        await writer.drain()
        return True

    async def _ask(self, request: Message) -> Message:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(request.encoded())
            reply = await read_message(reader)
        finally:
            writer.close()
        if reply is None:
            raise EOFError
        return reply

    def _lied(self, request: Message, reply: Message, lie: Lie) -> Message:
        body = lie.body(reply.body)
        headers = {name: v for name, v in reply.headers.items() if name not in SIGNING}
        if lie.signs == "before":
            headers = dict(reply.headers)
        elif lie.signs != "not":
            headers |= self._signed(request, body, lie)
        line = reply.line.replace("200 OK", f"{lie.status} Told")
        return Message(line=line, headers=headers, body=body)

    def _signed(self, request: Message, body: bytes, lie: Lie) -> dict[str, str]:
        bound = UNBOUND if lie.signs == "other-request" else request.headers["signature"]
        key = self.key
        if lie.signs == "stranger":
            key = make_key(key.institution, key_id=key.key_id, random_bytes=random_bytes)
        return sign_reply(
            key,
            status=lie.status,
            body=body,
            request_signature=bound,
            created=int(now().timestamp()),
        )

    def _note(self, request: Message) -> None:
        with suppress(msgspec.DecodeError):
            asked = msgspec.json.decode(request.body, type=_Looks)
            self._write(AskedLine(kind="asked", entries=[look.entry for look in asked.looks]))

    def _write(self, line: AskedLine) -> None:
        with self.places.asked.open("ab") as file:
            file.write(msgspec.json.encode(line) + b"\n")


async def _serve(proxy: Proxy, door: socket.socket) -> None:
    following = asyncio.create_task(proxy.follow())
    server = await asyncio.start_server(proxy.serve, sock=door)
    ready = os.environ.get(READY_FILE)
    if ready:
        await asyncio.to_thread(Path(ready).touch)
    async with server:
        await server.serve_forever()
    following.cancel()


def main() -> None:
    door, port, key, folder = sys.argv[1:]
    proxy = Proxy(port=int(port), key=read_key(Path(key)), places=Places(folder=Path(folder)))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(proxy, socket.socket(fileno=int(door))))


if __name__ == "__main__":
    main()
