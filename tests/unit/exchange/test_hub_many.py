"""Sets of questions: one claim for all, an entry for each, and no more under way than agreed."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from msgspec import structs
from structlog.testing import capture_logs
from tests.house import NOON, Twin, a_hub, a_question
from tests.law.inventing import FILE, FLOW, SUPPLIED, a_flow, a_lawbook, a_line
from tests.together import PEOPLE, Moody, looks_of, together

from kruispunt.exchange import PART
from kruispunt.exchange.part import AT_ONCE
from kruispunt.vocabulary import (
    Answer,
    Ending,
    Facts,
    FlowId,
    Grant,
    NumberFact,
    NumberStatus,
    Problem,
    Question,
    Recorded,
    Reply,
    Settled,
    SourceSilent,
    Ssin,
    Unavailable,
    WrongSignature,
)

OTHER_FLOW = FlowId("income")


class Slow(Moody):
    """A source that takes its time, and counts how many ask at once."""

    def __init__(self, takes_s: float = 0.002) -> None:
        super().__init__({}, frozenset())
        self.takes_s = takes_s
        self.most = self.now = 0

    async def fetch(self, recorded: Recorded[Grant], *, timeout_s: float) -> Reply:
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            return await super().fetch(recorded, timeout_s=timeout_s)
        finally:
            self.now -= 1


def a_twin(source: Moody) -> Twin:
    """A hub that knows all of `PEOPLE`, each with both files."""
    lines = [
        structs.replace(a_line(pair), ssin=one) for one in PEOPLE for pair in (FILE, SUPPLIED)
    ]
    twin = a_hub(lines=lines, source=source)
    known = NumberFact(status=NumberStatus.KNOWN)
    twin.registers.facts.update(dict.fromkeys(PEOPLE, known))
    return twin


def a_set(many: int, *, first: int = 0, flow: FlowId = FLOW) -> list[Question]:
    return together(
        [
            a_question(message=first + n, ssin=PEOPLE[n % len(PEOPLE)], flow=flow)
            for n in range(many)
        ]
    )


async def test_a_set_that_is_replayed_is_refused_whole_and_nothing_is_recorded():
    twin, questions = a_twin(Slow(0)), a_set(5)
    await twin.hub.serve_many(questions)

    with pytest.raises(WrongSignature):
        await twin.hub.serve_many(questions)
    with pytest.raises(WrongSignature):
        await twin.hub.serve(questions[0])

    assert len(twin.entries) == 5


async def test_a_set_of_nobody_claims_nothing():
    twin = a_twin(Slow(0))

    assert await twin.hub.serve_many([]) == []
    assert twin.ledger.nonces == set()


async def test_questions_of_two_requests_are_no_set():
    twin = a_twin(Slow(0))

    with pytest.raises(ValueError, match="one request"):
        await twin.hub.serve_many([*a_set(1), *a_set(1, first=1)])

    assert twin.ledger.nonces == set()


async def test_nothing_is_asked_while_the_trail_is_away():
    twin = a_twin(Slow(0))
    twin.ledger.away = True

    with pytest.raises(Unavailable):
        await twin.hub.serve_many(a_set(3))

    assert (twin.entries, twin.asked) == ([], [])


async def test_of_a_large_set_only_some_are_under_way_at_once():
    source = Slow()
    twin = a_twin(source)

    told = await twin.hub.serve_many(a_set(PART + 40))

    assert source.most == AT_ONCE
    assert len(told) == len(twin.trail.outcomes) == PART + 40
    assert all(isinstance(one, Answer) for one in told)


async def test_two_sets_of_one_flow_share_its_turns():
    source = Slow()
    twin = a_twin(source)

    await asyncio.gather(twin.hub.serve_many(a_set(60)), twin.hub.serve_many(a_set(60, first=100)))

    assert source.most == AT_ONCE


async def test_a_slow_source_of_one_flow_holds_no_set_of_another_up():
    source = Slow(0.9)
    twin = a_twin(source)
    slow = asyncio.create_task(twin.hub.serve_many(a_set(2 * AT_ONCE)))
    await twin.until_asked()

    async with asyncio.timeout(0.5):
        await twin.hub.serve_many(a_set(3, first=900, flow=OTHER_FLOW))

    slow.cancel()
    await asyncio.gather(slow, return_exceptions=True)


async def test_a_set_that_is_given_up_leaves_no_grant_without_an_outcome():
    source = Slow(0.9)
    twin = a_twin(source)
    asking = asyncio.create_task(twin.hub.serve_many(a_set(PART + 40)))
    await twin.until_asked()

    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    looks = looks_of(twin)
    assert source.now == 0
    assert len(looks) == AT_ONCE
    assert {look.outcome.ending for look in looks if look.outcome} == {Ending.CANCELLED}
    assert all(look.outcome for look in looks)


class Forgetful:
    """Registers that are away for the second part of a set."""

    def __init__(self, twin: Twin) -> None:
        self.inner = twin.registers
        self.asked: list[int] = []

    async def settle(self, question: Question) -> Settled:
        return await self.inner.settle(question)

    async def settle_many(self, questions: Sequence[Question]) -> list[Settled]:
        self.asked.append(len(questions))
        if len(self.asked) == 2:
            raise Unavailable("the database is away", retry_after_s=1)
        return await self.inner.settle_many(questions)


async def test_a_part_that_fails_spoils_no_other():
    twin = a_twin(Slow(0))
    identity = Forgetful(twin)
    hub = replace(twin.hub, identity=identity)

    told = await hub.serve_many(a_set(2 * PART + 7))

    assert identity.asked == [PART, PART, 7]
    away = told[PART : 2 * PART]
    assert all(isinstance(one, Unavailable) for one in away)
    assert not any(isinstance(one, Problem) for one in told[:PART] + told[2 * PART :])
    assert len(twin.entries) == PART + 7


@dataclass
class Stained:
    """Rooms in memory in which the lines of one person can't be read."""

    twin: Twin
    person: Ssin
    away_after: int = 1_000_000
    asked: list[int] = field(default_factory=list[int])

    async def facts(self, settled: Settled) -> Facts:
        return await self.twin.directory.facts(settled)

    async def facts_many(self, settled: Sequence[Settled]) -> list[Facts]:
        self.asked.append(len(settled))
        if len(self.asked) > self.away_after:
            raise Unavailable("the database is away", retry_after_s=1)
        if any(one.question.ssin == self.person for one in settled):
            raise ValueError
        return await self.twin.directory.facts_many(settled)


