"""Directory lines that follow from lives: at the hub by sector, at the node by member."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from kruispunt.people.days import OPEN, dates
from kruispunt.people.parameters import LineKind, LineKinds
from kruispunt.vocabulary import REPLACED, NumberStatus

LINE_COLUMNS: Final = ("ssin", "sector", "quality", "phase", "begin", "end", "member")
LIFT: Final = 2 * OPEN


def merge(periods: pl.DataFrame) -> pl.DataFrame:
    """Periods (ssin, begin, end with the last day included) that share or touch days become one.

    The result is ordered by number and begin.
    """
    ordered = periods.select("ssin", "begin", "end").sort("ssin", "begin", "end")
    begin = ordered["begin"].to_physical().to_numpy().astype(np.int64)
    end = ordered["end"].to_physical().fill_null(OPEN).to_numpy().astype(np.int64)
    person = ordered["ssin"].rle_id().to_numpy().astype(np.int64)
    # One running maximum for everybody: a person's last days lie above those of the one before.
    reach = np.maximum.accumulate(person * LIFT + end) - person * LIFT
    heads = np.ones(len(begin), dtype=np.bool_)
    heads[1:] = (person[1:] != person[:-1]) | (begin[1:] > reach[:-1] + 1)
    tails = np.r_[heads[1:], True][: len(heads)]
    return pl.DataFrame(
        {
            "ssin": ordered["ssin"].filter(pl.Series(heads)),
            "begin": ordered["begin"].filter(pl.Series(heads)),
            "end": dates(reach[tails]),
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Insurers:
    """What insurers know: whose member somebody is, whom they pay, under which numbers."""

    numbers: pl.DataFrame
    memberships: pl.DataFrame
    incapacities: pl.DataFrame


def hub_lines(
    kinds: LineKinds,
    insurers: Insurers,
    *,
    dimona: pl.DataFrame,
    employments: pl.DataFrame,
    unemployment: pl.DataFrame,
) -> pl.DataFrame:
    """What the hub knows: sectors, never members.

    Insurers merge into one line. A replaced number keeps no line but, in each sector that knows
    the person, one that says so. A cancelled number keeps the line that its insurer once made.
    """
    relations = dimona.select("ssin", begin="begin_date", end="end_date")
    work = employments.select("ssin", begin="employment_begin_date", end="employment_end_date")
    numbers, members = insurers.numbers, insurers.memberships
    files = pl.concat([members, _under_cancelled(numbers, members)])
    lines = pl.concat(
        [
            _lines(merge(files), kinds.membership),
            _lines(merge(insurers.incapacities), kinds.incapacity),
            _lines(merge(relations), kinds.dimona),
            _lines(merge(work), kinds.employment),
            _lines(merge(unemployment), kinds.unemployment),
        ]
    )
    return _ordered([lines, _replaced(numbers, lines)])


def node_lines(kinds: LineKinds, insurers: Insurers) -> pl.DataFrame:
    """What the insurers' node knows: one line per membership or incapacity, with the insurer.

    A replaced number still has its lines beside those of its successor: the insurer has not
    processed the change yet. So has a cancelled one.
    """
    numbers, members = insurers.numbers, insurers.memberships
    files = [members, _under_cancelled(numbers, members), _under_replaced(numbers, members)]
    ill = [insurers.incapacities, _under_replaced(numbers, insurers.incapacities)]
    return _ordered(
        [
            *(_named(each, kinds.membership) for each in files),
            *(_named(each, kinds.incapacity) for each in ill),
        ]
    )


def payer_lines(kind: LineKind, *, files: pl.DataFrame) -> pl.DataFrame:
    """What the payment institutions' node knows: one line per file, with the institution.

    Assumption: payment institutions have processed every change of number.
    """
    return _ordered([_named(files, kind)])


def _named(files: pl.DataFrame, kind: LineKind) -> pl.DataFrame:
    return _lines(files, kind).with_columns(member=files["member"])


def _lines(periods: pl.DataFrame, kind: LineKind) -> pl.DataFrame:
    return periods.select(
        "ssin",
        pl.lit(kind.sector, dtype=pl.Int16).alias("sector"),
        pl.lit(kind.quality, dtype=pl.Int16).alias("quality"),
        pl.lit(0, dtype=pl.Int16).alias("phase"),
        "begin",
        "end",
        pl.lit(None, dtype=pl.String).alias("member"),
    )


def _replaced(numbers: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """One line per old number and sector that knows the new one, from the day of the change."""
    old = numbers.filter(pl.col("status") == NumberStatus.REPLACED.value)
    known = lines.select(pl.col("ssin").alias("successor"), "sector").unique()
    return old.join(known, on="successor").select(
        "ssin",
        "sector",
        pl.lit(int(REPLACED), dtype=pl.Int16).alias("quality"),
        pl.lit(0, dtype=pl.Int16).alias("phase"),
        pl.col("replaced_on").alias("begin"),
        pl.lit(None, dtype=pl.Date).alias("end"),
        pl.lit(None, dtype=pl.String).alias("member"),
    )


def _under_replaced(numbers: pl.DataFrame, files: pl.DataFrame) -> pl.DataFrame:
    old = numbers.filter(pl.col("status") == NumberStatus.REPLACED.value)
    pairs = old.select(pl.col("ssin").alias("old"), pl.col("successor").alias("ssin"))
    return files.join(pairs, on="ssin").select(
        pl.col("old").alias("ssin"), "member", "begin", "end"
    )


def _under_cancelled(numbers: pl.DataFrame, memberships: pl.DataFrame) -> pl.DataFrame:
    """The number made by mistake stands for the same person, so for the same membership."""
    wrong = numbers.filter(pl.col("status") == NumberStatus.CANCELLED.value)
    right = numbers.filter(
        pl.col("status").is_in([NumberStatus.KNOWN.value, NumberStatus.DECEASED.value])
    )
    pairs = wrong.select(pl.col("ssin").alias("wrong"), "person").join(
        right.select("ssin", "person"), on="person"
    )
    return memberships.join(pairs, on="ssin").select(
        pl.col("wrong").alias("ssin"), "member", "begin", "end"
    )


def _ordered(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return (
        pl.concat(parts)
        .select(LINE_COLUMNS)
        .sort("ssin", "sector", "quality", "begin", "member", nulls_last=True)
    )
