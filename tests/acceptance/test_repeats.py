"""The same message comes again: one decision, the first ticket, and the answer marked."""

import asyncio

import msgspec
import pytest
from tests.acceptance.standing import House, Json, Sent, a_message, problem_of

from kruispunt.web import HttpReply


async def until_answered(house: House, send: "Sender") -> HttpReply:
    """As every client does: told that the message is in flight, come back."""
    for _ in range(50):
        reply = await house.ask_raw(send())
        if reply.status != 409 or "retry-after" not in reply.headers:
            return reply
        await asyncio.sleep(0.1)
    raise AssertionError("the message stayed in flight for 5 s")


class Sender:
    """Signs one message anew each time."""

    def __init__(self, house: House, body: Json, flow: str = "L609") -> None:
        self.house, self.body, self.flow = house, body, flow

    def __call__(self) -> Sent:
        return self.house.request(self.body, flow=self.flow)


def told(reply: HttpReply) -> Json:
    return msgspec.json.decode(reply.body, type=Json)


@pytest.mark.parametrize(
    ("story", "flow"),
    [
        ("full-time", "L609"),
        ("full-time", "employment.consult"),
        ("never-worked", "dimona.consult"),
        ("unknown", "L609"),
        ("replaced", "L609"),
    ],
)
async def test_a_repeated_message_is_told_the_same_under_its_first_ticket(
    house: House, story: str, flow: str
):
    send = Sender(house, house.body(story), flow)

    first = await house.ask_raw(send())
    second = await until_answered(house, send)

    one, two = told(first), told(second)
    assert first.status == second.status
    assert (one.get("repeated", False), two["repeated"]) == (False, True)
    assert one["ticket"] == two["ticket"]
    same = [name for name in one if name not in ("repeated", "receipt", "instance")]
    assert {name: one[name] for name in same} == {name: two[name] for name in same}
    assert one["receipt"] != two["receipt"]


async def test_each_time_is_an_entry_of_its_own_that_names_the_first(house: House):
    message = a_message()
    send = Sender(house, house.body(messageId=str(message)))

    await house.ask_raw(send())
    for _ in range(2):
        await until_answered(house, send)

    rows = await house.fetch(
        house.node,
        "select id, repeats from audit.decision where message_id = $1 order by id",
        message,
    )
    assert [row["repeats"] for row in rows] == [None, rows[0]["id"], rows[0]["id"]]


async def test_the_same_id_with_another_content_is_a_conflict(house: House):
    message = str(a_message())
    await house.ask_raw(house.request(house.body(messageId=message)))

    reply = await house.ask_raw(house.request(house.body(messageId=message, ticket="other")))

    assert reply.status == 409
    assert problem_of(reply).type == "urn:problem-type:kruispunt:sameMessageOtherContent"


async def test_the_same_message_to_another_flow_is_a_conflict(house: House):
    body, before = house.body(), await house.looks()
    await house.ask_raw(house.request(body, flow="L609"))

    reply = await house.ask_raw(house.request(body, flow="employment.consult"))

    assert reply.status == 409
    assert problem_of(reply).type == "urn:problem-type:kruispunt:sameMessageOtherContent"
    assert await house.looks() == before


async def test_two_insurers_may_use_the_same_message_id(house: House):
    message = str(a_message())
    first = await house.ask_raw(house.request(house.body(messageId=message)))

    second = await house.ask_raw(
        house.request(house.body("other-member", messageId=message), by=house.other)
    )

    assert (first.status, second.status) == (200, 200)
    assert not told(second)["repeated"]


async def test_a_signature_that_was_used_counts_no_more(house: House):
    sent = house.request()
    before = (await house.ask_raw(sent), await house.entries(house.node))

    replayed = await house.ask_raw(sent)

    assert (before[0].status, replayed.status) == (200, 401)
    assert "nonce" in problem_of(replayed).detail
    assert await house.entries(house.node) == before[1]


async def test_a_nonce_of_another_message_counts_no_more(house: House):
    nonce = b"n" * 30 + a_message().bytes
    await house.ask_raw(house.request(nonce=nonce))

    reply = await house.ask_raw(house.request(nonce=nonce))

    assert reply.status == 401
