"""Mandataries, and from when to when each employer lets one of them act for it."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from kruispunt.people.chance import Chance, Flags, Ints, Texts, distinct, occurs, pick
from kruispunt.people.country import Country
from kruispunt.people.days import OPEN, dates, last_days, quarter_begin, texts
from kruispunt.people.lives import Span
from kruispunt.people.numbers import nsso_numbers, ten_digit_numbers
from kruispunt.people.parameters import Heads

YEAR = 366
QUARTER = 92


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandates:
    """Columns over all employers; rows of the mandataries. OPEN: no such day.

    `first` acts from `begin` on. Who changed has `second` from `change` on; whose mandate lapsed
    has nobody from `lapse` on. Both begin a quarter.
    """

    given: Flags
    first: Ints
    begin: Ints
    second: Ints
    change: Ints
    lapse: Ints

    @property
    def first_end(self) -> Ints:
        """The day after the last one of the first mandate."""
        return np.minimum(self.change, self.lapse)


def mandataries_frame(country: Country, employers: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """One row per mandatary of the country, with numbers that no employer has."""
    rng = chance.stream("mandataries")
    rule, listed = country.parameters.enterprises, country.mandataries
    cbe = _free_heads(rng, rule.enterprise_heads, employers["cbe_number"], listed.height)
    nsso = _free_heads(rng, rule.nsso_heads, employers["nsso_number"], listed.height)
    return pl.DataFrame(
        {
            "cbe_number": pl.Series(ten_digit_numbers(cbe)).cast(pl.String).str.zfill(10),
            "nsso_number": pl.Series(nsso_numbers(nsso)).cast(pl.String).str.zfill(10),
            "denomination": listed["name"],
            "capacity": listed["capacity"],
            "language": listed["language"],
        }
    )


def _free_heads(rng: np.random.Generator, heads: Heads, taken: pl.Series, size: int) -> Ints:
    """Different heads that none of the numbers taken begins with."""
    used = taken.str.head(8).cast(pl.Int64).to_numpy()
    drawn = distinct(rng, heads, size + len(used))
    return drawn[~np.isin(drawn, used)][:size]


def give_mandates(
    country: Country, employers: pl.DataFrame, chance: Chance, *, span: Span
) -> Mandates:
    """Which employers gave a mandate, to whom, and what became of it."""
    rng = chance.stream("mandates")
    rule, size = country.parameters.mandates, employers.height
    given = occurs(rng, rule.share, size)
    changed = given & occurs(rng, rule.changed_share, size)
    lapsed = given & ~changed & occurs(rng, rule.lapsed_share, size)
    begin = _quarter_between(rng, np.full(size, span.begin + QUARTER), span.today - YEAR)
    change = _quarter_between(rng, begin + 2 * QUARTER, span.today)
    lapse = _quarter_between(rng, begin + 2 * QUARTER, span.today)
    first, second = _choices(country, rng, employers["language"].to_numpy())
    return Mandates(
        given=given,
        first=first,
        begin=np.where(given, begin, OPEN),
        second=second,
        change=np.where(changed, change, OPEN),
        lapse=np.where(lapsed, lapse, OPEN),
    )


def _quarter_between(rng: np.random.Generator, low: Ints, high: int) -> Ints:
    """The first day of a quarter, drawn for each row; never after `high`."""
    return quarter_begin(low + (rng.random(len(low)) * (high - low)).astype(np.int64))


def _choices(country: Country, rng: np.random.Generator, language: Texts) -> tuple[Ints, Ints]:
    """Rows of the mandataries: one of the employer's language, and the next of that language."""
    listed = country.mandataries
    first, second = np.zeros((2, len(language)), dtype=np.int64)
    for code in sorted(set(listed["language"])):
        rows = np.flatnonzero(language == code)
        known = np.flatnonzero((listed["language"] == code).to_numpy())
        drawn = pick(rng, listed["weight"].to_numpy()[known], len(rows))
        first[rows] = known[drawn]
        second[rows] = known[(drawn + 1) % len(known)]
    return first, second


def mandates_frame(
    mandates: Mandates, employers: pl.DataFrame, mandataries: pl.DataFrame
) -> pl.DataFrame:
    """One row per mandate: employer, mandatary, first day and last day."""
    first = np.flatnonzero(mandates.given)
    second = np.flatnonzero(mandates.change < OPEN)
    employer = np.r_[first, second]
    ends = np.r_[mandates.first_end[first], np.full(len(second), OPEN)]
    return pl.DataFrame(
        {
            "employer_cbe": texts(employers["cbe_number"], employer),
            "mandatary_cbe": texts(
                mandataries["cbe_number"], np.r_[mandates.first[first], mandates.second[second]]
            ),
            "begin_date": dates(np.r_[mandates.begin[first], mandates.change[second]]),
            "end_date": last_days(ends),
        }
    ).sort("employer_cbe", "begin_date")
