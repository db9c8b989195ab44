"""Activity of employers: the quarters in which they had somebody in service."""

import polars as pl

from kruispunt.people.lines import merge


def active_quarters(dimona: pl.DataFrame) -> pl.DataFrame:
    """Runs of quarters of each employer, as yyyyQn: first and last one, null while it lasts."""
    quarters = dimona.select(
        ssin="employer_cbe",
        begin=pl.col("begin_date").dt.truncate("1q"),
        end=pl.col("end_date").dt.truncate("1q").dt.offset_by("1q").dt.offset_by("-1d"),
    )
    runs = merge(quarters)
    return runs.select(
        cbe_number=pl.col("ssin"),
        first_quarter=_quarter("begin"),
        last_quarter=_quarter("end"),
    )


def _quarter(day: str) -> pl.Expr:
    return pl.format("{}Q{}", pl.col(day).dt.year(), pl.col(day).dt.quarter())
