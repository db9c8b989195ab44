"""The waist, room by room: what leaves, what is recorded, and how it ended."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from tests.house import (
    DEAD,
    ROW,
    Talker,
    Twin,
    a_hub,
    a_question,
    a_simulator,
    again,
    another_law,
)
from tests.law.inventing import (
    ASKED_ON,
    FIELDS,
    FUND,
    NODE,
    OFFICE,
    PERSON,
    SUCCESSOR,
    a_clause,
    a_flow,
    a_lawbook,
    a_line,
    a_number,
)

from kruispunt.sources import Cause, RefusedUpstream, SilentSource, Simulator, WrongSource
from kruispunt.vocabulary import (
    Answer,
    Ending,
    FlowId,
    Grant,
    MessageInFlight,
    NoAnswer,
    NumberFact,
    NumberStatus,
    Outcome,
    Question,
    Reason,
    Recorded,
    Refusal,
    Reply,
    SameMessageOtherContent,
    Unavailable,
    WrongSignature,
)

GRANTED = FIELDS[:2]


class Refusing(Simulator):
    """In place of the hub above a node."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__()
        self.refusal = refusal

    async def fetch(self, recorded: Recorded[Grant], *, timeout_s: float) -> Reply:
        raise RefusedUpstream(self.refusal)


class Broken(Simulator):
    """A source whose code has a bug."""

    async def fetch(self, recorded: Recorded[Grant], *, timeout_s: float) -> Reply:
        raise ZeroDivisionError


async def answer_of(twin: Twin, question: Question | None = None) -> Answer:
    given = await twin.hub.serve(question or a_question())
    assert isinstance(given, Answer)
    return given


async def refusal_of(twin: Twin, question: Question | None = None) -> NoAnswer:
    refused = await twin.hub.serve(question or a_question())
    assert isinstance(refused, NoAnswer)
    return refused


def the_outcome(twin: Twin) -> Outcome:
    (outcome,) = twin.trail.outcomes.values()
    return outcome


async def test_a_granted_question_gets_exactly_the_granted_fields():
    twin = a_hub()

    answer = await answer_of(twin)

    assert answer.rows == (dict.fromkeys(GRANTED, True),)
    assert answer.ground.fields == GRANTED
    assert [one.field for one in answer.ground.withheld] == list(FIELDS[2:])
    assert not answer.repeated


async def test_the_ticket_and_the_receipt_are_those_of_the_entry():
    twin = a_hub()

    answer = await answer_of(twin)

    (entry,) = twin.entries
    assert answer.ticket == answer.receipt.entry == entry.id
    assert entry.lawbook == twin.laws.now.lawbook.digest
    assert entry.question == a_question(nonce=int.from_bytes(entry.question.proof.nonce))


async def test_the_outcome_says_how_many_rows_were_given():
    twin = a_hub(source=a_simulator(ROW, ROW, ROW))

    await answer_of(twin)

    outcome = the_outcome(twin)
    assert (outcome.ending, outcome.rows, outcome.cause) == (Ending.GIVEN, 3, "")
    assert outcome.entry == twin.entries[0].id


async def test_a_source_without_data_gives_an_empty_answer():
    twin = a_hub(source=Simulator())

    answer = await answer_of(twin)

    assert answer.rows == ()
    assert (the_outcome(twin).ending, the_outcome(twin).rows) == (Ending.EMPTY, 0)


async def test_the_source_hears_how_long_the_flow_may_wait():
    flow = a_flow()
    slow = a_simulator()
    slow.takes_s = 0.02
    hurried = replace(flow, limits=replace(flow.limits, timeout_s=0.01))
    twin = a_hub(lawbook=a_lawbook(flows=[hurried]), source=slow)

    with pytest.raises(SilentSource):
        await twin.hub.serve(a_question())


TOLD = [
    (a_number(NumberStatus.REPLACED), Reason.NUMBER_REPLACED),
    (a_number(NumberStatus.CANCELLED), Reason.NUMBER_CANCELLED),
    (DEAD, Reason.DECEASED_BEFORE),
]


@pytest.mark.parametrize(("number", "reason"), TOLD)
async def test_a_refusal_about_the_number_is_told_recorded_and_nobody_is_asked(
    number: NumberFact, reason: Reason
):
    lines = [replace(one, ssin=number.successor or PERSON) for one in (a_line(),)]
    twin = a_hub(number=number, lines=lines)

    refused = await refusal_of(twin)

    (entry,) = twin.entries
    assert refused.refusal.reason is reason
    assert refused.refusal.successor == number.successor
    assert refused.ticket == refused.receipt.entry == entry.id
    assert not isinstance(entry.decision, Grant)
    assert twin.asked == []
    assert twin.trail.outcomes == {}


