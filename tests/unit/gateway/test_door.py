"""Through the whole door, from signed bytes to signed bytes."""

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from msgspec import structs
from tests.house import DEAD, ROW, Twin, a_hub, a_simulator
from tests.law.inventing import (
    ABOUT,
    BOTH_FILES,
    FIELDS,
    FUND,
    HUB,
    NODE,
    OFFICE,
    OTHER_FUND,
    PERSON,
    SUCCESSOR,
    SUPPLIED,
    a_line,
    a_number,
)
from tests.unit.gateway.givens import (
    Heard,
    Json,
    a_body,
    a_door,
    a_request,
    a_ring,
    call,
    encoded,
    without,
)

from kruispunt.client import PeriodBody, ReceiptCheck
from kruispunt.gateway import WORDS
from kruispunt.sources import Cause, Simulator
from kruispunt.vocabulary import InstitutionCode, NumberFact, NumberStatus, Period, Reason
from kruispunt.web import Request, verify_reply

NEVER_THE_SAME = ("ticket", "receipt", "instance")
UNKNOWN = NumberFact(status=NumberStatus.UNKNOWN)


async def ask(twin: Twin, request: Request | None = None) -> Heard:
    return await call(a_door(twin).app(), request or a_request())


async def test_an_answer_says_what_is_given_what_is_withheld_and_under_which_ground():
    reply = await ask(a_hub())

    answer = reply.answer
    assert answer.outcome == "given"
    assert answer.rows == [{"members": True, "since": True}]
    assert answer.fields == list(FIELDS[:2])
    assert [(one.field, one.reason) for one in answer.withheld] == [("income", "not-named")]
    assert (answer.ground.deliberation, answer.ground.paragraph) == ("31/007", "§1")
    assert not answer.repeated


async def test_an_answer_says_about_which_days_it_is_where_the_file_covers_fewer():
    _consumer, supplier = BOTH_FILES
    covered = Period(ABOUT.begin, ABOUT.begin + timedelta(days=1))
    known = a_hub(lines=[structs.replace(a_line(), period=covered), supplier])
    hidden = a_hub(lines=[structs.replace(a_line(), period=covered)])

    replies = [await ask(known), await ask(hidden), await ask(a_hub())]

    assert [reply.answer.outcome for reply in replies] == ["given", "empty", "given"]
    periods = [reply.answer.period for reply in replies]
    assert periods == [PeriodBody.of(covered), PeriodBody.of(covered), None]


async def test_values_leave_in_the_order_of_the_ground():
    backwards = {name: ROW[name] for name in reversed(FIELDS)}

    reply = await ask(a_hub(source=a_simulator(backwards)))

    assert list(reply.answer.rows[0]) == ["members", "since"]


async def test_every_reply_is_signed_by_the_hub_and_bound_to_its_request():
    for twin in (a_hub(), a_hub(lines=[])):
        request = a_request()
        reply = await ask(twin, request)
        verify_reply(
            status=reply.status,
            headers=reply.headers,
            body=reply.body,
            request_signature=request.headers["signature"],
            ring=a_ring(HUB),
            now=int(twin.clock().timestamp()),
            signer=HUB,
        )


async def test_the_receipt_proves_that_the_look_stands_in_the_trail():
    twin = a_hub()

    receipt = (await ask(twin)).answer.receipt

    ReceiptCheck(ring=a_ring(HUB), signer=HUB).check(receipt, now=int(twin.clock().timestamp()))
    assert receipt.entry == twin.entries[0].id


REFUSALS: list[tuple[Twin, Reason]] = [
    (a_hub(lines=[]), Reason.NO_FILE),
    (a_hub(number=UNKNOWN, lines=[]), Reason.NO_FILE),
    (a_hub(number=a_number(NumberStatus.CANCELLED)), Reason.NUMBER_CANCELLED),
    (a_hub(number=DEAD), Reason.DECEASED_BEFORE),
]


@pytest.mark.parametrize(("twin", "reason"), REFUSALS)
async def test_a_refusal_is_a_problem_with_its_told_reason_a_ticket_and_a_receipt(
    twin: Twin, reason: Reason
):
    reply = await ask(twin)

    problem = reply.problem
    assert (reply.status, problem.status) == (403, 403)
    assert problem.type == "urn:problem-type:belgif:missingPermission"
    assert (problem.reason, problem.detail) == (reason.value, WORDS[reason])
    assert problem.ticket == twin.entries[-1].id
    assert problem.replaced_by is None
    assert not problem.repeated


async def test_who_has_a_file_hears_the_new_number():
    replaced = a_number(NumberStatus.REPLACED)
    twin = a_hub(number=replaced, lines=[structs.replace(a_line(), ssin=SUCCESSOR)])

    reply = await ask(twin)

    assert reply.problem.replaced_by == SUCCESSOR.digits
    assert reply.named == ["ssin"]


async def test_who_has_no_file_does_not_hear_that_a_number_was_replaced():
    twin = a_hub(number=a_number(NumberStatus.REPLACED), lines=[])

    reply = await ask(twin)

    assert reply.problem.reason == "no-file"
    assert SUCCESSOR.digits.encode() not in reply.body


async def refused_body(twin: Twin, by: InstitutionCode = NODE) -> Json:
    reply = await ask(twin, a_request(by=by))
    assert reply.status == 403
    return without(reply.body, *NEVER_THE_SAME)


