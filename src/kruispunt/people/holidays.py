"""Holidays taken while unemployed, and the quarters of a career (05/022 §38).

Days are counted six a week: no Sundays.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from kruispunt.people.benefit_rules import Holidays
from kruispunt.people.careers import Spells
from kruispunt.people.chance import Chance, Ints, occurs
from kruispunt.people.days import (
    OPEN,
    YEAR_DAYS,
    dates,
    days_without_sundays,
    last_days,
    quarter_begin,
    texts,
    years_months_days,
)
from kruispunt.people.lives import Span
from kruispunt.people.paying import Paid

QUARTER_MONTHS: Final = 3
WEEK: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One row per person, institution and year: holidays entitled to, and those taken.

    `begin` up to but not including `end` holds exactly `days` that are no Sundays; none taken:
    both are OPEN.
    """

    part: Ints
    year: Ints
    entitled: Ints
    begin: Ints
    end: Ints
    days: Ints

    def frame(self, paid: Paid, ssin: pl.Series) -> pl.DataFrame:
        """As the institution keeps them."""
        return pl.DataFrame(
            {
                "ssin": texts(ssin, paid.parts.person[self.part]),
                "member": pl.Series(paid.payer[self.part], dtype=pl.String),
                "year": self.year,
                "days_entitled": self.entitled,
                "taken_begin": dates(self.begin),
                "taken_end": last_days(self.end),
                "days_taken": self.days,
            }
        ).sort("ssin", "year", "member")


def holidays(
    paid: Paid, main_jobs: Spells, rule: Holidays, chance: Chance, *, span: Span
) -> Taken:
    """Holidays by the work of the year before; what is taken lies within days paid that year."""
    rng = chance.stream("holidays")
    part, year, begin, end = _years(paid, span)
    entitled = _entitled(paid.parts.person[part], year, main_jobs, rule, span=span)
    wished = np.floor(rng.random(len(part)) * (entitled + 1)).astype(np.int64)
    wished = np.where(occurs(rng, rule.taken_share, len(part)), wished, 0)
    first = begin + (rng.random(len(part)) * (end - begin)).astype(np.int64)
    first = np.where(_weekday(first) == WEEK, first + 1, first)
    last = first + wished - 1 + (_weekday(first) + wished - 1) // WEEK
    fits = (wished > 0) & (last < end)
    return Taken(
        part=part,
        year=year,
        entitled=entitled,
        begin=np.where(fits, first, OPEN),
        end=np.where(fits, last + 1, OPEN),
        days=np.where(fits, wished, 0),
    )


def quarters(paid: Paid, taken: Taken, ssin: pl.Series, *, span: Span) -> pl.DataFrame:
    """One row per person, institution and quarter with days of controlled unemployment."""
    until = np.where(paid.parts.end == OPEN, span.today + 1, paid.parts.end)
    part, at = _spread(_number(paid.parts.begin), _number(until - 1))
    begin = np.maximum(_quarter_day(at), paid.parts.begin[part])
    end = np.minimum(_quarter_day(at + 1), until[part])
    year, quarter = at // 4 + 1970, at % 4 + 1
    covered = _overlaps(taken, part, at, begin, end)
    rows = pl.DataFrame(
        {
            "ssin": texts(ssin, paid.parts.person[part]),
            "member": pl.Series(paid.payer[part], dtype=pl.String),
            "quarter": pl.Series(year).cast(pl.String) + "Q" + pl.Series(quarter).cast(pl.String),
            "controlled_unemployment_days": days_without_sundays(begin, end) - covered,
            "holiday_days_covered": covered,
        }
    )
    return rows.group_by("ssin", "member", "quarter").sum().sort("ssin", "quarter", "member")


def _years(paid: Paid, span: Span) -> tuple[Ints, Ints, Ints, Ints]:
    """Each part and calendar year that share days, with those days from begin to end.

    Of a person's parts at one institution in a year only the first one.
    """
    until = np.where(paid.parts.end == OPEN, span.today + 1, paid.parts.end)
    first, _, _ = years_months_days(paid.parts.begin)
    last, _, _ = years_months_days(until - 1)
    part, year = _spread(first, last)
    rows = pl.DataFrame(
        {
            "person": paid.parts.person[part],
            "payer": pl.Series(paid.payer[part], dtype=pl.String),
            "year": year,
            "row": np.arange(len(part)),
        }
    )
    kept = rows.unique(["person", "payer", "year"], keep="first", maintain_order=True)
    row = kept["row"].to_numpy()
    part, year = part[row], year[row]
    begin = np.maximum(_year_day(year), paid.parts.begin[part])
    return part, year, begin, np.minimum(_year_day(year + 1), until[part])


def _entitled(person: Ints, year: Ints, main_jobs: Spells, rule: Holidays, *, span: Span) -> Ints:
    """Holidays for the days of main jobs in the year before."""
    until = np.where(main_jobs.end == OPEN, span.today + 1, main_jobs.end)
    first, _, _ = years_months_days(main_jobs.begin)
    last, _, _ = years_months_days(until - 1)
    job, worked = _spread(first, last)
    days = np.minimum(_year_day(worked + 1), until[job])
    days -= np.maximum(_year_day(worked), main_jobs.begin[job])
    sums = (
        pl.DataFrame({"person": main_jobs.person[job], "year": worked + 1, "days": days})
        .group_by("person", "year")
        .sum()
    )
    asked = pl.DataFrame({"person": person, "year": year})
    found = asked.join(sums, on=["person", "year"], how="left", maintain_order="left")
    worked_days = found["days"].fill_null(0).to_numpy()
    return np.rint(rule.days * np.minimum(worked_days / YEAR_DAYS, 1.0)).astype(np.int64)


def _overlaps(taken: Taken, part: Ints, at: Ints, begin: Ints, end: Ints) -> Ints:
    """Days of holiday, without Sundays, in each part's days of a quarter."""
    held = pl.DataFrame(
        {"part": taken.part, "year": taken.year, "from": taken.begin, "to": taken.end}
    ).filter(pl.col("from") < OPEN)
    asked = pl.DataFrame({"part": part, "year": at // 4 + 1970, "begin": begin, "end": end})
    both = asked.join(held, on=["part", "year"], how="left", maintain_order="left")
    first = both.select(pl.max_horizontal("begin", pl.col("from").fill_null(OPEN))).to_series()
    last = both.select(pl.min_horizontal("end", pl.col("to").fill_null(0))).to_series()
    return days_without_sundays(first.to_numpy(), last.to_numpy())


def _spread(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """For each row every whole number from `first` to `last`: the row, and the number."""
    counts = np.maximum(last - first + 1, 0)
    row = np.repeat(np.arange(len(first)), counts)
    begins = np.cumsum(counts) - counts
    return row, first[row] + np.arange(len(row)) - begins[row]


def _weekday(days: Ints) -> Ints:
    """0 for a Monday."""
    return (days + 3) % 7


def _number(days: Ints) -> Ints:
    """The quarter of each day, counted from the first of 1970."""
    months = quarter_begin(days).astype("datetime64[D]").astype("datetime64[M]")
    return months.astype(np.int64) // QUARTER_MONTHS


def _quarter_day(number: Ints) -> Ints:
    months = (number * QUARTER_MONTHS).astype("datetime64[M]")
    return months.astype("datetime64[D]").astype(np.int64)


def _year_day(year: Ints) -> Ints:
    return (year - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
