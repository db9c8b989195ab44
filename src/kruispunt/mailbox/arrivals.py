"""Waiting for mail: who asks for mail that is not there yet is woken when it comes."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final, TypeVar

from kruispunt.postgres import Database, Listener
from kruispunt.vocabulary import Unavailable

CHANNEL: Final = "mailbox"
MOST_WAITING: Final = 2048
LOOK_EVERY_S: Final = 5.0
"""A net: what the database notifies may not be heard while the connection is away."""

MOST_FOR_ONE: Final = 8
"""Who wait for one mailbox; one more, and the first of them is told what there is. A caller that
hung up counts as waiting until its time is over."""

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class _Waiter:
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    leaves: bool = False

    def leave(self) -> None:
        self.leaves = True
        self.bell.set()


class Arrivals:
    """Those who wait for mail in one process, each for one mailbox."""

    def __init__(
        self, *, most_waiting: int = MOST_WAITING, look_every_s: float = LOOK_EVERY_S
    ) -> None:
        self._most_waiting = most_waiting
        self._look_every_s = look_every_s
        self._waiting: defaultdict[str, list[_Waiter]] = defaultdict(list)
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
        for waiter in self._waiting.get(recipient, ()):
            waiter.bell.set()

    def came_to_all(self) -> None:
        """Mail may have come anywhere."""
        for recipient in self._waiting:
            self.came(recipient)

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
        waiter = self._enter(recipient)
        try:
            return await self._look(waiter, look, wait_s=wait_s, found=found)
        finally:
            self._exit(recipient, waiter)

    def _enter(self, recipient: str) -> _Waiter:
        waiter, others = _Waiter(), self._waiting[recipient]
        staying = [one for one in others if not one.leaves]
        if len(staying) >= MOST_FOR_ONE:
            staying[0].leave()
        others.append(waiter)
        self._count += 1
        return waiter

    def _exit(self, recipient: str, waiter: _Waiter) -> None:
        self._count -= 1
        others = self._waiting[recipient]
        others.remove(waiter)
        if not others:
            del self._waiting[recipient]

    async def _look(
        self,
        waiter: _Waiter,
        look: Callable[[], Awaitable[T]],
        *,
        wait_s: float,
        found: Callable[[T], bool],
    ) -> T:
        loop = asyncio.get_running_loop()
        until = loop.time() + wait_s
        while True:
            # INVARIANT: the bell is silenced before looking, so what comes meanwhile rings it.
            waiter.bell.clear()
            seen = await look()
            left = until - loop.time()
            if found(seen) or left <= 0 or self._closed or waiter.leaves:
                return seen
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left, self._look_every_s)):
                    await waiter.bell.wait()
