"""Directories of any size: valid numbers and lines, made column by column."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from kruispunt.vocabulary import Quality, Sector, Ssin

Pairs = Sequence[tuple[Sector, Quality]]

FIRST_BIRTH = date(1921, 1, 1)
A_DAY = 997
"""Persons born on one day: as many as there are counters, almost."""

BLOCK = 500_000
"""Persons of whom the lines are written together."""


def numbers(persons: int, *, first: int = 0) -> pl.Series:
    """The number of each person from the `first` on, as stores keep it."""
    place = pl.int_range(first, first + persons, dtype=pl.Int64, eager=True).alias("place")
    born = pl.lit(FIRST_BIRTH) + pl.duration(days=pl.col("place") // A_DAY)
    head = (
        (born.dt.year() % 100).cast(pl.Int64) * 10_000_000
        + born.dt.month().cast(pl.Int64) * 100_000
        + born.dt.day().cast(pl.Int64) * 1_000
        + pl.col("place") % A_DAY
        + 1
    )
    early = pl.when(born.dt.year() < 2000).then(0).otherwise(2_000_000_000)
    return place.to_frame().select(head * 100 + 97 - (head + early) % 97).to_series()


def write_lines(path: Path, *, persons: int, each: int, pairs: Pairs) -> int:
    """Write a Parquet file with `each` lines for every person; return how many stand in it.

    The pairs take turns; a second line of a pair begins after the first has ended. Persons stand
    in no order, as in a file that was gathered from many.
    """
    blocks = (
        _block(first, min(BLOCK, persons - first), each=each, pairs=pairs)
        for first in _shuffled(range(0, persons, BLOCK))
    )
    pl.concat(list(blocks)).write_parquet(path)
    return persons * each


def _shuffled(firsts: range) -> Iterator[int]:
    """Every start once, far from the one before."""
    yield from firsts[1::2]
    yield from firsts[0::2]


def _block(first: int, persons: int, *, each: int, pairs: Pairs) -> pl.DataFrame:
    ssins = numbers(persons, first=first).shuffle(seed=first)
    return pl.concat(
        [_lines(ssins, turn, pairs[turn % len(pairs)], pairs=len(pairs)) for turn in range(each)]
    )


def _lines(
    ssins: pl.Series, turn: int, pair: tuple[Sector, Quality], *, pairs: int
) -> pl.DataFrame:
    begin = date(2005, 1, 1) + timedelta(days=1000 * (turn // pairs))
    ends = begin + timedelta(days=900)
    return pl.DataFrame(
        {
            "ssin": ssins,
            "sector": pl.repeat(pair[0], len(ssins), dtype=pl.Int64, eager=True),
            "quality": pl.repeat(pair[1], len(ssins), dtype=pl.Int64, eager=True),
            "phase": pl.zeros(len(ssins), dtype=pl.Int64, eager=True),
            "begin": pl.repeat(begin, len(ssins), dtype=pl.Date, eager=True),
            "end": pl.repeat(ends, len(ssins), dtype=pl.Date, eager=True),
        }
    )


def some_ssins(persons: int, *, of: int) -> list[Ssin]:
    """So many persons, spread evenly over the whole."""
    step = max(1, of // persons)
    return [Ssin.of(number) for number in numbers(of)[::step][:persons]]
