"""Amounts, numbers, days and codes that the law sets and changes: dated, typed, cited."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NewType

from kruispunt.law.types import Terms
from kruispunt.vocabulary import Period

ParameterId = NewType("ParameterId", str)

Value = int | date | tuple[str, ...]
"""Whole cents or a number, a day, or codes in the order of the alphabet."""


class Unit(StrEnum):
    """What a parameter's values are."""

    CENTS = "cents"
    """An amount, written in the law as euro with two digits behind the point."""

    COUNT = "count"
    DAY = "day"
    CODES = "codes"


class NoValue(LookupError):
    """The law sets nothing for that day: what leans on it can't be decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedValue:
    """What the law sets from a day to a day; `source` cites it, `assumption` says what is ours."""

    period: Period
    value: Value
    source: str
    assumption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One thing that the law sets; its values follow one another without gap or overlap."""

    id: ParameterId
    titles: Terms
    unit: Unit
    paragraph: str
    values: tuple[DatedValue, ...]

    def on(self, day: date) -> DatedValue:
        """The value that stands on a day, with where it comes from.

        Raises:
            NoValue: the law sets nothing yet, or nothing any more.
        """
        for one in self.values:
            if day in one.period:
                return one
        raise NoValue(f"{self.id!r} has no value on {day}")

    def cents_on(self, day: date) -> int:
        """The amount in whole cents on a day; see `on`."""
        value = self._on(day, Unit.CENTS)
        assert isinstance(value, int)
        return value

    def count_on(self, day: date) -> int:
        """The number on a day; see `on`."""
        value = self._on(day, Unit.COUNT)
        assert isinstance(value, int)
        return value

    def day_on(self, day: date) -> date:
        """The day that is set on a day; see `on`."""
        value = self._on(day, Unit.DAY)
        assert isinstance(value, date)
        return value

    def codes_on(self, day: date) -> frozenset[str]:
        """The codes on a day; see `on`."""
        value = self._on(day, Unit.CODES)
        assert isinstance(value, tuple)
        return frozenset(value)

    def _on(self, day: date, unit: Unit) -> Value:
        if self.unit is not unit:
            raise TypeError(f"{self.id!r} is {self.unit}, not {unit}")
        return self.on(day).value
