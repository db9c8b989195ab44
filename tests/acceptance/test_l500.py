"""The unemployment part of the sheet crosses the house: insurer, NIC, KSZ, RVA, and who pays.

05/022 §5(6)-5(11), §36-40.
"""

import asyncio
import json
import os
import signal
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Final
from uuid import UUID

import pytest
from msgspec import structs
from tests.acceptance.crossing import (
    Letter,
    Payer,
    collectors,
    deliver,
    entry_at_the_hub,
    halted,
    hear,
    kill,
    names_at,
    paying,
    pid,
    supplier,
    tickets,
    trail_of,
    waited,
    waiting,
)
from tests.acceptance.standing import House, Json, a_standing_house, kruispunt
from tests.acceptance.test_trail_tree import audit, public, sealed

from kruispunt.client import AcceptedReply, AskFailed
from kruispunt.vocabulary import FlowId, InstitutionCode, MailKind

L500: Final = FlowId("L500")
BENEFITS: Final = "asr-benefits"
REIMBURSED: Final = "increased-reimbursement-request"
PEOPLE, SEED = 2000, 3  # among whom somebody is paid by two institutions
REQUEST, COUNT, ANSWER, FAILURE, _ = MailKind


@pytest.fixture(scope="module")
def house() -> Generator[House]:
    """A house of its own: its mail is held up and its processes are killed.

    The insurer's mailbox is ours: what empties it for the cases of a circuit stands still.
    """
    with a_standing_house(workers=2, people=PEOPLE, seed=SEED) as house:
        with halted(house, f"{house.insurer.lower()}-circuit"):
            yield house
        assert house.numbers_in_logs() == []


async def ask(house: House, story: str, *, purpose: str = BENEFITS) -> AcceptedReply:
    person = house.persons[story]
    risk = {"risk_type": "incapacity", "risk_begin_date": person.begin.isoformat()}
    async with house.client() as client:
        return await client.request(
            L500,
            ssin=person.ssin,
            purpose=purpose,
            begin=person.begin,
            until=person.until,
            details=risk if purpose == BENEFITS else {},
        )


def granted(house: House, purpose: str) -> set[str]:
    (clause,) = (
        one for one in house.network.lawbook.clauses if (one.flow, one.purpose) == (L500, purpose)
    )
    return {field.partition(".")[0] for field in clause.ground.fields}


def payers(house: House) -> list[InstitutionCode]:
    return [one.institution for one in house.network.collectors]


async def looks(house: House, entry: UUID) -> dict[InstitutionCode, int]:
    """At how many lines of each payment institution's log this entry is looked at."""
    query = "select count(*) as n from station.look where entry = $1"
    found = {code: (await house.fetch(code, query, entry))[0]["n"] for code in payers(house)}
    return {code: n for code, n in found.items() if isinstance(n, int) and n}


async def test_two_answers_cross_every_hop_with_the_granted_fields_and_are_done_once(house: House):
    """Each hop is held up to look at its mail, and brings it twice."""
    hub, node, beyond = house.hub, house.node, supplier(house)
    fields = granted(house, REIMBURSED)
    carries_down, carries_up = f"carry-{hub.lower()}", f"carry-{beyond.lower()}"

    with halted(house, carries_down, carries_up):
        told = await ask(house, "two-payers", purpose=REIMBURSED)
        (asked,) = await waiting(house, hub, beyond)
        await deliver(house, hub, beyond)
        assert await names_at(house, house.hub) == []
    with halted(house, carries_up):
        from_payers = await waited(house, beyond, hub, kinds=[COUNT, ANSWER, ANSWER])
        with halted(house, carries_down):
            await deliver(house, beyond, hub)
            os.kill(pid(house, carries_up), signal.SIGCONT)
            from_hub = await waited(house, hub, node, kinds=[COUNT, ANSWER, ANSWER])
            await deliver(house, hub, node)
            assert await names_at(house, house.hub) == []
    heard = await hear(house, told.ticket)

    assert set(told.fields) >= fields
    assert (asked.kind, asked.content["consumer"]) == (REQUEST, node)
    to_insurer = heard.told[str(told.ticket)]
    for letters in (from_payers, from_hub, to_insurer):
        assert [one.content["expected"] for one in letters if one.kind is COUNT] == [2]
        answers = {one.content["number"]: one for one in letters if one.kind is ANSWER}
        assert set(answers) == {1, 2}
        rows = [row for one in answers.values() for row in one.rows]
        assert rows
        assert all(set(row) == fields for row in rows)
    first, second = await tickets(house, told.ticket)
    for code, entry in ((node, told.ticket), (hub, first), (beyond, second)):
        opened, *answered = await trail_of(house, code, entry)
        assert (opened.ending, opened.rows) == ("forwarded", 2)
        assert [look.repeats for look in answered] == [entry, entry]
        assert {look.ending for look in answered} <= {"given", "empty"}
        assert sum(look.rows for look in answered) == len(rows)
    assert list((await looks(house, second)).values()) == [1, 1]


