from collections.abc import Callable
from datetime import date
from uuid import UUID

import msgspec
import pytest
from tests.unit.sources.wire_station import (
    ANN,
    BOB,
    HUB,
    HUB_KEY,
    NOW,
    OTHER_KEY,
    RING,
    WireStation,
    a_recorded_grant,
    the_stations,
)

from kruispunt.client import ANSWER_TAG, LookBody, PeriodBody, StationRequest
from kruispunt.sources import Cause, Patience, SilentSource, WrongSource
from kruispunt.vocabulary import FlowId
from kruispunt.web import HttpSilent, HttpTooLarge, HttpWrong, verify_request


async def the_cause(wire: WireStation) -> Cause:
    with pytest.raises((SilentSource, WrongSource)) as fault:
        await the_stations(wire).fetch(a_recorded_grant(), timeout_s=1.0)
    assert isinstance(fault.value, SilentSource | WrongSource)
    assert ANN.digits not in str(fault.value)
    return fault.value.cause


async def test_an_honest_station_is_believed():
    wire = WireStation()

    reply = await the_stations(wire).fetch(a_recorded_grant(), timeout_s=1.0)

    assert reply.ssin == ANN
    assert [dict(row) for row in reply.rows] == [{"ssin": ANN.digits, "a": "1.50"}]


async def test_the_question_is_signed_and_holds_exactly_what_was_granted():
    wire = WireStation()

    await the_stations(wire).fetch(a_recorded_grant(), timeout_s=1.5)

    [(url, body, headers, timeout_s)] = wire.calls
    key, _ = verify_request(
        method="POST",
        target_uri=url,
        headers=headers,
        body=body,
        ring=RING,
        now=int(NOW.timestamp()),
        tag=ANSWER_TAG,
    )
    asked = msgspec.json.decode(body, type=StationRequest)
    assert url == "http://source/v1/answer/test.consult"
    assert key.institution == HUB
    assert timeout_s <= 1.5
    assert asked.deadline_ms <= 1500
    look = LookBody(
        entry=UUID(int=7),
        ssin=ANN.digits,
        period=PeriodBody(begin_date=date(2025, 1, 1), end_date=date(2025, 3, 31)),
        fields=("ssin", "a"),
        clause="01/001.a",
    )
    assert (asked.flow, asked.looks) == ("test.consult", (look,))


def unsigned(wire: WireStation) -> None:
    wire.signer = None


def signed_by_another(wire: WireStation) -> None:
    wire.signer = OTHER_KEY


def signed_by_the_hub_itself(wire: WireStation) -> None:
    wire.signer = HUB_KEY


def an_answer_to_another_question(wire: WireStation) -> None:
    wire.bound_to = "kruispunt=:" + "A" * 86 + "==:"


def changed_on_the_way(wire: WireStation) -> None:
    wire.change = lambda body: body.replace(b"1.50", b"9.50")


def no_json(wire: WireStation) -> None:
    wire.body = b"<html>"


def cut_json(wire: WireStation) -> None:
    wire.body = b'{"found": [{"ssin": "'


def half_a_letter(wire: WireStation) -> None:
    told = {"ssin": ANN.digits, "rows": [{"a": "x"}]}
    wire.body = msgspec.json.encode({"found": [told]}).replace(b'"x"', b'"\xc3"')


def a_list(wire: WireStation) -> None:
    wire.body = b"[]"


def too_deep(wire: WireStation) -> None:
    wire.body = b"[" * 100_000


def more_than_agreed(wire: WireStation) -> None:
    wire.body = msgspec.json.encode({"found": [{"ssin": ANN.digits, "rows": [], "note": "x"}]})


def more_beside_what_was_found(wire: WireStation) -> None:
    wire.body = msgspec.json.encode({"found": [{"ssin": ANN.digits}], "note": "x"})


def an_answer_too_many(wire: WireStation) -> None:
    wire.body = msgspec.json.encode({"found": [{"ssin": ANN.digits}] * 2})


def an_answer_about_nobody(wire: WireStation) -> None:
    wire.body = msgspec.json.encode({"found": [{}]})


def a_nested_value(wire: WireStation) -> None:
    wire.rows = [{"a": {"b": 1}}]


def a_float(wire: WireStation) -> None:
    wire.rows = [{"a": 1.5}]


def a_reply_about_another(wire: WireStation) -> None:
    wire.ssin = BOB.digits


def a_row_about_another(wire: WireStation) -> None:
    wire.rows = [{"ssin": ANN.digits}, {"ssin": BOB.digits}]


def too_many_rows(wire: WireStation) -> None:
    wire.rows = [{"a": "1"}] * 4


def too_many_rows_by_its_own_word(wire: WireStation) -> None:
    wire.people[ANN.digits] = {"ssin": ANN.digits, "fault": "too-many-rows"}


def a_fault_of_its_own(wire: WireStation) -> None:
    wire.people[ANN.digits] = {"ssin": ANN.digits, "fault": "select-failed"}


def a_fault_of_no_list(wire: WireStation) -> None:
    wire.people[ANN.digits] = {"ssin": ANN.digits, "fault": "bad-mood"}


