"""A case told step by step, without anything of the person."""

from datetime import timedelta

from tests.unit.circuits.benefits.played import (
    ACME,
    OFFICE,
    PERSON,
    consulted,
    employment,
    to_office,
    unemployed,
    user,
)

from kruispunt.circuits import benefits as b
from kruispunt.circuits import is_asked, told


def test_every_step_says_who_when_and_by_which_paragraph():
    played = consulted()

    steps = told(played.case.id, played.events)

    assert [step.n for step in steps] == list(range(1, len(played.events) + 1))
    assert all(step.paragraph and step.party for step in steps)
    assert [step.at for step in steps] == [event.at for event in played.events]


def test_a_step_says_how_long_what_it_answers_was_waited_for():
    played = consulted()
    (request,) = played.case.requests
    played.later(hours=3)
    played.take(
        b.DeclarationReceived,
        request=request.id,
        employer=request.employer,
        means=b.Means.ONLINE,
    )

    last = told(played.case.id, played.events)[-1]

    assert (last.took, last.about, last.ground) == (
        timedelta(hours=3),
        "electronic",
        b.NOT_REQUIRED,
    )


def test_what_comes_twice_is_told_as_changing_nothing():
    played = consulted()
    played.hear(played.events[-1])

    last = told(played.case.id, played.events)[-1]

    assert not last.changed
    assert last.wishes == ()


def test_an_answer_of_a_mandatary_is_told_as_its_own():
    played = consulted({b.Role.ROUTING: (to_office(),)})
    (request,) = played.case.requests
    played.take(
        b.DeclarationReceived,
        request=request.id,
        employer=request.employer,
        means=b.Means.BATCH,
    )

    assert told(played.case.id, played.events)[-1].party is b.Party.MANDATARY


def test_only_a_destination_that_was_asked_may_answer():
    sources = {b.Role.ROUTING: (to_office(),), b.Role.UAM: (user(OFFICE),)}

    (request,) = consulted(sources).case.requests

    assert is_asked(request, OFFICE)
    assert not is_asked(request, ACME)
    assert not is_asked(request, "")


def test_nothing_that_is_told_holds_the_number_of_the_person_or_a_value_of_an_answer():
    played = unemployed(employment(q="19.00"))
    l500 = played.one(b.AskUnemployment)
    played.take(b.UnemploymentAccepted, action=l500.id, ticket="T1")
    played.take(b.UnemploymentCounted, action=l500.id, count=1)
    rows = ({"ssin": PERSON.digits, "daily_amount": "61.77"},)
    played.take(b.UnemploymentAnswered, action=l500.id, place=1, rows=rows)

    steps = told(played.case.id, played.events)

    said = repr(steps)
    assert not any(word in said for word in (PERSON.digits, "Janssens", "61.77", "2001-01-01"))
    assert [step.detail for step in steps[-3:]] == [
        "ticket T1",
        "1 answer to expect",
        "answer 1: 1 row",
    ]


def test_what_a_recipient_says_of_a_request_that_it_can_not_take_is_not_told():
    """Its reason is free text of somebody outside, and may name the person."""
    played = consulted()
    sent = played.one(b.SendRequest)
    played.take(b.RequestDead, action=sent.id, cause=f"no {PERSON.digits} here")

    last = told(played.case.id, played.events)[-1]

    assert last.changed
    assert last.detail == ""
    assert PERSON.digits not in str(told(played.case.id, played.events))
