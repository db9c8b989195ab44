"""Information sheets that insurers asked while amounts stood still, and before (05/022 §7.4)."""

import numpy as np
import polars as pl

from kruispunt.people.benefit_rules import Benefits
from kruispunt.people.chance import Chance, occurs
from kruispunt.people.days import OPEN, dates, day_number, last_days, texts
from kruispunt.people.lives import Span
from kruispunt.people.paying import Paid

CHANGES = ("period", "age")
"""Why an amount begins that a sheet tells beforehand."""


def asked(
    paid: Paid, rule: Benefits, chance: Chance, ssin: pl.Series, *, span: Span
) -> pl.DataFrame:
    """One row per sheet, on a day of what an institution paid: one in the freeze where it can."""
    rng = chance.stream("sheets")
    parts = paid.parts
    frozen, thawed = day_number(rule.freeze.from_), day_number(rule.freeze.until) + 1
    until = np.where(parts.end == OPEN, span.today + 1, parts.end)
    inside = (parts.begin < thawed) & (until > frozen)
    begin = np.where(inside, np.maximum(parts.begin, frozen), parts.begin)
    end = np.where(inside, np.minimum(until, thawed), until)
    day = begin + (rng.random(len(parts)) * (end - begin)).astype(np.int64)
    chosen = occurs(rng, rule.sheets.share, len(parts))
    told = occurs(rng, rule.sheets.told_share, len(parts))
    return pl.DataFrame(
        {
            "ssin": texts(ssin, parts.person[chosen]),
            "member": pl.Series(paid.payer[chosen], dtype=pl.String),
            "asked_on": dates(day[chosen]),
            "until": last_days(parts.end[chosen]),
            "tells": told[chosen],
        }
    ).sort("ssin", "asked_on", "member")


def sheets(rows: pl.DataFrame) -> pl.DataFrame:
    """As an institution keeps them."""
    return rows.select("ssin", "member", "asked_on")


def told_amounts(rows: pl.DataFrame, amounts: pl.DataFrame) -> pl.DataFrame:
    """The next amount of a few sheets that told it already: one each."""
    later = amounts.filter(pl.col("cause").is_in(CHANGES)).select(
        "ssin", "member", "begin_date", "daily_cents"
    )
    own = rows.filter("tells").join(later, on=["ssin", "member"])
    known = own.filter(
        (pl.col("begin_date") > pl.col("asked_on"))
        & (pl.col("until").is_null() | (pl.col("begin_date") <= pl.col("until")))
    )
    first = known.sort("ssin", "asked_on", "member", "begin_date").unique(
        ["ssin", "asked_on", "member"], keep="first", maintain_order=True
    )
    return first.select("ssin", "member", "asked_on", "begin_date", "daily_cents")
