"""Cases of a real insurer in a real network: asked over HTTP, killed in the middle, all sent."""

import asyncio
import os
import signal
import time
from collections.abc import Generator, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
import pytest
from tests.acceptance.standing import House, a_message, a_standing_house, kruispunt
from tests.unit.circuits.letters.printed import text_of

from kruispunt.client import CASE_TAG, CASES_PATH
from kruispunt.people import Example
from kruispunt.vocabulary import FlowId
from kruispunt.web import Http, HttpSilent, HttpWrong

DONE_S: Final = 60.0
RULES_SINCE: Final = 2025
"""A year of which the law has all rules of the circuit."""

LOOKS: Final = "select d.message_id from audit.decision d where d.repeats is null"
"""Looks of the node; an answer that comes later, and a question that comes again, repeat one."""

UNDONE: Final = "select count(*) as n from circuits.action where done_at is null"
ACTIONS: Final = """
select a.case_id, convert_from(a.body, 'UTF8')::jsonb as body, a.done_at is not null as done
from circuits.action a
"""
MEMBER: Final = "select m.name, m.address from circuits.member m where m.ssin = $1"
EVENTS: Final = """
select e.case_id, e.n, convert_from(e.body, 'UTF8')::jsonb ->> 'type' as type
from circuits.event e order by e.case_id, e.n
"""


@pytest.fixture(scope="module")
def house() -> Generator[House]:
    """A house of its own: its circuit is killed."""
    with a_standing_house(workers=1) as house:
        yield house
        assert house.numbers_in_logs() == []


async def opened(house: House, people: Sequence[Example]) -> list[UUID]:
    """Declare the risk of each of these, as a clerk's software does."""
    async with await Http.open() as http:
        replies = [
            await house.ask_raw(
                house.request(
                    {
                        "id": str(a_message()),
                        "ssin": person.ssin.digits,
                        "risk": {"type": "incapacity", "period": {"beginDate": f"{person.begin}"}},
                        "contact": {"lastName": "Peeters", "firstName": "An"},
                    },
                    to=house.insurer,
                    path=CASES_PATH,
                    tag=CASE_TAG,
                ),
                http=http,
            )
            for person in people
        ]
    assert [reply.status for reply in replies] == [201] * len(people), replies[0].body
    return [UUID(msgspec.json.decode(reply.body)["head"]["case"]) for reply in replies]


async def settled(house: House) -> None:
    """Wait until everything that cases wanted is done."""
    deadline = time.monotonic() + DONE_S
    while (await house.fetch(house.insurer, UNDONE))[0]["n"]:
        assert time.monotonic() < deadline, house.logs()["cm-circuit.log"][-2000:]
        await asyncio.sleep(0.1)


async def kinds(house: House, case: UUID) -> dict[str, int]:
    """What a case wanted done, and how often."""
    found: dict[str, int] = {}
    for row in await house.fetch(house.insurer, ACTIONS):
        if row["case_id"] == case:
            body: Any = msgspec.json.decode(str(row["body"]))
            kind = str(body.get("role", body["type"]))
            found[kind] = found.get(kind, 0) + 1
    return found


async def test_a_declared_risk_crosses_the_network_until_all_its_requests_are_sent(house: House):
    (case,) = await opened(house, [house.persons["part-time"]])

    await settled(house)

    wanted = await kinds(house, case)
    roles = {"reference", "dimona", "routing", "personnel", "employer"}
    assert set(wanted) >= roles | {"send-holder-sheet", "send-request"}
    letters = house.place.home(house.insurer).letters
    printed = [text_of(one.read_bytes()).splitlines() for one in letters.glob("*.pdf")]
    (member,) = await house.fetch(
        house.insurer, MEMBER, int(house.persons["part-time"].ssin.digits)
    )
    window = [member["name"], *str(member["address"]).split(", ")]
    assert any(window == lines[at : at + 3] for lines in printed for at in range(len(lines)))
    assert all(one.stat().st_mode & 0o077 == 0 for one in (letters, *letters.iterdir()))


