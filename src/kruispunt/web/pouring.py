"""Saying a reply as it comes: part by part, until one side ends it, at the reader's own pace."""

import asyncio
from typing import Final

from kruispunt.web.reply import Parts

SLOW_S: Final = 10.0
"""How long one who takes nothing is waited for, with a full buffer between us."""


class Pouring:
    """One reply with parts on its way to one connection.

    INVARIANT: while the reader has no room, no part is asked for; so what a slow reader makes us
    keep is one part and one buffer.
    """

    def __init__(self, transport: asyncio.Transport, parts: Parts, *, chunked: bool) -> None:
        """Without chunks, the end of the connection is the end of the reply."""
        self._transport = transport
        self._parts = parts
        self._chunked = chunked
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._told = asyncio.get_running_loop().create_future()
        self._is_gone = False

    async def run(self, first: bytes) -> bool:
        """True once all was said, or once we ended it; False where it was cut short."""
        try:
            part: bytes | None = first
            while part is not None and not self._is_gone:
                self._say(part)
                if not await self._room():
                    return False
                part = await self._next()
        finally:
            await self._parts.close()
        if self._is_gone:
            return False
        if self._chunked:
            self._transport.write(b"0\r\n\r\n")
        return True

    def stop(self) -> None:
        """Nobody is left to say it to."""
        self._is_gone = True
        self.end()

    def end(self) -> None:
        """Say no more, but end well."""
        self._has_room.set()
        if not self._told.done():
            self._told.set_result(None)

    def wait(self) -> None:
        """The reader has no room now."""
        self._has_room.clear()

    def go_on(self) -> None:
        """The reader has room again."""
        self._has_room.set()

    def _say(self, part: bytes) -> None:
        if part:
            self._transport.write(b"%x\r\n%b\r\n" % (len(part), part) if self._chunked else part)

    async def _room(self) -> bool:
        if self._has_room.is_set():
            return True
        try:
            async with asyncio.timeout(SLOW_S):
                await self._has_room.wait()
        except TimeoutError:
            return False
        return True

    async def _next(self) -> bytes | None:
        coming = asyncio.ensure_future(self._parts.next())
        try:
            await asyncio.wait((coming, self._told), return_when=asyncio.FIRST_COMPLETED)
            if coming.done() and not self._told.done():
                return coming.result()
        finally:
            coming.cancel()
        await asyncio.wait((coming,))
        return None
