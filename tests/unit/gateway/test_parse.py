"""Bytes become questions: who asks is proven, and every fault names its field."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from tests.house import NOON, Clock
from tests.law.inventing import FLOW, HUB, NODE, PERSON, PURPOSE, a_flow, a_lawbook
from tests.unit.gateway.givens import (
    NOW,
    STRANGER,
    Json,
    a_body,
    a_request,
    an_entrance,
    encoded,
)

from kruispunt.vocabulary import (
    Malformed,
    NotAuthenticated,
    NotFound,
    Period,
    Question,
    WrongSignature,
)
from kruispunt.web import KeyRing, Request, content_digest

ENTRANCE = an_entrance(a_lawbook())
LONG = "x" * 101


def question(request: Request | None = None) -> Question:
    return ENTRANCE.question(request or a_request())


def issues(body: Json | bytes) -> list[tuple[str, str]]:
    with pytest.raises(Malformed) as wrong:
        question(a_request(body))
    told = " ".join(issue.detail for issue in wrong.value.issues) + wrong.value.detail
    assert PERSON.digits not in told
    return [(issue.name, issue.type.rpartition(":")[2]) for issue in wrong.value.issues]


def test_a_question_holds_what_was_asked_and_who_asked_it():
    body = a_body(
        messageId="01928bd5-0000-7000-8000-000000000001",
        ticket="T 7",
        fileReference="F 8",
        user="program",
        role="clerk",
        sentAt="2031-06-15T11:59:00+02:00",
    )

    asked = question(a_request(body, nonce=bytes(range(16))))

    assert asked == Question(
        message_id=UUID("01928bd5-0000-7000-8000-000000000001"),
        consumer=NODE,
        flow=FLOW,
        purpose=PURPOSE,
        ssin=PERSON,
        about=Period(date(2031, 3, 1), date(2031, 4, 1)),
        received_at=NOON,
        asked_on=date(2031, 6, 15),
        proof=asked.proof,
        ticket="T 7",
        file_reference="F 8",
        user="program",
        role="clerk",
        sent_at=datetime(2031, 6, 15, 9, 59, tzinfo=UTC),
    )
    assert (asked.proof.nonce, asked.proof.key_id) == (bytes(range(16)), "node/1")
    assert (asked.proof.created, asked.proof.expires) == (NOW, NOW + 60)


def test_a_period_without_last_day_is_open():
    asked = question(a_request(a_body(period={"beginDate": "2031-03-01"})))

    assert asked.about == Period(date(2031, 3, 1))


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2031, 6, 15, 21, 59, 59, tzinfo=UTC), date(2031, 6, 15)),
        (datetime(2031, 6, 15, 22, 0, 0, tzinfo=UTC), date(2031, 6, 16)),
        (datetime(2031, 12, 31, 22, 59, 59, tzinfo=UTC), date(2031, 12, 31)),
        (datetime(2031, 12, 31, 23, 0, 0, tzinfo=UTC), date(2032, 1, 1)),
    ],
)
def test_the_day_of_asking_is_the_hubs_own_day_at_receipt(at: datetime, day: date):
    far = replace(ENTRANCE, now=Clock(at), ring=_ring_for(at))

    asked = far.question(a_request(created=int(at.timestamp())))

    assert asked.asked_on == day


def _ring_for(at: datetime) -> KeyRing:
    key = next(iter(ENTRANCE.ring.of(NODE)))
    day = timedelta(days=1)
    return KeyRing.holding([replace(key, not_before=at - day, not_after=at + day)])


@pytest.mark.parametrize(
    ("change", "name", "kind"),
    [
        ({"messageId": None}, "messageId", "schemaViolation"),
        ({"messageId": "7"}, "messageId", "schemaViolation"),
        ({"messageId": 7}, "messageId", "schemaViolation"),
        ({"purpose": None}, "purpose", "schemaViolation"),
        ({"purpose": ""}, "purpose", "schemaViolation"),
        ({"purpose": "a b"}, "purpose", "schemaViolation"),
        ({"purpose": "curiosity"}, "purpose", "referencedResourceNotFound"),
        ({"ssin": None}, "ssin", "schemaViolation"),
        ({"ssin": ""}, "ssin", "schemaViolation"),
        ({"ssin": PERSON.digits + "0"}, "ssin", "schemaViolation"),
        ({"ssin": int(PERSON.digits)}, "ssin", "schemaViolation"),
        ({"ssin": PERSON.digits + "\n"}, "ssin", "schemaViolation"),
        ({"ssin": "\u0660" * 11}, "ssin", "schemaViolation"),
        ({"ssin": "85073003329"}, "ssin", "invalidInput"),
        ({"ssin": "00000000000"}, "ssin", "invalidInput"),
        ({"period": None}, "period", "schemaViolation"),
        ({"period": "2031"}, "period", "schemaViolation"),
        ({"period": {}}, "period.beginDate", "schemaViolation"),
        ({"period": {"beginDate": "2031-02-29"}}, "period.beginDate", "schemaViolation"),
        ({"period": {"beginDate": "01/03/2031"}}, "period.beginDate", "schemaViolation"),
        ({"period": {"beginDate": 20310301}}, "period.beginDate", "schemaViolation"),
        (
            {"period": {"beginDate": "2031-03-01", "endDate": "2031-13-01"}},
            "period.endDate",
            "schemaViolation",
        ),
        (
            {"period": {"beginDate": "2031-03-02", "endDate": "2031-03-01"}},
            "period.endDate",
            "invalidInput",
        ),
        (
            {"period": {"beginDate": "2031-03-02", "endDate": "9999-12-31"}},
            "period.endDate",
            "invalidInput",
        ),
        ({"period": {"beginDate": "2031-03-02", "x": 1}}, "period.x", "unknownInput"),
        ({"ticket": LONG}, "ticket", "schemaViolation"),
        ({"ticket": "a\x00b"}, "ticket", "schemaViolation"),
        ({"fileReference": LONG}, "fileReference", "schemaViolation"),
        ({"user": LONG}, "user", "schemaViolation"),
        ({"user": "\x00"}, "user", "schemaViolation"),
        ({"role": ["x"]}, "role", "schemaViolation"),
        ({"sentAt": "2031-06-15T10:00:00"}, "sentAt", "schemaViolation"),
        ({"sentAt": "yesterday"}, "sentAt", "schemaViolation"),
        ({"sentAt": "0001-01-01T00:00:00+14:00"}, "sentAt", "invalidInput"),
        ({"sentAt": "9999-12-31T23:59:59-14:00"}, "sentAt", "invalidInput"),
        ({"sentAt": "0001-01-01T00:00:00Z"}, "sentAt", "invalidInput"),
        ({"sentAt": "9999-12-31T23:59:59.999999Z"}, "sentAt", "invalidInput"),
        ({"surprise": 1}, "surprise", "unknownInput"),
        ({"85073003328": 1}, "?", "unknownInput"),
    ],
)
def test_what_is_wrong_is_named(change: Json, name: str, kind: str):
    assert issues(a_body(**change)) == [(name, kind)]


def test_every_field_that_is_wrong_is_named_at_once():
    found = issues(a_body(ssin="1", purpose=None, period={}, surprise=1))

    assert [name for name, _ in found] == ["purpose", "ssin", "period.beginDate", "surprise"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"[]",
        b"null",
        b"1",
        b'"x"',
        b"{}x",
        b"\xff",
        b'{"ssin":"\xff"}',
        b"\xef\xbb\xbf{}",
    ],
)
def test_what_is_no_json_object_is_malformed(body: bytes):
    assert {kind for _, kind in issues(body)} == {"schemaViolation"}


@pytest.mark.parametrize("deep", [b'{"period":' * 900, b"[" * 9000, b'{"x":' + b"[" * 9000])
def test_what_nests_too_deep_is_malformed(deep: bytes):
    assert issues(deep)


@pytest.mark.parametrize(
    ("twice", "name"),
    [
        (b'"ssin":"85073003328",', "ssin"),
        (b'"purpose":"other",', "purpose"),
        (b'"\\u0074icket":"a","ticket":"b",', "ticket"),
        (b'"period":{"beginDate":"2000-01-01","beginDate":"2001-01-01"},', "period.beginDate"),
    ],
)
def test_a_field_that_stands_there_twice_is_named(twice: bytes, name: str):
    body = b"{" + twice + encoded(a_body())[1:]

    assert (name, "schemaViolation") in issues(body)


def test_a_body_need_not_be_canonical():
    pretty = msgspec.json.format(encoded(a_body()), indent=2)

    assert question(a_request(pretty)).ssin == PERSON


def test_a_period_may_not_be_longer_than_the_flow_allows():
    flow = a_flow()
    short = a_lawbook(flows=[replace(flow, limits=replace(flow.limits, max_days=31))])
    entrance = an_entrance(short)

    entrance.question(a_request())
    for period in (
        {"beginDate": "2031-03-01", "endDate": "2031-04-01"},
        {"beginDate": "2031-03-01"},
    ):
        with pytest.raises(Malformed, match="not valid") as wrong:
            entrance.question(a_request(a_body(period=period)))
        assert [issue.name for issue in wrong.value.issues] == ["period"]


@pytest.mark.parametrize("flow", ["nothing", "L609", "household2", "HOUSEHOLD"])
def test_a_flow_that_is_not_offered_is_not_found(flow: str):
    with pytest.raises(NotFound):
        question(a_request(flow=flow))


def test_a_flow_of_the_law_that_this_door_does_not_offer_is_not_found():
    closed = replace(ENTRANCE, offered=frozenset())

    with pytest.raises(NotFound):
        closed.question(a_request())


@pytest.mark.parametrize("header", ["signature", "signature-input", "content-digest"])
def test_a_request_without_signature_is_not_authenticated(header: str):
    with pytest.raises(NotAuthenticated) as told:
        question(a_request(headers={header: None}))

    assert not isinstance(told.value, WrongSignature)


OTHER = a_request()


@pytest.mark.parametrize(
    ("request_", "rule"),
    [
        (replace(a_request(), body=encoded(a_body(ticket="changed"))), "content-digest"),
        (
            a_request(headers={"content-digest": content_digest(b"")}),
            "content-digest",
        ),
        (a_request(headers={"signature": OTHER.headers["signature"]}), "signature"),
        (a_request(headers={"signature-input": OTHER.headers["signature-input"]}), "signature"),
        (a_request(headers={"signature": "x"}), "signature"),
        (a_request(headers={"signature-input": "x" * 5000}), "signature-input"),
        (a_request(created=NOW - 61), "expires"),
        (a_request(life_s=301), "expires"),
        (a_request(life_s=-1), "expires"),
        (a_request(created=NOW + 61), "created"),
        (a_request(nonce=b"short"), "nonce"),
        (a_request(by=HUB), "keyid"),
        (a_request(by=STRANGER), "keyid"),
        (a_request(url="https://elsewhere.test"), "signature"),
        (replace(a_request(), target="/v1/ask/other"), "signature"),
        (replace(a_request(), method="PUT"), "signature"),
    ],
)
def test_a_request_whose_signature_does_not_fit_names_the_rule(request_: Request, rule: str):
    with pytest.raises(WrongSignature) as told:
        question(request_)

    assert told.value.detail.startswith(f"{rule}:")


def test_nothing_is_read_of_a_body_whose_sender_is_not_proven():
    with pytest.raises(NotAuthenticated):
        question(a_request(b"{", flow="nothing", headers={"signature": None}))
