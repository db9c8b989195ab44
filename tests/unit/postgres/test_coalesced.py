import asyncio
from collections.abc import Sequence

import pytest

from kruispunt.postgres import Coalesced


class Shop:
    """Answers keys by doubling them, and notes what it was asked and how."""

    def __init__(self) -> None:
        self.asked: list[int | tuple[int, ...]] = []
        self.open = asyncio.Event()
        self.open.set()

    async def one(self, key: int) -> int:
        self.asked.append(key)
        await self.open.wait()
        return 2 * key

    async def many(self, keys: Sequence[int]) -> Sequence[int]:
        self.asked.append(tuple(keys))
        await self.open.wait()
        return [2 * key for key in keys]

    def coalesced(self, **limits: int) -> Coalesced[int, int]:
        return Coalesced(one=self.one, many=self.many, **limits)


async def test_lookups_of_one_moment_are_one_query():
    shop = Shop()
    lookups = shop.coalesced()

    found = await asyncio.gather(*[lookups.get(key) for key in (1, 2, 3, 2)])

    assert found == [2, 4, 6, 4]
    assert shop.asked == [(1, 2, 3, 2)]


async def test_a_lone_lookup_is_the_plain_query():
    shop = Shop()

    assert await shop.coalesced().get(5) == 10
    assert shop.asked == [5]


async def test_what_waits_when_a_query_ends_goes_together():
    shop = Shop()
    lookups = shop.coalesced(in_flight=1)
    shop.open.clear()
    first = asyncio.create_task(lookups.get(1))
    await asyncio.sleep(0.01)
    others = [asyncio.create_task(lookups.get(key)) for key in (2, 3)]
    await asyncio.sleep(0.01)
    asked_before = list(shop.asked)

    shop.open.set()
    found = await asyncio.gather(first, *others)

    assert asked_before == [1]
    assert shop.asked == [1, (2, 3)]
    assert found == [2, 4, 6]


async def test_no_batch_is_larger_than_its_limit():
    shop = Shop()
    lookups = shop.coalesced(max_batch=4)

    found = await asyncio.gather(*[lookups.get(key) for key in range(10)])

    assert found == [2 * key for key in range(10)]
    assert max(len(keys) for keys in shop.asked if isinstance(keys, tuple)) == 4


async def test_an_error_reaches_every_asker_of_its_query_and_none_after():
    async def broken(_key: object) -> int:
        raise LookupError("away")

    async def fine(keys: Sequence[int]) -> Sequence[int]:
        return keys

    lookups: Coalesced[int, int] = Coalesced(one=broken, many=fine)

    with pytest.raises(LookupError):
        await lookups.get(1)

    assert await asyncio.gather(lookups.get(1), lookups.get(2)) == [1, 2]


async def test_an_asker_who_leaves_does_not_take_the_others_along():
    shop = Shop()
    lookups = shop.coalesced()
    shop.open.clear()
    leaving = asyncio.create_task(lookups.get(1))
    staying = asyncio.create_task(lookups.get(2))
    await asyncio.sleep(0.01)

    leaving.cancel()
    shop.open.set()

    assert await staying == 4
    assert leaving.cancelled()
