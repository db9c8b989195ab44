"""Lookups that are asked at the same time become one query."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Coalesced(Generic[K, V]):
    """One lookup for many askers: what waits when a query ends goes together in the next one.

    `one` answers a lone key, `many` a sequence of keys in its order. At most `in_flight` queries
    run at once; what they raise, each of their askers gets. A cancelled asker leaves the others
    alone.
    """

    def __init__(
        self,
        *,
        one: Callable[[K], Awaitable[V]],
        many: Callable[[Sequence[K]], Awaitable[Sequence[V]]],
        max_batch: int = 128,
        in_flight: int = 2,
    ) -> None:
        self._one = one
        self._many = many
        self._max_batch = max_batch
        self._free = in_flight
        self._waiting: list[tuple[K, asyncio.Future[V]]] = []
        self._running: set[asyncio.Task[Sequence[V]]] = set()
        self._called = False

    async def get(self, key: K) -> V:
        """The value of a key, by the next query that goes out."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[V] = loop.create_future()
        self._waiting.append((key, waiter))
        self._call(loop)
        return await waiter

    def _call(self, loop: asyncio.AbstractEventLoop) -> None:
        """Send a query after all who are ready now have asked, unless enough are under way."""
        if self._waiting and self._free and not self._called:
            self._called = True
            loop.call_soon(self._send)

    def _send(self) -> None:
        self._called = False
        batch = [pair for pair in self._waiting[: self._max_batch] if not pair[1].done()]
        del self._waiting[: self._max_batch]
        loop = asyncio.get_running_loop()
        if batch:
            self._free -= 1
            self._running.add(task := loop.create_task(self._ask([key for key, _ in batch])))
            task.add_done_callback(lambda done: self._deliver(done, batch))
        self._call(loop)

    async def _ask(self, keys: Sequence[K]) -> Sequence[V]:
        if len(keys) == 1:
            return (await self._one(keys[0]),)
        return await self._many(keys)

    def _deliver(
        self, task: asyncio.Task[Sequence[V]], batch: Sequence[tuple[K, asyncio.Future[V]]]
    ) -> None:
        self._running.discard(task)
        self._free += 1
        self._call(task.get_loop())
        if task.cancelled():
            _settle(batch, lambda _place, waiter: waiter.cancel())
            return
        error = task.exception()
        if error is not None:
            _settle(batch, lambda _place, waiter: waiter.set_exception(error))
            return
        values = task.result()
        if len(values) != len(batch):
            wrong = RuntimeError(f"expected {len(batch)} values, found {len(values)}")
            _settle(batch, lambda _place, waiter: waiter.set_exception(wrong))
            return
        _settle(batch, lambda place, waiter: waiter.set_result(values[place]))


def _settle(
    batch: Sequence[tuple[K, asyncio.Future[V]]],
    settle: Callable[[int, asyncio.Future[V]], object],
) -> None:
    for place, (_key, waiter) in enumerate(batch):
        if not waiter.done():
            settle(place, waiter)
