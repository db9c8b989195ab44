"""Reading bodies: what fits comes through, what does not is named field by field."""

from datetime import date
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kruispunt.client import (
    AskReply,
    AskRequest,
    FoundBody,
    LookBody,
    PeriodBody,
    ProblemBody,
    Reader,
    StationRequest,
    canonical,
    read_period,
    read_ssin,
)
from kruispunt.vocabulary import Malformed, Period, check_digits

A_NUMBER = f"850730033{check_digits(850730033):02d}"
WHOLE = {
    "messageId": "0192f0e0-0000-7000-8000-000000000000",
    "purpose": "some-purpose",
    "ssin": A_NUMBER,
    "period": {"beginDate": "2024-01-01", "endDate": "2024-03-31"},
}
read = Reader(AskRequest).read


def faults(body: object) -> dict[str, str]:
    """What is told of a wrong body: name of the field and last word of the type, detail."""
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    with pytest.raises(Malformed) as caught:
        read(raw)
    assert all(issue.where == "body" for issue in caught.value.issues)
    assert A_NUMBER not in repr(caught.value.issues)
    return {issue.name: issue.detail for issue in caught.value.issues}


def test_a_whole_question_comes_through():
    question = read(msgspec.json.encode(WHOLE))

    assert question.message_id == UUID("0192f0e0-0000-7000-8000-000000000000")
    assert question.period == PeriodBody(begin_date=date(2024, 1, 1), end_date=date(2024, 3, 31))
    assert question.ticket == ""


def test_a_body_is_written_in_one_way_only():
    question = read(msgspec.json.encode(dict(reversed(WHOLE.items()))))

    assert canonical(question) == msgspec.json.encode(WHOLE)
    assert b"ticket" not in canonical(question)


def test_every_wrong_field_is_named_at_once():
    wrong = {
        "purpose": "",
        "ssin": int(A_NUMBER),
        "period": {"beginDate": "2024-13-01", "endDate": 3},
        "sentAt": "2024-01-01T00:00:00",
        "other": 1,
    }

    assert faults(wrong) == {
        "messageId": "the field is missing",
        "purpose": "expected `str` of length >= 1",
        "ssin": "expected `str`, got `int`",
        "period.beginDate": "invalid RFC3339 encoded date",
        "period.endDate": "expected `date | null`, got `int`",
        "sentAt": "expected `datetime` with a timezone component",
        "other": "the field is unknown",
    }


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"ssin": A_NUMBER[:10]}, "ssin"),
        ({"ssin": A_NUMBER + "0"}, "ssin"),
        ({"ssin": None}, "ssin"),
        ({"ssin": "٣" * 11}, "ssin"),
        ({"ssin": A_NUMBER + "\n"}, "ssin"),
        ({"messageId": "x"}, "messageId"),
        ({"messageId": A_NUMBER}, "messageId"),
        ({"purpose": "a b"}, "purpose"),
        ({"purpose": "a\n"}, "purpose"),
        ({"purpose": "x" * 101}, "purpose"),
        ({"period": {}}, "period.beginDate"),
        ({"period": None}, "period"),
        ({"period": {"beginDate": "2024-01-01", A_NUMBER: 1}}, "period.?"),
        ({A_NUMBER: 1}, "?"),
        ({"ticket": "x" * 101}, "ticket"),
        ({"user": 1.5}, "user"),
    ],
)
def test_one_wrong_field_is_named_without_its_value(change: dict[str, object], name: str):
    assert list(faults({**WHOLE, **change})) == [name]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b'{"ssin":"\xff"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"period":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        A_NUMBER.encode(),
        f'"{A_NUMBER}"'.encode(),
    ],
)
def test_what_is_no_object_is_told_so_and_breaks_nothing(body: bytes):
    assert faults(body)


@given(st.binary(max_size=200))
def test_whatever_comes_is_read_or_refused(body: bytes):
    with pytest.raises(Malformed):
        read(body)


def test_a_number_must_fit_and_is_never_repeated():
    wrong = A_NUMBER[:-1] + ("0" if A_NUMBER[-1] != "0" else "1")

    assert read_ssin(A_NUMBER).digits == A_NUMBER
    with pytest.raises(Malformed) as caught:
        read_ssin(wrong)

    (issue,) = caught.value.issues
    assert (issue.name, issue.type.split(":")[-1]) == ("ssin", "invalidInput")
    assert wrong not in f"{caught.value!r} {issue!r}"


def test_a_period_includes_its_last_day_and_does_not_run_backwards():
    one_day = PeriodBody(begin_date=date(2024, 1, 1), end_date=date(2024, 1, 1))
    backwards = PeriodBody(begin_date=date(2024, 1, 2), end_date=date(2024, 1, 1))

    assert read_period(one_day) == Period(date(2024, 1, 1), date(2024, 1, 2))
    assert read_period(PeriodBody(begin_date=date(2024, 1, 1))).end is None
    assert PeriodBody.of(read_period(one_day)) == one_day
    with pytest.raises(Malformed) as caught:
        read_period(backwards)
    assert [issue.name for issue in caught.value.issues] == ["period.endDate"]


def test_a_float_is_no_value():
    with pytest.raises(Malformed) as caught:
        Reader(FoundBody).read(b'{"ssin":"%b","rows":[{"a":1.5}]}' % A_NUMBER.encode())

    assert [issue.name for issue in caught.value.issues] == ["rows[0][...]"]


def test_a_station_is_asked_for_at_least_one_field_within_a_deadline():
    look = LookBody(
        entry=UUID(int=1),
        ssin=A_NUMBER,
        period=PeriodBody(begin_date=date(2024, 1, 1)),
        fields=("a",),
        clause="c",
    )
    whole = StationRequest(flow="some.flow", deadline_ms=500, looks=(look,))
    odd = [msgspec.structs.replace(look, **change) for change in ({"fields": ()}, {"clause": ""})]
    reader = Reader(StationRequest)

    assert reader.read(canonical(whole)) == whole
    for change in ({"deadline_ms": 0}, {"looks": ()}, *({"looks": (one,)} for one in odd)):
        with pytest.raises(Malformed):
            reader.read(canonical(msgspec.structs.replace(whole, **change)))


def test_a_problem_is_read_with_members_that_nobody_told_us_of():
    problem = msgspec.json.decode(
        b'{"type":"t","status":400,"new":[1],"issues":[{"type":"i","in":"body","value":3}]}',
        type=ProblemBody,
    )

    assert (problem.type, problem.issues[0].where, problem.reason) == ("t", "body", None)


def test_an_answer_is_given_or_empty_and_nothing_else():
    with pytest.raises(Malformed) as caught:
        Reader(AskReply).read(b'{"outcome":"%b"}' % A_NUMBER.encode())

    told = {issue.name: issue.detail for issue in caught.value.issues}
    assert told["outcome"] == "expected one of the listed values"
