"""The personnel file: what it says of everyone who was ever declared as somebody's worker."""

import numpy as np
import polars as pl

from kruispunt.people import places
from kruispunt.people.chance import Chance, occurs, pick
from kruispunt.people.country import Country
from kruispunt.people.days import texts


def workers(
    country: Country, persons: pl.DataFrame, dimona: pl.DataFrame, chance: Chance
) -> pl.DataFrame:
    """One row per worker, by number. A place of birth abroad is not known, its country is."""
    rule, size = country.parameters.workers, persons.height
    rng = chance.stream("workers")
    home = country.nationalities["nis_code"][0]
    here = (persons["nationality"] == home) & pl.Series(occurs(rng, rule.born_here_share, size))
    abroad = _others(country, rng, size)
    initial = texts(persons["first_name"], rng.permutation(size))
    second = pl.Series(occurs(rng, rule.second_name_share, size))
    told = persons.with_columns(
        second_name_initial=initial.str.head(1).set(~second, None),
        birth_municipality=_towns(country, rng, persons["language"]).set(~here, None),
        birth_country=pl.select(
            pl.when(here)
            .then(pl.lit(home))
            .when(persons["nationality"] == home)
            .then(abroad)
            .otherwise(persons["nationality"])
        ).to_series(),
        sex=persons["sex"].replace_strict(dict(rule.sexes), return_dtype=pl.String),
    )
    return (
        told.join(dimona.select("ssin").unique(), on="ssin", how="semi")
        .select(
            "ssin",
            "last_name",
            "first_name",
            "second_name_initial",
            "birth_date",
            "birth_municipality",
            "birth_country",
            "sex",
            "nationality",
        )
        .sort("ssin")
    )


def _towns(country: Country, rng: np.random.Generator, language: pl.Series) -> pl.Series:
    """A place of birth for each person, in the language of the person where the list has it."""
    town = places.towns(country, rng, len(language))
    listed = country.municipalities
    here = pl.DataFrame(
        {"nl": texts(listed["name_nl"], town), "fr": texts(listed["name_fr"], town)}
    )
    french = pl.when(language == "fr").then("fr").otherwise("nl")
    return here.select(french.alias("town")).to_series()


def _others(country: Country, rng: np.random.Generator, size: int) -> pl.Series:
    """A country of birth for who was born abroad with the first nationality."""
    listed = country.nationalities[1:]
    drawn = pick(rng, listed["weight"].to_numpy(), size)
    return texts(listed["nis_code"], drawn)
