"""What insurers know of their own members: a name and where letters reach them."""

import polars as pl

from kruispunt.people.chance import Chance
from kruispunt.people.country import Country
from kruispunt.people.establishments import addresses
from kruispunt.people.lines import Insurers
from kruispunt.vocabulary import NumberStatus


def insured(
    country: Country,
    chance: Chance,
    *,
    persons: pl.DataFrame,
    insurers: Insurers,
) -> pl.DataFrame:
    """One row per number and insurer that ever insured it, also under numbers that were replaced.

    A household has one address. Who lives abroad has none here (assumption).
    """
    numbers, memberships = insurers.numbers, insurers.memberships
    drawn = addresses(country, chance.stream("members"), persons)
    told = persons.with_columns(drawn=drawn).select(
        "ssin",
        pl.format("{} {}", "first_name", "last_name").alias("name"),
        _of_household(pl.col("drawn")),
        "language",
    )
    old = numbers.filter(pl.col("status") == NumberStatus.REPLACED.value)
    pairs = pl.concat(
        [persons.select("ssin", present="ssin"), old.select("ssin", present="successor")]
    )
    known = memberships.select("member", present="ssin").unique().join(pairs, on="present")
    return (
        known.join(told, left_on="present", right_on="ssin")
        .select("ssin", "member", "name", "address", "language")
        .sort("ssin", "member")
    )


def _of_household(own: pl.Expr) -> pl.Expr:
    """Of the addresses drawn for everyone, that of the first resident of each household."""
    shared = own.drop_nulls().first().over("household")
    alone = pl.col("household").is_null() | own.is_null()
    return pl.when(alone).then(own).otherwise(shared).alias("address")
