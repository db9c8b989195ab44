"""Waiting for mail: who asks for mail that is not there yet is woken when it comes."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final, TypeVar

from kruispunt.postgres import Database, Listener
from kruispunt.vocabulary import Unavailable

CHANNEL: Final = "mailbox"
MOST_WAITING: Final = 2048
LOOK_EVERY_S: Final = 5.0
"""A net: what the database notifies may not be heard while the connection is away."""

T = TypeVar("T")


class Arrivals:
    """Those who wait for mail in one process, each for one mailbox."""

    def __init__(
        self, *, most_waiting: int = MOST_WAITING, look_every_s: float = LOOK_EVERY_S
    ) -> None:
        self._most_waiting = most_waiting
        self._look_every_s = look_every_s
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._count = 0
        self._closed = False

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return self._count

    @asynccontextmanager
    async def listening(self, database: Database) -> AsyncGenerator[None]:
        """Hear, while this is open, what is put by any process on this database."""
        listener = Listener(
            database=database, channel=CHANNEL, hear=self.came, missed=self.came_to_all
        )
        async with listener.listening():
            try:
                yield
            finally:
                self.close()

    def came(self, recipient: str) -> None:
        """Mail came into this mailbox."""
        for bell in self._waiting.get(recipient, ()):
            bell.set()

    def came_to_all(self) -> None:
        """Mail may have come anywhere."""
        for bells in self._waiting.values():
            for bell in bells:
                bell.set()

    def close(self) -> None:
        """Nobody waits any more: each is told at once what there is."""
        self._closed = True
        self.came_to_all()

    async def wait_for(
        self,
        recipient: str,
        look: Callable[[], Awaitable[T]],
        *,
        wait_s: float,
        found: Callable[[T], bool],
    ) -> T:
        """What `look` finds, as soon as it is `found`, or after `wait_s` seconds in any case.

        Raises:
            Unavailable: too many wait already; what `look` raises too.
        """
        if wait_s <= 0:
            return await look()
        if self._count >= self._most_waiting:
            raise Unavailable("too many wait for mail", retry_after_s=1)
        bell = asyncio.Event()
        self._waiting[recipient].add(bell)
        self._count += 1
        try:
            return await self._look(bell, look, wait_s=wait_s, found=found)
        finally:
            self._count -= 1
            bells = self._waiting[recipient]
            bells.discard(bell)
            if not bells:
                del self._waiting[recipient]

    async def _look(
        self,
        bell: asyncio.Event,
        look: Callable[[], Awaitable[T]],
        *,
        wait_s: float,
        found: Callable[[T], bool],
    ) -> T:
        loop = asyncio.get_running_loop()
        until = loop.time() + wait_s
        while True:
            # INVARIANT: the bell is silenced before looking, so what comes meanwhile rings it.
            bell.clear()
            seen = await look()
            left = until - loop.time()
            if found(seen) or left <= 0 or self._closed:
                return seen
            try:
                async with asyncio.timeout(min(left, self._look_every_s)):
                    await bell.wait()
            except TimeoutError:
                continue
