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
    known = particulars(country, persons, chance)
    town = known["birth_town"]
    told = persons.with_columns(
        second_name_initial=known["middle_name"].str.head(1),
        birth_municipality=_in_language(country, town, persons["language"]),
        birth_country=known["birth_country"],
        sex=known["sex"],
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


def particulars(country: Country, persons: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """What every register says of a person beside name and date, the same in each of them.

    `birth_town` is a row of the list of municipalities, null for who was born abroad; `sex` is in
    the codes of files.
    """
    rule, size = country.parameters.workers, persons.height
    rng = chance.stream("workers")
    home = country.nationalities["nis_code"][0]
    here = (persons["nationality"] == home) & pl.Series(occurs(rng, rule.born_here_share, size))
    abroad = _others(country, rng, size)
    middle = texts(persons["first_name"], rng.permutation(size))
    second = pl.Series(occurs(rng, rule.second_name_share, size))
    town = pl.Series(places.towns(country, rng, size), dtype=pl.Int64)
    born_in = (
        pl.when(here)
        .then(pl.lit(home))
        .when(persons["nationality"] == home)
        .then(abroad)
        .otherwise(persons["nationality"])
    )
    return pl.DataFrame(
        {
            "middle_name": middle.set(~second, None),
            "birth_town": town.set(~here, None),
            "birth_country": pl.select(born_in).to_series(),
            "sex": persons["sex"].replace_strict(dict(rule.sexes), return_dtype=pl.String),
        }
    )


def _in_language(country: Country, town: pl.Series, language: pl.Series) -> pl.Series:
    """The name of each town, in the language of the person where the list has it."""
    listed = country.municipalities
    here = pl.DataFrame(
        {"nl": listed["name_nl"].gather(town), "fr": listed["name_fr"].gather(town)}
    )
    french = pl.when(language == "fr").then("fr").otherwise("nl")
    return here.select(french.alias("town")).to_series()


def _others(country: Country, rng: np.random.Generator, size: int) -> pl.Series:
    """A country of birth for who was born abroad with the first nationality."""
    listed = country.nationalities[1:]
    drawn = pick(rng, listed["weight"].to_numpy(), size)
    return texts(listed["nis_code"], drawn)
