"""The age pyramid: how many people of each age there should be."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from kruispunt.people.chance import Floats, Ints
from kruispunt.people.parameters import AgeBand

OLDEST: Final = 121


def by_year(bands: Sequence[AgeBand]) -> Floats:
    """Weight of each single year of age; the weight of a band is spread evenly over its years."""
    weights = np.zeros(OLDEST)
    for band in bands:
        weights[band.from_ : band.until] += band.weight / max(1, band.until - band.from_)
    return weights / weights.sum()


def within(weights: Floats, youngest: int, until: int) -> Floats:
    """The same weights, with nothing outside the ages from `youngest` up to but not `until`."""
    ages = np.arange(OLDEST)
    return np.where((ages >= youngest) & (ages < until), weights, 0.0)


def missing(weights: Floats, *, ages: Ints, size: int) -> Floats:
    """How many people of each age are still to come, when these ages are there already."""
    there = np.bincount(np.clip(ages, 0, OLDEST - 1), minlength=OLDEST)
    return np.maximum(weights * size - there, 0.0)
