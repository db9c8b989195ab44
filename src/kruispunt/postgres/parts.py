"""Large sets asked in parts: a few queries side by side, and no more than these held at once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


async def in_parts(
    keys: Sequence[K],
    ask: Callable[[Sequence[K]], Awaitable[Sequence[V]]],
    *,
    size: int,
    side_by_side: int = 2,
) -> list[V]:
    """What `ask` says of every key, in their order; it is given at most `size` at a time.

    What one part raises, the whole set raises, and nothing of it goes on.
    """
    places = iter(range(0, len(keys), size))
    found: dict[int, Sequence[V]] = {}

    async def go_on() -> None:
        for place in places:
            found[place] = await ask(keys[place : place + size])

    tasks = [asyncio.create_task(go_on()) for _ in range(side_by_side)]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return [value for place in sorted(found) for value in found[place]]
