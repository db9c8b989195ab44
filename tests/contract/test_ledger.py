"""Both ledgers, the one in memory and the one on PostgreSQL, claim, record and repeat alike."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from msgspec import structs
from tests.contract.ledger_house import Rooms, a_ledger
from tests.house import (
    NOON,
    Clock,
    a_hub,
    a_key,
    a_question,
    again,
)
from tests.law.inventing import BOTH_FILES, HUB, PERSON, facts_of

from kruispunt.audit import Heads, Look, MemoryTrail
from kruispunt.exchange import Earlier, Ledger, MemoryLedger
from kruispunt.vocabulary import (
    Decision,
    Ending,
    FlowId,
    Grant,
    InstitutionCode,
    LawDigest,
    Malformed,
    MessageInFlight,
    Question,
    Reason,
    Recorded,
    Refusal,
    SameMessageOtherContent,
    WrongSignature,
)

LAW = LawDigest("0" * 64)
OLD_LAW = LawDigest("1" * 64)
FACTS = facts_of(*BOTH_FILES)
GRANT = Grant(ground=a_hub().laws.now.lawbook.clauses[0].ground)
REFUSAL = Refusal(reason=Reason.NO_FILE, ground=GRANT.ground)
LEASE = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True)
class House:
    """Two processes on one store; in memory they are the same one."""

    ledger: Ledger
    other: Ledger
    rooms: Rooms
    clock: Clock

    async def looks(self) -> list[Look]:
        """Every look, the earliest first."""
        found = await self.rooms.trail.list(PERSON)
        return sorted(found, key=lambda look: look.entry.id)

    async def ended(self, count: int) -> list[Look]:
        """Every look, once so many outcomes stand."""
        for _ in range(200):
            looks = await self.looks()
            if sum(look.outcome is not None for look in looks) >= count:
                return looks
            await asyncio.sleep(0.02)
        raise AssertionError(f"expected {count} outcomes within 4 s")

    async def until_closed(self, question: Question) -> Earlier:
        """The first time of a message, once it may be repeated."""
        for _ in range(200):
            try:
                found = await self.ledger.record(again(question), FACTS, GRANT, law=LAW)
            except MessageInFlight:
                await asyncio.sleep(0.02)
            else:
                assert isinstance(found, Earlier)
                return found
        raise AssertionError("expected the message to be closed within 4 s")


@asynccontextmanager
async def memory(_dsn: str) -> AsyncGenerator[House]:
    clock = Clock()
    trail = MemoryTrail(heads=Heads(signer=a_key(HUB), origin=HUB, now=clock))
    ledger = MemoryLedger(trail=trail, now=clock, random_bytes=Rooms.chance, lease=LEASE)
    yield House(ledger=ledger, other=ledger, rooms=Rooms(trail=trail), clock=clock)


@asynccontextmanager
async def postgres(dsn: str) -> AsyncGenerator[House]:
    clock = Clock()
    async with (
        a_ledger(dsn, clock=clock, lease=LEASE) as (ledger, rooms),
        a_ledger(dsn, clock=clock, lease=LEASE) as (other, _),
    ):
        yield House(ledger=ledger, other=other, rooms=rooms, clock=clock)


@pytest.fixture(params=[memory, postgres])
async def house(request: pytest.FixtureRequest, empty_database: str) -> AsyncGenerator[House]:
    async with request.param(empty_database) as house:
        yield house


async def record(
    ledger: Ledger, question: Question, decision: Decision = GRANT
) -> Recorded[Decision]:
    recorded = await ledger.record(question, FACTS, decision, law=LAW)
    assert isinstance(recorded, Recorded)
    return recorded


async def grant(ledger: Ledger, question: Question) -> Recorded[Grant]:
    return (await record(ledger, question)).granted()


async def test_a_decision_is_recorded_with_all_that_decided(house: House):
    question = a_question(ticket="T 1")

    recorded = await record(house.ledger, question)

    (look,) = await house.looks()
    assert recorded.decision == GRANT
    assert recorded.entry.recorded_at == NOON
    assert look.entry == structs.replace(recorded.entry, decision=look.entry.decision)
    assert (look.entry.question, look.entry.facts) == (question, FACTS)
    assert (look.entry.lawbook, look.entry.repeats) == (LAW, None)
    assert look.outcome is None


async def test_the_receipt_is_that_of_the_entry(house: House):
    recorded = await record(house.ledger, a_question())

    receipt = recorded.receipt
    assert receipt.entry == recorded.entry.id == recorded.entry.ticket
    assert (receipt.size, receipt.index, receipt.path) == (1, 0, ())
    assert receipt.leaf == receipt.root
    assert receipt.origin == HUB


async def test_a_refusal_is_recorded_too(house: House):
    await record(house.ledger, a_question(), REFUSAL)

    (look,) = await house.looks()
    assert look.entry.decision == REFUSAL


async def test_each_look_has_a_ticket_of_its_own(house: House):
    tickets = [(await record(house.ledger, a_question(message=n))).entry.id for n in range(9)]

    assert len(set(tickets)) == 9
    assert len(await house.looks()) == 9


async def test_a_nonce_used_before_is_told_and_not_recorded(house: House):
    await record(house.ledger, a_question(message=1, nonce=5))

    with pytest.raises(WrongSignature, match="nonce"):
        await record(house.other, a_question(message=2, nonce=5))

    assert len(await house.looks()) == 1


async def test_two_consumers_may_use_the_same_nonce_and_the_same_message_id(house: House):
    fund = InstitutionCode("fund")

    await record(house.ledger, a_question(message=1, nonce=5))
    await record(house.other, a_question(message=1, nonce=5, consumer=fund))

    assert len(await house.looks()) == 2


async def test_a_nonce_that_came_with_a_known_message_is_used_up(house: House):
    await record(house.ledger, a_question(message=1))
    with pytest.raises(MessageInFlight):
        await record(house.ledger, a_question(message=1, nonce=6))

    with pytest.raises(WrongSignature):
        await record(house.ledger, a_question(message=2, nonce=6))


async def test_a_message_in_flight_is_told_to_come_back(house: House):
    question = a_question()
    await record(house.ledger, question)

    with pytest.raises(MessageInFlight) as told:
        await house.other.record(again(question), FACTS, GRANT, law=LAW)

    assert told.value.retry_after_s == 1
    assert len(await house.looks()) == 1


@pytest.mark.parametrize("same", ["flow", "body"])
async def test_a_message_id_used_for_another_content_is_told_even_in_flight(
    house: House, same: str
):
    await record(house.ledger, a_question(content="one"))
    other = (
        a_question(content="one", flow=FlowId("income"))
        if same == "body"
        else a_question(content="two")
    )

    with pytest.raises(SameMessageOtherContent):
        await house.ledger.record(other, FACTS, GRANT, law=LAW)

    assert len(await house.looks()) == 1


async def test_an_answered_message_gives_back_what_decided_the_first_time(house: House):
    question = a_question()
    first = await grant(house.ledger, question)
    house.ledger.ended(first, Ending.GIVEN, rows=1)

    earlier = await house.until_closed(question)

    assert earlier == Earlier(entry=first.entry.id, question=question, facts=FACTS, law=LAW)


async def test_a_refused_message_may_be_repeated_once_it_is_closed(house: House):
    question = a_question()
    first = await record(house.ledger, question, REFUSAL)
    house.ledger.close(first)

    earlier = await house.until_closed(question)

    assert earlier.entry == first.entry.id
    assert [look.outcome for look in await house.looks()] == [None]


async def test_a_message_whose_process_died_is_free_when_its_lease_is_over(house: House):
    question = a_question()
    first = await record(house.ledger, question)
    house.clock.pass_by(LEASE - timedelta(seconds=1))
    with pytest.raises(MessageInFlight):
        await house.other.record(again(question), FACTS, GRANT, law=LAW)
    house.clock.pass_by(timedelta(seconds=1))

    earlier = await house.other.record(again(question), FACTS, GRANT, law=LAW)

    assert isinstance(earlier, Earlier)
    assert earlier.entry == first.entry.id


async def test_a_repetition_is_an_entry_of_its_own_under_the_first_law_facts_and_day(house: House):
    question = a_question()
    first = await house.ledger.record(question, FACTS, GRANT, law=OLD_LAW)
    assert isinstance(first, Recorded)
    house.ledger.ended(first.granted(), Ending.GIVEN, rows=1)
    earlier = await house.until_closed(question)
    house.clock.pass_by(timedelta(days=1))
    tomorrow = structs.replace(again(question), asked_on=question.asked_on + timedelta(days=1))

    repeated = await house.ledger.record_again(earlier, tomorrow, GRANT)

    entry = repeated.entry
    assert (entry.repeats, entry.ticket) == (first.entry.id, first.entry.id)
    assert entry.id != first.entry.id
    assert (entry.lawbook, entry.facts) == (OLD_LAW, FACTS)
    assert entry.question == structs.replace(tomorrow, asked_on=question.asked_on)
    assert repeated.receipt.entry == entry.id
    assert [look.entry.id for look in await house.looks()] == [first.entry.id, entry.id]


async def test_a_repetition_in_flight_is_not_answered_twice(house: House):
    question = a_question()
    house.ledger.ended(await grant(house.ledger, question), Ending.EMPTY)
    earlier = await house.until_closed(question)
    second = await house.ledger.record_again(earlier, again(question), GRANT)

    with pytest.raises(MessageInFlight):
        await house.other.record_again(earlier, again(question), GRANT)
    with pytest.raises(MessageInFlight):
        await house.other.record(again(question), FACTS, GRANT, law=LAW)

    repeats = {look.entry.id: look.entry.repeats for look in await house.looks()}
    assert repeats == {earlier.entry: None, second.entry.id: earlier.entry}


async def test_a_repetition_that_was_abandoned_is_free_when_its_lease_is_over(house: House):
    question = a_question()
    house.ledger.ended(await grant(house.ledger, question), Ending.EMPTY)
    earlier = await house.until_closed(question)
    await house.ledger.record_again(earlier, again(question), GRANT)
    house.clock.pass_by(LEASE)

    third = await house.other.record_again(earlier, again(question), GRANT)

    assert third.entry.repeats == earlier.entry
    assert len(await house.looks()) == 3


async def test_two_repetitions_at_the_same_time_are_one(house: House):
    question = a_question()
    house.ledger.ended(await grant(house.ledger, question), Ending.EMPTY)
    earlier = await house.until_closed(question)

    both = await asyncio.gather(
        house.ledger.record_again(earlier, again(question), GRANT),
        house.other.record_again(earlier, again(question), GRANT),
        return_exceptions=True,
    )

    assert sorted(type(one).__name__ for one in both) == ["MessageInFlight", "Recorded"]
    assert len(await house.looks()) == 2


@pytest.mark.parametrize(
    ("ending", "rows", "cause"),
    [
        (Ending.GIVEN, 3, ""),
        (Ending.EMPTY, 0, ""),
        (Ending.FAILED, 0, "no-answer"),
        (Ending.CANCELLED, 0, ""),
        (Ending.REFUSED_UPSTREAM, 0, "number-replaced"),
    ],
)
async def test_an_outcome_appears_within_a_second_and_closes_its_message(
    house: House, ending: Ending, rows: int, cause: str
):
    question = a_question()
    recorded = await grant(house.ledger, question)
    house.clock.pass_by(timedelta(seconds=2))

    house.ledger.ended(recorded, ending, rows=rows, cause=cause)

    async with asyncio.timeout(1):
        (look,) = await house.ended(1)
    assert look.outcome is not None
    assert look.outcome.entry == look.entry.id
    assert (look.outcome.ending, look.outcome.rows, look.outcome.cause) == (ending, rows, cause)
    assert look.outcome.recorded_at == NOON
    assert look.outcome.ended_at == NOON + timedelta(seconds=2)
    await house.until_closed(question)


async def test_the_same_nonce_heard_by_two_processes_at_once_counts_once(house: House):
    for turn in range(10):
        heard = await asyncio.gather(
            record(house.ledger, a_question(message=2 * turn, nonce=10**6 + turn)),
            record(house.other, a_question(message=2 * turn + 1, nonce=10**6 + turn)),
            return_exceptions=True,
        )

        assert sorted(type(one).__name__ for one in heard) == ["Recorded", "WrongSignature"]
    assert len(await house.looks()) == 10


async def test_the_same_message_heard_by_two_processes_at_once_is_recorded_once(house: House):
    for turn in range(10):
        question = a_question(message=turn)
        heard = await asyncio.gather(
            record(house.ledger, question),
            record(house.other, again(question)),
            return_exceptions=True,
        )

        assert sorted(type(one).__name__ for one in heard) == ["MessageInFlight", "Recorded"]
    assert len(await house.looks()) == 10


async def test_many_messages_crosswise_from_two_processes_are_each_recorded_once(house: House):
    questions = [a_question(message=n) for n in range(40)]
    forth = [record(house.ledger, question) for question in questions]
    back = [record(house.other, again(question)) for question in reversed(questions)]

    heard = await asyncio.gather(*forth, *back, return_exceptions=True)

    won = [one for one in heard if isinstance(one, Recorded)]
    lost = [one for one in heard if isinstance(one, MessageInFlight)]
    assert (len(won), len(lost)) == (40, 40)
    assert len(await house.looks()) == 40


async def test_a_text_that_can_not_be_stored_is_refused_before_anything_is_claimed(house: House):
    question = a_question(message=1, nonce=7)

    with pytest.raises(Malformed):
        await house.ledger.record(structs.replace(question, user="\x00"), FACTS, GRANT, law=LAW)

    await record(house.ledger, question)
