import pytest
from msgspec import structs
from tests.unit.audit.entries import BORIS, GROUND, an_entry, an_outcome

from kruispunt.audit import Look, Seen, seen_by_auditor, seen_by_consumer, seen_by_officer
from kruispunt.vocabulary import Ending, Entry, ProofKind, Reason, Refusal


def refused(reason: Reason, ending: Ending | None = None) -> Look:
    entry = structs.replace(an_entry(), decision=Refusal(reason=reason, ground=GROUND))
    return Look(entry=entry, outcome=None if ending is None else an_outcome(entry, ending))


def test_an_auditor_sees_the_exact_reason_the_facts_and_the_end() -> None:
    entry = an_entry()

    seen = seen_by_auditor(Look(entry=entry, outcome=an_outcome(entry)))

    assert seen.granted
    assert seen.facts == entry.facts
    assert (seen.ending, seen.shown, seen.cause) == (Ending.GIVEN, 2, "")
    assert seen.fields == GROUND.fields
    assert seen.withheld == GROUND.withheld


@pytest.mark.parametrize("kind", list(ProofKind))
def test_everyone_sees_by_what_the_caller_was_proven(kind: ProofKind) -> None:
    entry = an_entry()
    proof = structs.replace(entry.question.proof, kind=kind)
    question = structs.replace(entry.question, proof=proof)
    look = Look(entry=structs.replace(entry, question=question))

    assert {seen(look).proof for seen in (seen_by_auditor, seen_by_consumer, seen_by_officer)} == {
        kind
    }


@pytest.mark.parametrize("reason", list(Reason))
def test_an_auditor_sees_every_reason_as_it_is(reason: Reason) -> None:
    seen = seen_by_auditor(refused(reason))

    assert (seen.granted, seen.reason) == (False, reason)
    assert seen.fields == ()


@pytest.mark.parametrize("reason", list(Reason))
def test_a_consumer_sees_no_reason_that_it_was_not_told(reason: Reason) -> None:
    seen = seen_by_consumer(refused(reason))

    assert seen.reason == reason.told
    assert (seen.facts, seen.shown, seen.cause) == (None, None, "")


def test_an_unknown_number_reads_to_the_consumer_like_a_person_without_file() -> None:
    unknown = seen_by_consumer(refused(Reason.NUMBER_UNKNOWN))
    without_file = seen_by_consumer(refused(Reason.NO_FILE))

    assert unknown == without_file


@pytest.mark.parametrize("ending", [Ending.EMPTY, Ending.FAILED, Ending.CANCELLED, None])
def test_a_failed_control_of_the_supplier_reads_to_the_consumer_like_a_grant(
    ending: Ending | None,
) -> None:
    entry: Entry = an_entry()
    granted = Look(entry=entry, outcome=None if ending is None else an_outcome(entry, ending))
    hidden = refused(Reason.NO_FILE_AT_SUPPLIER, ending)

    assert seen_by_consumer(hidden) == seen_by_consumer(granted)
    assert seen_by_officer(hidden) == seen_by_officer(granted)
    assert seen_by_auditor(hidden).ending == ending
    assert seen_by_auditor(hidden).reason is Reason.NO_FILE_AT_SUPPLIER


def test_a_grant_without_an_outcome_may_have_been_given() -> None:
    seen: Seen = seen_by_auditor(Look(entry=an_entry()))

    assert (seen.granted, seen.ending, seen.shown) == (True, None, None)


def test_the_successor_of_a_replaced_number_is_seen_with_its_refusal() -> None:
    decision = Refusal(reason=Reason.NUMBER_REPLACED, ground=GROUND, successor=BORIS)

    seen = seen_by_consumer(Look(entry=structs.replace(an_entry(), decision=decision)))

    assert seen.successor == BORIS
