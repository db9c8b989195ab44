"""Employers: their numbers, what they do, where, how large they are."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from kruispunt.people import places
from kruispunt.people.chance import Chance, Floats, Ints, Texts, distinct, occurs, pick
from kruispunt.people.country import Country
from kruispunt.people.days import texts
from kruispunt.people.numbers import nsso_numbers, ten_digit_numbers

FEWEST: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Employers:
    """A frame with one row per employer, and the share of jobs that each has.

    Rows stand by language: `bounds` gives for each language where its rows begin and end.
    """

    frame: pl.DataFrame
    jobs: Floats
    bounds: dict[str, tuple[int, int]]

    def __len__(self) -> int:
        return self.frame.height

    def hire(self, rng: np.random.Generator, languages: Texts) -> Ints:
        """An employer for each worker, of the worker's language where there is one."""
        total = np.r_[0.0, np.cumsum(self.jobs)]
        low, high = np.zeros(len(languages)), np.full(len(languages), total[-1])
        for language, (begin, end) in self.bounds.items():
            rows = languages == language
            low[rows], high[rows] = total[begin], total[end]
        place = low + rng.random(len(languages)) * (high - low)
        return np.clip(np.searchsorted(total, place, side="right") - 1, 0, len(self) - 1)


def employ(country: Country, chance: Chance, *, size: int) -> Employers:
    """Employers for a country of `size` people."""
    rng = chance.stream("employers")
    rule = country.parameters.enterprises
    count = max(FEWEST, round(0.6 * size / rule.workers_per_employer))
    town = places.towns(country, rng, count)
    region = places.regions(country, town)
    language = places.languages(country, rng, region)
    order = np.argsort(language.astype(str), kind="stable")
    town, region, language = town[order], region[order], language[order]
    activity = _activities(country, rng, region)
    jobs = rng.permutation(np.arange(1, count + 1) ** -rule.size_exponent)
    origins = np.array([o.code for o in rule.registration_origins], dtype=object)
    origin = origins[pick(rng, [o.weight for o in rule.registration_origins], count)]
    frame = pl.DataFrame(
        {
            "cbe_number": _ten(ten_digit_numbers(distinct(rng, rule.enterprise_heads, count))),
            "nsso_number": _ten(nsso_numbers(distinct(rng, rule.nsso_heads, count))),
            "nsso_number_origin": pl.Series(origin, dtype=pl.String),
            "establishment_number": _ten(
                ten_digit_numbers(distinct(rng, rule.establishment_heads, count))
            ),
            "language": pl.Series(language, dtype=pl.String),
            "municipality": texts(country.municipalities["nis_code"], town),
            "curatorship": pl.Series(occurs(rng, rule.curatorship_share, count)),
        }
    )
    work = country.activities.drop("name_en", "region", "weight")
    chosen = work[pl.Series(activity.astype(np.uint32))]
    return Employers(
        frame=pl.concat([frame, chosen], how="horizontal"), jobs=jobs, bounds=_bounds(language)
    )


def _ten(numbers: Ints) -> pl.Series:
    return pl.Series(numbers).cast(pl.String).str.zfill(10)


def _activities(country: Country, rng: np.random.Generator, region: Texts) -> Ints:
    """What each employer does; some activities exist in one region only."""
    activity = np.zeros(len(region), dtype=np.int64)
    where = country.activities["region"].to_numpy()
    weight = country.activities["weight"].to_numpy()
    for name in sorted(country.parameters.regions):
        rows = region == name
        here = np.where((where == "") | (where == name), weight, 0.0)
        activity[rows] = pick(rng, here, int(rows.sum()))
    return activity


def _bounds(language: Texts) -> dict[str, tuple[int, int]]:
    names, begins, counts = np.unique(language.astype(str), return_index=True, return_counts=True)
    return {
        str(name): (int(begin), int(begin + count))
        for name, begin, count in zip(names, begins, counts, strict=True)
    }
