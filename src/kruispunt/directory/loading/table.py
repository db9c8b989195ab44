"""Lines as tables: reading CSV and Parquet in bounded batches, and what is wrong with a row."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from kruispunt.directory.change import MAX_CODE, MAX_PHASE

BATCH_ROWS: Final = 100_000
NEEDED: Final = ("ssin", "sector", "quality", "begin")
OPTIONAL: Final = ("phase", "end", "member")
COLUMNS: Final = ("ssin", "sector", "quality", "phase", "begin", "end", "member")


MODULUS: Final = 97
FROM_2000: Final = 2_000_000_000
MONTHS_APART: Final = 20
"""A month of the other registers is so much higher, or twice."""

LONGEST: Final = {1: 31, 2: 29, 3: 31, 4: 30, 5: 31, 6: 30} | {
    7: 31,
    8: 31,
    9: 30,
    10: 31,
    11: 30,
    12: 31,
}
"""Days of each month in a leap year."""


class WrongTable(ValueError):
    """A file that is not a table of lines: it is of another kind, or a column is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row that breaks a rule. It says where and which rule, never what stood there."""

    number: int
    """Line of a CSV file, its header counted; row of a Parquet file, from 1."""

    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Rows of a table: the lines that are right, and those that are not, with their numbers."""

    lines: pl.DataFrame
    """Columns as in `COLUMNS`; `end` is half-open here, null for an open line."""

    bad: tuple[BadRow, ...]
    rejected: pl.DataFrame
    """The bad rows as they were, with `line` and `rule`."""


def read_batches(path: Path, *, names_members: bool) -> Iterator[Batch]:
    """Read a CSV (`.csv`) or Parquet (`.parquet`) file of lines, never all of it at once.

    Raises:
        WrongTable: it can't be read as such a table.
    """
    frame, first = _scan(path)
    try:
        names = frame.collect_schema().names()
        if missing := [name for name in NEEDED if name not in names]:
            raise WrongTable(f"expected a column {missing[0]}")
        if unknown := [name for name in names if name not in COLUMNS]:
            raise WrongTable(f"expected no column {unknown[0]}")
        for batch in frame.collect_batches(chunk_size=BATCH_ROWS, maintain_order=True):
            yield check_rows(batch, first=first, names_members=names_members)
            first += batch.height
    except (pl.exceptions.PolarsError, OSError) as error:
        raise WrongTable(f"can't read {path.name} as a table of lines") from error


def _scan(path: Path) -> tuple[pl.LazyFrame, int]:
    match path.suffix:
        case ".csv":
            return pl.scan_csv(path, infer_schema=False, raise_if_empty=True), 2
        case ".parquet":
            return pl.scan_parquet(path), 1
        case _:
            raise WrongTable(f"expected .csv or .parquet, found {path.suffix or 'no suffix'}")


def check_rows(frame: pl.DataFrame, *, first: int, names_members: bool) -> Batch:
    """Part the rows of a frame into lines and bad rows; `first` is the number of its first row."""
    texts = frame.select(
        _text(frame, name).alias(name) if name in frame.columns else _nothing(name)
        for name in COLUMNS
    )
    parsed = texts.select(
        pl.col("ssin").str.to_integer(strict=False).alias("ssin"),
        *(
            pl.col(name).str.to_integer(strict=False).cast(pl.Int64).alias(name)
            for name in ("sector", "quality")
        ),
        pl.col("phase").fill_null("0").str.to_integer(strict=False).alias("phase"),
        pl.col("begin").str.to_date("%Y-%m-%d", strict=False).alias("begin"),
        pl.col("end").str.to_date("%Y-%m-%d", strict=False).alias("end"),
        pl.col("member"),
    )
    rule = _rules(texts, parsed, names_members=names_members)
    numbered = texts.with_columns(
        pl.int_range(first, first + frame.height, dtype=pl.Int64).alias("line"), rule
    )
    rejected = numbered.filter(pl.col("rule").is_not_null())
    bad = rejected.select("line", "rule").iter_rows()
    good = parsed.filter(rule.is_null()).with_columns(pl.col("end").dt.offset_by("1d"))
    return Batch(
        lines=good,
        bad=tuple(BadRow(number=line, rule=broken) for line, broken in bad),
        rejected=rejected.select("line", "rule", *COLUMNS),
    )


def _text(frame: pl.DataFrame, name: str) -> pl.Expr:
    """A column as text, empty as null; a number kept as an integer gets its zeros back."""
    text = pl.col(name).cast(pl.String)
    if frame.schema[name].is_integer() and name == "ssin":
        text = text.str.zfill(11)
    return pl.when(text != "").then(text)


def _nothing(name: str) -> pl.Expr:
    return pl.lit(None, dtype=pl.String).alias(name)


def _rules(texts: pl.DataFrame, parsed: pl.DataFrame, *, names_members: bool) -> pl.Series:
    """The first rule that each row breaks, null where it breaks none."""
    unread = parsed["end"].is_null() & texts["end"].is_not_null()
    wrong = {
        "ssin: expected a valid number": ~_is_ssin(texts["ssin"]),
        "sector: expected 0 to 999": ~parsed["sector"].is_between(0, MAX_CODE),
        "quality: expected 0 to 999": ~parsed["quality"].is_between(0, MAX_CODE),
        "phase: expected 0 to 99": ~parsed["phase"].is_between(0, MAX_PHASE),
        "begin: expected yyyy-mm-dd": parsed["begin"].is_null(),
        "end: expected yyyy-mm-dd or nothing": unread,
        "end: expected it not before begin": parsed["end"] < parsed["begin"],
        "end: expected a day before the last of the calendar": texts["end"] == "9999-12-31",
    }
    if names_members:
        wrong["member: expected one at a node"] = texts["member"].is_null()
    else:
        wrong["member: expected none at a hub"] = texts["member"].is_not_null()
    rule = pl.lit(None, dtype=pl.String)
    for name in reversed(wrong):
        # A value that is missing or can't be read breaks the rule of its column.
        broken = wrong[name].fill_null(value=not name.startswith(("end", "member")))
        rule = pl.when(pl.lit(broken)).then(pl.lit(name)).otherwise(rule)
    return texts.select(rule.alias("rule"))["rule"]


def _is_ssin(texts: pl.Series) -> pl.Series:
    """Which texts are a number of a person: the rule of `Ssin`, for a whole column at once."""
    digits = texts.str.contains(r"^[0-9]{11}$")
    number = texts.str.to_integer(strict=False)
    head, check = number // 100, number % 100
    early = check == MODULUS - head % MODULUS
    late = check == MODULUS - (head + FROM_2000) % MODULUS
    month, day = head // 100_000 % 100, head // 1_000 % 100
    of_year = month % MONTHS_APART
    year = head // 10_000_000
    leap = (year % 4 == 0) & (late | (year != 0))
    longest = of_year.replace_strict(LONGEST, default=0, return_dtype=pl.Int64)
    exists = (day <= longest) & ((of_year != 2) | (day < longest) | leap)
    national = month < MONTHS_APART
    return (
        digits
        & (early | late)
        & (of_year <= 12)
        & (month <= 2 * MONTHS_APART + 12)
        & ((of_year == 0) & (day <= LONGEST[1]) | exists)
        & (~national | (head % 1_000 != 0))
    )
