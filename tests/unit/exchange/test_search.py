"""A search is decided and recorded as any question, and about nobody in particular."""

from dataclasses import replace

import pytest
from msgspec import structs
from tests.house import Twin, a_hub, a_question
from tests.law.inventing import FIELDS, a_clause, a_flow, a_lawbook

from kruispunt.exchange import KeptLaws, Suppliers, check_search
from kruispunt.exchange.search import criteria_of
from kruispunt.identity import Criteria, MemoryPersons, Person
from kruispunt.law import Field, Lawbook, Supply, ValueType
from kruispunt.vocabulary import (
    NOBODY,
    Answer,
    Details,
    IncompleteDate,
    Malformed,
    NoAnswer,
    NumberFact,
    NumberStatus,
    Question,
    Reason,
    Ssin,
)

UNKNOWN = NumberFact(status=NumberStatus.UNKNOWN)
FOUND = Ssin("85073003328")
DETAILS: Details = (("birth_date", "1985-07-30"), ("last_name", "Peters"))


def a_search_law() -> Lawbook:
    flow = a_flow()
    found: Field = replace(flow.fields[0], type=ValueType.OTHER_SSIN)
    flow = replace(flow, supply=Supply.SEARCH, fields=(found,), checks=())
    clause = replace(a_clause(fields=FIELDS[:1], withheld=()), controls=())
    return a_lawbook(clause, flows=[flow])


def searched(ssin: Ssin = NOBODY, details: Details = DETAILS) -> Question:
    return structs.replace(a_question(), ssin=ssin, details=details)


async def a_searching_hub(law: Lawbook) -> tuple[Twin, KeptLaws]:
    twin = a_hub(lawbook=law, lines=(), number=UNKNOWN)
    persons = MemoryPersons()
    await persons.keep(
        Person(ssin=FOUND, birth_date=IncompleteDate(1985, 7, 30), last_name="Peeters")
    )
    sources = Suppliers(laws=twin.laws, stations=twin.hub.sources, persons=persons)  # pyright: ignore[reportArgumentType] - never asked
    return replace(twin, hub=replace(twin.hub, sources=sources)), twin.laws


async def test_numbers_are_found_after_the_entry_stands():
    twin, _ = await a_searching_hub(a_search_law())

    answer = await twin.hub.serve(searched())

    assert isinstance(answer, Answer)
    assert answer.rows == ({FIELDS[0]: FOUND.digits},)
    assert [entry.question.ssin for entry in twin.entries] == [NOBODY]


async def test_nobody_is_searched_without_leave():
    law = a_search_law()
    twin, _ = await a_searching_hub(law)

    answer = await twin.hub.serve(structs.replace(searched(), purpose="another"))

    assert isinstance(answer, NoAnswer)
    assert answer.refusal.reason is Reason.NO_CLAUSE
    assert len(twin.entries) == 1


async def test_the_number_that_nobody_has_is_unknown_to_every_other_flow():
    twin = a_hub(number=UNKNOWN, lines=())

    answer = await twin.hub.serve(structs.replace(a_question(), ssin=NOBODY))

    assert isinstance(answer, NoAnswer)
    assert answer.refusal.reason is Reason.NUMBER_UNKNOWN


async def test_a_search_about_somebody_unknown_is_refused_as_any_question():
    twin, _ = await a_searching_hub(a_search_law())

    answer = await twin.hub.serve(searched(ssin=FOUND))

    assert isinstance(answer, NoAnswer)
    assert answer.refusal.reason is Reason.NUMBER_UNKNOWN


def test_criteria_are_read_from_what_a_question_tells():
    said = {"first_name": "An", "middle_name": "Eva", "sex": "F", "tolerance": "3", "maximum": "5"}

    criteria = criteria_of((*DETAILS, *said.items()))

    assert criteria == Criteria(
        last_name="Peters",
        given_names="An Eva",
        birth_date=IncompleteDate(1985, 7, 30),
        sex="F",
        tolerance=3,
        most=5,
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"last_name": ""},
        {"last_name": "x" * 201},
        {"birth_date": "30.07.1985"},
        {"birth_date": "1985-02-30"},
        {"tolerance": "-1"},
        {"tolerance": "³"},
        {"tolerance": "9" * 5000},
        {"maximum": "0"},
        {"maximum": "all"},
        {"sex": "X"},
    ],
)
def test_criteria_that_find_nobody_are_malformed_and_not_repeated(wrong: dict[str, str]):
    said = dict(DETAILS) | wrong

    with pytest.raises(Malformed) as told:
        criteria_of(tuple(said.items()))

    assert "1985" not in told.value.detail


def test_a_search_about_somebody_is_malformed():
    check_search(searched())

    with pytest.raises(Malformed):
        check_search(searched(ssin=FOUND))
