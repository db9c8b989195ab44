"""Many questions in one request: each is told what it would be told alone, or none is asked."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import msgspec
import pytest
from msgspec import structs
from tests.house import NOON, Twin, a_hub
from tests.law.inventing import FILE, FUND, HUB, NODE, SUPPLIED, a_line
from tests.together import PEOPLE, Moody
from tests.unit.gateway.givens import (
    Heard,
    Json,
    a_body,
    a_door,
    a_request,
    a_request_of_many,
    a_ring,
    call,
    questions_of,
)

from kruispunt.client import MOST_ISSUES, ReceiptCheck
from kruispunt.gateway import Door, Room, many_reply
from kruispunt.gateway.door import MAX_MANY_BODY
from kruispunt.sources import Cause
from kruispunt.vocabulary import (
    Answer,
    NoAnswer,
    NumberFact,
    NumberStatus,
    Problem,
    Question,
)
from kruispunt.web import Request, verify_reply

KNOWN = NumberFact(status=NumberStatus.KNOWN)
NOBODY, OTHERS, HIDDEN, CANCELLED, LIED_ABOUT, BUSY, BROKEN, GIVEN = PEOPLE


def a_world() -> Twin:
    """A hub where each of `PEOPLE` has another fate."""
    numbers = dict.fromkeys(PEOPLE, KNOWN)
    numbers[NOBODY] = NumberFact(status=NumberStatus.UNKNOWN)
    numbers[CANCELLED] = NumberFact(status=NumberStatus.CANCELLED)
    ours, suppliers = {*PEOPLE} - {NOBODY, OTHERS}, {*PEOPLE} - {NOBODY, HIDDEN}
    lines = [structs.replace(a_line(FILE), ssin=one) for one in ours]
    lines += [structs.replace(a_line(SUPPLIED), ssin=one) for one in suppliers]
    faults = {LIED_ABOUT: Cause.OTHER_PERSON, BUSY: Cause.UNSIGNED}
    twin = a_hub(lines=lines, source=Moody(faults, frozenset({BROKEN})))
    twin.registers.facts.clear()
    twin.registers.facts.update(numbers)
    return twin


def bodies(many: int = len(PEOPLE)) -> list[Json]:
    return [a_body(ssin=one.digits) for one in PEOPLE[:many]]


async def ask_many(door: Door, body: Json | bytes, **changed: object) -> Heard:
    return await call(door.app(), a_request_of_many(body, **changed))


def comparable(body: Json) -> Json:
    """What is told, without ids and proofs, which are never the same twice."""
    return {name: body[name] for name in body if name not in ("ticket", "receipt", "instance")}


async def test_each_question_is_told_the_status_and_the_body_that_it_is_told_alone():
    asked = [*bodies(), *bodies(3)]
    together, alone = a_door(a_world()), a_door(a_world())

    told = (await ask_many(together, questions_of(*asked))).each

    statuses = set[int]()
    for one, body in zip(told, asked, strict=True):
        heard = await call(alone.app(), a_request(body))
        found = msgspec.json.decode(heard.body, type=Json)
        statuses.add(heard.status)
        same = one["answer" if heard.status == 200 else "problem"]
        assert one["status"] == heard.status
        assert comparable(msgspec.convert(same, Json)) == comparable(found)
        assert list(msgspec.convert(same, Json)) == list(found)
        assert str(one.get("retryAfter")) == str(heard.headers.get("retry-after"))
        assert len(one) == (3 if "retry-after" in heard.headers else 2)
    assert statuses == {200, 403, 500, 502}


async def test_a_person_nobody_knows_and_one_not_in_your_files_read_the_same_in_a_set():
    reply = await ask_many(a_door(a_world()), questions_of(*bodies(3)))

    nobody, others, hidden = reply.each
    told = [comparable(msgspec.convert(one["problem"], Json)) for one in (nobody, others)]
    assert told[0] == told[1]
    assert told[0]["reason"] == "no-file"
    assert hidden["status"] == 200


async def test_the_whole_reply_is_signed_and_every_answer_has_its_own_receipt():
    twin = a_world()
    request = a_request_of_many(questions_of(*bodies(6)))

    reply = await call(a_door(twin).app(), request)

    now = int(NOON.timestamp())
    verify_reply(
        status=reply.status,
        headers=reply.headers,
        body=reply.body,
        request_signature=request.headers["signature"],
        ring=a_ring(HUB),
        now=now,
        signer=HUB,
    )
    check = ReceiptCheck(ring=a_ring(HUB), signer=HUB)
    receipts = [
        getattr(body, "receipt", msgspec.UNSET)
        for told in reply.answers.answers
        for body in (told.answer, told.problem)
    ]
    shown = [one for one in receipts if one is not msgspec.UNSET]
    for receipt in shown:
        check.check(receipt, now=now)
    assert len({receipt.entry for receipt in shown}) == len(shown) == 4


async def test_the_trail_holds_of_each_question_what_it_holds_of_one_alone():
    asked = a_body(ticket="mine", fileReference="file 7")
    common = {"user": "ann", "role": "clerk", "sentAt": "2031-06-15T10:00:00Z"}
    together, alone = a_hub(), a_hub()

    await ask_many(a_door(together), questions_of(asked, **common))
    await call(a_door(alone).app(), a_request(asked | common))

    proof = together.entries[0].question.proof
    assert structs.replace(alone.entries[0].question, proof=proof) == structs.replace(
        together.entries[0].question, content=b""
    )


async def test_a_question_of_a_set_is_the_same_message_alone():
    asked = a_body()
    door = a_door(a_hub())
    first = (await ask_many(door, questions_of(asked))).answers.answers[0].answer
    canonical = {name: asked[name] for name in ("messageId", "purpose", "ssin", "period")}

    again = (await call(door.app(), a_request(canonical))).answer

    assert not isinstance(first, msgspec.UnsetType)
    assert (first.repeated, again.repeated) == (False, True)
    assert again.ticket == first.ticket


async def test_a_message_that_stands_there_twice_is_answered_as_a_repeated_one():
    body = a_body()
    other = body | {"ticket": "other"}

    told = (await ask_many(a_door(a_hub()), questions_of(body, body, other))).each

    answers = [msgspec.convert(one.get("answer", {}), Json) for one in told]
    assert [one["status"] for one in told] == [200, 200, 409]
    assert [one.get("repeated") for one in answers] == [False, True, None]
    assert answers[0]["ticket"] == answers[1]["ticket"]


async def test_a_replayed_request_is_refused_whole():
    twin = a_world()
    door, request = a_door(twin), a_request_of_many(questions_of(*bodies(4)))
    await call(door.app(), request)
    before = len(twin.entries)

    reply = await call(door.app(), request)

    assert (reply.status, len(twin.entries)) == (401, before)


async def test_who_signed_for_one_address_did_not_sign_for_the_other():
    twin = a_hub()
    signed = a_request(questions_of(a_body()))

    moved = replace(signed, target=signed.target.replace("/ask/", "/ask-many/"))

    assert (await call(a_door(twin).app(), moved)).status == 401
    assert twin.entries == []


WRONG = "85073003329"
FAULTS: list[tuple[Json, list[str]]] = [
    ({"questions": []}, ["questions"]),
    ({"questions": {}}, ["questions"]),
    ({"questions": None}, ["questions"]),
    (questions_of(*[a_body()] * 1001), ["questions"]),
    (questions_of(a_body(), purpose="curiosity"), ["purpose"]),
    (questions_of(a_body(), sentAt="9999-12-31T23:59:59.9-14:00"), ["sentAt"]),
    (questions_of(a_body(), extra=1), ["extra"]),
    (questions_of(a_body(), a_body(ssin=WRONG)), ["questions[1].ssin"]),
    (
        questions_of(
            a_body(ssin="1", period={"beginDate": "x"}), a_body(), a_body(messageId="2", more=1)
        ),
        [
            "questions[0].ssin",
            "questions[0].period.beginDate",
            "questions[2].messageId",
            "questions[2].more",
        ],
    ),
    (
        questions_of(
            a_body(),
            a_body(ssin=WRONG, period={"beginDate": "2031-02-02", "endDate": "2031-02-01"}),
            a_body(ssin=WRONG),
        ),
        ["questions[1].ssin", "questions[1].period.endDate", "questions[2].ssin"],
    ),
]


@pytest.mark.parametrize(("body", "named"), FAULTS, ids=lambda one: str(one)[:40])
async def test_every_wrong_field_is_named_with_its_place_and_nothing_is_asked(
    body: Json, named: list[str]
):
    twin = a_hub()

    reply = await ask_many(a_door(twin), {"purpose": questions_of()["purpose"], **body})

    assert (reply.status, reply.named) == (400, named)
    assert WRONG.encode() not in reply.body
    assert twin.entries == []
    assert not twin.ledger.nonces


async def test_a_name_that_stands_twice_in_a_question_is_named_with_its_place():
    body = msgspec.json.encode(questions_of(a_body(), a_body()))
    head, _, tail = body.rpartition(b'"ssin":')

    reply = await ask_many(a_door(a_hub()), head + b'"ssin":"85073003328","ssin":' + tail)

    assert (reply.status, reply.named) == (400, ["questions[1].ssin"])


async def test_of_very_many_faults_only_some_are_told():
    reply = await ask_many(a_door(a_hub()), questions_of(*[a_body(ssin=WRONG)] * 1000))

    assert (reply.status, len(reply.named)) == (400, MOST_ISSUES)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (a_request_of_many(questions_of(a_body()), flow="nothing"), 404),
        (a_request_of_many(questions_of(a_body()), headers={"signature": None}), 401),
        (a_request_of_many(questions_of(a_body()), created=int(NOON.timestamp()) - 600), 401),
        (a_request_of_many(b'{"user":"' + b"x" * MAX_MANY_BODY + b'"}'), 413),
        (a_request_of_many(b""), 400),
        (replace(a_request_of_many(questions_of(a_body())), method="GET"), 405),
    ],
)
async def test_what_is_wrong_with_the_request_is_its_only_problem(request_: Request, status: int):
    twin = a_hub()

    reply = await call(a_door(twin).app(), request_)

    assert (reply.status, reply.problem.status) == (status, status)
    assert twin.entries == []


async def test_a_thousand_questions_with_long_words_of_their_own_fit_into_a_request():
    body = questions_of(*(a_body(ticket="t" * 100, fileReference="f" * 100) for _ in range(1000)))

    waiting = Waiting()
    waiting.go.set()
    reply = await ask_many(replace(a_door(a_hub()), waist=waiting), body)

    assert len(reply.each) == 1000


async def test_the_trail_is_away_and_the_whole_request_is_told_to_come_back():
    twin = a_hub()
    twin.ledger.away = True

    reply = await ask_many(a_door(twin), questions_of(a_body(), a_body()))

    assert (reply.status, twin.asked) == (503, [])
    assert reply.problem.ticket is None


class Waiting:
    """A waist that answers nobody until it is let go."""

    def __init__(self) -> None:
        self.asked = 0
        self.two_came = asyncio.Event()
        self.go = asyncio.Event()

    async def serve(self, question: Question) -> Answer | NoAnswer:
        raise AssertionError

    async def serve_many(self, questions: Sequence[Question]) -> Sequence[Problem]:
        self.asked += 1
        if self.asked == 2:
            self.two_came.set()
        await self.go.wait()
        return [Problem()] * len(questions)


async def test_more_requests_than_there_is_room_for_are_told_to_come_back():
    waiting = Waiting()
    app = replace(a_door(a_hub()), waist=waiting, room=Room(most=2)).app()
    under_way = [
        asyncio.create_task(call(app, a_request_of_many(questions_of(a_body())))) for _ in range(2)
    ]
    await waiting.two_came.wait()

    third = await call(app, a_request_of_many(questions_of(a_body())))
    waiting.go.set()
    await asyncio.gather(*under_way)
    after = await call(app, a_request_of_many(questions_of(a_body())))

    assert (third.status, third.headers["retry-after"]) == (503, "1")
    assert (after.status, waiting.asked) == (200, 3)


async def test_no_more_bodies_arrive_at_once_than_there_is_memory_for():
    door = replace(a_door(a_hub()), room=Room(most=0))

    reply = await ask_many(door, questions_of(a_body()))

    assert (reply.status, reply.headers["retry-after"]) == (503, "1")
    assert "kind" in reply.problem.detail


async def test_an_answer_that_has_no_room_in_the_reply_is_told_with_its_ticket_to_come_back():
    hub = a_hub()
    door = replace(a_door(hub), waist=(twin := a_world()).hub)
    body = questions_of(*[a_body(ssin=GIVEN.digits) for _ in range(3)])
    questions = door.entrance.questions(a_request_of_many(body))
    told = await twin.hub.serve_many(questions)

    reply = await many_reply(told, instance="urn:uuid:1", most=1200)

    items = msgspec.json.decode(reply.body, type=dict[str, list[Json]])["answers"]
    assert [one["status"] for one in items] == [200, 503, 503]
    last = msgspec.convert(items[-1]["problem"], Json)
    assert last["ticket"] == str(told[-1].ticket)
    assert items[-1]["retryAfter"] == 0


async def test_a_node_answers_sets_as_it_answers_one():
    left = NumberFact(status=NumberStatus.LEFT_TO_HUB)
    twin = a_hub(seat=NODE, number=left, lines=[])
    body = a_body()

    alone = await call(a_door(twin).app(), a_request(a_body(), by=FUND))
    told = (await ask_many(a_door(twin), questions_of(body), by=FUND)).each

    problem = msgspec.convert(told[0]["problem"], Json)
    assert comparable(problem) == comparable(msgspec.json.decode(alone.body, type=Json))