async def test_an_l500_asked_without_a_case_is_answered_to_whoever_asked(house: House):
    """05/022 §5(6): the ticket promised answers; no dead letter holds the person's later mail."""
    person = house.persons["unemployed"]
    state = str(house.place.state)
    words = ("--as", house.insurer, "--ticket", "by hand", "--json", "--state", state)
    async with house.client() as client:
        await client.request(
            FlowId("L500"),
            ssin=person.ssin,
            purpose="asr-benefits",
            begin=person.begin,
            until=person.until,
            ticket="by hand",
            details={"risk_type": "incapacity", "risk_begin_date": str(person.begin)},
        )

    listed = await answers("list", *words)
    taken = await answers("take", *words)
    left = kruispunt("answer", "list", *words)

    (expected,) = (one["count"]["expected"] for one in listed if "count" in one)
    rows = [row for one in listed if "answer" in one for row in one["answer"]["rows"]]
    assert expected == sum("answer" in one for one in listed) >= 1
    assert rows
    assert taken == listed
    assert left.stdout == ""
    dead = "select count(*) as n from mailbox.dead"
    assert (await house.fetch(house.node, dead))[0]["n"] == 0


async def looks_at(house: House) -> list[str]:
    """The messages that stand in the trail of the node, each as often as it does."""
    return [str(row["message_id"]) for row in await house.fetch(house.node, LOOKS)]


async def test_a_circuit_that_is_killed_goes_on_and_asks_nothing_as_another_question(
    house: House,
):
    people = [one for one in house.persons.values() if one.begin.year >= RULES_SINCE]
    earlier = await looks_at(house)
    opening = asyncio.create_task(opened(house, people))
    before = {one.pid for one in circuit(house)}
    await asyncio.sleep(0.3)
    for _ in range(2):
        for one in circuit(house):
            os.kill(one.pid, signal.SIGKILL)
        await asyncio.sleep(0.4)
    await asyncio.gather(opening, return_exceptions=True)
    cases = await again(house, people)

    await settled(house)

    assert {one.pid for one in circuit(house)}.isdisjoint(before)
    assert len(set(cases)) == len(people)
    events = await house.fetch(house.insurer, EVENTS)
    numbers: dict[object, list[object]] = {}
    for row in events:
        numbers.setdefault(row["case_id"], []).append(row["n"])
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())
    # Each question of each case stands in the trail of the node once, however often it was asked.
    wanted: dict[object, list[str]] = {}
    for row in await house.fetch(house.insurer, ACTIONS):
        body: Any = msgspec.json.decode(str(row["body"]))
        if "message_id" in body:
            wanted.setdefault(row["case_id"], []).append(body["message_id"])
    looks = await looks_at(house)
    assert set(wanted) >= set(cases)
    assert {
        case: sorted(one for one in looks if one in set(asked)) for case, asked in wanted.items()
    } == {case: sorted(set(asked)) for case, asked in wanted.items()}
    asked_by_cases = {one for asked in wanted.values() for one in asked}
    assert set(looks) - asked_by_cases <= set(earlier), "nothing is asked but by a case"


def circuit(house: House) -> list[Any]:
    """The processes that run cases."""
    return [one for one in house.notes() if one.name.endswith("-circuit")]


async def again(house: House, people: Sequence[Example]) -> list[UUID]:
    """Declare until the door answers: it comes back by itself."""
    deadline = time.monotonic() + DONE_S
    while True:
        try:
            return await opened(house, people)
        except (HttpSilent, HttpWrong, AssertionError):
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.2)


async def answers(*words: str) -> list[Any]:
    """What a command of answers tells, once all that are to be expected came."""
    deadline = time.monotonic() + DONE_S
    while True:
        said = kruispunt("answer", *words)
        assert said.returncode == 0, said.stderr
        found: list[Any] = [msgspec.json.decode(line) for line in said.stdout.splitlines()]
        expected = [one["count"]["expected"] for one in found if "count" in one]
        if expected and sum("answer" in one for one in found) >= expected[0]:
            return found
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.2)