async def test_a_fault_in_what_is_known_of_one_person_fails_the_questions_about_that_one_only():
    twin = a_twin(Slow(0))
    directory = Stained(twin, PEOPLE[3])

    with capture_logs() as logged:
        told = await replace(twin.hub, directory=directory).serve_many(a_set(12))

    failed = [place for place, one in enumerate(told) if isinstance(one, Problem)]
    assert failed == [3, 11]
    assert all(type(told[place]) is Problem for place in failed)
    assert directory.asked == [12, *[1] * 12]
    assert [line["event"] for line in logged] == [
        "exchange.part_one_by_one",
        *["exchange.fault"] * 2,
    ]
    assert len(twin.entries) == len(told) - len(failed)


async def test_a_database_that_goes_away_meanwhile_is_away_for_all_and_asked_no_further():
    twin = a_twin(Slow(0))
    directory = Stained(twin, PEOPLE[3], away_after=3)

    with capture_logs():
        told = await replace(twin.hub, directory=directory).serve_many(a_set(20))

    assert all(isinstance(one, Unavailable) for one in told)
    assert directory.asked == [20, 1, 1, 1]
    assert twin.entries == []


async def test_every_question_of_a_set_has_a_receipt_of_its_own():
    twin = a_twin(Slow(0))

    told = await twin.hub.serve_many(a_set(20))

    receipts = [one.receipt for one in told if isinstance(one, Answer)]
    assert {one.entry for one in receipts} == {entry.id for entry in twin.entries}
    assert len({one.leaf for one in receipts}) == 20
    assert {one.recorded_at for one in receipts} == {NOON}


async def test_the_deadline_of_a_flow_counts_for_each_and_not_for_the_set():
    flow = a_flow()
    hurried = replace(flow, limits=replace(flow.limits, timeout_s=0.05))
    source = Slow(0.02)
    twin = a_twin(source)
    hub = replace(twin.hub, laws=a_hub(lawbook=a_lawbook(flows=[hurried])).laws)

    told = await hub.serve_many(a_set(4 * AT_ONCE))

    assert not any(isinstance(one, SourceSilent) for one in told)
