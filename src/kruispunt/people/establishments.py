"""Employers as their directory tells of them: name, address, curator, provisional number."""

import numpy as np
import polars as pl

from kruispunt.people.chance import Chance, Floats, Ints, Texts, distinct, occurs, pick
from kruispunt.people.country import Country
from kruispunt.people.numbers import nsso_numbers

LEAST_SYLLABLES = 2
MOST_SYLLABLES = 3
CURATOR_DIGITS = 7


def establish(country: Country, employers: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """Columns beside those of the employers, row by row. Null: not known, or no such thing."""
    rng = chance.stream("employer-directory")
    rule = country.parameters.employer_directory
    size = employers.height
    language = employers["language"].to_numpy()
    address = addresses(country, rng, employers)
    without = pl.Series(occurs(rng, rule.no_address_share, size))
    bankrupt = employers["curatorship"]
    number = pl.Series(rng.permutation(10**CURATOR_DIGITS - 1)[:size] + 1).cast(pl.String)
    provisional = nsso_numbers(distinct(rng, rule.provisional_heads, size))
    had_one = pl.Series(occurs(rng, rule.provisional_share, size))
    return pl.DataFrame(
        {
            "denomination": _names(country, rng, language),
            "address": address.set(without, None),
            "curator_id": (rule.curator_prefix + number.str.zfill(CURATOR_DIGITS)).set(
                ~bankrupt, None
            ),
            "curator_name": _curators(country, rng, language).set(~bankrupt, None),
            "curator_address": addresses(country, rng, employers).set(~bankrupt, None),
            "provisional_number": pl.Series(provisional).cast(pl.String).set(~had_one, None),
        }
    )


def _names(country: Country, rng: np.random.Generator, language: Texts) -> pl.Series:
    """Words that mean nothing, with a legal form of the employer's language."""
    rule = country.parameters.employer_directory
    syllables = np.array(rule.syllables, dtype=object)
    words = syllables[pick(rng, np.ones(len(syllables)), len(language) * MOST_SYLLABLES)]
    parts = words.reshape(len(language), MOST_SYLLABLES)
    parts[occurs(rng, 0.4, len(language)), LEAST_SYLLABLES:] = ""
    name = pl.Series(parts.sum(axis=1), dtype=pl.String).str.to_titlecase()
    form = np.empty(len(language), dtype=object)
    for code, choices in sorted(rule.forms.items()):
        rows = language == code
        drawn = pick(rng, [c.weight for c in choices], int(rows.sum()))
        form[rows] = np.array([c.code for c in choices], dtype=object)[drawn]
    return name + " " + pl.Series(form, dtype=pl.String)


def addresses(country: Country, rng: np.random.Generator, of: pl.DataFrame) -> pl.Series:
    """Street, number and municipality on one line, in the language of each row; null: none here.

    `of` has a `municipality` and a `language`.
    """
    street, house = streets_and_houses(country, rng, of["language"].to_numpy())
    towns = country.municipalities.select("nis_code", "name_nl", "name_fr", "region")
    town = of.select(nis_code="municipality", language="language").join(
        towns, on="nis_code", how="left", maintain_order="left"
    )
    french = (pl.col("language") == "fr").fill_null(value=False)
    name = town.select(pl.when(french).then("name_fr").otherwise("name_nl")).to_series()
    return street + " " + house + ", " + name


def streets_and_houses(
    country: Country, rng: np.random.Generator, language: Texts
) -> tuple[pl.Series, pl.Series]:
    """A street, in the language of each row, and a house number in it."""
    highest = country.parameters.employer_directory.highest_house_number
    street = _by_language(country.streets, "name", language, rng=rng)
    house = pl.Series(rng.integers(1, highest + 1, len(language))).cast(pl.String)
    return street, house


def _curators(country: Country, rng: np.random.Generator, language: Texts) -> pl.Series:
    first = _by_language(country.names, "name", language, rng=rng, kind="female")
    last = _by_language(country.names, "name", language, rng=rng, kind="surname")
    return first + " " + last


def _by_language(
    listed: pl.DataFrame,
    column: str,
    language: Texts,
    *,
    rng: np.random.Generator,
    kind: str | None = None,
) -> pl.Series:
    """A name for each row out of the list of its language."""
    key = "language" if kind is None else "set"
    drawn = np.empty(len(language), dtype=object)
    for code in sorted({str(one) for one in language}):
        rows = language == code
        known = listed.filter(pl.col(key) == code)
        if kind is not None:
            known = known.filter(pl.col("kind") == kind)
        weights: Floats = np.ones(known.height)
        picked: Ints = pick(rng, weights, int(rows.sum()))
        drawn[rows] = known[column].to_numpy()[picked]
    return pl.Series(drawn, dtype=pl.String)
