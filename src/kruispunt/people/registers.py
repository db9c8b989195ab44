"""The registers: which numbers people have, had, or got by mistake, and what each number tells."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from kruispunt.people.chance import Chance, Flags, Ints, occurs
from kruispunt.people.days import OPEN, dates, years_months_days
from kruispunt.people.lives import Lives
from kruispunt.people.numbers import bis_months, person_numbers
from kruispunt.people.parameters import Numbers
from kruispunt.vocabulary import NumberStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Registers:
    """Numbers of all persons: `ssin` and `birth_date` stand by person, in the order of lives."""

    ssin: Ints
    birth_date: pl.Series
    numbers: pl.DataFrame
    unknown: pl.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class BirthDates:
    """What the registers know of each birth: month or day 0 where it is not known."""

    year: Ints
    month: Ints
    day: Ints


def register(lives: Lives, rule: Numbers, chance: Chance) -> Registers:
    """Issue every number in one go, so that all differ: current, old, mistaken and unknown."""
    rng = chance.stream("numbers")
    birth = _birth_dates(lives, rule, rng)
    everyone = np.arange(len(lives))
    replaced = np.flatnonzero(lives.replaced_on != OPEN)
    single = (lives.died == OPEN) & (lives.replaced_on == OPEN)
    mistaken = np.flatnonzero(single & occurs(rng, rule.cancelled_share, len(lives)))
    strangers = rng.integers(0, max(1, len(lives)), rule.unknown_count)
    holders = (everyone, replaced, mistaken, strangers)
    bis = np.concatenate(
        [lives.bis, np.repeat([True, False], [len(replaced) + len(mistaken), len(strangers)])]
    )
    issued = _issue(lives, chance, birth=birth, who=np.concatenate(holders), bis=bis, rule=rule)
    bounds = np.cumsum([len(holder) for holder in holders])[:-1]
    current, old, wrong, unknown = np.split(issued, bounds)
    frames = [
        _current(lives, current),
        _superseded(replaced, old, lives.replaced_on[replaced], current[replaced]),
        _cancelled(mistaken, wrong),
    ]
    return Registers(
        ssin=current,
        birth_date=_written(birth),
        numbers=pl.concat(frames),
        unknown=pl.DataFrame({"ssin": unknown}),
    )


def _birth_dates(lives: Lives, rule: Numbers, rng: np.random.Generator) -> BirthDates:
    year, month, day = years_months_days(lives.born)
    no_month = occurs(rng, rule.month_unknown_share, len(lives))
    no_day = no_month | occurs(rng, rule.day_unknown_share, len(lives))
    return BirthDates(year=year, month=np.where(no_month, 0, month), day=np.where(no_day, 0, day))


def _issue(
    lives: Lives, chance: Chance, *, birth: BirthDates, who: Ints, bis: Flags, rule: Numbers
) -> Ints:
    rng = chance.stream("issue")
    unsure = bis & occurs(rng, rule.bis_sex_unknown_share, len(who))
    return person_numbers(
        chance,
        year=birth.year[who],
        month=birth.month[who],
        day=birth.day[who],
        female=lives.female[who],
        bis=bis_months(bis=bis, sex_unknown=unsure),
    )


def _current(lives: Lives, ssin: Ints) -> pl.DataFrame:
    dead = lives.died != OPEN
    status = np.where(dead, NumberStatus.DECEASED.value, NumberStatus.KNOWN.value)
    return _numbers(ssin, status=status, person=np.arange(len(ssin)), deceased_on=lives.died)


def _superseded(person: Ints, old: Ints, on: Ints, successor: Ints) -> pl.DataFrame:
    status = np.full(len(old), NumberStatus.REPLACED.value)
    return _numbers(old, status=status, person=person, replaced_on=on, successor=successor)


def _cancelled(person: Ints, wrong: Ints) -> pl.DataFrame:
    return _numbers(wrong, status=np.full(len(wrong), NumberStatus.CANCELLED.value), person=person)


def _numbers(
    ssin: Ints,
    *,
    status: np.ndarray[tuple[int], np.dtype[np.str_]],
    person: Ints,
    deceased_on: Ints | None = None,
    replaced_on: Ints | None = None,
    successor: Ints | None = None,
) -> pl.DataFrame:
    never = np.full(len(ssin), OPEN)
    nobody = pl.Series([None], dtype=pl.Int64).new_from_index(0, len(ssin))
    return pl.DataFrame(
        {
            "ssin": pl.Series(ssin, dtype=pl.Int64),
            "status": pl.Series(status, dtype=pl.String),
            "successor": nobody if successor is None else pl.Series(successor, dtype=pl.Int64),
            "deceased_on": dates(never if deceased_on is None else deceased_on),
            "replaced_on": dates(never if replaced_on is None else replaced_on),
            "person": pl.Series(person, dtype=pl.Int64),
        }
    )


def _written(birth: BirthDates) -> pl.Series:
    """`yyyy-mm-dd` with 00 for what is not known, as incomplete dates are written."""
    parts = pl.DataFrame({"y": birth.year, "m": birth.month, "d": birth.day})
    two = pl.format(
        "{}-{}-{}",
        pl.col("y").cast(pl.String).str.zfill(4),
        pl.col("m").cast(pl.String).str.zfill(2),
        pl.col("d").cast(pl.String).str.zfill(2),
    )
    return parts.select(two.alias("birth_date")).to_series()
