"""An insurer looks at a member once at a time, in memory and on PostgreSQL (05/022 §6(2))."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import date
from uuid import UUID, uuid4

import pytest
from tests.contract.cases_house import MOMENT, CaseHouse, in_memory, on_postgres
from tests.unit.circuits.reimbursement.inquiring import OTHER, a_begin
from tests.unit.circuits.reimbursement.reimbursing import a_notice, an_application

from kruispunt.circuits import Looks
from kruispunt.circuits import benefits as b
from kruispunt.circuits import reimbursement as r
from kruispunt.vocabulary import SameMessageOtherContent

ON = date(2031, 3, 5)


@pytest.fixture(params=[in_memory, on_postgres])
async def house(request: pytest.FixtureRequest, empty_database: str) -> AsyncGenerator[CaseHouse]:
    async with request.param(empty_database) as found:
        yield found


def a_look(number: int, *, incomes: tuple[int, ...] = ()) -> r.InquiryBegun:
    return a_begin(a_notice(on=ON, incomes=incomes), id=UUID(int=number), at=MOMENT)


async def test_a_look_at_whom_another_is_open_is_that_one(house: CaseHouse):
    """The file of the next month says something else, and is left until the first look is over."""
    looks = Looks(cases=house.cases)

    first = await looks.open(a_look(1))
    again = await looks.open(a_look(2, incomes=(1_00,)))

    assert again == first
    assert [one.case.id for one in await house.cases.list()] == [first]


async def test_looks_that_come_at_once_are_one(house: CaseHouse):
    looks = Looks(cases=house.cases)

    opened = await asyncio.gather(*(looks.open(a_look(number)) for number in range(1, 6)))

    assert len({*opened}) == 1
    assert len(await house.cases.list()) == 1


async def test_whose_look_is_over_is_looked_at_anew(house: CaseHouse):
    looks = Looks(cases=house.cases)
    first = await looks.open(a_look(1))
    await house.cases.add(first, b.CaseWithdrawn(id=uuid4(), at=MOMENT))

    second = await looks.open(a_look(2))

    assert second != first
    assert await looks.open(a_look(1)) == first
    with pytest.raises(SameMessageOtherContent):
        await looks.open(a_look(1, incomes=(1_00,)))


async def test_an_application_and_the_look_at_another_stand_beside_a_look(house: CaseHouse):
    looks = Looks(cases=house.cases)
    look = await looks.open(a_look(1))

    application = await looks.open(
        a_begin(an_application(on=ON), id=UUID(int=2), at=MOMENT),
    )
    other = await looks.open(a_begin(a_notice(on=ON), id=UUID(int=3), at=MOMENT, person=OTHER))

    assert len({look, application, other}) == 3


async def test_an_application_that_is_open_leaves_the_look_to_the_insurer(house: CaseHouse):
    """R-INCOME: what is found ex officio says nothing about a request, nor a request about it."""
    looks = Looks(cases=house.cases)
    application = await looks.open(a_begin(an_application(on=ON), at=MOMENT))

    assert await looks.open(a_look(2)) != application
