"""HTTP by hand: messages of one piece, so that they can be sent twice, cut, or sent much later."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

PATIENCE_S: Final = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A request or a reply: its first line, its headers in lower case, its body."""

    line: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def status(self) -> int:
        """The status of a reply."""
        return int(self.line.split(" ")[1])

    def encoded(self) -> bytes:
        """The bytes as they go over the wire."""
        headers = {**self.headers, "content-length": str(len(self.body))}
        lines = [self.line, *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + self.body


async def read_message(reader: asyncio.StreamReader) -> Message | None:
    """The next message of a connection, None at its end.

    Raises:
        EOFError: it ended in the middle of one.
        ValueError: it has no length.
    """
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as ended:
        if ended.partial:
            raise
        return None
    line, *rest = head[:-4].decode("latin-1").split("\r\n")
    pairs = (one.partition(":") for one in rest)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Message(line=line, headers=headers, body=body)


def request(url: str, body: bytes, headers: Mapping[str, str]) -> Message:
    """A request as a client writes it."""
    parts = urlsplit(url)
    return Message(
        line=f"POST {parts.path} HTTP/1.1", headers={"host": parts.netloc, **headers}, body=body
    )


async def send(url: str, data: bytes) -> Message | None:
    """Send bytes over a connection of their own; None where no whole reply came back."""
    parts = urlsplit(url)
    try:
        async with asyncio.timeout(PATIENCE_S):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            try:
                writer.write(data)
                return await read_message(reader)
            finally:
                writer.close()
    except (OSError, EOFError, ValueError):
        return None


async def send_part(url: str, data: bytes, *, linger_s: float) -> None:
    """Send the beginning of a message, wait, and hang up."""
    parts = urlsplit(url)
    try:
        _, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(data)
        await writer.drain()
        await asyncio.sleep(linger_s)
        writer.close()
    except OSError:
        return
