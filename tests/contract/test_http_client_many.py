"""The client with many questions: each answer is believed by itself, and some are asked again."""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import pytest
from tests.contract.test_http_client import (
    QUICK,
    SSIN,
    a_hub_elsewhere,
    a_receipt,
    an_answer,
    settings,
)
from tests.unit.web.givens import NOON, a_key

from kruispunt.client import (
    ASK_MANY_PATH,
    MOST_QUESTIONS,
    AskedAbout,
    AskFailed,
    AskManyRequest,
    AskRefused,
    AskReply,
    Client,
    Fault,
    Reader,
    SyncClient,
    Told,
    canonical,
)
from kruispunt.vocabulary import Unavailable
from kruispunt.web import (
    Address,
    App,
    HttpReply,
    Request,
    Route,
    Server,
    SigningKey,
    json_reply,
    render,
    signed_replies,
)

Json = dict[str, Any]
REFUSED: Json = {"type": "t", "title": "no", "status": 403, "reason": "no-file"}
BUSY: Json = {"type": "t", "title": "busy", "status": 503}


def given(entry: int, **changes: Any) -> Json:
    """A good answer whose entry and ticket have this number."""
    receipt = a_receipt(entry=UUID(int=entry))
    answer = msgspec.structs.replace(an_answer(receipt), ticket=UUID(int=entry), **changes)
    return {"status": 200, "answer": answer}


def refused(entry: int, **changes: Any) -> Json:
    receipt = a_receipt(entry=UUID(int=entry))
    problem = REFUSED | {"ticket": UUID(int=entry), "receipt": receipt} | changes
    return {"status": 403, "problem": problem}


def told_of(*answers: Any) -> HttpReply:
    return json_reply(msgspec.json.encode({"answers": answers}))


@dataclass
class ManyHub:
    """A door that answers sets as the test wants it to: replies in turn, the last for ever."""

    replies: list[HttpReply | Callable[[AskManyRequest], HttpReply]]
    key: SigningKey = field(default_factory=lambda: a_key("H"))
    asked: list[AskManyRequest] = field(default_factory=list[AskManyRequest])
    url: str = ""

    async def answer(self, request: Request) -> HttpReply:
        body = Reader(AskManyRequest).read(request.body)
        assert canonical(body) == request.body
        self.asked.append(body)
        reply = self.replies[min(len(self.asked), len(self.replies)) - 1]
        return reply if isinstance(reply, HttpReply) else reply(body)

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[str]:
        route = Route(
            method="POST",
            template=ASK_MANY_PATH + "{flow}",
            handler=self.answer,
            max_body=512 * 1024,
        )
        seal = signed_replies(self.key, now=lambda: NOON)
        app = App([route], random_bytes=random.Random(4).randbytes, seal=seal)
        server = Server(app, Address())
        running = asyncio.create_task(server.run(signals=False))
        await asyncio.sleep(0.05)
        self.url = f"http://127.0.0.1:{server.port}"
        try:
            yield self.url
        finally:
            server.stop()
            await running


def questions(*ids: int) -> list[AskedAbout]:
    return [{"ssin": SSIN, "begin": date(2024, 1, 1), "message_id": UUID(int=one)} for one in ids]


async def ask(hub: ManyHub, *ids: int, **other: Any) -> list[Told]:
    given = settings(patience_for_many=QUICK) | other
    async with hub.open() as url, await Client.open(url, **given) as client:
        return await client.ask_many("some.flow", questions(*ids), purpose="p", user="ann")


async def test_each_question_is_told_its_own_in_the_order_of_the_questions():
    hub = ManyHub([told_of(given(1), refused(2), given(3))])

    first, second, third = await ask(hub, 10, 30, 20)

    # Written in the order of their ids, so that the body can be built again from the trail.
    assert [one.message_id.int for one in hub.asked[0].questions] == [10, 20, 30]
    assert isinstance(first, AskReply)
    assert isinstance(second, AskReply)
    assert isinstance(third, AskRefused)
    assert (first.ticket.int, second.ticket.int, third.reason) == (1, 3, "no-file")
    assert (hub.asked[0].purpose, hub.asked[0].user) == ("p", "ann")


