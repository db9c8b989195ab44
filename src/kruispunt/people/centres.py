"""Files of centres for social welfare: whom each knows, as what, from when to when."""

import numpy as np
import polars as pl

from kruispunt.people.chance import Chance, normal_days, occurs, pick
from kruispunt.people.days import OPEN, YEAR_DAYS, dates
from kruispunt.people.lines import LINE_COLUMNS
from kruispunt.people.lives import Span
from kruispunt.people.register_rules import Centres
from kruispunt.vocabulary import NumberStatus

ADULT = 18


def centre_lines(
    rule: Centres,
    chance: Chance,
    *,
    persons: pl.DataFrame,
    numbers: pl.DataFrame,
    moved: pl.DataFrame,
    span: Span,
) -> pl.DataFrame:
    """Lines of files at the centres, as their node knows them: with the centre.

    A file is on someone who lives in the centre's municipality, begins after they came there, and
    on the partner too, as on one who lives with them. Who ever had another number has none, so
    that no change of number is to be told (assumption).
    """
    rng = chance.stream("centres")
    known = _residents(rule, persons, numbers, moved, span=span)
    asked = known.filter(pl.Series(occurs(rng, rule.share, known.height)))
    kinds = rule.kinds
    kind = pick(rng, [one.weight for one in kinds], asked.height)
    lasts = np.zeros(asked.height, dtype=np.int64)
    for place, one in enumerate(kinds):
        drawn = normal_days(rng, median=one.days, spread=rule.days_spread, size=asked.height)
        lasts = np.where(kind == place, drawn, lasts)
    runs = occurs(rng, rule.open_share, asked.height)
    quality = np.array([one.quality for one in kinds])[kind]
    short = quality == rule.examination
    lasts = np.where(short, np.minimum(lasts, rule.examination_days), lasts)
    earliest = asked["since"].cast(pl.Int32).to_numpy().astype(np.int64)
    begin = np.maximum(earliest, span.today - np.where(runs, lasts, 0))
    past = earliest + (rng.random(asked.height) * (span.today - earliest)).astype(np.int64)
    begin = np.where(runs, begin, past)
    end = np.where(runs, OPEN, np.minimum(begin + lasts, span.today - 1))
    kept = begin <= np.minimum(end, span.today)
    files = asked.with_columns(
        quality=pl.Series(quality, dtype=pl.Int16), begin=dates(begin), end=dates(end)
    ).filter(pl.Series(kept))
    return _lines(rule, pl.concat([files, _partners(rule, files, known)], how="diagonal"))


def with_centres(hub: pl.DataFrame, centres: pl.DataFrame) -> pl.DataFrame:
    """The lines of the hub and these: there nobody sees which centre it is."""
    nobody = pl.lit(None, dtype=pl.String).alias("member")
    files = centres.with_columns(nobody).unique(maintain_order=True)
    order = ("ssin", "sector", "quality", "begin")
    return pl.concat([hub, files.select(LINE_COLUMNS)]).sort(order, maintain_order=True)


def _residents(
    rule: Centres,
    persons: pl.DataFrame,
    numbers: pl.DataFrame,
    moved: pl.DataFrame,
    *,
    span: Span,
) -> pl.DataFrame:
    """Grown people of the centres' municipalities, with the centre and since when they may ask."""
    centres = pl.DataFrame(
        {
            "municipality": [one.municipality for one in rule.of],
            "member": [one.code for one in rule.of],
        }
    )
    single = numbers.filter(
        (pl.len().over("person") == 1) & (pl.col("status") == NumberStatus.KNOWN.value)
    )
    grown = pl.col("born_on").cast(pl.Int32).cast(pl.Int64) + round(ADULT * YEAR_DAYS)
    since = pl.max_horizontal(pl.col("since").cast(pl.Int32).cast(pl.Int64), grown, span.begin)
    return (
        persons.filter(~pl.col("bis") & (pl.col("role") != "child"))
        .join(centres, on="municipality", maintain_order="left")
        .join(single.select("ssin"), on="ssin", how="semi", maintain_order="left")
        .join(moved, on="ssin", maintain_order="left")
        .select("ssin", "member", "household", since=since)
        .filter(pl.col("since") < span.today)
        .with_columns(pl.col("since").cast(pl.Int32).cast(pl.Date))
        .sort("ssin")
    )


def _partners(rule: Centres, files: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """A line for whoever else is grown in the household, on the days of the file."""
    others = known.select("household", partner="ssin")
    return (
        files.join(others, on="household", maintain_order="left")
        .filter(pl.col("partner") != pl.col("ssin"))
        .select(
            "member",
            "begin",
            "end",
            ssin="partner",
            quality=pl.lit(rule.cohabitant, dtype=pl.Int16),
        )
    )


def _lines(rule: Centres, files: pl.DataFrame) -> pl.DataFrame:
    return files.select(
        "ssin",
        pl.lit(rule.sector, dtype=pl.Int16).alias("sector"),
        "quality",
        pl.lit(0, dtype=pl.Int16).alias("phase"),
        "begin",
        "end",
        "member",
    ).sort(LINE_COLUMNS[:6])
