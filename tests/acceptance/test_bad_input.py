"""Bad input at the door of a real network: a problem that names what is wrong, no more."""

import asyncio
import re
import time
from collections.abc import AsyncGenerator
from dataclasses import replace
from urllib.parse import urlsplit

import msgspec
import pytest
from tests.acceptance.standing import (
    House,
    Json,
    Sent,
    encoded,
    holds_a_number,
    problem_of,
)
from tests.acceptance.test_hang_up import head_of

from kruispunt.client import ANSWER_TAG, ProblemBody
from kruispunt.web import HttpReply, make_key

BELGIF = "urn:problem-type:belgif:"
OWN = "urn:problem-type:kruispunt:"
TRACES = re.compile(rb"Traceback|File \"|\.py|asyncpg|msgspec|select |kruispunt\.[a-z]+\.")
WRONG_CHECK = "85073003329"
LONG = "x" * 101


@pytest.fixture(autouse=True)
async def nothing_is_recorded(house: House) -> AsyncGenerator[None]:
    """Whatever comes in here, no trail grows by it."""
    before = await house.entries(house.node), await house.entries(house.hub)
    yield
    assert (await house.entries(house.node), await house.entries(house.hub)) == before


async def problem(house: House, sent: Sent, status: int, kind: str) -> ProblemBody:
    return told(await house.ask_raw(sent), status, kind)


def told(reply: HttpReply, status: int, kind: str) -> ProblemBody:
    """The problem of a reply that holds no trace of our code and nobody's number."""
    found = problem_of(reply)
    assert (reply.status, found.status, found.type) == (status, status, kind), reply.body
    assert found.title
    assert not TRACES.search(reply.body), reply.body
    assert not holds_a_number(reply.body.decode())
    return found


def named(found: ProblemBody) -> list[str]:
    return [issue.name for issue in found.issues]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"messageId": None}, "messageId"),
        ({"messageId": "1"}, "messageId"),
        ({"purpose": None}, "purpose"),
        ({"purpose": "curiosity"}, "purpose"),
        ({"purpose": "'; drop table audit.decision; --"}, "purpose"),
        ({"ssin": None}, "ssin"),
        ({"ssin": ""}, "ssin"),
        ({"ssin": WRONG_CHECK}, "ssin"),
        ({"ssin": "85.07.30-033.28"}, "ssin"),
        ({"ssin": 85073003328}, "ssin"),
        ({"ssin": "85133003328"}, "ssin"),
        ({"ssin": ["85073003328"]}, "ssin"),
        ({"period": None}, "period"),
        ({"period": {}}, "period.beginDate"),
        ({"period": {"endDate": "2026-01-01"}}, "period.beginDate"),
        ({"period": {"beginDate": "2026-02-30"}}, "period.beginDate"),
        ({"period": {"beginDate": "30/01/2026"}}, "period.beginDate"),
        ({"period": {"beginDate": "2026-01-01T00:00:00Z"}}, "period.beginDate"),
        ({"period": {"beginDate": "2026-02-02", "endDate": "2026-02-01"}}, "period.endDate"),
        ({"period": {"beginDate": "2026-02-02", "endDate": "9999-12-31"}}, "period.endDate"),
        ({"period": {"beginDate": "2026-02-02", "endDate": ""}}, "period.endDate"),
        ({"ticket": LONG}, "ticket"),
        ({"ticket": "a\x00b"}, "ticket"),
        ({"user": {"name": "x"}}, "user"),
        ({"role": LONG}, "role"),
        ({"fileReference": 7}, "fileReference"),
        ({"sentAt": "2026-01-01T10:00:00"}, "sentAt"),
        ({"sentAt": "now"}, "sentAt"),
        ({"sentAt": "0001-01-01T00:00:00Z"}, "sentAt"),
        ({"sentAt": "9999-12-31T23:59:59.999999Z"}, "sentAt"),
        ({"sentAt": "0001-01-01T00:00:00+14:00"}, "sentAt"),
        ({"sentAt": "9999-12-31T23:59:59.999999-14:00"}, "sentAt"),
        ({"extra": 1}, "extra"),
        ({"85073003328": "x"}, "?"),
    ],
)
async def test_a_wrong_field_is_named_and_its_value_is_not(house: House, change: Json, name: str):
    found = await problem(house, house.request(house.changed(change)), 400, BELGIF + "badRequest")

    assert named(found) == [name]
    assert found.issues[0].detail
    assert found.issues[0].where == "body"


