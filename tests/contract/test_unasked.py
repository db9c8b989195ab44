"""Declarations that nobody asked for, as they are kept, in memory and on PostgreSQL."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace
from tests.contract.cases_house import (
    ACME,
    MOMENT,
    PERSON,
    CaseHouse,
    a_declaration,
    in_memory,
    on_postgres,
)

from kruispunt.circuits import (
    FiledCases,
    FiledUnasked,
    Initiatives,
    MemoryUnasked,
    Unasked,
    unasked,
)
from kruispunt.circuits import benefits as b
from kruispunt.circuits.circuit import Event, State
from kruispunt.vocabulary import Period, SameMessageOtherContent, Ssin, Unavailable, check_digits

OTHER = Ssin(f"010101995{check_digits(10101995):02d}")
THIRD = Ssin(f"010101993{check_digits(10101993):02d}")


@dataclass
class Desk:
    house: CaseHouse
    initiatives: Initiatives


@pytest.fixture(params=[in_memory, on_postgres])
async def desk(request: pytest.FixtureRequest, empty_database: str) -> AsyncGenerator[Desk]:
    async with request.param(empty_database) as house:
        store = house.store
        kept = (
            FiledUnasked(database=store.database)
            if isinstance(store, FiledCases)
            else MemoryUnasked()
        )
        yield Desk(house, Initiatives(cases=house.cases, store=kept, now=house.clock))


def an_unasked_one(**changes: object) -> Unasked:
    event = b.DeclarationReceived(
        id=uuid4(),
        at=MOMENT,
        request=None,
        employer=b.Enterprise(cbe=ACME),
        means=b.Means.BATCH,
        content={"hours": "38.00", "groups": ({"days": 3},)},
        declarant=b.Enterprise(cbe=ACME),
    )
    one = Unasked(
        person=PERSON,
        risk=b.RiskType.INCAPACITY,
        period=Period(date(2031, 3, 4)),
        event=event,
    )
    return replace(one, **changes)


async def told(desk: Desk, case: UUID) -> int:
    found = await desk.house.cases.events(case)
    return sum(isinstance(one.event, b.DeclarationReceived) for one in found)


async def test_it_waits_for_a_case_and_is_told_once(desk: Desk):
    assert await desk.initiatives.take(an_unasked_one())
    case = await desk.house.cases.start(a_declaration())

    for _ in range(2):
        await desk.initiatives.catch_up(PERSON)
        await desk.initiatives.catch_up()

    assert await told(desk, case) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"person": OTHER},
        {"risk": b.RiskType.ADOPTION_LEAVE},
        {"period": Period.through(date(2030, 1, 1), date(2030, 1, 31))},
    ],
    ids=str,
)
async def test_another_person_risk_or_time_is_not_this_case_s(
    desk: Desk, changes: dict[str, object]
):
    case = await desk.house.cases.start(a_declaration())

    await desk.initiatives.take(an_unasked_one(**changes))
    await desk.initiatives.catch_up()

    assert await told(desk, case) == 0


async def test_the_case_is_found_by_the_number_that_the_person_has_by_now(desk: Desk):
    case = await desk.house.cases.start(a_declaration())
    replaced = b.NumberReplaced(id=uuid4(), at=MOMENT, successor=OTHER)
    await desk.house.cases.add(case, replaced)

    await desk.initiatives.take(an_unasked_one(person=OTHER))
    await desk.initiatives.catch_up()

    assert await told(desk, case) == 1


async def test_the_case_is_found_by_each_number_of_those_that_came_together(desk: Desk):
    case = await desk.house.cases.start(a_declaration())
    replaced = [b.NumberReplaced(id=uuid4(), at=MOMENT, successor=one) for one in (OTHER, THIRD)]
    await asyncio.gather(*(desk.house.cases.add(case, one) for one in replaced))

    found = [await desk.house.store.about(one) for one in (PERSON, OTHER, THIRD)]

    assert [[one.case.id for one in cases] for cases in found] == [[case]] * 3


async def test_the_same_again_is_nothing_and_another_under_its_id_is_refused(desk: Desk):
    one = an_unasked_one()
    await desk.initiatives.take(one)

    assert not await desk.initiatives.take(one)
    with pytest.raises(SameMessageOtherContent):
        await desk.initiatives.take(replace(one, period=Period(date(2031, 3, 5))))


async def test_what_waited_too_long_for_a_case_is_forgotten(desk: Desk):
    old = an_unasked_one()
    await desk.initiatives.take(replace(old, event=replace(old.event, at=MOMENT - timedelta(91))))
    await desk.initiatives.take(an_unasked_one(person=OTHER))

    case = await desk.house.cases.start(a_declaration())
    await desk.initiatives.catch_up()

    assert await told(desk, case) == 0


@pytest.mark.parametrize("fault", [Unavailable("too many"), RuntimeError()], ids=repr)
async def test_one_that_can_t_be_told_holds_no_other_up(
    desk: Desk, fault: Exception, monkeypatch: pytest.MonkeyPatch
):
    ids = [UUID(int=n) for n in (101, 102, 103)]
    for one, key in ((an_unasked_one(), key) for key in ids):
        await desk.initiatives.take(replace(one, event=replace(one.event, id=key)))
    case = await desk.house.cases.start(a_declaration())
    add = desk.house.cases.add

    async def can_t(case: UUID, event: Event) -> State:
        if event.id == ids[0]:
            raise fault
        return await add(case, event)

    monkeypatch.setattr(desk.house.cases, "add", can_t)
    await desk.initiatives.catch_up(PERSON)

    assert await told(desk, case) == 2
    monkeypatch.undo()
    await desk.initiatives.catch_up(PERSON)
    assert await told(desk, case) == 3


async def test_a_fault_does_not_end_the_looking(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    await desk.initiatives.take(an_unasked_one())
    case = await desk.house.cases.start(a_declaration())
    faults, looked = [RuntimeError(), Unavailable("away")], asyncio.Event()
    catch_up = desk.initiatives.catch_up

    async def with_faults(_initiatives: Initiatives) -> None:
        if faults:
            raise faults.pop()
        await catch_up()
        looked.set()

    monkeypatch.setattr(Initiatives, "catch_up", with_faults)
    monkeypatch.setattr(unasked, "LOOK_EVERY_S", 0.01)
    looking = asyncio.create_task(desk.initiatives.forever())
    await asyncio.wait_for(looked.wait(), timeout=20)
    looking.cancel()

    assert await told(desk, case) == 1
