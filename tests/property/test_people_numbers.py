"""Numbers made in columns are those that the vocabulary accepts one by one."""

from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kruispunt.people import generate, read_country
from kruispunt.people.chance import Chance
from kruispunt.people.numbers import (
    NumbersExhausted,
    nsso_numbers,
    person_numbers,
    ten_digit_numbers,
)
from kruispunt.vocabulary import (
    EnterpriseNumber,
    EstablishmentNumber,
    NssoNumber,
    NumberStatus,
    Ssin,
    nsso_check,
)

BIRTHS = st.tuples(
    st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31)),
    st.sampled_from(["whole", "no day", "no month"]),
    st.booleans(),
    st.sampled_from([0, 20, 40]),
)


@given(births=st.lists(BIRTHS, min_size=1, max_size=60), seed=st.integers(0, 2**32))
def test_every_number_is_valid_and_tells_birth_date_sex_and_register(
    births: list[tuple[date, str, bool, int]], seed: int
):
    issued = person_numbers(
        Chance(seed),
        year=np.array([b[0].year for b in births]),
        month=np.array([0 if b[1] == "no month" else b[0].month for b in births]),
        day=np.array([b[0].day if b[1] == "whole" else 0 for b in births]),
        female=np.array([b[2] for b in births]),
        bis=np.array([b[3] for b in births]),
    )

    assert len(set(issued.tolist())) == len(births)
    for number, (born, known, female, bis) in zip(issued.tolist(), births, strict=True):
        ssin = Ssin.of(number)
        told = ssin.birth_date
        assert told.year == born.year
        assert told.month == (None if known == "no month" else born.month)
        assert told.day == (born.day if known == "whole" else None)
        assert ssin.is_bis == (bis > 0)
        assert ssin.sex == (None if bis == 20 else "female" if female else "male")


def test_a_day_has_room_for_499_of_one_sex_and_no_more():
    def born(count: int) -> int:
        column = np.ones(count, dtype=np.int64)
        issued = person_numbers(
            Chance(1),
            year=column * 1999,
            month=column,
            day=column,
            female=column.astype(np.bool_),
            bis=column * 0,
        )
        return len(np.unique(issued))

    assert born(499) == 499
    try:
        born(500)
    except NumbersExhausted:
        return
    raise AssertionError("the five hundredth birth was given a number")


@given(heads=st.lists(st.integers(0, 19_999_999), min_size=1))
def test_enterprise_numbers_follow_their_rule(heads: list[int]):
    for number in ten_digit_numbers(np.array(heads)).tolist():
        EnterpriseNumber(f"{number:010d}")


@given(heads=st.lists(st.integers(20_000_000, 89_999_999), min_size=1))
def test_establishment_numbers_follow_their_rule(heads: list[int]):
    for number in ten_digit_numbers(np.array(heads)).tolist():
        EstablishmentNumber(f"{number:010d}")


@given(heads=st.lists(st.integers(0, 9_999_999), min_size=1))
def test_nsso_numbers_follow_the_derived_rule(heads: list[int]):
    for head, number in zip(heads, nsso_numbers(np.array(heads)).tolist(), strict=True):
        assert number == head * 100 + nsso_check(head)
        assert NssoNumber(f"{number:010d}").fits


def check_digits_fit(ssins: np.ndarray[tuple[int], np.dtype[np.int64]]) -> np.ndarray:
    """The rule itself, written again for whole columns."""
    head, check = ssins // 100, ssins % 100
    return (check == 97 - head % 97) | (check == 97 - (2_000_000_000 + head) % 97)


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10_000), size=st.integers(1, 3_000))
def test_every_number_of_a_population_is_valid(seed: int, size: int):
    people = generate(read_country(), size=size, seed=seed, today=date(2026, 1, 15))
    everywhere = [people.numbers["ssin"], people.unknown["ssin"]]

    for column in everywhere:
        assert check_digits_fit(column.to_numpy()).all()
        for number in column.head(200):
            Ssin.of(number)
    status = people.numbers["status"]
    current = status.is_in([NumberStatus.KNOWN.value, NumberStatus.DECEASED.value])
    assert current.sum() == size