async def test_an_unknown_purpose_is_told_with_those_that_are_known(house: House):
    sent = house.request(house.body(purpose="curiosity"))

    found = await problem(house, sent, 400, BELGIF + "badRequest")

    assert found.issues[0].type.endswith("referencedResourceNotFound")
    assert "asr-benefits" in found.issues[0].detail


async def test_all_that_is_wrong_is_told_at_once(house: House):
    sent = house.request(house.body(ssin="1", purpose="", period={"beginDate": "x"}, more=1))

    found = await problem(house, sent, 400, BELGIF + "badRequest")

    assert named(found) == ["purpose", "ssin", "period.beginDate", "more"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"ssin":',
        b"[]",
        b"null",
        b"85073003328",
        b'"85073003328"',
        b"{}{}",
        b"\xff\xfe{\x00}\x00",
        b'{"ssin":"\xff\xff"}',
        b'{"ssin":"\\ud800"}',
        b"\x00" * 64,
        b"[" * 16_000,
        b'{"period":' * 1600,
        b'{"ssin":' + b"[" * 16_000,
        b'{"ssin":' + b"9" * 16_000 + b"}",
        b"<xml/>",
    ],
    ids=lambda body: repr(body[:18]),
)
async def test_what_is_no_body_is_malformed(house: House, body: bytes):
    await problem(house, house.request(body), 400, BELGIF + "badRequest")


@pytest.mark.parametrize("twice", [b'"ssin":"85073003328",', b'"purpose":"asr-benefits",'])
async def test_a_field_that_stands_there_twice_is_named(house: House, twice: bytes):
    body = b"{" + twice + encoded(house.body())[1:]

    found = await problem(house, house.request(body), 400, BELGIF + "badRequest")

    assert named(found) == [twice.split(b'"')[1].decode()]


async def test_a_body_above_the_limit_is_not_read(house: House):
    body = encoded(house.body(ticket="x" * 70_000))

    await problem(house, house.request(body), 413, BELGIF + "payloadTooLarge")


async def test_a_body_that_only_claims_to_be_large_is_refused_before_it_comes(house: House):
    sent = house.request()

    status = await first_line(house, head_of(sent, length=10**9))

    assert b" 413 " in status


@pytest.mark.parametrize("flow", ["nothing", "L609%20", "l609", "%00", "L609;x"])
async def test_an_unknown_flow_is_not_found(house: House, flow: str):
    await problem(house, house.request(flow=flow), 404, BELGIF + "resourceNotFound")


@pytest.mark.parametrize(
    "path", ["/", "/v1/ask", "/v1/ask/", "/v1/answer/L609", "/v1/ask/L609/85073003328"]
)
async def test_an_unknown_path_is_not_found(house: House, path: str):
    await problem(house, house.request(path=path), 404, BELGIF + "resourceNotFound")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "", None]
)
async def test_another_media_type_is_not_taken(house: House, kind: str | None):
    sent = house.request(headers={"content-type": kind or "application/octet-stream"})

    await problem(house, sent, 415, OWN + "unsupportedMediaType")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
async def test_another_method_is_not_taken(house: House, method: str):
    head = head_of(house.request()).replace(b"POST", method.encode(), 1)

    status = await first_line(house, head)

    assert b" 405 " in status


@pytest.mark.parametrize("header", ["signature", "signature-input", "content-digest"])
async def test_a_missing_signature_is_told_as_such(house: House, header: str):
    sent = house.request(headers={header: None})

    found = await problem(house, sent, 401, BELGIF + "noAccessToken")

    assert header in found.detail


