"""A message that comes again: what decided the first time decides again, and it is marked."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from msgspec import structs
from tests.house import a_hub, a_question, a_simulator, again, another_law
from tests.law.inventing import ASKED_ON, FIELDS, OFFICE, a_clause, a_lawbook, a_line
from tests.unit.exchange.test_hub import GRANTED, answer_of, refusal_of

from kruispunt.vocabulary import (
    Answer,
    FlowId,
    MessageInFlight,
    Reason,
    Refusal,
    SameMessageOtherContent,
    WrongSignature,
)


async def test_the_same_message_gets_the_first_ticket_a_new_receipt_and_is_marked_repeated():
    twin, question = a_hub(), a_question()

    first = await answer_of(twin, question)
    second = await answer_of(twin, again(question))

    assert second.repeated
    assert second.ticket == first.ticket
    assert second.receipt.entry != first.receipt.entry
    assert second.rows == first.rows
    assert [entry.repeats for entry in twin.entries] == [None, first.ticket]
    assert len(twin.trail.outcomes) == 2


async def test_the_third_time_points_to_the_first_and_not_to_the_second():
    twin, question = a_hub(), a_question()

    first = await answer_of(twin, question)
    await answer_of(twin, again(question))
    third = await answer_of(twin, again(question))

    assert third.ticket == first.ticket
    assert twin.entries[2].repeats == first.ticket


async def test_a_refused_message_is_refused_again_and_marked_repeated():
    twin, question = a_hub(lines=[]), a_question()

    first = await refusal_of(twin, question)
    second = await refusal_of(twin, again(question))

    assert second.repeated
    assert second.ticket == first.ticket
    assert second.refusal.reason is Reason.NO_FILE


async def test_an_empty_answer_that_hides_a_refusal_repeats_like_every_empty_answer():
    twin, question = a_hub(lines=[a_line()]), a_question()

    first = await answer_of(twin, question)
    second = await answer_of(twin, again(question))

    assert (second.repeated, second.ticket, second.rows) == (True, first.ticket, ())


async def test_a_repeated_message_is_decided_by_the_facts_of_then():
    twin, question = a_hub(), a_question()
    await answer_of(twin, question)
    twin.directory.lines.kept = frozenset()

    second = await answer_of(twin, again(question))

    assert second.rows == (dict.fromkeys(GRANTED, True),)
    assert twin.entries[1].facts == twin.entries[0].facts


async def test_a_repeated_message_is_decided_by_the_law_of_then():
    old = another_law(a_lawbook(a_clause(fields=FIELDS[:1], withheld=FIELDS[1:])), "a")
    twin, question = a_hub(lawbook=old), a_question()
    await answer_of(twin, question)
    new = another_law(a_lawbook(a_clause(end=ASKED_ON)), "b")
    later = replace(twin.hub, laws=a_hub(lawbook=new, earlier_laws=[old]).laws)

    second = await later.serve(again(question))

    assert isinstance(second, Answer)
    assert second.ground.fields == FIELDS[:1]
    assert twin.entries[1].lawbook == old.digest


async def test_a_repeated_message_keeps_its_first_day_of_asking():
    twin, question = a_hub(), a_question()
    await answer_of(twin, question)
    tomorrow = structs.replace(again(question), asked_on=ASKED_ON + timedelta(days=1))

    await answer_of(twin, tomorrow)

    assert [entry.question.asked_on for entry in twin.entries] == [ASKED_ON, ASKED_ON]


async def test_the_same_message_with_another_body_is_refused():
    twin = a_hub()
    await answer_of(twin, a_question(content="one"))

    with pytest.raises(SameMessageOtherContent):
        await twin.hub.serve(a_question(content="two"))

    assert len(twin.entries) == len(twin.asked) == 1


async def test_the_same_message_about_another_flow_is_refused():
    other = FlowId("income")
    wide = a_clause("wide", flow=other, fields=FIELDS, withheld=())
    twin = a_hub(lawbook=a_lawbook(a_clause(), wide))
    await answer_of(twin, a_question(flow=other))

    with pytest.raises(SameMessageOtherContent):
        await twin.hub.serve(a_question())

    assert [entry.question.flow for entry in twin.entries] == [other]


async def test_two_consumers_may_use_the_same_message_id():
    laws = a_lawbook(a_clause(), a_clause("own", consumer=OFFICE))
    twin = a_hub(lawbook=laws)

    first = await answer_of(twin, a_question())
    second = await answer_of(twin, a_question(consumer=OFFICE))

    assert not second.repeated
    assert first.ticket != second.ticket


async def test_the_same_nonce_is_taken_once_whatever_the_message():
    twin = a_hub()
    await answer_of(twin, a_question(message=1, nonce=0))

    with pytest.raises(WrongSignature):
        await twin.hub.serve(a_question(message=2, nonce=0))

    assert len(twin.entries) == 1


async def test_a_message_in_flight_is_not_answered_twice():
    slow, question = a_simulator(), a_question()
    slow.takes_s = 0.05
    twin = a_hub(source=slow)
    first = asyncio.create_task(twin.hub.serve(question))
    await twin.until_asked()

    with pytest.raises(MessageInFlight) as told:
        await twin.hub.serve(again(question))

    assert told.value.retry_after_s == 1
    assert isinstance(await first, Answer)
    assert len(twin.asked) == 1


async def test_a_message_whose_process_died_is_answered_when_its_lease_is_over():
    twin, question = a_hub(), a_question()
    await answer_of(twin, question)
    facts = twin.entries[0].facts
    abandoned = a_question(message=2)
    await twin.ledger.record(
        abandoned, facts, Refusal(reason=Reason.NO_FILE), law=twin.laws.now.lawbook.digest
    )
    with pytest.raises(MessageInFlight):
        await twin.hub.serve(again(abandoned))
    twin.clock.pass_by(twin.ledger.lease)

    answer = await answer_of(twin, again(abandoned))

    assert answer.repeated


async def test_a_message_id_is_no_ticket():
    twin = a_hub()

    answer = await answer_of(twin, a_question(message=5))

    assert answer.ticket != UUID(int=5)
