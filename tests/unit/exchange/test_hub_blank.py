"""A refusal that tells nothing costs a look at nobody, and fails where looks fail."""

import asyncio

import pytest
from tests.house import Talker, Twin, a_hub, a_question, a_simulator, again
from tests.law.inventing import OFFICE, PERSON, a_flow, a_lawbook, a_line

from kruispunt.sources import Cause, SilentSource, Simulator, WrongSource
from kruispunt.vocabulary import (
    Answer,
    Decision,
    Ending,
    NoAnswer,
    Reason,
    Recorded,
    Refusal,
)


def not_at_the_supplier(source: Simulator | Talker | None = None) -> Twin:
    """A hub where the supplier has no file on the person."""
    return a_hub(lines=[a_line()], source=source)


async def test_an_empty_answer_that_hides_a_refusal_asks_the_source_about_nobody():
    source = a_simulator()
    twin = not_at_the_supplier(source)

    answer = await twin.hub.serve(a_question())

    (blank,) = source.blanks
    assert isinstance(answer, Answer)
    assert answer.rows == ()
    assert source.asked == []
    assert isinstance(blank.decision, Refusal)
    assert blank.decision.reason is Reason.NO_FILE_AT_SUPPLIER
    assert blank.entry.id == twin.entries[0].id
    outcome = twin.trail.outcomes[blank.entry.id]
    assert (outcome.ending, outcome.rows, outcome.cause) == (Ending.EMPTY, 0, "")


async def test_a_refusal_that_is_told_asks_nothing_at_all():
    source = a_simulator()
    twin = a_hub(lines=[], source=source)

    no_file = await twin.hub.serve(a_question(message=1))
    no_clause = await twin.hub.serve(a_question(message=2, consumer=OFFICE))

    assert isinstance(no_file, NoAnswer)
    assert isinstance(no_clause, NoAnswer)
    assert (source.blanks, source.asked, twin.trail.outcomes) == ([], [], {})


@pytest.mark.parametrize(
    ("cause", "kind"),
    [(Cause.BUSY, SilentSource), (Cause.RESTING, SilentSource), (Cause.UNSIGNED, WrongSource)],
)
async def test_a_source_that_fails_fails_for_who_is_not_in_its_files_too(
    cause: Cause, kind: type[SilentSource | WrongSource]
):
    source = a_simulator()
    source.fault = cause
    hidden, granted = not_at_the_supplier(source), a_hub(source=source)

    with pytest.raises(kind) as hides:
        await hidden.hub.serve(a_question())
    with pytest.raises(kind) as fails:
        await granted.hub.serve(a_question())

    assert hides.value.detail == fails.value.detail
    assert hides.value.retry_after_s == fails.value.retry_after_s
    assert hides.value.ticket == hidden.entries[0].id
    outcome = hidden.trail.outcomes[hidden.entries[0].id]
    assert (outcome.ending, outcome.cause) == (Ending.FAILED, cause)


class Broken(Talker):
    """A source whose own code fails, whoever is asked about."""

    async def blank(self, recorded: Recorded[Decision], *, timeout_s: float) -> None:
        raise ZeroDivisionError


async def test_a_fault_of_our_own_ends_a_look_at_nobody_as_failed_too():
    twin = not_at_the_supplier(Broken())

    with pytest.raises(ZeroDivisionError):
        await twin.hub.serve(a_question())

    outcome = twin.trail.outcomes[twin.entries[0].id]
    assert (outcome.ending, outcome.cause) == (Ending.FAILED, "internal")


async def test_the_source_hears_how_long_the_flow_may_wait_for_nobody_too():
    slow = a_simulator()
    slow.takes_s = a_flow().limits.timeout_s
    twin = a_hub(lawbook=a_lawbook(), lines=[a_line()], source=slow)

    with pytest.raises(SilentSource):
        await twin.hub.serve(a_question())


async def test_after_a_failed_look_at_nobody_the_message_may_come_again():
    source, question = a_simulator(), a_question()
    source.fault = Cause.BUSY
    twin = not_at_the_supplier(source)
    with pytest.raises(SilentSource):
        await twin.hub.serve(question)
    source.fault = None

    answer = await twin.hub.serve(again(question))

    assert isinstance(answer, Answer)
    assert answer.repeated
    assert answer.ticket == twin.entries[0].id


async def test_who_leaves_while_nobody_is_asked_about_leaves_a_message_that_can_be_asked_again():
    source, question = a_simulator(), a_question()
    source.takes_s = 0.9
    twin = not_at_the_supplier(source)
    waiting = asyncio.create_task(twin.hub.serve(question))
    for _ in range(50):
        await asyncio.sleep(0)
    assert source.blanks

    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    source.takes_s = 0
    assert twin.trail.outcomes[twin.entries[0].id].ending is Ending.CANCELLED

    answer = await twin.hub.serve(again(question))
    assert isinstance(answer, Answer)
    assert answer.repeated


async def test_what_a_source_says_of_nobody_is_given_to_nobody():
    talker = Talker({"income": 1}, about=PERSON)

    answer = await not_at_the_supplier(talker).hub.serve(a_question())

    assert isinstance(answer, Answer)
    assert (answer.rows, talker.asked, len(talker.blanks)) == ((), [], 1)