async def test_a_signature_that_does_not_fit_names_the_rule_it_breaks(house: House):
    other = house.request().headers
    wrong: list[tuple[Sent, str]] = [
        (house.request(headers={"signature": other["signature"]}), "signature"),
        (house.request(headers={"signature-input": other["signature-input"]}), "signature"),
        (house.request(headers={"content-digest": other["content-digest"]}), "content-digest"),
        (replace(house.request(), body=encoded(house.body(ticket="changed"))), "content-digest"),
        (house.request(headers={"signature": "kruispunt=:AAAA:"}), "signature"),
        (house.request(headers={"signature-input": "sig1=()"}), "signature-input"),
        (house.request(age_s=61), "expires"),
        (house.request(age_s=3600), "expires"),
        (house.request(age_s=-120), "created"),
        (house.request(life_s=301), "expires"),
        (house.request(life_s=0), "expires"),
        (house.request(nonce=b"short"), "nonce"),
        (house.request(tag=ANSWER_TAG), "tag"),
        (house.request(key=stranger()), "keyid"),
        (house.request(key=forger(house)), "signature"),
        (replace(house.request(), path="/v1/ask/dimona.consult"), "signature"),
        (replace(house.request(), path="/v1/ask/L609?x=1"), "signature"),
    ]

    for sent, rule in wrong:
        found = await problem(house, sent, 401, BELGIF + "invalidAccessToken")
        assert found.detail.startswith(f"{rule}:"), (found.detail, rule)


def stranger():
    return make_key("NOBODY", key_id="NOBODY/1", random_bytes=lambda n: b"s" * n)


def forger(house: House):
    """A key that calls itself the insurer's."""
    real = house.key(house.insurer)
    return make_key(real.institution, key_id=real.key_id, random_bytes=lambda n: b"f" * n)


async def test_what_is_told_of_a_signature_does_not_depend_on_the_person(house: House):
    expired = [
        await problem(house, house.request(house.body(story), age_s=99), 401, ANY_SIGNATURE)
        for story in ("full-time", "unknown")
    ]

    assert len({one.detail for one in expired}) == 1


ANY_SIGNATURE = BELGIF + "invalidAccessToken"


@pytest.mark.parametrize("size", [2_000, 20_000, 200_000])
async def test_a_huge_header_is_refused(house: House, size: int):
    sent = house.request(headers={"signature-input": "x" * size})
    head = head_of(sent)

    status = await first_line(house, head + sent.body)

    assert b" 401 " in status or b" 431 " in status
    assert (b" 431 " in status) is (size > 16_384)


async def test_what_is_no_http_is_hung_up_on(house: House):
    for noise in (b"\x16\x03\x01\x02\x00\x01", b"85073003328\r\n\r\n", b"POST\r\n\r\n"):
        status = await first_line(house, noise)
        assert b" 400 " in status or status == b""


async def test_a_problem_points_to_the_log_by_its_trace_and_the_log_names_no_number(house: House):
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    sent = house.request(
        house.body(ssin=WRONG_CHECK), headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    )

    found = await problem(house, sent, 400, BELGIF + "badRequest")

    assert found.instance == "urn:uuid:4bf92f35-77b3-4da6-a3ce-929d0e0e4736"
    log = await logged(house, trace)
    assert [msgspec.json.decode(line)["status"] for line in log] == [400]
    assert not any(WRONG_CHECK in line for line in log)


async def logged(house: House, trace: str) -> list[str]:
    for _ in range(50):
        lines = "\n".join(house.logs().values()).splitlines()
        found = [line for line in lines if trace in line]
        if found:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError("nothing was logged within 2.5 s")


async def test_no_number_that_was_asked_about_stands_in_any_log_address_or_error(house: House):
    for story in house.persons:
        await house.ask_raw(house.request(house.body(story, purpose="curiosity")))
        await house.ask_raw(house.request(house.body(story), path="/v1/ask/none"))

    logs = house.logs()

    used = {one.ssin.digits for one in house.persons.values()} | {WRONG_CHECK, "85073003328"}
    assert {name.split("-")[0].removesuffix(".log") for name in logs} >= {"database", "nic"}
    assert all(digits not in text for text in logs.values() for digits in used)
    assert house.numbers_in_logs() == []


async def first_line(house: House, request: bytes) -> bytes:
    """The first line of what comes back over a bare connection."""
    address = urlsplit(house.url(house.node))
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(request)
    try:
        async with asyncio.timeout(5):
            return await reader.readline()
    except (ConnectionError, TimeoutError):
        return b""
    finally:
        writer.close()


async def test_a_request_that_comes_too_slowly_is_not_waited_for_by_others(house: House):
    sent = house.request(house.body(purpose="curiosity"))
    address = urlsplit(house.url(sent.to))
    _, slow = await asyncio.open_connection(address.hostname, address.port)
    slow.write(head_of(sent) + sent.body[:3])
    await slow.drain()
    began = time.monotonic()

    await problem(house, sent, 400, BELGIF + "badRequest")

    assert time.monotonic() - began < 2
    slow.close()
