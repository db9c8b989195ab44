"""Lives: who was born when, died when, lives where, came from where. One row per person."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from kruispunt.people import places, pyramid
from kruispunt.people.chance import Chance, Flags, Ints, Texts, occurs, pick
from kruispunt.people.country import Country
from kruispunt.people.days import OPEN, YEAR_DAYS, day_number
from kruispunt.people.households import Members, Role, live_together
from kruispunt.people.parameters import Parameters

OWN: Final = "own"
SETTLING_DAYS: Final = 60
EARLIEST: Final = day_number(date(1900, 1, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The days between which lives are told: `begin`, and `today` as the last one."""

    begin: int
    today: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lives:
    """Columns of all persons, the living by household, then the deceased.

    Days are whole numbers. `died` is OPEN for the living; `arrived` is the day from which the
    country knows the person, by birth or by coming; `household` is -1 for the deceased.
    """

    born: Ints
    died: Ints
    arrived: Ints
    female: Flags
    household: Ints
    role: Ints
    kind: Ints
    group: Ints
    """Who shares place, language and insurer: the household, or the deceased person alone."""

    municipality: Ints
    language: Texts
    nationality: Ints
    names: Texts
    bis: Flags
    replaced_on: Ints
    """OPEN for numbers that were not replaced."""

    def __len__(self) -> int:
        return len(self.born)


def live(country: Country, chance: Chance, *, size: int, span: Span) -> Lives:
    """Exactly `size` lives, some of them over."""
    parameters = country.parameters
    dead = round(size * parameters.deaths.share)
    members = live_together(parameters, chance, size=size - dead)
    born, died = _births_and_deaths(parameters, chance, members=members, dead=dead, span=span)
    homes = int(members.household.max()) + 1 if len(members) else 0
    group = np.concatenate([members.household, homes + np.arange(dead)])
    municipality, language, nationality = _places(country, chance, groups=homes + dead)
    alone = np.concatenate([_alone(members), np.zeros(dead, dtype=np.bool_)])
    bis, foreign = _bis(parameters, chance, alone=alone, nationality=nationality[group])
    own = np.where(bis, foreign, nationality[group])
    arrived, replaced = _arrivals(
        parameters, chance, born=born, died=died, group=group, nationality=own, bis=bis, span=span
    )
    sets = country.nationalities["names"].to_numpy()[own]
    return Lives(
        born=born,
        died=died,
        arrived=arrived,
        female=np.concatenate([members.female, occurs(chance.stream("dead"), 0.48, dead)]),
        household=np.concatenate([members.household, np.full(dead, -1)]),
        role=np.concatenate([members.role, np.full(dead, Role.NONE)]),
        kind=np.concatenate([members.kind, np.full(dead, -1)]),
        group=group,
        municipality=municipality[group],
        language=language[group],
        nationality=own,
        names=np.where(sets == OWN, language[group], sets),
        bis=bis,
        replaced_on=replaced,
    )


def _births_and_deaths(
    parameters: Parameters, chance: Chance, *, members: Members, dead: int, span: Span
) -> tuple[Ints, Ints]:
    rng = chance.stream("births")
    ages = members.age + rng.random(len(members))
    born = span.today - np.floor(ages * YEAR_DAYS).astype(np.int64)
    died = rng.integers(span.begin, span.today, dead)
    dead_ages = pick(rng, pyramid.by_year(parameters.deaths.ages), dead) + rng.random(dead)
    dead_born = died - np.floor(dead_ages * YEAR_DAYS).astype(np.int64)
    # Numbers tell two centuries: nobody was born before the first.
    births = np.maximum(np.concatenate([born, dead_born]), EARLIEST)
    return births, np.concatenate([np.full(len(born), OPEN), died])


def _alone(members: Members) -> Flags:
    """Households of one person."""
    sizes = np.bincount(members.household)
    return sizes[members.household] == 1


def _places(country: Country, chance: Chance, *, groups: int) -> tuple[Ints, Texts, Ints]:
    """Municipality, language and nationality of each group of people."""
    rng = chance.stream("places")
    town = places.towns(country, rng, groups)
    language = places.languages(country, rng, places.regions(country, town))
    nationality = pick(rng, country.nationalities["weight"].to_numpy(), groups)
    return town, language, nationality


def _bis(
    parameters: Parameters, chance: Chance, *, alone: Flags, nationality: Ints
) -> tuple[Flags, Ints]:
    """Who has a BIS number: people living alone, of another nationality than the first."""
    rng = chance.stream("bis")
    share = parameters.numbers.bis_share * len(alone) / max(1, int(alone.sum()))
    bis = alone & occurs(rng, share, len(alone))
    return bis, np.where(nationality == 0, 1 + rng.integers(0, 5, len(alone)), nationality)


def _arrivals(
    parameters: Parameters,
    chance: Chance,
    *,
    born: Ints,
    died: Ints,
    group: Ints,
    nationality: Ints,
    bis: Flags,
    span: Span,
) -> tuple[Ints, Ints]:
    """The day from which each person is known, and the day on which a number was replaced.

    A household comes on one day; who came with a BIS number may get another number later.
    """
    rng = chance.stream("arrivals")
    groups = int(group.max()) + 1 if len(group) else 0
    came = occurs(rng, parameters.arrivals.share_of_foreigners, groups)[group] & (nationality > 0)
    until = np.minimum(died, span.today + 1) - SETTLING_DAYS
    begin = np.maximum(born, span.begin)
    wished = rng.integers(span.begin, span.today - SETTLING_DAYS, groups)[group]
    newcomer = (came | bis) & (begin < until)
    arrived = np.where(newcomer, np.clip(wished, begin, np.maximum(begin, until)), born)
    candidates = newcomer & ~bis & (died == OPEN)
    share = parameters.numbers.replaced_share * len(born) / max(1, int(candidates.sum()))
    replaced = candidates & occurs(rng, share, len(born))
    day = arrived + (rng.random(len(born)) * (span.today - arrived)).astype(np.int64)
    return arrived, np.where(replaced, day, OPEN)
