"""What is asked of a search: how somebody is called, and the births that are allowed."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from kruispunt.identity.names import words
from kruispunt.vocabulary import IncompleteDate

MOST: Final = 80
"""Persons that one search finds at most."""

TOLERANCES: Final = {"days": 3660, "months": 120, "years": 10}
"""The widest tolerance for each kind of date: beyond, it says nothing of a birth."""

SEXES: Final = {"": 0, "F": 1, "M": 2}


class WrongCriteria(ValueError):
    """Criteria that find nobody, whoever stands in the registers. The message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What a searched person is called, and born when.

    `tolerance` is in days, months or years: whatever the date of birth is exact to. `sex`: F, M,
    or empty where it does not matter. `most`: persons found at most.
    """

    last_name: str
    birth_date: IncompleteDate
    given_names: str = ""
    sex: str = ""
    tolerance: int = 0
    most: int = MOST

    def __post_init__(self) -> None:
        if not words(self.last_name):
            raise WrongCriteria("expected a last name with a letter in it")
        if not 1 <= self.most <= MOST:
            raise WrongCriteria(f"expected a maximum of 1 to {MOST}")
        if self.sex not in SEXES:
            raise WrongCriteria("expected sex F, M or nothing")
        if not 0 <= self.tolerance <= TOLERANCES[unit_of(self.birth_date)]:
            raise WrongCriteria("expected a smaller tolerance, of 0 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Births:
    """The births that a search allows, as stored: yyyymmdd, with 00 for what is not known.

    Those from `first` to `last`, so many `days`, and besides those `unsure`: of a month or a year
    that is allowed in part.
    """

    first: int
    last: int
    unsure: tuple[int, ...]
    days: int

    def __contains__(self, born: int) -> bool:
        return self.first <= born <= self.last or born in self.unsure


def unit_of(birth_date: IncompleteDate) -> str:
    """What a tolerance counts: whatever the date is exact to."""
    if birth_date.month is None:
        return "years"
    return "months" if birth_date.day is None else "days"


def stamp(birth_date: IncompleteDate) -> int:
    """A date as stored."""
    return _stamp(birth_date.year, birth_date.month or 0, birth_date.day or 0)


def births(birth_date: IncompleteDate, tolerance: int) -> Births:
    """The births that are allowed: from the first to the last day, whatever is known of them."""
    first, last = _days(birth_date, tolerance)
    # INVARIANT: a birth that is not fully known is allowed where one of its days is. Its stamp
    # lies before all of its days: only that of the first day's month and year may lie outside.
    unsure = {_stamp(first.year, 0, 0), _stamp(first.year, first.month, 0)}
    return Births(
        first=_stamp(first.year, first.month, first.day),
        last=_stamp(last.year, last.month, last.day),
        unsure=tuple(sorted(unsure)),
        days=(last - first).days + 1,
    )


def _stamp(year: int, month: int, day: int) -> int:
    return year * 10_000 + month * 100 + day


def _days(of: IncompleteDate, tolerance: int) -> tuple[date, date]:
    """The first and the last day of birth that are allowed."""
    if of.month is None:
        begin, end = max(of.year - tolerance, 1), min(of.year + tolerance, 9999)
        return date(begin, 1, 1), date(end, 12, 31)
    if of.day is None:
        first = max(of.year * 12 + of.month - 1 - tolerance, 12)
        last = min(of.year * 12 + of.month - 1 + tolerance, 9999 * 12 + 11)
        return date(first // 12, first % 12 + 1, 1), _end_of(last // 12, last % 12 + 1)
    day = date(of.year, of.month, of.day).toordinal()
    least, most = date.min.toordinal(), date.max.toordinal()
    return (
        date.fromordinal(max(day - tolerance, least)),
        date.fromordinal(min(day + tolerance, most)),
    )


def _end_of(year: int, month: int) -> date:
    return date(year, month, 1) + timedelta(days=monthrange(year, month)[1] - 1)
