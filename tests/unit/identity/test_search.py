"""How well persons fit what is asked, and in what order they are found."""

import pytest

from kruispunt.identity import Criteria, Person
from kruispunt.identity.search import Wanted, ranked, row_of
from kruispunt.vocabulary import IncompleteDate, Ssin

A, B, C = Ssin("85073003328"), Ssin("17073003384"), Ssin("98472899765")
DAY = IncompleteDate(1985, 7, 30)


def person(
    last: str, given: str = "", *, ssin: Ssin = A, born: IncompleteDate = DAY, sex: str = ""
):
    return Person(ssin=ssin, birth_date=born, last_name=last, given_names=given, sex=sex)


def found(criteria: Criteria, *persons: Person) -> list[Ssin]:
    return ranked(Wanted.of(criteria), map(row_of, persons), most=criteria.most)


def asked(
    last: str,
    given: str = "",
    *,
    born: IncompleteDate = DAY,
    sex: str = "",
    tolerance: int = 0,
    most: int = 10,
) -> Criteria:
    return Criteria(
        last_name=last,
        given_names=given,
        birth_date=born,
        sex=sex,
        tolerance=tolerance,
        most=most,
    )


@pytest.mark.parametrize(
    ("last", "given"),
    [
        ("Van de Velde", "Jean-Pierre"),
        ("VAN DE VELDE", "JEAN PIERRE"),
        ("Vandevelde", "Jeanpierre"),
        ("Velde van de", "Jean-Pierre"),
        ("Velde", "Jean"),
        ("Vande Veldt", "Jean-Piere"),
        ("Wan de Velde", "Jean-Pierre"),
        ("Jean-Pierre", "Van de Velde"),
        ("Van de Velde", ""),
    ],
)
def test_a_person_is_found_however_the_name_is_written(last: str, given: str):
    assert found(asked(last, given), person("Van de Velde", "Jean-Pierre")) == [A]


@pytest.mark.parametrize(
    ("last", "given"),
    [("Peeters", "Jean-Pierre"), ("Van de Putte", "Luc"), ("De", "Van"), ("Velde", "Griet")],
)
def test_a_person_with_another_name_is_not(last: str, given: str):
    assert not found(asked(last, given), person("Van de Velde", "Jean-Pierre"))


def test_the_likeliest_comes_first_and_of_equals_the_lowest_number():
    persons = [
        person("Peters", "An", ssin=B),
        person("Peeters", "An", ssin=C),
        person("Peeters", "An", ssin=A),
    ]

    assert found(asked("Peeters", "An"), *persons) == [A, C, B]
    assert found(asked("Peeters", "An", most=2), *persons) == [A, C]


def test_names_in_each_others_place_come_after_names_in_their_own():
    persons = [person("Simon", "Thomas", ssin=A), person("Thomas", "Simon", ssin=B)]

    assert found(asked("Thomas", "Simon"), *persons) == [B, A]


def test_a_birth_outside_the_tolerance_is_somebody_elses():
    other = person("Peeters", "An", born=IncompleteDate(1985, 7, 31))

    assert not found(asked("Peeters", "An"), other)
    assert found(asked("Peeters", "An", tolerance=1), other) == [A]


def test_a_nearer_birth_comes_first():
    persons = [
        person("Peeters", "An", ssin=A, born=IncompleteDate(1985, 7, 20)),
        person("Peeters", "An", ssin=B, born=IncompleteDate(1985)),
        person("Peeters", "An", ssin=C, born=IncompleteDate(1985, 7, 31)),
    ]

    assert found(asked("Peeters", "An", tolerance=10), *persons) == [C, B, A]


def test_another_sex_is_somebody_else_and_one_that_is_not_known_is_not():
    persons = [person("Peeters", ssin=A, sex="M"), person("Peeters", ssin=B, sex="")]

    assert found(asked("Peeters", sex="F"), *persons) == [B]
    assert found(asked("Peeters", sex="M"), *persons) == [B, A]


def test_who_has_no_given_names_is_found_by_the_last_name():
    assert found(asked("Peeters", "An"), person("Peeters")) == [A]


def test_a_name_that_sounds_alike_is_found():
    assert found(asked("Claes", "Sofy"), person("Claeys", "Sofie")) == [A]
