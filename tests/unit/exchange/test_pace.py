"""What is empty since nobody was asked comes as late as what is empty since there is nothing."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.house import Twin, a_hub, a_question, a_simulator, again
from tests.law.inventing import FLOW, OFFICE, a_clause, a_lawbook, a_line

from kruispunt.exchange.pace import KEPT, Pace
from kruispunt.sources import Cause, WrongSource
from kruispunt.vocabulary import Answer, FlowId, NoAnswer, Reason

FLOWS = FLOW, FlowId("income")


class Stopwatch:
    """A time for each look at it, and how long was slept meanwhile."""

    def __init__(self, *times: float) -> None:
        self.times: Iterator[float] = iter(times)
        self.slept: list[float] = []

    def __call__(self) -> float:
        return next(self.times)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def watch() -> Stopwatch:
    return Stopwatch(0, 0.5, 1, 1.25, 2, 4)


def a_pace(watch: Stopwatch) -> Pace:
    return Pace(clock=watch, sleep=watch.sleep)


def not_at_the_supplier(twin: Twin) -> Twin:
    """The same hub, after the supplier's file on the person was closed."""
    twin.directory.lines.kept = frozenset({a_line()})
    return twin


async def test_nobody_waits_before_a_supplier_has_answered(watch: Stopwatch):
    await a_pace(watch).wait(FLOW)

    assert watch.slept == []


async def test_each_wait_is_as_long_as_another_of_the_times_that_were_taken(watch: Stopwatch):
    pace = a_pace(watch)
    for _ in range(2):
        pace.learn(FLOW, since=watch())

    for _ in range(3):
        await pace.wait(FLOW)

    assert watch.slept == [0.5, 0.25, 0.5]


async def test_one_flow_tells_nothing_of_another(watch: Stopwatch):
    pace = a_pace(watch)
    pace.learn(FLOWS[0], since=watch())

    await pace.wait(FLOWS[1])

    assert watch.slept == []


async def test_only_the_latest_times_count():
    pace = Pace(clock=lambda: 9.0)
    for second in range(KEPT + 5):
        pace.learn(FLOW, since=float(second))

    assert len(pace.taken[FLOW]) == KEPT
    assert pace.taken[FLOW][0] == 9.0 - 5


async def test_an_empty_answer_that_hides_a_refusal_comes_as_late_as_a_source(watch: Stopwatch):
    twin = a_hub()
    hub = replace(twin.hub, pace=a_pace(watch))
    await hub.serve(a_question(message=1))
    not_at_the_supplier(twin)

    answer = await hub.serve(a_question(message=2))

    assert isinstance(answer, Answer)
    assert answer.rows == ()
    assert watch.slept == [0.5]


async def test_a_refusal_that_is_told_waits_for_nobody(watch: Stopwatch):
    twin = a_hub(lawbook=a_lawbook(a_clause()))
    hub = replace(twin.hub, pace=a_pace(watch))
    await hub.serve(a_question(message=1))
    twin.directory.lines.kept = frozenset()

    no_file = await hub.serve(a_question(message=2))
    no_clause = await hub.serve(a_question(message=3, consumer=OFFICE))

    assert isinstance(no_file, NoAnswer)
    assert isinstance(no_clause, NoAnswer)
    assert no_file.refusal.reason is Reason.NO_FILE
    assert watch.slept == []


async def test_a_source_that_failed_is_no_example():
    liar = a_simulator()
    liar.fault = Cause.UNSIGNED
    twin = a_hub(source=liar)

    with pytest.raises(WrongSource):
        await twin.hub.serve(a_question())

    assert twin.hub.pace.taken == {}


async def test_who_leaves_while_waiting_leaves_a_message_that_can_be_asked_again():
    twin, question = not_at_the_supplier(a_hub()), a_question()
    twin.hub.pace.learn(FLOW, since=twin.hub.pace.clock() - 60)
    waiting = asyncio.create_task(twin.hub.serve(question))
    for _ in range(20):
        await asyncio.sleep(0)

    assert not waiting.done()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    twin.hub.pace.taken.clear()

    answer = await twin.hub.serve(again(question))
    assert isinstance(answer, Answer)
    assert answer.repeated