UNPROVEN: list[tuple[Json, Fault]] = [
    (given(2, receipt=a_receipt(entry=UUID(int=9))), Fault.RECEIPT_WRONG),
    (given(2, receipt=a_receipt(entry=UUID(int=2), signer=a_key("A"))), Fault.RECEIPT_WRONG),
    (given(1), Fault.RECEIPT_WRONG),
    (refused(1), Fault.RECEIPT_WRONG),
    (refused(2, receipt=a_receipt(entry=UUID(int=9))), Fault.RECEIPT_WRONG),
    ({"status": 200}, Fault.UNREADABLE),
    ({"status": 200, "answer": {}}, Fault.UNREADABLE),
    ({"status": 200, "problem": REFUSED}, Fault.UNREADABLE),
    ({"status": 403}, Fault.UNREADABLE),
    ({"status": "200"}, Fault.UNREADABLE),
    ({"status": 409, "problem": {"status": 409}}, Fault.PROBLEM),
    ({"status": 502, "problem": {"status": 502}}, Fault.PROBLEM),
]


@pytest.mark.parametrize(("wrong", "fault"), UNPROVEN)
async def test_one_answer_that_can_not_be_believed_fails_alone(wrong: Json, fault: Fault):
    hub = ManyHub([told_of(given(1), wrong, given(3))])

    first, second, third = await ask(hub, 1, 2, 3)

    assert isinstance(first, AskReply)
    assert isinstance(third, AskReply)
    assert isinstance(second, AskFailed)
    assert second.fault is fault
    assert len(hub.asked) == 1


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        (told_of(given(1)), Fault.UNREADABLE),
        (told_of(given(1), given(2), given(3)), Fault.UNREADABLE),
        (json_reply(b"[]"), Fault.UNREADABLE),
        (render(Unavailable(retry_after_s=60)), Fault.PROBLEM),
    ],
)
async def test_a_reply_that_is_none_to_the_request_fails_it_whole(reply: HttpReply, fault: Fault):
    with pytest.raises(AskFailed) as failed:
        await ask(ManyHub([reply]), 1, 2)

    assert failed.value.fault is fault


async def test_a_reply_that_another_signed_fails_the_request_whole():
    with pytest.raises(AskFailed) as failed:
        await ask(ManyHub([told_of(given(1))], key=a_key("A")), 1)

    assert failed.value.fault is Fault.NOT_PROVEN


async def test_only_what_is_told_to_come_back_is_asked_again():
    busy = {"status": 503, "retryAfter": 0, "problem": BUSY}
    in_flight = {"status": 409, "retryAfter": 0, "problem": {"status": 409}}
    hub = ManyHub([told_of(busy, given(2), in_flight), told_of(given(11), given(13))])

    told = await ask(hub, 1, 2, 3)

    assert [one.ticket.int for one in told if isinstance(one, AskReply)] == [11, 2, 13]
    assert [one.message_id.int for one in hub.asked[1].questions] == [1, 3]


async def test_asking_again_ends_and_what_was_told_stands():
    busy = {"status": 503, "retryAfter": 0, "problem": BUSY}
    hub = ManyHub([told_of(busy, given(2)), told_of(busy)])

    first, second = await ask(hub, 1, 2)

    assert isinstance(first, AskFailed)
    assert first.problem is not None
    assert first.problem.status == 503
    assert isinstance(second, AskReply)
    assert len(hub.asked) == QUICK.attempts


async def test_a_request_that_fails_the_second_time_takes_nothing_back():
    busy = {"status": 503, "retryAfter": 0, "problem": BUSY}
    hub = ManyHub([told_of(busy, given(2)), json_reply(b"[]")])

    first, second = await ask(hub, 1, 2)

    assert isinstance(first, AskFailed)
    assert first.fault is Fault.PROBLEM
    assert isinstance(second, AskReply)


async def test_a_wait_beyond_the_time_there_is_leaves_what_was_told():
    busy = {"status": 503, "retryAfter": 2, "problem": BUSY}
    hub = ManyHub([told_of(busy, given(2))])

    told = await ask(hub, 1, 2, patience_for_many=replace(QUICK, total_s=0.3))

    assert [type(one) for one in told] == [AskFailed, AskReply]


async def test_silence_is_one_failure():
    given_ = settings(patience_for_many=QUICK)
    async with await Client.open("http://127.0.0.1:1", **given_) as client:
        with pytest.raises(AskFailed) as failed:
            await client.ask_many("some.flow", questions(1), purpose="p")

    assert failed.value.fault is Fault.SILENT


async def test_of_nobody_nothing_is_asked_and_of_too_many_neither():
    hub = ManyHub([told_of()])

    assert await ask(hub) == []
    with pytest.raises(ValueError, match="1000"):
        await ask(hub, *range(MOST_QUESTIONS + 1))

    assert hub.asked == []


def test_the_client_without_an_event_loop_asks_about_many_too():
    hub: Any = ManyHub([told_of(given(1), refused(2))])

    with a_hub_elsewhere(hub) as url, SyncClient(url, **settings()) as client:
        told = client.ask_many("some.flow", questions(1, 2), purpose="p")

    assert [type(one) for one in told] == [AskReply, AskRefused]
