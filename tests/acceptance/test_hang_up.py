"""Someone who hangs up stops nobody: what was decided stands, and how it ended too."""

import asyncio
from urllib.parse import urlsplit

import pytest
from tests.acceptance.standing import House, Sent, a_message
from tests.acceptance.test_repeats import Sender, until_answered

FLOWS = ["L609", "dimona.consult", "employment.consult"]


async def hang_up_on(house: House, sent: Sent) -> None:
    """Send a whole request, and leave before any answer."""
    address = urlsplit(house.url(sent.to))
    _, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(head_of(sent) + sent.body)
    await writer.drain()
    writer.close()
    await writer.wait_closed()


def head_of(sent: Sent, *, length: int | None = None) -> bytes:
    headers = {**sent.headers, "host": "x", "content-length": str(length or len(sent.body))}
    lines = [f"POST {sent.path} HTTP/1.1", *(f"{n}: {v}" for n, v in headers.items()), "", ""]
    return "\r\n".join(lines).encode()


@pytest.mark.parametrize("flow", FLOWS)
async def test_entry_and_outcome_appear_though_nobody_waits(house: House, flow: str):
    message = a_message()
    body = house.body(messageId=str(message))

    await hang_up_on(house, house.request(body, flow=flow, to=house.hub, by=house.node))

    assert await house.ending(house.hub, message) == "given"


async def test_those_who_wait_are_answered_beside_those_who_left(house: House):
    left = [a_message() for _ in range(15)]
    staying = [house.request(flow="dimona.consult") for _ in range(5)]

    async with asyncio.TaskGroup() as group:
        for message in left:
            request = house.request(house.body(messageId=str(message)), flow="dimona.consult")
            group.create_task(hang_up_on(house, request))
        answers = [group.create_task(house.ask_raw(one)) for one in staying]

    assert [one.result().status for one in answers] == [200] * 5
    assert [await house.ending(house.node, message) for message in left] == ["given"] * 15


async def test_half_a_request_is_no_question(house: House):
    message = a_message()
    sent = house.request(house.body(messageId=str(message)))
    address = urlsplit(house.url(sent.to))
    before = await house.entries(house.node)

    for cut in (1, len(sent.body) // 2, len(sent.body) - 1):
        _, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(head_of(sent) + sent.body[:cut])
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    reply = await house.ask_raw(house.request(house.body()))
    assert reply.status == 200
    assert await house.entries(house.node) == before + 1
    assert await house.fetch(house.node, CLAIM, message) == []


async def test_what_hung_up_may_be_asked_again_with_the_same_message(house: House):
    message = a_message()
    body = house.body(messageId=str(message))
    await hang_up_on(house, house.request(body))
    await house.ending(house.node, message)

    reply = await until_answered(house, Sender(house, body))

    assert reply.status == 200
    assert b'"repeated":true' in reply.body


CLAIM = "select 1 from exchange.message where message_id = $1"
