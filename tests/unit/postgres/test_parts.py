"""Large sets asked in parts: in order, a few at a time, and all or nothing."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kruispunt.postgres import in_parts
from kruispunt.vocabulary import Unavailable


async def twice(keys: Sequence[int]) -> list[int]:
    await asyncio.sleep(0)
    return [2 * key for key in keys]


@given(keys=st.lists(st.integers(), max_size=20), size=st.integers(1, 7), beside=st.integers(1, 4))
def test_every_key_has_its_value_in_its_place(keys: list[int], size: int, beside: int):
    found = asyncio.run(in_parts(keys, twice, size=size, side_by_side=beside))

    assert found == [2 * key for key in keys]


async def test_no_part_is_larger_and_no_more_run_at_once_than_agreed():
    sizes: list[int] = []
    running: list[int] = [0]

    async def ask(keys: Sequence[int]) -> Sequence[int]:
        running.append(running[-1] + 1)
        sizes.append(len(keys))
        await asyncio.sleep(0)
        running.append(running[-1] - 1)
        return keys

    await in_parts(range(23), ask, size=5)

    assert sizes == [5, 5, 5, 5, 3]
    assert max(running) == 2


async def test_what_a_part_raises_the_set_raises_and_the_rest_is_given_up():
    begun: list[int] = []
    ended: list[int] = []

    async def ask(keys: Sequence[int]) -> Sequence[int]:
        begun.append(keys[0])
        if keys[0] == 4:
            raise Unavailable("away")
        await asyncio.sleep(0.9)
        ended.append(keys[0])
        return keys

    with pytest.raises(Unavailable):
        await in_parts(range(40), ask, size=4)

    assert (begun, ended) == ([0, 4], [])


async def test_who_gives_up_leaves_no_part_running():
    cut: list[int] = []

    async def ask(keys: Sequence[int]) -> Sequence[int]:
        try:
            await asyncio.sleep(0.9)
        except asyncio.CancelledError:
            cut.append(keys[0])
            raise
        return keys

    asking = asyncio.create_task(in_parts(range(9), ask, size=3))
    await asyncio.sleep(0.01)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)

    assert cut == [0, 3]
