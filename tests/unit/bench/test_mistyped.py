"""Names as a clerk types them: one error of a kind, and who was meant is found."""

import random
from datetime import date

import pytest
from bench.mistyped import KINDS, TOLERANCES, TYPED, Row, has_accents, mistype, roughly, typed
from rapidfuzz.distance import OSA

from kruispunt.cli.fill import SEX_CODES
from kruispunt.identity import MemoryPersons, Person
from kruispunt.people import generate, generate_persons, person_rows, read_country
from kruispunt.vocabulary import IncompleteDate, Ssin

TODAY = date(2026, 1, 15)


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    persons = generate_persons(read_country(), size=2_000, seed=5, today=TODAY)
    return person_rows(persons, SEX_CODES).rows()


@pytest.mark.parametrize("kind", TYPED)
def test_one_typing_error_is_one(kind: str):
    chance = random.Random(1)

    for _ in range(200):
        last, given = mistype(kind, "Vermeulen", "Katrien", chance)
        assert OSA.distance(last, "Vermeulen") + OSA.distance(given, "Katrien") == 1


@pytest.mark.parametrize("kind", KINDS)
async def test_who_is_meant_is_found_among_the_first_ten(rows: list[Row], kind: str):
    persons = MemoryPersons()
    await persons.load(rows)
    among = [row for row in rows if kind != "accents" or has_accents(row)]
    chance = random.Random(1)

    searches = [typed(row, kind, chance) for row in chance.choices(among, k=40)]
    found = [one.meant in await persons.find(one.criteria) for one in searches]

    assert sum(found) >= 38


@pytest.mark.parametrize("known", TOLERANCES)
def test_a_birth_is_typed_as_exactly_as_it_is_known(rows: list[Row], known: str):
    for row in rows[:200]:
        birth_date = roughly(row, known, random.Random(1)).criteria.birth_date

        assert (birth_date.day is None) or known == "days"
        assert (birth_date.month is None) or known != "years"


def test_persons_are_the_same_with_and_without_their_work():
    country = read_country()
    alone = generate_persons(country, size=300, seed=5, today=TODAY)

    assert alone.equals(generate(country, size=300, seed=5, today=TODAY).persons)


async def test_a_row_finds_as_the_person_does(rows: list[Row]):
    row = next(row for row in rows if row[1] % 100)
    person = Person(
        ssin=Ssin.of(row[0]),
        birth_date=IncompleteDate(row[1] // 10_000, row[1] // 100 % 100, row[1] % 100),
        last_name=row[3],
        given_names=row[4],
        sex=next(sex for sex, code in (("F", 1), ("M", 2)) if code == row[2]),
    )
    as_row, as_person = MemoryPersons(), MemoryPersons()

    await as_row.load([row])
    await as_person.keep(person)

    assert as_row == as_person
