"""Amounts of unemployment benefits: they drop by period and phase (05/022 §41).

All figures are synthetic. Assumption: while amounts are frozen (§42) the clock of the periods
stands still, so that every later drop comes later by the days of the freeze.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from kruispunt.people.benefit_rules import Benefits, Freeze
from kruispunt.people.careers import Spells
from kruispunt.people.chance import Chance, Flags, Ints, occurs
from kruispunt.people.days import OPEN, day_number, months_later
from kruispunt.people.households import Role
from kruispunt.people.lives import Lives, Span
from kruispunt.people.unemployment import Jobless

BURDEN, SINGLE, COHABITING = 0, 1, 2
SITUATIONS: Final = 3
FIRST_PERIOD_MONTHS: Final = 12
LIFT: Final = 2 * OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Scales:
    """Times of one amount, in order of spell and begin: the spell, and what the amount hangs on.

    Times of a spell that still runs are told beyond today, as far as they are known now.
    """

    spell: Ints
    begin: Ints
    end: Ints
    phase: Ints
    situation: Ints
    senior: Flags
    supplied: Flags
    """With a company supplement: the amount does not drop."""

    wage: Ints

    def amounts(self, rule: Benefits, situation: Ints) -> Ints:
        """Cents a day, as they would be in these situations of the family."""
        phases = rule.phases
        rates = np.array([one.rate.all for one in phases])[self.phase, situation]
        ceiling = np.array([one.ceiling for one in phases])[self.phase]
        down = np.array([one.flat_share for one in phases])[self.phase]
        flat = np.array(rule.flat.all)[situation]
        whole = np.maximum(np.minimum(self.wage, ceiling) * rates / 100, flat)
        return np.rint(whole - down * (whole - flat)).astype(np.int64)


def scale(jobless: Jobless, lives: Lives, rule: Benefits, chance: Chance, *, span: Span) -> Scales:
    """The times of each amount in all spells."""
    spells = jobless.spells
    rng = chance.stream("scales")
    born = lives.born[spells.person]
    supplied = spells.begin >= months_later(born, _months(rule.company_supplement_age, born))
    supplied &= ~jobless.beside_job
    supplied &= occurs(rng, rule.company_supplement_share, len(spells))
    drops = np.where(supplied[:, None], OPEN, _drops(spells, lives, rule, rng))
    senior = _senior_from(born, rule)
    change = _family_change(spells, rule, rng, span=span)
    situations = _situations(lives, rule, rng)[spells.person]
    other = (situations + rng.integers(1, SITUATIONS, len(spells))) % SITUATIONS
    wages = np.rint(rng.lognormal(np.log(rule.wage_median), rule.wage_spread, len(lives)))
    spell, begin = _times(spells, np.c_[spells.begin, drops, senior, change])
    phase = (drops[spell] <= begin[:, None]).sum(axis=1)
    situation = np.where(begin >= change[spell], other[spell], situations[spell])
    second = np.array([one.period for one in rule.phases])[phase] > 1
    is_senior = second & (begin >= senior[spell]) & ~supplied[spell]
    states = np.c_[spell, phase, situation, is_senior]
    real = np.r_[True, (states[1:] != states[:-1]).any(axis=1)][: len(spell)]
    spell, begin = spell[real], begin[real]
    same = np.r_[spell[1:] == spell[:-1], False][: len(spell)]
    return Scales(
        spell=spell,
        begin=begin,
        end=np.where(same, np.roll(begin, -1), spells.end[spell]),
        phase=phase[real],
        situation=situation[real],
        senior=is_senior[real],
        supplied=supplied[spell],
        wage=wages.astype(np.int64)[spells.person[spell]],
    )


def _times(spells: Spells, days: Ints) -> tuple[Ints, Ints]:
    """The spell and the day of whatever falls into it, in order of both, each day once."""
    inside = (days >= spells.begin[:, None]) & (days < spells.end[:, None])
    spell, place = np.nonzero(inside)
    # One whole number for both: a day lies between -OPEN and OPEN.
    found = np.unique(spell * LIFT + days[spell, place] + OPEN)
    return found // LIFT, found % LIFT - OPEN


def _drops(spells: Spells, lives: Lives, rule: Benefits, rng: np.random.Generator) -> Ints:
    """The days on which each spell's next phases begin; phases of no length begin together."""
    least, most = rule.second_period.least, rule.second_period.most
    second = rng.integers(least, most + 1, len(lives))[spells.person]
    ends = np.cumsum([one.months for one in rule.phases[:-1]])
    longest = FIRST_PERIOD_MONTHS + second
    months = np.minimum(ends[None, :], longest[:, None])
    months[:, -1] = longest
    frozen, thawed = _days(rule.freeze)
    start = _clock_start(spells, rule)
    days = months_later(np.broadcast_to(start[:, None], months.shape), months)
    since = np.maximum(spells.begin, frozen)[:, None]
    held = (since < thawed) & (days > since)
    return np.where(held, days + thawed - since, days)


