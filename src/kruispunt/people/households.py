"""Who lives with whom: families first, then the people whom the pyramid still lacks."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np

from kruispunt.people import pyramid
from kruispunt.people.chance import Chance, Flags, Floats, Ints, occurs, pick
from kruispunt.people.parameters import HouseholdKind, Households, Parameters

ADULT: Final = 19
OLDEST_ADULT: Final = 103
FATHER_OLDER: Final = 2
PARENT_OLDER: Final = 17


class Role(IntEnum):
    """Place of a person in a household."""

    REFERENCE = 0
    PARTNER = 1
    CHILD = 2
    NONE = 3


@dataclass(frozen=True, slots=True)
class Members:
    """One row per living person, ordered by household, the reference person first."""

    household: Ints
    role: Ints
    age: Ints
    female: Flags
    kind: Ints

    def __len__(self) -> int:
        return len(self.household)


def live_together(parameters: Parameters, chance: Chance, *, size: int) -> Members:
    """Exactly `size` living people in households, by the pyramid."""
    rng = chance.stream("households")
    weights = pyramid.by_year(parameters.ages)
    families = _families(parameters.households, rng, weights=weights, size=size)
    others = _others(parameters.households, rng, weights=weights, size=size, families=families)
    parts = [families, others] if len(families) else [others]
    first = int(families.household.max()) + 1 if len(families) else 0
    household = np.concatenate([part.household for part in parts])
    household[len(families) :] += first
    members = Members(
        household=household,
        role=np.concatenate([part.role for part in parts]),
        age=np.concatenate([part.age for part in parts]),
        female=np.concatenate([part.female for part in parts]),
        kind=np.concatenate([part.kind for part in parts]),
    )
    return _shuffled(members, rng)


def _families(
    rule: Households, rng: np.random.Generator, *, weights: Floats, size: int
) -> Members:
    """Families: enough of them for the children of the pyramid."""
    at_home = pyramid.within(weights, 0, rule.child_until)
    at_home[rule.grown_from :] *= rule.grown_at_home_share
    share = [child.weight for child in rule.children]
    mean = np.average([child.count for child in rule.children], weights=share)
    count = round(size * float(at_home.sum()) / float(mean))
    kind = _kinds(rule.kinds, rng, children=True, count=count)
    children = np.array([c.count for c in rule.children])[pick(rng, share, count)]
    adults = np.array([k.adults for k in rule.kinds])[kind]
    fits = np.cumsum(adults + children) <= size
    return _family_members(
        rule, rng, kind=kind[fits], adults=adults[fits], children=children[fits], weights=at_home
    )


def _family_members(
    rule: Households,
    rng: np.random.Generator,
    *,
    kind: Ints,
    adults: Ints,
    children: Ints,
    weights: Floats,
) -> Members:
    count = len(kind)
    eldest = pick(rng, weights, count)
    gap = np.clip(rng.normal(rule.mother_age_mean, rule.mother_age_spread, count), 19, 44)
    youngest, oldest = _age_bounds(rule.kinds, kind)
    parent = np.clip(eldest + gap.astype(np.int64), youngest, oldest)
    other = np.maximum(
        parent + rng.normal(FATHER_OLDER, rule.partner_age_spread, count).astype(np.int64),
        np.maximum(parent - FATHER_OLDER, ADULT),
    )
    child = _child_ages(rule, rng, eldest=eldest, parent=parent, count=children)
    woman = (adults == 2) | occurs(rng, rule.lone_mother_share, count)
    alike = occurs(rng, rule.same_sex_share, count)
    ages = (parent, other, child)
    return _rows(rng, kind=kind, adults=adults, children=children, ages=ages, sexes=(woman, alike))


def _child_ages(
    rule: Households, rng: np.random.Generator, *, eldest: Ints, parent: Ints, count: Ints
) -> Ints:
    """Ages of all children in order of family: the drawn one, then siblings on either side."""
    family = np.repeat(np.arange(len(count)), count)
    place = np.arange(len(family)) - np.repeat(np.cumsum(count) - count, count)
    years = 1 + rng.poisson(rule.sibling_years - 1, len(family))
    shift = np.where(place % 2 == 1, -years, years) * ((place + 1) // 2)
    age = eldest[family] + shift
    bound = np.minimum(rule.child_until - 1, parent[family] - PARENT_OLDER)
    age = np.where(age < 0, eldest[family] + np.abs(shift), age)
    return np.clip(np.where(age > bound, eldest[family] - np.abs(shift), age), 0, bound)


def _others(
    rule: Households,
    rng: np.random.Generator,
    *,
    weights: Floats,
    size: int,
    families: Members,
) -> Members:
    """Couples and single people: their ages are those that the families left open."""
    rest = size - len(families)
    plain = [k for k in rule.kinds if not k.children]
    per_household = sum(k.share * k.adults for k in plain) / sum(k.share for k in plain)
    kind = _kinds(rule.kinds, rng, children=False, count=int(rest / per_household))
    adults = np.array([k.adults for k in rule.kinds])[kind]
    kind = kind[np.cumsum(adults) <= rest]
    lone = next(n for n, k in enumerate(rule.kinds) if not k.children and k.adults == 1)
    alone = rest - int(np.array([k.adults for k in rule.kinds])[kind].sum())
    kind = np.r_[kind, np.full(alone, lone)]
    adults = np.array([k.adults for k in rule.kinds])[kind]
    lacking = pyramid.within(
        pyramid.missing(weights, ages=families.age, size=size), ADULT, OLDEST_ADULT
    )
    age = pick(rng, lacking if lacking.sum() else weights, len(kind))
    age = np.clip(age, *_age_bounds(rule.kinds, kind))
    spread = rng.normal(0, rule.partner_age_spread, len(kind)).astype(np.int64)
    other = np.clip(age + spread, ADULT, OLDEST_ADULT)
    none = np.zeros(len(kind), dtype=np.int64)
    sexes = occurs(rng, 0.5, len(kind)), occurs(rng, rule.same_sex_share, len(kind))
    ages = (age, other, none[:0])
    return _rows(rng, kind=kind, adults=adults, children=none, ages=ages, sexes=sexes)


def _kinds(
    kinds: Sequence[HouseholdKind], rng: np.random.Generator, *, children: bool, count: int
) -> Ints:
    return pick(rng, [k.share if k.children == children else 0.0 for k in kinds], count)


def _age_bounds(kinds: Sequence[HouseholdKind], kind: Ints) -> tuple[Ints, Ints]:
    return np.array([k.youngest for k in kinds])[kind], np.array([k.oldest for k in kinds])[kind]


def _rows(
    rng: np.random.Generator,
    *,
    kind: Ints,
    adults: Ints,
    children: Ints,
    ages: tuple[Ints, Ints, Ints],
    sexes: tuple[Flags, Flags],
) -> Members:
    """Households as rows of people: reference person, partner, children.

    `ages` are those of one adult, the other and all children; `sexes`: is the one adult a woman,
    and are both of the same sex.
    """
    count = len(kind)
    number = np.arange(count)
    couple = adults == 2
    parent, other, child = ages
    woman, alike = sexes
    swap = couple & occurs(rng, 0.5, count)
    partner_female = np.where(alike, woman, ~woman)
    household = np.concatenate([number, number[couple], np.repeat(number, children)])
    role = np.repeat(
        [Role.REFERENCE, Role.PARTNER, Role.CHILD], [count, couple.sum(), len(child)]
    ).astype(np.int64)
    age = np.concatenate(
        [np.where(swap, other, parent), np.where(swap, parent, other)[couple], child]
    )
    female = np.concatenate(
        [
            np.where(swap, partner_female, woman),
            np.where(swap, woman, partner_female)[couple],
            occurs(rng, 0.488, len(child)),
        ]
    )
    order = np.lexsort((role, household))
    return Members(
        household[order], role[order], age[order], female[order], kind[household[order]]
    )


def _shuffled(members: Members, rng: np.random.Generator) -> Members:
    """The same households in another order, numbered again: no kind comes first."""
    count = int(members.household.max()) + 1 if len(members) else 0
    household = rng.permutation(count)[members.household]
    order = np.lexsort((members.role, household))
    return Members(
        household[order],
        members.role[order],
        members.age[order],
        members.female[order],
        members.kind[order],
    )
