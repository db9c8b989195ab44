import asyncio
from collections.abc import Awaitable, Callable

import pytest

from kruispunt.sources import Cause, Lane, Patience, SilentSource, WrongSource

PATIENCE = Patience(at_once=2, waiting=1, silences=3, rest_s=5.0)


class Clock:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


async def answers() -> str:
    return "here"


async def is_silent() -> str:
    raise SilentSource(Cause.NO_ANSWER)


async def lies() -> str:
    raise WrongSource(Cause.NOT_JSON)


async def cause_of(lane: Lane, ask: Callable[[], Awaitable[str]]) -> Cause | None:
    try:
        await lane.take(ask, timeout_s=1.0)
    except (SilentSource, WrongSource) as fault:
        return fault.cause
    return None


async def test_a_source_that_is_silent_too_often_gets_a_rest():
    lane = Lane(patience=PATIENCE, clock=Clock())

    causes = [await cause_of(lane, is_silent) for _ in range(5)]

    assert causes == [Cause.NO_ANSWER] * 3 + [Cause.RESTING] * 2


async def test_an_answer_in_between_starts_the_count_anew():
    lane = Lane(patience=PATIENCE, clock=Clock())

    for ask in (is_silent, is_silent, answers, is_silent, is_silent, lies, is_silent, is_silent):
        assert await cause_of(lane, ask) is not Cause.RESTING

    assert not lane.resting


async def test_after_the_rest_one_question_finds_out_for_all():
    clock = Clock()
    lane = Lane(patience=PATIENCE, clock=clock)
    for _ in range(3):
        await cause_of(lane, is_silent)
    clock.at += PATIENCE.rest_s
    gate = asyncio.Event()

    async def probe() -> str:
        await gate.wait()
        return "back"

    probing = asyncio.create_task(cause_of(lane, probe))
    await asyncio.sleep(0)
    meanwhile = await cause_of(lane, answers)
    gate.set()

    assert meanwhile is Cause.RESTING
    assert await probing is None
    assert await cause_of(lane, answers) is None


async def test_a_probe_without_answer_means_another_rest():
    clock = Clock()
    lane = Lane(patience=PATIENCE, clock=clock)
    for _ in range(3):
        await cause_of(lane, is_silent)
    clock.at += PATIENCE.rest_s

    assert await cause_of(lane, is_silent) is Cause.NO_ANSWER
    assert await cause_of(lane, answers) is Cause.RESTING


async def test_a_probe_that_is_given_up_leaves_room_for_the_next():
    clock = Clock()
    lane = Lane(patience=PATIENCE, clock=clock)
    for _ in range(3):
        await cause_of(lane, is_silent)
    clock.at += PATIENCE.rest_s
    probing = asyncio.create_task(lane.take(asyncio.Event().wait, timeout_s=9.0))
    await asyncio.sleep(0)

    probing.cancel()
    await asyncio.gather(probing, return_exceptions=True)

    assert await cause_of(lane, answers) is None


async def test_one_question_more_than_may_wait_is_told_to_come_back():
    lane = Lane(patience=PATIENCE, clock=Clock())
    gate = asyncio.Event()
    held = [asyncio.create_task(lane.take(gate.wait, timeout_s=9.0)) for _ in range(3)]
    await asyncio.sleep(0)

    crowded = await cause_of(lane, answers)
    gate.set()

    assert crowded is Cause.CROWDED
    assert await asyncio.gather(*held) == [True] * 3
    assert await cause_of(lane, answers) is None


async def test_waiting_for_a_turn_stays_within_the_time_limit_and_is_no_silence_of_the_source():
    lane = Lane(patience=PATIENCE, clock=Clock())
    gate = asyncio.Event()
    held = [asyncio.create_task(lane.take(gate.wait, timeout_s=9.0)) for _ in range(2)]
    await asyncio.sleep(0)

    with pytest.raises(SilentSource) as silent:
        await lane.take(answers, timeout_s=0.01)
    gate.set()

    assert silent.value.cause is Cause.CROWDED
    assert await asyncio.gather(*held) == [True, True]


async def test_a_source_that_takes_too_long_is_silent():
    lane = Lane(patience=PATIENCE, clock=Clock())

    with pytest.raises(SilentSource) as silent:
        await lane.take(asyncio.Event().wait, timeout_s=0.01)

    assert silent.value.cause is Cause.NO_ANSWER
