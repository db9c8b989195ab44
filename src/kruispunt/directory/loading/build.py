"""Filling an empty directory: lines sorted and merged in memory, one COPY, then the index."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from io import BytesIO
from typing import Final

import polars as pl

from kruispunt.directory.lines import QUERIES
from kruispunt.postgres import Connection

MOST_IN_MEMORY: Final = 25_000_000
"""Lines that are sorted here, in some 100 bytes each; a larger file goes by way of the server."""

CHUNK: Final = 200_000
KEY: Final = ("ssin", "sector", "quality", "phase", "member")
COLUMNS: Final = ("ssin", "sector", "quality", "phase", "begin", "end", "member")
KEPT: Final = ("ssin", "begin_date", "end_date", "sector", "quality", "phase", "member")
SMALL: Final = {
    "sector": pl.Int16,
    "quality": pl.Int16,
    "phase": pl.Int16,
    "member": pl.Categorical,
}


async def build(connection: Connection, frames: Sequence[pl.DataFrame]) -> None:
    """Let these lines stand in a directory that holds none, and that nobody else may change.

    They come into a fresh table that takes the place of the empty one when the transaction ends:
    until then others read on, and find nobody.
    """
    if not frames:
        return
    lines = merged(pl.concat([frame.with_columns(_small(frame)) for frame in frames]))
    members = lines["member"].drop_nulls().unique().cast(pl.String).to_list()
    await connection.execute(QUERIES["add_members"].sql, members)
    numbers = {
        row["code"]: row["id"] for row in await connection.fetch(QUERIES["list_members"].sql)
    }
    await connection.execute(QUERIES["make_fresh"].sql)
    await connection.copy_to_table(
        "line_fresh",
        source=csv_of(_kept(lines, numbers)),
        columns=KEPT,
        schema_name="directory",
        format="csv",
        freeze=True,  # the table is of this transaction: nobody can see it before
    )
    for step in ("sort_in_memory", "index_fresh", "drop_line", "name_fresh", "name_index"):
        await connection.execute(QUERIES[step].sql)
    await connection.execute(QUERIES["analyze_lines"].sql)


def merged(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines in order of their key; those of one key that overlap or touch have become one."""
    ordered = lines.sort(*KEY, "begin", nulls_last=False)
    meets = ordered.select(_meets_the_one_before())["meets"]
    if not meets.any():
        return ordered
    # Lines of a key where none meets its neighbour stand apart; the others are walked through.
    first = meets.shift(-1, fill_value=False)
    touched = ordered.filter(meets | first).select(KEY).unique()
    apart = ordered.join(touched, on=KEY, how="anti", nulls_equal=True)
    joined = _walked(ordered.join(touched, on=KEY, how="semi", nulls_equal=True))
    return pl.concat([apart, joined.select(apart.columns)]).sort(*KEY, "begin")


def _meets_the_one_before() -> pl.Expr:
    same = pl.lit(value=True)
    for name in KEY:
        same &= pl.col(name).eq_missing(pl.col(name).shift(1))
    before = pl.col("end").shift(1)
    reaches = before.is_null() | (pl.col("begin") <= before)
    reaches &= pl.int_range(pl.len()) > 0
    return (same & reaches).fill_null(value=False).alias("meets")


def _walked(lines: pl.DataFrame) -> pl.DataFrame:
    """Islands of each key: a line begins one when it begins after all before it have ended."""
    until = pl.col("end").fill_null(FOR_EVER)
    ordered = lines.sort(*KEY, "begin").with_columns(until.alias("until"))
    reach = pl.col("until").cum_max().shift(1).over(KEY)
    begins = (reach.is_null() | (pl.col("begin") > reach)).cast(pl.Int64)
    islands = ordered.with_columns(begins.alias("begins")).with_columns(
        pl.col("begins").cum_sum().over(KEY).alias("island")
    )
    grown = islands.group_by(*KEY, "island").agg(pl.col("begin").min(), pl.col("until").max())
    open_again = pl.when(pl.col("until") < FOR_EVER).then(pl.col("until")).alias("end")
    return grown.with_columns(open_again)


FOR_EVER: Final = pl.lit(2_932_896 + 1, dtype=pl.Int32).cast(pl.Date)
"""A day after every day of the calendar (its last is 9999-12-31)."""


def _small(frame: pl.DataFrame) -> list[pl.Expr]:
    """Columns as narrow as the table has them: what is sorted is half as large."""
    return [pl.col(name).cast(kind) for name, kind in SMALL.items() if name in frame.columns]


def _kept(lines: pl.DataFrame, numbers: Mapping[str, int]) -> pl.DataFrame:
    """Columns in the order of the table, members by their number."""
    member = pl.col("member").cast(pl.String)
    number = member.replace_strict(numbers, default=None, return_dtype=pl.Int16)
    named = lines.with_columns(number.alias("member"))
    return named.select("ssin", "begin", "end", "sector", "quality", "phase", "member")


async def csv_of(frame: pl.DataFrame) -> AsyncGenerator[bytes]:
    """A frame as COPY reads it, in pieces."""
    for piece in frame.iter_slices(CHUNK):
        buffer = BytesIO()
        piece.write_csv(buffer, include_header=False)
        yield buffer.getvalue()
