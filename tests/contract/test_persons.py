"""Both stores of persons, in memory and on PostgreSQL, find the same people in the same order."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kruispunt.identity import Criteria, MemoryPersons, Person, Persons, Registers, WrongChange
from kruispunt.postgres import Database
from kruispunt.vocabulary import IncompleteDate, Ssin

A, B, C = Ssin("85073003328"), Ssin("17073003384"), Ssin("98472899765")
DAY = IncompleteDate(1985, 7, 30)
AROUND = IncompleteDate(1985)


class AnyPersons(Protocol):
    async def find(self, criteria: Criteria) -> list[Ssin]: ...
    async def keep(self, person: Person) -> None: ...
    async def forget(self, ssin: Ssin) -> None: ...
    async def load(self, persons: Iterable[Person]) -> int: ...


@asynccontextmanager
async def memory(_dsn: str) -> AsyncGenerator[AnyPersons]:
    yield MemoryPersons()


@asynccontextmanager
async def postgres(dsn: str) -> AsyncGenerator[AnyPersons]:
    database = await Database.open(dsn, size=4)
    yield Persons(database)
    await database.close()


@pytest.fixture(params=[memory, postgres])
async def persons(
    request: pytest.FixtureRequest, empty_database: str
) -> AsyncGenerator[AnyPersons]:
    async with request.param(empty_database) as persons:
        yield persons


def person(
    ssin: Ssin, last: str, given_names: str = "", born: IncompleteDate = DAY, sex: str = ""
) -> Person:
    return Person(ssin=ssin, birth_date=born, last_name=last, given_names=given_names, sex=sex)


def asked(last: str, born: IncompleteDate = DAY, tolerance: int = 0, most: int = 10) -> Criteria:
    return Criteria(last_name=last, birth_date=born, tolerance=tolerance, most=most)


async def test_nobody_is_found_where_nobody_is(persons: AnyPersons):
    assert await persons.find(asked("Peeters")) == []
    assert await persons.find(asked("Peeters", AROUND, 5)) == []


@pytest.mark.parametrize("born", [DAY, AROUND])
async def test_who_is_kept_is_found_by_the_name_of_now(persons: AnyPersons, born: IncompleteDate):
    await persons.keep(person(A, "Peeters", "An"))
    await persons.keep(person(A, "Özdemir", "An"))

    assert await persons.find(asked("Ozdemyr", born)) == [A]
    assert await persons.find(asked("Peeters", born)) == []


@pytest.mark.parametrize("born", [DAY, AROUND])
async def test_who_is_forgotten_is_not_found(persons: AnyPersons, born: IncompleteDate):
    await persons.keep(person(A, "Peeters"))
    await persons.keep(person(B, "Peters"))
    await persons.forget(A)
    await persons.forget(C)

    assert await persons.find(asked("Peeters", born)) == [B]


async def test_a_birth_that_is_corrected_is_the_one_that_counts(persons: AnyPersons):
    await persons.keep(person(A, "Peeters", born=IncompleteDate(1958, 7, 30)))
    await persons.keep(person(A, "Peeters"))

    assert await persons.find(asked("Peeters")) == [A]
    assert await persons.find(asked("Peeters", IncompleteDate(1958), 2)) == []


async def test_a_birth_that_is_not_fully_known_is_found(persons: AnyPersons):
    await persons.load(
        [person(A, "Maes", born=AROUND), person(B, "Maes", born=IncompleteDate(1985, 7))]
    )

    assert set(await persons.find(asked("Maes"))) == {A, B}
    assert set(await persons.find(asked("Maes", tolerance=20))) == {A, B}
    assert await persons.find(asked("Maes", IncompleteDate(1985, 8, 5))) == [A]


async def test_no_more_are_found_than_asked_for(persons: AnyPersons):
    await persons.load([person(one, "Maes") for one in (A, B, C)])

    assert await persons.find(asked("Maes", most=2)) == sorted([A, B, C])[:2]


async def test_loading_takes_every_number_once(persons: AnyPersons):
    assert await persons.load([person(A, "Maes"), person(B, "Maes")]) == 2

    for again in ([person(B, "Claes"), person(C, "Claes")], [person(C, "Claes")] * 2):
        with pytest.raises(WrongChange):
            await persons.load(again)
    assert await persons.find(asked("Claes")) == []


async def test_changes_at_the_same_time_leave_who_was_last(persons: AnyPersons):
    names = ["Peeters", "Maes", "Willems", "Mertens", "Goossens", "Wouters"]
    await asyncio.gather(*(persons.keep(person(A, name, "An")) for name in names))

    await persons.keep(person(A, "Vermeulen"))

    assert await persons.find(asked("Vermeulen", AROUND, 1)) == [A]
    assert not [name for name in names if await persons.find(asked(name, AROUND, 1))]


NAMES = st.sampled_from(["Maes", "Maas", "Van de Velde", "Vandevelde", "Özil", "Claes", "Claeys"])
GIVEN = st.sampled_from(["", "An", "Jan", "Jean-Pierre", "Ana"])
BORN = st.builds(IncompleteDate, st.integers(1984, 1986), st.integers(6, 8), st.integers(1, 28))
ANY_BORN = st.one_of(BORN, st.just(AROUND), st.just(IncompleteDate(1985, 7)))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    who=st.lists(st.tuples(NAMES, GIVEN, ANY_BORN, st.sampled_from(["", "F", "M"])), max_size=3),
    last=NAMES,
    given_names=GIVEN,
    born=ANY_BORN,
    tolerance=st.integers(0, 10),
)
async def test_both_find_the_same_people_in_the_same_order(
    empty_database: str,
    who: Sequence[tuple[str, str, IncompleteDate, str]],
    last: str,
    given_names: str,
    born: IncompleteDate,
    tolerance: int,
):
    criteria = Criteria(
        last_name=last, given_names=given_names, birth_date=born, tolerance=tolerance, most=2
    )
    people = [person(ssin, *one) for ssin, one in zip((A, B, C), who, strict=False)]

    found: list[list[Ssin]] = []
    for opened in (memory, postgres):
        async with opened(empty_database) as persons:
            for ssin in (A, B, C):
                await persons.forget(ssin)
            await persons.load(people)
            found.append(await persons.find(criteria))

    assert found[0] == found[1]


async def test_a_number_that_is_nobodys_any_more_is_not_found(empty_database: str):
    database = await Database.open(empty_database, size=2)
    persons, registers = Persons(database), Registers(database)
    for ssin in (A, B, C):
        await registers.register(ssin)
        await persons.keep(person(ssin, "Peeters"))

    await registers.replace(A, B)
    await registers.cancel(C)

    assert await persons.find(asked("Peeters")) == [B]
    await database.close()
