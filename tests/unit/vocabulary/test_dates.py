from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kruispunt.vocabulary import IncompleteDate, Period, WrongPeriod, day_of_asking

DAYS = st.dates(date(2000, 1, 1), date(2000, 3, 1))
JANUARY = Period(date(2031, 1, 1), date(2031, 2, 1))


@st.composite
def periods(draw: st.DrawFn) -> Period:
    begin = draw(DAYS)
    length = draw(st.none() | st.integers(1, 40))
    return Period(begin, None if length is None else begin + timedelta(days=length))


def test_a_period_holds_its_first_day_and_not_its_end():
    assert date(2031, 1, 1) in JANUARY
    assert date(2031, 1, 31) in JANUARY
    assert date(2031, 2, 1) not in JANUARY
    assert date(2030, 12, 31) not in JANUARY


def test_law_files_and_messages_write_the_last_day():
    assert Period.through(date(2031, 1, 1), date(2031, 1, 31)) == JANUARY
    assert JANUARY.last_day == date(2031, 1, 31)
    assert Period.through(date(2031, 1, 1), None).last_day is None


def test_one_day_is_a_period():
    day = date(2031, 1, 1)

    assert Period.through(day, day) == Period(day, date(2031, 1, 2))


@pytest.mark.parametrize("end", [date(2031, 1, 1), date(2030, 12, 31)])
def test_an_empty_or_reversed_period_can_not_be_built(end: date):
    with pytest.raises(WrongPeriod) as wrong:
        Period(date(2031, 1, 1), end)

    assert "203" not in str(wrong.value)


def test_the_last_day_of_the_calendar_is_no_last_day():
    with pytest.raises(WrongPeriod):
        Period.through(date(2031, 1, 1), date.max)


@given(one=periods(), other=periods())
def test_periods_overlap_where_they_share_a_day(one: Period, other: Period):
    days = [date(2000, 1, 1) + timedelta(days=n) for n in range(120)]

    shared = any(day in one and day in other for day in days)

    assert one.overlaps(other) == other.overlaps(one) == shared


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("1985-07-30", IncompleteDate(year=1985, month=7, day=30)),
        ("1985-07-00", IncompleteDate(year=1985, month=7)),
        ("1985-00-00", IncompleteDate(year=1985)),
    ],
)
def test_an_incomplete_date_is_written_with_zeros(text: str, parsed: IncompleteDate):
    assert IncompleteDate.parse(text) == parsed
    assert str(parsed) == text


@pytest.mark.parametrize(
    "text", ["1985-00-30", "1985-13-00", "1985-02-30", "1985-7-3", "19850730", "1985/07/30", "x"]
)
def test_what_is_no_incomplete_date_is_refused(text: str):
    with pytest.raises(ValueError, match=r"."):
        IncompleteDate.parse(text)


def test_the_day_of_asking_is_the_one_where_the_hub_stands():
    received = datetime(2031, 6, 30, 22, 30, tzinfo=UTC)

    assert day_of_asking(received, ZoneInfo("Europe/Brussels")) == date(2031, 7, 1)
    assert day_of_asking(received, ZoneInfo("UTC")) == date(2031, 6, 30)
