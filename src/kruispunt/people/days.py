"""Days as whole numbers while lives are made, and as dates once they stand in a frame."""

from datetime import date, timedelta
from typing import Final

import numpy as np
import polars as pl

from kruispunt.people.chance import Column, Flags, Ints

EPOCH: Final = date(1970, 1, 1)
YEAR_DAYS: Final = 365.2425
FIRST_SUNDAY: Final = 3
OPEN: Final = 10_000_000
"""A day after every other: a period whose end is not known. In frames: null."""


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def year_of(day: int) -> int:
    """The calendar year of a day number."""
    return (EPOCH + timedelta(days=day)).year


def day_numbers(column: pl.Series) -> Ints:
    """A column of dates, none of them null, as whole numbers."""
    return column.cast(pl.Int32).to_numpy().astype(np.int64)


def dates(days: Ints) -> pl.Series:
    """A column of dates; `OPEN` becomes null."""
    column = pl.Series(days.astype(np.int32))
    return column.set(pl.Series(days >= OPEN), None).cast(pl.Date)


def last_days(ends: Ints) -> pl.Series:
    """A column of last days from ends that are not included; `OPEN` becomes null."""
    return dates(np.where(ends >= OPEN, OPEN, ends - 1))


def texts(column: pl.Series, rows: Ints) -> pl.Series:
    """The rows of a column, in that order and as often as asked."""
    return column.gather(pl.Series(rows.astype(np.uint32)))


def years_months_days(days: Ints) -> tuple[Ints, Ints, Ints]:
    """Calendar parts of day numbers."""
    stamps = days.astype("datetime64[D]")
    months = stamps.astype("datetime64[M]")
    years = stamps.astype("datetime64[Y]").astype(np.int64) + 1970
    return years, months.astype(np.int64) % 12 + 1, (stamps - months).astype(np.int64) + 1


def quarter_begin(days: Ints) -> Ints:
    """First day of the quarter in which each day lies."""
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return (months // 3 * 3).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def next_month(days: Ints) -> Ints:
    """First day of the month after the one in which each day lies."""
    months = days.astype("datetime64[D]").astype("datetime64[M]") + 1
    return months.astype("datetime64[D]").astype(np.int64)


def months_later(days: Ints, months: Ints) -> Ints:
    """The same day of the month so many months later, or the last day of a shorter month."""
    stamps = days.astype("datetime64[D]")
    begin = stamps.astype("datetime64[M]")
    first = (begin + months).astype("datetime64[D]").astype(np.int64)
    after = (begin + months + 1).astype("datetime64[D]").astype(np.int64)
    return np.minimum(first + (stamps - begin).astype(np.int64), after - 1)


def days_without_sundays(begin: Ints, end: Ints) -> Ints:
    """Days from `begin` up to but not including `end` that are no Sundays; none: 0."""
    last = np.maximum(begin, end)
    sundays = (last - FIRST_SUNDAY - 1) // 7 - (begin - FIRST_SUNDAY - 1) // 7
    return last - begin - sundays


def kept(flags: Flags, *columns: Column) -> tuple[Column, ...]:
    """The rows of several columns for which the flag stands."""
    return tuple(column[flags] for column in columns)