def not_found(wire: WireStation) -> None:
    wire.status, wire.body = 404, b""


def moved(wire: WireStation) -> None:
    wire.status = 302


def unreadable(wire: WireStation) -> None:
    wire.fail = HttpWrong("x")


def too_large(wire: WireStation) -> None:
    wire.fail = HttpTooLarge("x")


@pytest.mark.parametrize(
    ("lie", "cause"),
    [
        (unsigned, Cause.UNSIGNED),
        (signed_by_another, Cause.WRONGLY_BOUND),
        (signed_by_the_hub_itself, Cause.WRONGLY_BOUND),
        (an_answer_to_another_question, Cause.WRONGLY_BOUND),
        (changed_on_the_way, Cause.WRONGLY_BOUND),
        (no_json, Cause.NOT_JSON),
        (cut_json, Cause.NOT_JSON),
        (too_deep, Cause.WRONG_SHAPE),
        (half_a_letter, Cause.WRONG_SHAPE),
        (a_list, Cause.WRONG_SHAPE),
        (more_than_agreed, Cause.WRONG_SHAPE),
        (more_beside_what_was_found, Cause.WRONG_SHAPE),
        (an_answer_too_many, Cause.WRONG_SHAPE),
        (an_answer_about_nobody, Cause.OTHER_PERSON),
        (a_fault_of_its_own, Cause.SOURCE_FAULT),
        (a_fault_of_no_list, Cause.WRONG_SHAPE),
        (a_nested_value, Cause.WRONG_SHAPE),
        (a_float, Cause.WRONG_SHAPE),
        (a_reply_about_another, Cause.OTHER_PERSON),
        (a_row_about_another, Cause.OTHER_PERSON),
        (too_many_rows, Cause.TOO_MANY_ROWS),
        (too_many_rows_by_its_own_word, Cause.TOO_MANY_ROWS),
        (not_found, Cause.WRONG_STATUS),
        (moved, Cause.WRONG_STATUS),
        (unreadable, Cause.UNREADABLE),
        (too_large, Cause.TOO_LARGE),
    ],
)
async def test_each_way_to_lie_has_its_cause(lie: Callable[[WireStation], None], cause: Cause):
    wire = WireStation()
    lie(wire)

    assert await the_cause(wire) is cause


@pytest.mark.parametrize("status", [429, 503, 504])
async def test_a_station_that_says_it_can_not_now_is_busy(status: int):
    wire = WireStation()
    wire.status, wire.body = status, b""

    assert await the_cause(wire) is Cause.BUSY


async def test_no_answer_is_silence_and_a_lie_is_an_answer():
    wire, patience = WireStation(), Patience(silences=2, rest_s=60)
    stations = the_stations(wire, patience=patience)
    causes: list[Cause] = []
    for fail in (HttpSilent("x"), HttpWrong("x"), HttpSilent("x"), HttpSilent("x"), None):
        wire.fail = fail
        with pytest.raises((SilentSource, WrongSource)) as fault:
            await stations.fetch(a_recorded_grant(), timeout_s=1.0)
        assert isinstance(fault.value, SilentSource | WrongSource)
        causes.append(fault.value.cause)

    assert causes == [
        Cause.NO_ANSWER,
        Cause.UNREADABLE,
        Cause.NO_ANSWER,
        Cause.NO_ANSWER,
        Cause.RESTING,
    ]


async def test_a_flow_without_a_station_is_not_asked_anywhere():
    wire = WireStation()

    with pytest.raises(SilentSource) as silent:
        await the_stations(wire).fetch(a_recorded_grant(flow=FlowId("other")), timeout_s=1.0)

    assert silent.value.cause is Cause.NO_ROUTE
    assert wire.calls == []


async def test_a_blank_look_takes_no_number_along():
    wire = WireStation()

    await the_stations(wire).blank(a_recorded_grant(), timeout_s=1.0)

    [(_url, body, _headers, _timeout)] = wire.calls
    assert ANN.digits.encode() not in body
    [[look]] = wire.looks()
    assert (look.entry, look.ssin, look.fields) == (UUID(int=7), None, ("ssin", "a"))


@pytest.mark.parametrize(
    ("lie", "cause"),
    [
        (unsigned, Cause.UNSIGNED),
        (no_json, Cause.NOT_JSON),
        (not_found, Cause.WRONG_STATUS),
        (unreadable, Cause.UNREADABLE),
    ],
)
async def test_a_blank_look_fails_as_any_other(lie: Callable[[WireStation], None], cause: Cause):
    wire = WireStation()
    lie(wire)

    with pytest.raises(WrongSource) as wrong:
        await the_stations(wire).blank(a_recorded_grant(), timeout_s=1.0)

    assert wrong.value.cause is cause


async def test_rows_about_nobody_are_rows_about_someone_else():
    wire = WireStation()
    wire.body = msgspec.json.encode({"found": [{"rows": [{"a": "1"}]}]})

    with pytest.raises(WrongSource) as wrong:
        await the_stations(wire).blank(a_recorded_grant(), timeout_s=1.0)

    assert wrong.value.cause is Cause.OTHER_PERSON
