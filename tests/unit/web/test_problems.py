"""Problems out: what a caller reads, and what it never does."""

from uuid import UUID

import msgspec

from kruispunt.vocabulary import (
    BELGIF,
    Forbidden,
    Issue,
    Malformed,
    NotAuthenticated,
    Problem,
    Unavailable,
)
from kruispunt.web import render


def test_a_problem_reads_as_belgif_writes_it():
    issue = Issue(
        type=BELGIF + "input-validation:schemaViolation",
        where="body",
        name="period.endDate",
        detail="expected a date",
    )

    reply = render(Malformed("the body does not fit", issues=[issue]), instance="urn:uuid:x")

    assert reply.status == 400
    assert reply.headers["content-type"] == "application/problem+json"
    assert msgspec.json.decode(reply.body) == {
        "type": "urn:problem-type:belgif:badRequest",
        "title": "bad request",
        "status": 400,
        "detail": "the body does not fit",
        "instance": "urn:uuid:x",
        "issues": [
            {
                "type": "urn:problem-type:belgif:input-validation:schemaViolation",
                "in": "body",
                "name": "period.endDate",
                "detail": "expected a date",
            }
        ],
    }


def test_a_caller_is_told_when_to_ask_again():
    assert render(Unavailable(retry_after_s=2)).headers["retry-after"] == "2"
    assert "retry-after" not in render(Unavailable()).headers


def test_a_refusal_carries_what_the_door_adds_and_nothing_that_is_not_there():
    ticket = UUID(int=1)

    reply = render(Forbidden(), reason="no-file", ticket=ticket, replacedBy=None)

    told = msgspec.json.decode(reply.body)
    assert told["reason"] == "no-file"
    assert told["ticket"] == str(ticket)
    assert "replacedBy" not in told
    assert "detail" not in told


def test_a_bare_problem_says_nothing_but_that_it_happened():
    told = msgspec.json.decode(render(Problem()).body)

    assert told == {
        "type": "urn:problem-type:belgif:internalServerError",
        "title": "internal server error",
        "status": 500,
    }


def test_a_missing_and_a_wrong_signature_have_the_types_that_belgif_gives_tokens():
    assert NotAuthenticated.type.endswith(":noAccessToken")
    assert render(NotAuthenticated("x")).status == 401
