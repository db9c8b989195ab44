"""Cases, in memory and on PostgreSQL: what happened stands once, in order, with what follows."""

import asyncio
from collections.abc import AsyncGenerator
from uuid import UUID

import pytest
from tests.contract.cases_house import (
    LEASE,
    MOMENT,
    CaseHouse,
    a_declaration,
    in_memory,
    of_risk,
    on_postgres,
    reference,
)

from kruispunt.circuits import CIRCUITS, Desk, Happened, Lane, Wanted, replay
from kruispunt.circuits import benefits as b
from kruispunt.vocabulary import NotFound, SameMessageOtherContent

NETWORK, PAPER = Lane.NETWORK, Lane.PAPER


@pytest.fixture(params=[in_memory, on_postgres])
async def house(request: pytest.FixtureRequest, empty_database: str) -> AsyncGenerator[CaseHouse]:
    async with request.param(empty_database) as found:
        yield found


async def test_a_case_is_its_events_and_says_what_it_wants_done(house: CaseHouse):
    case = await house.cases.start(a_declaration())

    filed = await house.cases.find(case)

    assert filed
    assert filed.case == replay(CIRCUITS["benefits"], case, [a_declaration()])
    assert (filed.version, filed.opened_at, filed.closed_at) == (1, MOMENT, None)
    wanted = [await house.desk.take() for _ in range(house.desk.lying)]
    assert {type(one.task) for one in wanted} == {b.Consult}
    printed = await house.store.take(PAPER, MOMENT, MOMENT, 10)
    assert {type(one.task) for one in printed} == {b.SendHolderSheet}
    assert {one.case for one in wanted} == {case}


async def test_the_same_declaration_again_is_the_same_case_and_asks_nothing_more(
    house: CaseHouse,
):
    case = await house.cases.start(a_declaration())
    lying = house.desk.lying

    later = a_declaration(at=MOMENT + LEASE)
    again = await asyncio.gather(*(house.a_process().start(later) for _ in range(3)))

    assert set(again) == {case}
    assert len(await house.cases.events(case)) == 1
    assert house.desk.lying == lying
    with pytest.raises(SameMessageOtherContent):
        await house.cases.start(a_declaration(contact=b.Contact(last_name="X", first_name="Y")))


async def test_an_event_that_comes_twice_happens_once(house: CaseHouse):
    case = await house.cases.start(a_declaration())
    await house.answer(case, reference(rsz=False))
    before = await house.cases.events(case)
    event = before[-1].event

    told = [await house.cases.add(case, event), await house.a_process().add(case, event)]

    assert await house.cases.events(case) == before
    filed = await house.cases.find(case)
    assert filed
    assert told == [filed.case, filed.case]


async def test_events_of_several_processes_stand_one_after_the_other(house: CaseHouse):
    case = await house.cases.start(a_declaration())
    await house.answer(case, reference())
    processes = [house.a_process() for _ in range(3)]
    moved = [
        b.DeclarationReceived(
            id=UUID(int=100 + number),
            at=MOMENT,
            request=None,
            employer=b.Enterprise(cbe=f"04000001{number:02d}"),
            means=b.Means.ONLINE,
        )
        for number in range(12)
    ]

    await asyncio.gather(
        *(processes[place % 3].add(case, event) for place, event in enumerate(moved))
    )

    happened = await house.cases.events(case)
    assert [one.n for one in happened] == list(range(1, 15))
    assert {one.event.id for one in happened} >= {event.id for event in moved}
    filed = await house.cases.find(case)
    assert filed
    assert filed.case == replay(CIRCUITS[filed.kind], case, [one.event for one in happened])
    assert len(of_risk(filed.case).declared) == 12


async def test_what_is_known_of_a_case_that_is_not_there_is_nothing(house: CaseHouse):
    nowhere = UUID(int=99)

    assert await house.cases.find(nowhere) is None
    assert await house.cases.events(nowhere) == []
    with pytest.raises(NotFound):
        await house.cases.add(nowhere, b.CaseWithdrawn(id=UUID(int=5), at=MOMENT))


async def test_what_changes_nothing_is_kept_once_unless_it_is_a_clock(house: CaseHouse):
    case = await house.cases.start(a_declaration())
    late = b.LetterUndeliverable(id=UUID(int=50), at=MOMENT, action=UUID(int=51))
    early = b.DeadlinePassed(id=UUID(int=52), at=MOMENT, deadline=UUID(int=53))

    for event in (late, early, late):
        await house.cases.add(case, event)

    assert [one.event for one in await house.cases.events(case, 1)] == [late]