async def test_a_purpose_without_clause_is_refused_and_recorded():
    twin = a_hub()

    refused = await refusal_of(twin, a_question(consumer=OFFICE))

    assert refused.refusal == Refusal(reason=Reason.NO_CLAUSE)
    assert len(twin.entries) == 1
    assert twin.asked == []


async def test_a_person_without_file_at_the_supplier_is_an_empty_answer_and_nobody_is_asked():
    twin = a_hub(lines=[a_line()])

    answer = await answer_of(twin)

    (entry,) = twin.entries
    assert answer.rows == ()
    assert answer.ground.fields == GRANTED
    assert isinstance(entry.decision, Refusal)
    assert entry.decision.reason is Reason.NO_FILE_AT_SUPPLIER
    assert twin.asked == []


@pytest.mark.parametrize("cause", [Cause.NO_ANSWER, Cause.BUSY, Cause.CROWDED, Cause.NO_ROUTE])
async def test_a_silent_source_ends_in_failed_with_its_cause_and_the_ticket_in_the_problem(
    cause: Cause,
):
    silent = a_simulator()
    silent.fault = cause
    flow = a_flow()
    lawbook = a_lawbook(flows=[replace(flow, limits=replace(flow.limits, timeout_s=0.01))])
    twin = a_hub(source=silent, lawbook=lawbook)

    with pytest.raises(SilentSource) as problem:
        await twin.hub.serve(a_question())

    outcome = the_outcome(twin)
    assert (outcome.ending, outcome.cause, outcome.rows) == (Ending.FAILED, cause.value, 0)
    assert problem.value.ticket == outcome.entry == twin.entries[0].id


@pytest.mark.parametrize(
    "cause", [Cause.WRONG_TYPE, Cause.UNSIGNED, Cause.OTHER_PERSON, Cause.TOO_MANY_ROWS]
)
async def test_a_lying_source_ends_in_failed_and_nothing_of_its_reply_leaves(cause: Cause):
    liar = a_simulator()
    liar.fault = cause
    twin = a_hub(source=liar)

    with pytest.raises(WrongSource) as problem:
        await twin.hub.serve(a_question())

    outcome = the_outcome(twin)
    assert (outcome.ending, outcome.cause) == (Ending.FAILED, cause.value)
    assert problem.value.ticket == outcome.entry
    assert cause.value not in problem.value.detail


async def test_a_reply_about_somebody_else_ends_in_failed():
    twin = a_hub(source=Talker(ROW, about=SUCCESSOR))

    with pytest.raises(WrongSource):
        await twin.hub.serve(a_question())

    assert the_outcome(twin).cause == Cause.OTHER_PERSON


async def test_a_bug_ends_in_failed_internal_and_is_not_hidden():
    twin = a_hub(source=Broken())

    with pytest.raises(ZeroDivisionError):
        await twin.hub.serve(a_question())

    assert (the_outcome(twin).ending, the_outcome(twin).cause) == (Ending.FAILED, "internal")


async def test_a_cancelled_question_ends_in_cancelled():
    slow = a_simulator()
    slow.takes_s = 0.9
    twin = a_hub(source=slow)
    serving = asyncio.create_task(twin.hub.serve(a_question()))
    await twin.until_asked()

    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving

    assert the_outcome(twin).ending is Ending.CANCELLED


async def test_a_refusal_of_the_hub_above_is_the_answer_of_the_node():
    above = Refusal(reason=Reason.NUMBER_REPLACED, successor=SUCCESSOR)
    lines = [a_line(member=FUND)]
    twin = a_hub(
        seat=NODE, lines=lines, number=a_number(NumberStatus.LEFT_TO_HUB), source=Refusing(above)
    )

    refused = await refusal_of(twin, a_question(consumer=FUND))

    outcome = the_outcome(twin)
    assert refused.refusal == above
    assert refused.ticket == refused.receipt.entry == twin.entries[0].id
    assert (outcome.ending, outcome.cause) == (Ending.REFUSED_UPSTREAM, "number-replaced")


async def test_when_the_trail_is_away_nothing_is_asked_and_nothing_is_recorded():
    twin = a_hub()
    twin.ledger.away = True

    with pytest.raises(Unavailable):
        await twin.hub.serve(a_question())

    assert twin.asked == []
    assert twin.entries == []


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
    tomorrow = replace(again(question), asked_on=ASKED_ON + timedelta(days=1))

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
