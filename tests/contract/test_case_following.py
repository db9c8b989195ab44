"""Following a case over HTTP: each step once, as it happens, proven, and within bounds."""

import asyncio

import pytest
from tests.contract.case_door_house import (
    OTHER,
    a_message,
    a_request,
    the_doors,
)

from kruispunt.client import (
    CASES_PATH,
    AskFailed,
    CaseClient,
    Fault,
    NewsRequest,
    StepBody,
)
from kruispunt.gateway import following


async def test_a_follower_is_told_every_step_once_as_it_happens_until_the_end():
    async with the_doors() as doors:
        client = doors.client()
        case = (await client.start(a_request())).head.case
        told: list[StepBody] = []

        async def follow() -> None:
            told.extend([step async for step in client.follow(case)])

        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            group.create_task(follow())
            await doors.answer_all(case)
            await client.hear(case, NewsRequest(id=a_message(), what="case-withdrawn"))
        whole = await client.find(case)

    assert tuple(told) == whole.steps
    assert told[-1].ending == "withdrawn"
    assert doors.followers.taken == 0


async def test_a_follower_that_lost_its_connection_goes_on_where_it_was():
    async with the_doors() as doors:
        client = doors.client()
        case, _ = await doors.sent()
        steps = client.follow(case)
        first = [await anext(steps) for _ in range(3)]
        await steps.aclose()
        await client.hear(case, NewsRequest(id=a_message(), what="case-withdrawn"))
        rest = [step async for step in client.follow(case, after=first[-1].n)]
        whole = await client.find(case)

    assert (*first, *rest) == whole.steps


async def test_a_follower_hears_that_the_line_is_open(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(following, "HEARTBEAT_S", 0.05)

    async with the_doors() as doors:
        case = (await doors.client().start(a_request())).head.case
        got = b""
        async with doors.stream(case) as lines, asyncio.timeout(5):
            async for line in lines:
                got += line + b"\n"
                if got.endswith(following.HEARTBEAT):
                    break

    assert got.startswith(following.RETRY + b"id: 1\nevent: step\ndata: {")


async def test_a_follower_is_let_go_after_a_while_and_comes_back(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(following, "HEARTBEAT_S", 0.05)
    monkeypatch.setattr(following, "LIFE_S", 0.0)

    async with the_doors() as doors:
        client = doors.client()
        case = (await client.start(a_request())).head.case
        steps = client.follow(case)
        first = await anext(steps)
        coming = asyncio.create_task(anext(steps))
        await asyncio.sleep(0.3)
        await client.hear(case, NewsRequest(id=a_message(), what="case-withdrawn"))
        async with asyncio.timeout(5):
            second = await coming
        await steps.aclose()

    assert (first.n, second.n) == (1, 2)


async def test_beyond_so_many_followers_one_is_told_to_come_back():
    async with the_doors(most=2) as doors:
        client = doors.client()
        case = (await client.start(a_request())).head.case
        following_ = [client.follow(case) for _ in range(3)]
        for one in following_[:2]:
            await anext(one)
        with pytest.raises(AskFailed) as full:
            await anext(following_[2])
        await following_[0].aclose()
        await asyncio.sleep(0.2)
        again = client.follow(case)
        step = await anext(again)
        for one in (following_[1], again):
            await one.aclose()

    assert full.value.problem
    assert full.value.problem.status == 503
    assert step.n == 1


@pytest.mark.parametrize("text", ["x", "-1", "99999999999"])
async def test_a_last_event_id_that_no_event_had_is_named(text: str):
    async with the_doors() as doors:
        case = (await doors.client().start(a_request())).head.case
        path = f"{CASES_PATH}/{case}/events"
        reply = await doors.raw("GET", path, more={"last-event-id": text})

    assert reply.status == 400
    assert b"Last-Event-ID" in reply.body


async def test_steps_that_another_signed_are_not_believed():
    async with the_doors() as doors:
        client = doors.client()
        case = (await client.start(a_request())).head.case
        lied = CaseClient(url=client.url, seat=OTHER, by=client.by)
        with pytest.raises(AskFailed) as wrong:
            await anext(lied.follow(case))

    assert wrong.value.fault is Fault.NOT_PROVEN
