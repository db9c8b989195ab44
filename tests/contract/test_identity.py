"""Both registers, the one in memory and the one on PostgreSQL, settle numbers alike."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import date
from typing import Protocol

import pytest
from msgspec import structs
from tests.unit.audit.entries import QUESTION

from kruispunt.identity import (
    CODES,
    LeftToHub,
    MemoryRegisters,
    Registered,
    Registers,
    WrongChange,
)
from kruispunt.postgres import Database
from kruispunt.vocabulary import NumberFact, NumberStatus, Question, Settled, Ssin

A, B, C = Ssin("85073003328"), Ssin("17073003384"), Ssin("98472899765")
D, E = Ssin("68060105329"), Ssin("70100853190")
KNOWN = NumberFact(status=NumberStatus.KNOWN)
UNKNOWN = NumberFact(status=NumberStatus.UNKNOWN)
DAY = date(2031, 1, 1)


def to(successor: Ssin) -> NumberFact:
    return NumberFact(status=NumberStatus.REPLACED, successor=successor)


def numbers(**facts: NumberFact) -> list[Registered]:
    names = {"a": A, "b": B, "c": C, "d": D, "e": E}
    return [Registered(ssin=names[name], fact=fact) for name, fact in facts.items()]


class AnyRegisters(Protocol):
    async def settle(self, question: Question) -> Settled: ...
    async def settle_many(self, questions: Sequence[Question]) -> list[Settled]: ...
    async def register(self, ssin: Ssin) -> None: ...
    async def cancel(self, ssin: Ssin) -> None: ...
    async def decease(self, ssin: Ssin, deceased_on: date) -> None: ...
    async def replace(self, ssin: Ssin, successor: Ssin) -> None: ...
    async def load(self, numbers: Iterable[Registered]) -> int: ...


@asynccontextmanager
async def memory(_dsn: str) -> AsyncGenerator[AnyRegisters]:
    yield MemoryRegisters()


@asynccontextmanager
async def postgres(dsn: str) -> AsyncGenerator[AnyRegisters]:
    database = await Database.open(dsn, size=4)
    yield Registers(database)
    await database.close()


@pytest.fixture(params=[memory, postgres])
async def registers(
    request: pytest.FixtureRequest, empty_database: str
) -> AsyncGenerator[AnyRegisters]:
    async with request.param(empty_database) as registers:
        yield registers


async def fact(registers: AnyRegisters, ssin: Ssin) -> NumberFact:
    return (await registers.settle(structs.replace(QUESTION, ssin=ssin))).number


async def test_a_number_in_no_register_is_unknown(registers: AnyRegisters):
    settled = await registers.settle(QUESTION)

    assert settled == Settled(question=QUESTION, number=UNKNOWN)
    assert settled.current == QUESTION.ssin


async def test_a_number_lives_its_life(registers: AnyRegisters):
    await registers.register(A)
    assert await fact(registers, A) == KNOWN

    await registers.decease(A, DAY)
    assert await fact(registers, A) == NumberFact(status=NumberStatus.DECEASED, deceased_on=DAY)

    await registers.register(B)
    await registers.cancel(B)
    assert await fact(registers, B) == NumberFact(status=NumberStatus.CANCELLED)


async def test_a_chain_of_replacements_settles_to_its_end_from_everywhere(
    registers: AnyRegisters,
):
    for number in (A, B, C):
        await registers.register(number)

    await registers.replace(A, B)
    assert await fact(registers, A) == to(B)
    await registers.replace(B, C)

    assert [await fact(registers, number) for number in (A, B, C)] == [to(C), to(C), KNOWN]


async def test_a_number_replaced_by_a_replaced_one_leads_to_the_last(registers: AnyRegisters):
    await registers.load(numbers(a=KNOWN, b=to(C), c=KNOWN))

    await registers.replace(A, B)

    assert await fact(registers, A) == to(C)


async def test_no_chain_runs_in_a_circle(registers: AnyRegisters):
    await registers.load(numbers(a=to(B), b=KNOWN))

    with pytest.raises(WrongChange):
        await registers.replace(B, A)
    with pytest.raises(WrongChange):
        await registers.replace(B, B)
    assert await fact(registers, B) == KNOWN


async def test_a_wrong_change_changes_nothing(registers: AnyRegisters):
    await registers.register(A)

    for change in (registers.register(A), registers.cancel(B), registers.replace(A, B)):
        with pytest.raises(WrongChange):
            await change
    assert [await fact(registers, number) for number in (A, B)] == [KNOWN, UNKNOWN]


async def test_many_numbers_are_loaded_and_their_chains_shortened(registers: AnyRegisters):
    loaded = await registers.load(numbers(a=to(B), b=to(C), c=to(D), d=to(E), e=KNOWN))

    assert loaded == 5
    assert {await fact(registers, number) for number in (A, B, C, D)} == {to(E)}


@pytest.mark.parametrize(
    "wrong",
    [
        numbers(a=to(B)),
        numbers(a=to(B), b=to(A)),
        numbers(a=to(B), b=to(C), c=to(A)),
        [*numbers(a=KNOWN), *numbers(a=KNOWN)],
        numbers(e=KNOWN),
    ],
    ids=["successor unknown", "circle of two", "circle of three", "twice", "there already"],
)
async def test_a_load_that_breaks_a_rule_loads_nothing(
    registers: AnyRegisters, wrong: list[Registered]
):
    await registers.register(E)

    with pytest.raises(WrongChange):
        await registers.load([*numbers(d=KNOWN), *wrong])

    assert await fact(registers, D) == UNKNOWN


async def test_questions_at_the_same_time_are_settled_each_for_its_own(registers: AnyRegisters):
    await registers.load(numbers(a=KNOWN, b=to(C), c=KNOWN))

    facts = await asyncio.gather(*(fact(registers, number) for number in (A, B, D, C, B, E)))

    assert facts == [KNOWN, to(C), UNKNOWN, KNOWN, to(C), UNKNOWN]


async def test_a_set_is_settled_as_each_alone_in_its_order(registers: AnyRegisters):
    dead = NumberFact(status=NumberStatus.DECEASED, deceased_on=DAY)
    await registers.load(numbers(a=KNOWN, b=to(C), c=KNOWN, d=dead))
    asked = [structs.replace(QUESTION, ssin=number) for number in (B, A, E, D, B, C, A, B)] * 900

    settled = await registers.settle_many(asked)

    assert settled[:8] == [await registers.settle(one) for one in asked[:8]]
    assert settled == settled[:8] * 900
    assert await registers.settle_many([]) == []
    assert [one.number.status for one in await registers.settle_many([asked[2]])] == [
        NumberStatus.UNKNOWN
    ]


async def test_a_node_leaves_every_number_to_its_hub():
    settled = await LeftToHub().settle(QUESTION)

    assert settled.number == NumberFact(status=NumberStatus.LEFT_TO_HUB)
    assert await LeftToHub().settle_many([QUESTION] * 2) == [settled] * 2


async def test_rows_of_plain_numbers_are_loaded_too(empty_database: str):
    database = await Database.open(empty_database, size=1)
    rows = [(A.number, CODES[NumberStatus.KNOWN], None, None)]
    rows += [(B.number, CODES[NumberStatus.KNOWN], None, None)]

    loaded = await Registers(database).load(rows)

    assert loaded == 2
    assert await fact(Registers(database), A) == KNOWN
    await database.close()


async def test_two_replacements_at_once_never_leave_a_chain(empty_database: str):
    database = await Database.open(empty_database, size=4)
    registers = Registers(database)
    await registers.load(numbers(a=KNOWN, b=KNOWN, c=KNOWN, d=KNOWN))

    await asyncio.gather(registers.replace(A, B), registers.replace(B, C), registers.replace(C, D))

    assert {await fact(registers, number) for number in (A, B, C)} == {to(D)}
    await database.close()