def _clock_start(spells: Spells, rule: Benefits) -> Ints:
    """The day on which the periods would have begun to run without a break before each spell."""
    frozen, thawed = _days(rule.freeze)
    still = np.minimum(spells.end, thawed) - np.maximum(spells.begin, frozen)
    counted = np.where(spells.end == OPEN, 0, spells.end - spells.begin - np.maximum(still, 0))
    away = spells.begin[1:] - spells.end[:-1]
    same = (spells.person[1:] == spells.person[:-1]) & (away < rule.fresh_start_days)
    head = np.r_[True, ~same][: len(spells)]
    earlier = np.cumsum(counted) - counted
    return spells.begin - (earlier - np.maximum.accumulate(np.where(head, earlier, 0)))


def _senior_from(born: Ints, rule: Benefits) -> Ints:
    """The birthday from which the supplement counts; one in the freeze counts after it."""
    day = months_later(born, _months(rule.supplement_age, born))
    frozen, thawed = _days(rule.freeze)
    return np.where((day > frozen) & (day < thawed), thawed, day)


def _family_change(
    spells: Spells, rule: Benefits, rng: np.random.Generator, *, span: Span
) -> Ints:
    """The day on which the situation of the family changed, OPEN where it did not: no freeze."""
    until = np.where(spells.end == OPEN, span.today + 1, spells.end)
    day = spells.begin + 1 + (rng.random(len(spells)) * (until - spells.begin)).astype(np.int64)
    frozen, thawed = _days(rule.freeze)
    changed = occurs(rng, rule.family_change_share, len(spells)) & (day < until)
    return np.where(changed & ((day < frozen) | (day >= thawed)), day, OPEN)


def _situations(lives: Lives, rule: Benefits, rng: np.random.Generator) -> Ints:
    """By the household of today: alone, with children or a partner to keep, or with others."""
    housed = lives.household >= 0
    sizes = np.bincount(lives.household[housed], minlength=1)
    alone = ~housed | (sizes[lives.household] == 1)
    lone_parent = (lives.role == Role.REFERENCE) & ~_has(lives, Role.PARTNER)
    keeps = (lives.role != Role.CHILD) & occurs(rng, rule.burden_share, len(lives))
    burdened = np.where(lone_parent | keeps, BURDEN, COHABITING)
    return np.where(alone, SINGLE, burdened)


def _has(lives: Lives, role: Role) -> Flags:
    """True for members of households where somebody has that role."""
    housed = lives.household >= 0
    homes = int(lives.household.max(initial=0)) + 1
    holders = np.bincount(lives.household[housed & (lives.role == role)], minlength=homes)
    return housed & (holders[lives.household] > 0)


def _days(freeze: Freeze) -> tuple[int, int]:
    return day_number(freeze.from_), day_number(freeze.until) + 1


def _months(years: int, like: Ints) -> Ints:
    return np.full(len(like), 12 * years)