async def test_cases_are_listed_by_their_opening_the_latest_first(house: CaseHouse):
    cases: list[UUID] = []
    for number in range(1, 6):
        house.clock.put_on(minutes=1)
        cases.append(await house.cases.start(a_declaration(number, at=house.clock())))
    await house.cases.add(cases[2], b.CaseWithdrawn(id=UUID(int=500), at=house.clock()))

    first = [one.case.id for one in await house.cases.list(limit=2)]
    rest = [one.case.id for one in await house.cases.list(first[-1])]
    still = [one.case.id for one in await house.cases.list(open_only=True)]

    assert [*first, *rest] == cases[::-1]
    assert still == [one for one in cases[::-1] if one != cases[2]]


async def test_who_follows_a_case_gets_every_event_once_until_it_is_closed(house: CaseHouse):
    case = await house.cases.start(a_declaration())
    followed: list[Happened] = []

    async def follow(after_n: int) -> None:
        followed.extend([one async for one in house.cases.follow(case, after_n)])

    following = asyncio.create_task(follow(1))
    await asyncio.sleep(0)
    await house.answer(case, reference(rsz=False))
    await house.cases.add(case, b.CaseWithdrawn(id=UUID(int=5), at=MOMENT))
    await asyncio.wait_for(following, timeout=20)

    assert followed == await house.cases.events(case, 1)
    assert [one.n for one in followed] == [2, 3]
    with pytest.raises(NotFound):
        await anext(house.cases.follow(UUID(int=99)))


async def test_what_lies_on_a_desk_is_nobody_elses_until_the_lease_ends(house: CaseHouse):
    await house.cases.start(a_declaration())
    lying = house.desk.lying
    until = MOMENT + LEASE

    assert lying
    assert await house.store.take(NETWORK, MOMENT, until, 10) == []
    later = until + LEASE
    assert len(await house.store.take(NETWORK, until, later, 10)) == lying
    assert await house.store.take(NETWORK, until, later, 10) == []


async def test_what_finds_no_room_on_the_desk_is_due_at_once(house: CaseHouse):
    case = await house.a_process(Desk(room=0)).start(a_declaration())

    taken = await house.store.take(NETWORK, MOMENT, MOMENT + LEASE, 10)

    assert {one.case for one in taken} == {case}
    assert {one.attempts for one in taken} == {1}
    assert house.desk.lying == 0


async def test_what_is_done_is_not_taken_again_and_what_is_put_off_is_taken_later(
    house: CaseHouse,
):
    case = await house.a_process(Desk(room=0)).start(a_declaration())
    sheet = (await house.store.take(PAPER, MOMENT, MOMENT, 10))[0].task
    consult = (await house.store.take(NETWORK, MOMENT, MOMENT, 10))[0].task

    await house.store.finish(sheet.id, MOMENT)
    put_off = Wanted(case=case, task=consult, attempts=4)
    await house.store.put_off(put_off, MOMENT + LEASE, "away")

    assert await house.store.take(PAPER, MOMENT, MOMENT + LEASE, 10) == []
    assert await house.store.take(NETWORK, MOMENT, MOMENT + LEASE, 10) == []
    again = await house.store.take(NETWORK, MOMENT + LEASE, MOMENT + 2 * LEASE, 10)
    assert [(one.task, one.attempts) for one in again] == [(consult, 5)]
    doing = await house.store.action(sheet.id)
    assert doing
    assert (doing.case, doing.done_at) == (case, MOMENT)


async def test_an_answer_finishes_the_action_that_it_answers(house: CaseHouse):
    case = await house.cases.start(a_declaration())
    action = await house.asked(case)

    await house.answer(case, reference())

    doing = await house.store.action(action)
    assert doing
    assert doing.done_at == MOMENT


async def test_a_case_is_due_when_its_first_deadline_comes_and_leased_to_who_takes_it(
    house: CaseHouse,
):
    case = await house.cases.start(a_declaration())
    filed = await house.cases.find(case)
    assert filed
    assert filed.next_due
    due, until = filed.next_due, filed.next_due + LEASE

    assert await house.store.take_due(MOMENT, MOMENT + LEASE, 10) == []
    assert await house.store.take_due(due, until, 10) == [case]
    assert await house.store.take_due(due, until, 10) == []
    assert await house.store.take_due(until, until + LEASE, 10) == [case]
    await house.store.settle_due(filed)
    assert await house.store.take_due(due, until, 10) == [case]


async def test_a_ticket_leads_to_its_case_and_its_action(house: CaseHouse):
    case = await house.cases.start(a_declaration())
    await house.answer(case, reference(unemployed=True))
    event = b.UnemploymentAccepted(
        id=UUID(int=60), at=MOMENT, action=UUID(int=61), ticket="the network's word"
    )

    await house.cases.add(case, event)

    ticket = await house.store.ticket("the network's word")
    assert ticket
    assert (ticket.case, ticket.action) == (case, UUID(int=61))
    assert await house.store.ticket("another") is None
