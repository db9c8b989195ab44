"""Persons as the registers describe them: names, sex, dates, place, household."""

import numpy as np
import polars as pl

from kruispunt.people.chance import Chance, Flags, Ints, Texts, pick
from kruispunt.people.country import Country
from kruispunt.people.days import OPEN, dates, texts
from kruispunt.people.households import Role
from kruispunt.people.lives import Lives
from kruispunt.people.registers import Registers


def describe(lives: Lives, registers: Registers, country: Country, chance: Chance) -> pl.DataFrame:
    """One row per person, in the order of lives."""
    towns = country.municipalities["nis_code"]
    town = texts(towns, lives.municipality)
    roles = np.array([role.name.lower() for role in Role], dtype=object)
    nobody = lives.household < 0
    return pl.DataFrame(
        {
            "person": pl.Series(np.arange(len(lives)), dtype=pl.Int64),
            "ssin": pl.Series(registers.ssin, dtype=pl.Int64),
            "last_name": _last_names(lives, country, chance),
            "first_name": _first_names(lives, country, chance),
            "sex": pl.Series(np.where(lives.female, "female", "male"), dtype=pl.String),
            "birth_date": registers.birth_date,
            "born_on": dates(lives.born),
            "deceased_on": dates(lives.died),
            "arrived_on": dates(np.where(lives.arrived == lives.born, OPEN, lives.arrived)),
            "language": pl.Series(lives.language, dtype=pl.String),
            "nationality": texts(country.nationalities["nis_code"], lives.nationality),
            # Assumption: who has a BIS number lives abroad.
            "municipality": town.set(pl.Series(lives.bis), None),
            "household": pl.Series(lives.household, dtype=pl.Int64).set(pl.Series(nobody), None),
            "role": pl.Series(roles[lives.role], dtype=pl.String),
            "bis": pl.Series(lives.bis),
        }
    )


def households(persons: pl.DataFrame) -> pl.DataFrame:
    """One row per household: its reference person, municipality, language and size."""
    return (
        persons.filter(pl.col("household").is_not_null())
        .group_by("household")
        .agg(
            pl.col("ssin").filter(pl.col("role") == "reference").first().alias("reference_ssin"),
            pl.col("municipality").first(),
            pl.col("language").first(),
            pl.len().cast(pl.Int64).alias("size"),
            (pl.col("role") == "child").sum().cast(pl.Int64).alias("children"),
        )
        .sort("household")
    )


def _last_names(lives: Lives, country: Country, chance: Chance) -> pl.Series:
    """Children bear the name of the household's reference person."""
    rng = chance.stream("surnames")
    drawn = _draw(country, rng, lives.names, kind="surname")
    first = np.maximum.accumulate(
        np.where(lives.role == Role.CHILD, 0, np.arange(len(lives)))
    )  # the reference person stands first, then the partner: step back over the partner
    holder = np.where(lives.role[first] == Role.PARTNER, first - 1, first)
    return pl.Series(np.where(lives.role == Role.CHILD, drawn[holder], drawn), dtype=pl.String)


def _first_names(lives: Lives, country: Country, chance: Chance) -> pl.Series:
    rng = chance.stream("first-names")
    women = _draw(country, rng, lives.names, kind="female")
    men = _draw(country, rng, lives.names, kind="male")
    return pl.Series(np.where(lives.female, women, men), dtype=pl.String)


def _draw(country: Country, rng: np.random.Generator, sets: Texts, *, kind: str) -> Texts:
    drawn = np.empty(len(sets), dtype=object)
    for name in sorted(set(country.names["set"])):
        rows: Flags = sets == name
        known = country.names.filter((pl.col("set") == name) & (pl.col("kind") == kind))
        picked: Ints = pick(rng, known["weight"].to_numpy(), int(rows.sum()))
        drawn[rows] = known["name"].to_numpy()[picked]
    return drawn