async def test_a_person_nobody_knows_and_one_who_is_not_in_your_files_read_the_same():
    not_yours = await refused_body(a_hub(lines=[a_line(SUPPLIED)]))
    nobody = await refused_body(a_hub(number=UNKNOWN, lines=[]))

    assert not_yours == nobody


async def test_another_funds_member_reads_at_the_node_like_a_person_nobody_knows():
    left = a_number(NumberStatus.LEFT_TO_HUB)
    others = await refused_body(
        a_hub(seat=NODE, number=left, lines=[a_line(member=OTHER_FUND)]), FUND
    )
    nobodys = await refused_body(a_hub(seat=NODE, number=left, lines=[]), FUND)

    assert others == nobodys


async def test_a_failed_control_at_the_supplier_reads_like_no_data():
    no_file = await ask(a_hub(lines=[a_line()]))
    no_data = await ask(a_hub(source=Simulator()))

    assert (no_file.status, no_file.answer.outcome) == (200, "empty")
    assert without(no_file.body, *NEVER_THE_SAME) == without(no_data.body, *NEVER_THE_SAME)
    assert no_file.headers.keys() == no_data.headers.keys()


async def test_a_source_that_failed_tells_the_ticket_of_the_look_and_not_why():
    liar = a_simulator()
    liar.fault = Cause.UNSIGNED
    twin = a_hub(source=liar)

    reply = await ask(twin)

    assert reply.status == 502
    assert reply.problem.type == "urn:problem-type:belgif:badGateway"
    assert reply.problem.ticket == twin.entries[0].id
    assert b"unsigned" not in reply.body


async def test_a_silent_source_tells_when_to_come_back():
    silent = a_simulator()
    silent.fault = Cause.BUSY

    reply = await ask(a_hub(source=silent))

    assert (reply.status, reply.headers["retry-after"]) == (503, "1")


async def test_nothing_can_be_recorded_nothing_is_answered():
    twin = a_hub()
    twin.ledger.away = True

    reply = await ask(twin)

    assert (reply.status, reply.problem.ticket) == (503, None)
    assert twin.asked == []


async def test_a_repeated_answer_and_a_repeated_refusal_are_marked():
    for twin in (a_hub(), a_hub(lines=[])):
        body = a_body()
        first, second = await ask(twin, a_request(body)), await ask(twin, a_request(body))
        told = [msgspec.json.decode(one.body, type=Json) for one in (first, second)]
        assert [one.get("repeated", False) for one in told] == [False, True]
        assert told[0]["ticket"] == told[1]["ticket"]


async def test_the_same_message_with_another_content_is_a_conflict():
    twin, body = a_hub(), a_body()
    await ask(twin, a_request(body))

    reply = await ask(twin, a_request(body | {"ticket": "other"}))

    assert reply.status == 409
    assert reply.problem.type == "urn:problem-type:kruispunt:sameMessageOtherContent"


async def test_a_signature_counts_once():
    twin, request = a_hub(), a_request()
    await ask(twin, request)

    reply = await ask(twin, request)

    assert reply.status == 401
    assert reply.problem.type == "urn:problem-type:belgif:invalidAccessToken"
    assert len(twin.entries) == 1


async def test_a_signature_that_expired_on_the_way_counts_no_more():
    twin, request = a_hub(), a_request()
    twin.clock.pass_by(timedelta(seconds=60))

    assert (await ask(twin, request)).status == 401
    assert twin.entries == []


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (replace(a_request(), method="GET"), 405),
        (replace(a_request(), method="PUT"), 405),
        (replace(a_request(), target="/v1/ask/"), 404),
        (replace(a_request(), target="/v1/ask/household/x"), 404),
        (replace(a_request(), target="/v2/ask/household"), 404),
        (a_request(flow="nothing"), 404),
        (a_request(flow="%2e%2e"), 404),
        (a_request(headers={"content-type": "text/plain"}), 415),
        (a_request(headers={"content-type": None}), 415),
        (a_request(headers={"content-length": "16385"}), 413),
        (a_request(b'{"ticket":"' + b"x" * 16_384 + b'"}'), 413),
        (a_request(headers={"signature": None}), 401),
        (a_request(b""), 400),
    ],
)
async def test_what_can_not_be_asked_is_a_problem_without_entry(request_: Request, status: int):
    twin = a_hub()

    reply = await ask(twin, request_)

    assert (reply.status, reply.problem.status) == (status, status)
    assert reply.problem.type.startswith("urn:problem-type:")
    assert reply.problem.instance.startswith("urn:uuid:")
    assert PERSON.digits.encode() not in reply.body
    assert twin.entries == []


async def test_the_description_and_the_health_of_a_door_need_no_signature():
    door = a_door(a_hub())
    get = replace(a_request(), method="GET", headers={}, body=b"")

    described = await call(door.app(), replace(get, target="/openapi.json"))
    health = await call(door.app(), replace(get, target="/health"))

    assert msgspec.json.decode(described.body, type=Json)["openapi"] == "3.1.0"
    assert (health.status, health.body) == (200, b'{"status":"UP"}')


def test_a_reason_without_words_of_its_own_is_told_with_those_of_another():
    told = {reason.told for reason in Reason} - {None}

    assert set(WORDS) == told


async def test_no_words_of_a_refusal_hold_the_person_or_the_period():
    for twin, _ in REFUSALS:
        reply = await ask(twin, a_request(a_body(ticket="my own words")))
        for secret in (PERSON.digits, "2031-03", "my own words", OFFICE):
            assert secret.encode() not in encoded(without(reply.body, *NEVER_THE_SAME))