async def test_one_payer_gives_the_whole_sheet_and_a_person_without_one_reads_like_any_other(
    house: House,
):
    told = await ask(house, "unemployed")
    hidden = await ask(house, "full-time")
    heard = await hear(house, told.ticket, hidden.ticket)

    assert [one["expected"] for one in heard.of(told.ticket, COUNT)] == [1]
    assert [one["number"] for one in heard.of(told.ticket, ANSWER)] == [1]
    (row,) = heard.rows(told.ticket)
    assert set(row) == granted(house, BENEFITS)
    assert heard.told[str(hidden.ticket)] == [Letter(COUNT, str(hidden.ticket), {"expected": 0})]
    assert structs.replace(hidden, ticket=told.ticket, receipt=told.receipt) == told
    for code in (house.hub, house.node):
        entry = (
            hidden.ticket if code == house.node else await entry_at_the_hub(house, hidden.ticket)
        )
        assert [look.ending for look in await trail_of(house, code, entry)] == ["empty"]


async def test_what_a_payer_says_beyond_its_grant_stops_at_rva_and_said_twice_is_done_once(
    house: House,
):
    with halted(house, *collectors(house)):
        told = await ask(house, "two-payers", purpose=REIMBURSED)
        first, second = await paying(house, told.ticket)
        too_much: Json = {"daily_amount": "1.00", "last_controlled_day": "2020-01-31"}

        mail = await first.answer(too_much)
        await first.answer({"daily_amount": "2.00"}, mail=mail)
        again = await refused(first, {"daily_amount": "3.00"})
        await first.acknowledge()
        assert await second.dead("our tables are gone")
        heard = await hear(house, told.ticket)

    assert again.problem is not None
    assert again.problem.status == 409
    (row,) = heard.rows(told.ticket)
    assert {name: value for name, value in row.items() if value} == {"daily_amount": "1.00"}
    assert heard.of(told.ticket, FAILURE) == [
        {"missing": 1, "cause": "failed", "number": second.number}
    ]
    _, beyond = await tickets(house, told.ticket)
    opened, answered = await trail_of(house, supplier(house), beyond)
    assert (opened.ending, answered.ending) == ("forwarded", "given")


async def refused(payer: Payer, row: Json) -> AskFailed:
    with pytest.raises(AskFailed) as caught:
        await payer.answer(row)
    return caught.value


STORIES: Final = {"two-payers": 2, "unemployed": 1, "part-time-and-unemployed": 1, "full-time": 0}


async def test_with_rva_down_and_its_seat_and_the_carriers_killed_nothing_is_lost_or_doubled(
    house: House,
):
    seats = (house.node, house.hub, supplier(house))
    before = [await house.entries(code) for code in seats]
    office = f"{supplier(house).lower()}-1"
    carriers = [f"carry-{code.lower()}" for code in (house.hub, supplier(house))]

    with halted(house, office):
        asked = {story: (await ask(house, story)).ticket for story in STORIES}
        await asyncio.sleep(0.5)
        for name in (*carriers, office):
            kill(house, name)
    killing = asyncio.create_task(kill_on(house, [*carriers, office, *collectors(house)]))
    heard = await hear(house, *asked.values())
    await killing
    await hear(house, heard=heard)

    for story, ticket in asked.items():
        expected = STORIES[story]
        assert heard.of(ticket, COUNT) == [{"expected": expected}], story
        numbers = [one["number"] for one in heard.of(ticket, ANSWER)]
        assert sorted(map(str, numbers)) == [str(n + 1) for n in range(expected)], story
        if expected:
            _, beyond = await tickets(house, ticket)
            assert list((await looks(house, beyond)).values()) == [1] * expected
    answers, about = sum(STORIES.values()), len(STORIES)
    after = [await house.entries(code) for code in seats]
    # who is paid by nobody is nobody at RVA
    expected_more = [about + answers, about + answers, about - 1 + answers]
    assert [now - then for now, then in zip(after, before, strict=True)] == expected_more


async def kill_on(house: House, names: Sequence[str]) -> None:
    for name in names:
        await asyncio.sleep(0.7)
        kill(house, name)


async def test_all_three_trails_are_sound_decide_the_same_again_and_prove_what_they_hold(
    house: House, tmp_path: Path
):
    told = await ask(house, "unemployed")
    await hear(house, told.ticket)
    await asyncio.sleep(1.0)  # the outcome is written within a second
    seats = (house.node, house.hub, supplier(house))
    for code in seats:
        await sealed(house, code)

    replayed = await asyncio.gather(
        *(asyncio.to_thread(stands, house, code, tmp_path) for code in seats)
    )
    assert list(replayed) == [await house.entries(code) for code in seats]

    named = [await names_at(house, code) for code in seats]
    assert list(map(bool, named)) == [True, False, True], named[1]


def stands(house: House, code: InstitutionCode, folder: Path) -> int:
    """Verify, replay, prove and check the trail of a seat: how many entries were replayed."""
    verified = audit(house, "verify", "--at", code, "--json")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    file = str(folder / f"{code}.json")
    digits = house.persons["unemployed"].ssin.digits + "\n"
    proved = audit(house, "prove", "--ssin", "-", "--out", file, "--at", code, stdin=digits)
    assert proved.returncode == 0, proved.stderr
    checked = kruispunt("audit", "check", file, "--key", public(house, code), "--json")
    assert checked.returncode == 0, checked.stderr
    (proven,) = json.loads(checked.stdout)
    kinds = [one["kind"] for one in proven["entries"]]
    assert kinds.count("decision") == kinds.count("outcome") >= 2, kinds
    replayed = audit(house, "replay", "--at", code, "--json")
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    return json.loads(replayed.stdout)["replayed"]
