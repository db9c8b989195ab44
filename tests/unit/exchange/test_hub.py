"""The waist, room by room: what leaves, what is recorded, and how it ended."""

import asyncio
from dataclasses import replace

import pytest
from msgspec import structs
from tests.house import (
    DEAD,
    ROW,
    Talker,
    Twin,
    a_hub,
    a_question,
    a_simulator,
)
from tests.law.inventing import (
    FIELDS,
    FUND,
    NODE,
    OFFICE,
    PERSON,
    SUCCESSOR,
    a_flow,
    a_lawbook,
    a_line,
    a_number,
)

from kruispunt.sources import Cause, RefusedUpstream, SilentSource, Simulator, WrongSource
from kruispunt.vocabulary import (
    Answer,
    Ending,
    Grant,
    NoAnswer,
    NumberFact,
    NumberStatus,
    Outcome,
    Question,
    Reason,
    Recorded,
    Refusal,
    Reply,
    Unavailable,
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
    lines = [structs.replace(one, ssin=number.successor or PERSON) for one in (a_line(),)]
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


async def test_a_reason_that_the_hub_above_may_not_tell_is_still_a_refusal_at_the_node():
    above = Refusal(reason=Reason.NO_FILE_AT_SUPPLIER)
    left = a_number(NumberStatus.LEFT_TO_HUB)
    twin = a_hub(seat=NODE, lines=[a_line(member=FUND)], number=left, source=Refusing(above))

    refused = await refusal_of(twin, a_question(consumer=FUND))

    assert refused.refusal == above
    assert the_outcome(twin).ending is Ending.REFUSED_UPSTREAM


async def test_when_the_trail_is_away_nothing_is_asked_and_nothing_is_recorded():
    twin = a_hub()
    twin.ledger.away = True

    with pytest.raises(Unavailable):
        await twin.hub.serve(a_question())

    assert twin.asked == []
    assert twin.entries == []
