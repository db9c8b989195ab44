"""Places: in which municipality, and so in which language, people and employers live."""

import numpy as np

from kruispunt.people.chance import Ints, Texts, pick
from kruispunt.people.country import Country


def towns(country: Country, rng: np.random.Generator, size: int) -> Ints:
    """Rows of the list of municipalities, in proportion to their inhabitants."""
    return pick(rng, country.municipalities["inhabitants"].to_numpy(), size)


def regions(country: Country, town: Ints) -> Texts:
    """The region of each town."""
    return country.municipalities["region"].to_numpy()[town]


def languages(country: Country, rng: np.random.Generator, region: Texts) -> Texts:
    """A language for each row, by the shares of its region."""
    language = np.empty(len(region), dtype=object)
    for name, rule in sorted(country.parameters.regions.items()):
        rows = region == name
        drawn = pick(rng, [c.weight for c in rule.languages], int(rows.sum()))
        language[rows] = np.array([c.code for c in rule.languages], dtype=object)[drawn]
    return language
