"""Two processes of one hub: whoever hears a message, it is decided once, and kept for ever."""

import asyncio
import os
import signal

from tests.acceptance.standing import House, Sent, a_message
from tests.acceptance.test_asking import ask

from kruispunt.cli.supervisor_state import RunNote
from kruispunt.client import AskFailed, AskReply
from kruispunt.web import Http, HttpReply, HttpSilent

MANY = 12


async def all_at_once(house: House, requests: list[Sent]) -> list[HttpReply]:
    """Each over a connection of its own, so that both processes hear some."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(house.ask_raw(one)) for one in requests]
    return [task.result() for task in tasks]


def questions_heard(house: House) -> list[int]:
    """How many questions each process of the hub has answered."""
    logs = house.logs()
    names = [f"{note.name}.log" for note in house.workers()]
    return [logs[name].count("/v1/ask/") for name in names]


async def test_the_same_nonce_heard_by_both_counts_once(house: House):
    assert len(house.workers()) == 2
    before, heard = await house.entries(house.hub), questions_heard(house)
    for _ in range(4):
        sent = house.request(to=house.hub, by=house.node)

        replies = await all_at_once(house, [sent] * MANY)

        statuses = sorted(reply.status for reply in replies)
        assert statuses == [200] + [401] * (MANY - 1)
    assert await house.entries(house.hub) == before + 4
    assert all(now > was for now, was in zip(questions_heard(house), heard, strict=True))


async def test_the_same_message_heard_by_both_is_decided_once(house: House):
    for _ in range(4):
        message = a_message()
        body = house.body(messageId=str(message))
        requests = [house.request(body, to=house.hub, by=house.node) for _ in range(MANY)]

        replies = await all_at_once(house, requests)

        statuses = [reply.status for reply in replies]
        rows = await house.fetch(
            house.hub, "select id, repeats from audit.decision where message_id = $1", message
        )
        assert set(statuses) <= {200, 409}
        assert statuses.count(200) == len(rows) >= 1
        assert [row["repeats"] for row in rows].count(None) == 1


async def test_two_contents_under_one_id_heard_by_both_are_one_answer_and_conflicts(house: House):
    message = str(a_message())
    bodies = [house.body(messageId=message, ticket=f"T {n}") for n in range(MANY)]
    requests = [house.request(body, to=house.hub, by=house.node) for body in bodies]

    replies = await all_at_once(house, requests)

    statuses = sorted(reply.status for reply in replies)
    assert statuses == [200] + [409] * (MANY - 1)


async def test_a_process_of_the_hub_that_is_killed_comes_back_and_the_trail_goes_on(house: House):
    first = await ask(house, "full-time")
    before = await house.entries(house.hub)
    killed = house.workers()

    for one in killed:
        os.kill(one.pid, signal.SIGKILL)

    await until(house, {one.pid for one in killed})
    second = await ask(house, "full-time")
    assert await house.entries(house.hub) == before + 1
    for ticket in (first.ticket, second.ticket):
        query = "select 1 from audit.decision where message_id = $1"
        assert len(await house.fetch(house.hub, query, ticket)) == 1


async def until(house: House, gone: set[int]) -> None:
    """Wait until other processes answer in place of those that are gone."""
    async with asyncio.timeout(30), await Http.open() as http:
        while True:
            notes = house.workers()
            if len(notes) == 2 and all(one.ready and one.pid not in gone for one in notes):
                break
            await asyncio.sleep(0.1)
        while True:
            try:
                url = f"{house.url(house.hub)}/health"
                reply = await http.get(url, headers={}, timeout_s=5, max_bytes=999)
            except HttpSilent:
                continue
            if reply.status == 200:
                return
            await asyncio.sleep(0.1)


async def test_what_was_answered_is_there_after_the_database_was_killed(house: House):
    first = await ask(house, "full-time")
    before = await house.entries(house.node)
    killed = the_database(house)

    os.kill(killed.pid, signal.SIGKILL)

    await until_restarted(house, killed)
    second = await patiently(house)
    assert second.outcome == "given"
    assert await house.entries(house.node) >= before + 1
    query = "select 1 from audit.decision where id = $1"
    assert len(await house.fetch(house.node, query, first.ticket)) == 1
    await until_all_are_answered(house)


def the_database(house: House) -> RunNote:
    (database,) = [one for one in house.notes() if one.name == "database"]
    return database


async def until_restarted(house: House, killed: RunNote) -> None:
    """Wait for another server: processes of the old one may answer until they notice."""
    async with asyncio.timeout(60):
        while True:
            now = [one for one in house.notes() if one.name == "database"]
            if now and now[0].ready and now[0].pid != killed.pid:
                return
            await asyncio.sleep(0.05)


async def until_all_are_answered(house: House) -> None:
    """Wait until no process holds a connection to the database that is no more."""
    async with asyncio.timeout(30):
        good = 0
        while good < 3:
            asked = [house.request(flow="dimona.consult") for _ in range(MANY)]
            asked += [house.request(to=house.hub, by=house.node) for _ in range(MANY)]
            replies = await all_at_once(house, asked)
            good = good + 1 if {reply.status for reply in replies} == {200} else 0


async def patiently(house: House) -> AskReply:
    async with asyncio.timeout(60):
        while True:
            try:
                return await ask(house, "full-time")
            except AskFailed:
                await asyncio.sleep(0.3)
