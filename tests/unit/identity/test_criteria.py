"""What a search asks: the births it allows by how exact a date is, and criteria that are wrong."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kruispunt.identity import Criteria, WrongCriteria
from kruispunt.identity.criteria import births, stamp, unit_of
from kruispunt.vocabulary import IncompleteDate

EXACT = IncompleteDate(1985, 7, 30)
IN_MONTH = IncompleteDate(1985, 7)
IN_YEAR = IncompleteDate(1985)

DAYS = st.dates(date(1900, 1, 1), date(2040, 12, 31))


def whole(day: date) -> IncompleteDate:
    return IncompleteDate(day.year, day.month, day.day)


def test_a_tolerance_counts_what_the_date_is_exact_to():
    assert [unit_of(one) for one in (EXACT, IN_MONTH, IN_YEAR)] == ["days", "months", "years"]


@given(DAYS, DAYS, st.integers(0, 300))
def test_days_around_a_date_are_allowed(told: date, born: date, tolerance: int):
    allowed = stamp(whole(born)) in births(whole(told), tolerance)

    assert allowed == (abs(born - told) <= timedelta(days=tolerance))


@given(DAYS, DAYS, st.integers(0, 30))
def test_months_around_a_month_are_allowed(told: date, born: date, tolerance: int):
    allowed = stamp(whole(born)) in births(IncompleteDate(told.year, told.month), tolerance)

    apart = (born.year - told.year) * 12 + born.month - told.month
    assert allowed == (abs(apart) <= tolerance)


@given(DAYS, DAYS, st.integers(0, 9))
def test_years_around_a_year_are_allowed(told: date, born: date, tolerance: int):
    allowed = stamp(whole(born)) in births(IncompleteDate(told.year), tolerance)

    assert allowed == (abs(born.year - told.year) <= tolerance)


@given(DAYS, DAYS, st.integers(0, 300), st.booleans())
def test_a_birth_that_is_not_fully_known_is_allowed_where_one_of_its_days_is(
    told: date, born: date, tolerance: int, in_year: bool
):
    known = IncompleteDate(born.year, None if in_year else born.month)
    allowed = stamp(known) in births(whole(told), tolerance)

    days = (told + timedelta(days=apart) for apart in range(-tolerance, tolerance + 1))
    assert allowed == any(
        day.year == born.year and (in_year or day.month == born.month) for day in days
    )


def test_the_calendar_ends_where_it_ends():
    assert births(IncompleteDate(1, 1, 1), 5).first == 10101
    assert births(IncompleteDate(9999, 12), 5).last == 99991231
    assert births(IncompleteDate(2), 10).first == 10101


@pytest.mark.parametrize(
    "wrong",
    [
        {"last_name": " - "},
        {"most": 0},
        {"most": 81},
        {"sex": "X"},
        {"tolerance": -1},
        {"tolerance": 3661},
        {"birth_date": IN_MONTH, "tolerance": 121},
        {"birth_date": IN_YEAR, "tolerance": 11},
    ],
)
def test_criteria_that_find_nobody_are_refused(wrong: dict[str, object]):
    criteria: dict[str, object] = {"last_name": "Peeters", "birth_date": EXACT, **wrong}

    with pytest.raises(WrongCriteria):
        Criteria(**criteria)  # pyright: ignore[reportArgumentType] - one of them is wrong
