"""Incapacity: the files of insurers on members who fell ill at work, or while unemployed."""

from datetime import date
from typing import Final

import polars as pl

from kruispunt.people.chance import Chance, normal_days, occurs
from kruispunt.people.parameters import Incapacity

COLUMNS: Final = ("ssin", "member", "begin", "end")


def incapacities(
    rule: Incapacity,
    chance: Chance,
    *,
    unemployment: pl.DataFrame,
    employments: pl.DataFrame,
    memberships: pl.DataFrame,
    today: date,
) -> pl.DataFrame:
    """One row per file: number, insurer, first day and last day, which is null while it lasts.

    It is a file of the insurer of its first day, and ends with that membership at the latest.
    """
    work = employments.select("ssin", begin="employment_begin_date", end="employment_end_date")
    ill = pl.concat(
        [
            _fell_ill(unemployment, rule, chance, kind="unemployed", today=today),
            _fell_ill(work, rule, chance, kind="at-work", today=today),
        ]
    )
    held = memberships.rename({"begin": "since", "end": "left"})
    begin, left = pl.col("begin"), pl.col("left")
    known = ill.join(held, on="ssin").filter(
        (begin >= pl.col("since")) & (left.is_null() | (begin <= left))
    )
    ended = known.with_columns(end=pl.min_horizontal("end", "left"))
    return ended.select(COLUMNS).sort(COLUMNS)


def _fell_ill(
    periods: pl.DataFrame, rule: Incapacity, chance: Chance, *, kind: str, today: date
) -> pl.DataFrame:
    """Who fell ill in one of these periods, on which day of it, and until when."""
    rng = chance.stream(f"incapacity {kind}")
    share = rule.share_of_spells if kind == "unemployed" else rule.share_of_jobs
    chosen = pl.Series(occurs(rng, share, periods.height))
    share_of_days = pl.Series(rng.random(periods.height))
    lasts = pl.Series(
        normal_days(rng, median=rule.days, spread=rule.days_spread, size=periods.height)
    )
    days = (pl.col("end").fill_null(today) - pl.col("begin")).dt.total_days()
    drawn = periods.with_columns(lasts=lasts, after=(days * share_of_days).cast(pl.Int64))
    ill = drawn.filter(chosen & (pl.col("begin") <= today))
    begin = pl.col("begin") + pl.duration(days="after")
    fallen = ill.select("ssin", "lasts", begin=begin)
    end = pl.col("begin") + pl.duration(days="lasts")
    return fallen.select("ssin", "begin", end=pl.when(end <= today).then(end))
