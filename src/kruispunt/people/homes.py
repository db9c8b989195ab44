"""Homes: where each person lived when, one row per residence; a household moves together."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from kruispunt.people import places
from kruispunt.people.chance import Chance, Ints, occurs
from kruispunt.people.country import Country
from kruispunt.people.days import OPEN, YEAR_DAYS, dates, day_numbers, last_days
from kruispunt.people.establishments import streets_and_houses
from kruispunt.people.lives import Span

NEVER: Final = -OPEN
GROWN: Final = 20
SOON: Final = 0.3
"""Of the years since all were grown: when a group came together at the latest."""

LANGUAGES: Final = ("nl", "fr", "de")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """Who, with whom, from when to when: columns by person, days as whole numbers."""

    group: Ints
    """Who moves together, the household or the person alone, counted from 0."""

    begin: Ints
    end: Ints
    """The day after the last one; OPEN."""


def stays(persons: pl.DataFrame, chance: Chance, *, span: Span) -> Stay:
    """The days of each person at the homes of the group.

    Children are there from birth. Of grown people nothing is told from before they came together,
    which was before the birth of their eldest child (assumption).
    """
    homes = persons["household"].fill_null(-1).to_numpy()
    alone = int(homes.max(initial=-1)) + 1 + np.arange(persons.height)
    groups, group = np.unique(np.where(homes < 0, alone, homes), return_inverse=True)
    since = persons.select(pl.col("arrived_on").fill_null(pl.col("born_on"))).to_series()
    arrived, born = day_numbers(since), day_numbers(persons["born_on"])
    died = persons["deceased_on"].cast(pl.Int32).cast(pl.Int64).fill_null(OPEN - 1).to_numpy()
    grown = (persons["role"] != "child").to_numpy()
    together = np.full(len(groups), NEVER)
    np.maximum.at(together, group[grown], born[grown] + round(GROWN * YEAR_DAYS))
    eldest = np.full(len(groups), OPEN)
    np.minimum.at(eldest, group[~grown], born[~grown])
    later = chance.stream("together").random(len(groups)) * SOON * (span.today - together)
    together = np.minimum(together + np.maximum(later, 0).astype(np.int64), eldest)
    begin = np.where(grown, np.maximum(arrived, np.minimum(together[group], span.today)), arrived)
    return Stay(group=group, begin=np.minimum(begin, died), end=died + 1)


def residences(
    country: Country, chance: Chance, persons: pl.DataFrame, *, span: Span
) -> pl.DataFrame:
    """One row per main residence, by number and begin; the last one is where letters go.

    Who has a number of the complementary register lives abroad and never moved (assumption).
    """
    stay, rule = stays(persons, chance, span=span), country.parameters.register
    groups, first = np.unique(stay.group, return_index=True)
    of = stay.group
    moves = _moves(chance, rule.moved_share, rule.most_moves, groups=len(groups), span=span)
    moves[persons["bis"].to_numpy()[first]] = NEVER
    street, house = streets_and_houses(
        # As for the letters of insurers: it is the same address.
        country,
        chance.stream("members"),
        persons["language"].to_numpy(),
    )
    heads = persons.with_columns(street=street, house_number=house)[first.tolist()]
    most = rule.most_moves
    edges = np.column_stack([np.full(len(groups), NEVER), moves, np.full(len(groups), OPEN)])
    parts = [
        _part(stay, home=of * (most + 1) + n, begin=edges[of, n], end=edges[of, n + 1])
        for n in range(most + 1)
    ]
    homes = _homes(country, chance, heads, most=most)
    rows = pl.concat(parts).join(homes, on="home", maintain_order="left")
    told = persons.select("ssin", person=pl.int_range(pl.len(), dtype=pl.Int64))
    found = rows.join(told, on="person").drop("home", "person").sort("ssin", "begin_date")
    return found.select("ssin", pl.exclude("ssin"))


def last_move(addresses: pl.DataFrame) -> pl.DataFrame:
    """Since when each person lives, or lived, at the last residence."""
    return addresses.group_by("ssin").agg(pl.col("begin_date").max().alias("since"))


def _moves(chance: Chance, share: float, most: int, *, groups: int, span: Span) -> Ints:
    """The days on which each group moved, in order; NEVER stands first where there were fewer."""
    rng = chance.stream("moves")
    day = rng.integers(span.begin + 1, span.today, (groups, most))
    moved = occurs(rng, share, groups * most).reshape(groups, most)
    return np.sort(np.where(moved, day, NEVER), axis=1)


def _part(stay: Stay, *, home: Ints, begin: Ints, end: Ints) -> pl.DataFrame:
    first, after = np.maximum(stay.begin, begin), np.minimum(stay.end, end)
    here = np.flatnonzero(first < after)
    return pl.DataFrame(
        {
            "person": pl.Series(here, dtype=pl.Int64),
            "home": pl.Series(home[here], dtype=pl.Int64),
            "begin_date": dates(first[here]),
            "end_date": last_days(after[here]),
        }
    )


def _homes(country: Country, chance: Chance, heads: pl.DataFrame, *, most: int) -> pl.DataFrame:
    """Every home that a group may have had: `heads` is one person of each, in order of groups."""
    rng, size = chance.stream("former-homes"), heads.height
    listed, language = country.municipalities["nis_code"], heads["language"].to_numpy()
    frames: list[pl.DataFrame] = []
    for n in range(most):
        town = listed.gather(pl.Series(places.towns(country, rng, size)))
        street, house = streets_and_houses(country, rng, language)
        former = heads.with_columns(municipality=town, street=street, house_number=house)
        frames.append(_described(country, former).with_columns(home=_numbers(size, most, n)))
    now = _described(country, heads)
    return pl.concat([*frames, now.with_columns(home=_numbers(size, most, most))])


def _numbers(size: int, most: int, n: int) -> pl.Series:
    return pl.Series(np.arange(size) * (most + 1) + n, dtype=pl.Int64)


def _described(country: Country, homes: pl.DataFrame) -> pl.DataFrame:
    """Codes and names of a home. Abroad there are a country, a street and a house number."""
    listed = country.municipalities.select(
        municipality="nis_code",
        municipality_nl="name_nl",
        municipality_fr="name_fr",
        # Assumption: the list has no German names, and there they are as in Dutch.
        municipality_de=pl.when(pl.col("region") == "de").then("name_nl"),
    )
    streets = country.streets.select(
        "language",
        street="name",
        street_code=pl.format("{}", pl.int_range(1, pl.len() + 1)).str.zfill(4),
    )
    own = country.nationalities["nis_code"][0]
    abroad = pl.col("municipality").is_null()
    return (
        homes.join(listed, on="municipality", how="left", maintain_order="left")
        .join(streets, on=("language", "street"), how="left", maintain_order="left")
        .select(
            pl.when(abroad).then("nationality").otherwise(pl.lit(own)).alias("country"),
            "municipality",
            "municipality_nl",
            "municipality_fr",
            "municipality_de",
            pl.when(~abroad).then("street_code").alias("street_code"),
            *(
                pl.when(pl.col("language") == one).then("street").alias(f"street_{one}")
                for one in LANGUAGES
            ),
            "house_number",
        )
    )
