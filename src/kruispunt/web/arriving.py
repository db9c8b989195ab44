"""A request on its way in: its head came, its body may still be coming."""

import asyncio
from collections.abc import Callable, Mapping


class HungUp(Exception):
    """The caller left before its request was whole. Nobody is left to answer."""


class Arriving:
    """Filled by a connection, part by part, and read by whoever answers."""

    def __init__(
        self, *, method: str, target: str, headers: Mapping[str, str], private: bool = False
    ) -> None:
        """Names of `headers` are lower case; `private`: it came over a unix socket of ours."""
        self.method = method
        self.target = target
        self.headers = headers
        self.private = private
        self.is_last = False
        """Its connection is closed after the reply."""

        self.takes_chunks = True
        """It knows replies that come in chunks; one of HTTP/1.0 does not."""

        self.is_whole = False
        self.ignored = 0
        """Bytes of the body that were not kept."""

        self.awaited: Callable[[], None] | None = None
        """Called once, as soon as the body is waited for."""

        self._parts: list[bytes] = []
        self._size = 0
        self._limit: int | None = None
        self._fault: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None

    def came(self, body: bytes) -> None:
        """A part of the body; what comes beyond the reader's limit is not kept."""
        if self._limit is None or self._size <= self._limit:
            self._parts.append(body)
            self._size += len(body)
            self._wake()
        else:
            self.ignored += len(body)

    def ended(self) -> None:
        """The body is whole."""
        self.is_whole = True
        self._wake()

    def broke(self, fault: Exception) -> None:
        """No more will come: whoever reads fails with the first of these."""
        self._fault = self._fault or fault
        self._wake()

    def drop(self) -> None:
        """Keep nothing, now and later: nobody reads it, or it was answered."""
        self._parts, self._limit = [], -1

    async def read(self, limit: int) -> bytes:
        """The whole body; where it is larger than `limit`, so much of it that this shows.

        Raises:
            HungUp: the caller left.
            Malformed: what came is not HTTP.
        """
        self._limit = limit
        while self._fault is None and not self.is_whole and self._size <= limit:
            if self.awaited is not None:
                self.awaited()
                self.awaited = None
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        if self._fault is not None:
            raise self._fault
        return b"".join(self._parts)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
