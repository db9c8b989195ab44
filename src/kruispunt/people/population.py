"""A population: the synthetic country as frames, made from its parameters by a seed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from kruispunt.people.careers import summer_jobs, work
from kruispunt.people.chance import Chance
from kruispunt.people.country import Country
from kruispunt.people.days import YEAR_DAYS, day_number
from kruispunt.people.employers import employ
from kruispunt.people.jobs import dimona, employments, fill
from kruispunt.people.lines import hub_lines, node_lines
from kruispunt.people.lives import Lives, Span, live
from kruispunt.people.memberships import join, memberships_frame
from kruispunt.people.persons import describe, households
from kruispunt.people.registers import register
from kruispunt.people.unemployment import spells_frame, unemployed

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2099

Tell = Callable[[str], None]


def _tell_nobody(_: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """All frames of a synthetic country on one day. Periods include their last day; null: open.

    Only synthetic people: every number was generated.
    """

    today: date
    persons: pl.DataFrame
    numbers: pl.DataFrame
    unknown: pl.DataFrame
    """Valid numbers that stand in no register."""

    households: pl.DataFrame
    employers: pl.DataFrame
    dimona: pl.DataFrame
    employments: pl.DataFrame
    memberships: pl.DataFrame
    unemployment: pl.DataFrame
    hub_lines: pl.DataFrame
    node_lines: pl.DataFrame

    def frames(self) -> dict[str, pl.DataFrame]:
        """The frames by name, in the order in which they follow from each other."""
        return {
            "persons": self.persons,
            "numbers": self.numbers,
            "unknown": self.unknown,
            "households": self.households,
            "employers": self.employers,
            "dimona": self.dimona,
            "employments": self.employments,
            "memberships": self.memberships,
            "unemployment": self.unemployment,
            "hub_lines": self.hub_lines,
            "node_lines": self.node_lines,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """All that follows from work."""

    employers: pl.DataFrame
    dimona: pl.DataFrame
    employments: pl.DataFrame
    unemployment: pl.DataFrame


def generate(
    country: Country, *, size: int, seed: int, today: date, tell: Tell = _tell_nobody
) -> Population:
    """Exactly `size` people as they stand on `today`: the same for the same arguments.

    `tell` hears what is being made.

    Raises:
        ValueError: `size` is less than 1 or more than the numbers of the country allow, or no
            number can tell such birth dates.
    """
    if size < 1:
        raise ValueError("expected at least one person")
    if not FIRST_YEAR <= today.year <= LAST_YEAR:
        raise ValueError(f"expected a day in {FIRST_YEAR} to {LAST_YEAR}")
    parameters, chance = country.parameters, Chance(seed)
    last = day_number(today)
    span = Span(begin=last - round(parameters.history.years * YEAR_DAYS), today=last)
    tell("lives")
    lives = live(country, chance, size=size, span=span)
    registers = register(lives, parameters.numbers, chance)
    persons = describe(lives, registers, country, chance)
    tell("work")
    worked = _work(country, chance, lives=lives, persons=persons, span=span)
    tell("memberships")
    members = memberships_frame(*join(lives, parameters, chance, span=span), persons)
    tell("directory lines")
    kinds, numbers = parameters.directory, registers.numbers
    at_hub = hub_lines(
        kinds,
        numbers=numbers,
        memberships=members,
        dimona=worked.dimona,
        employments=worked.employments,
        unemployment=worked.unemployment,
    )
    return Population(
        today=today,
        persons=persons,
        numbers=numbers,
        unknown=registers.unknown,
        households=households(persons),
        employers=worked.employers,
        dimona=worked.dimona,
        employments=worked.employments,
        memberships=members,
        unemployment=worked.unemployment,
        hub_lines=at_hub,
        node_lines=node_lines(kinds, numbers=numbers, memberships=members),
    )


def _work(
    country: Country, chance: Chance, *, lives: Lives, persons: pl.DataFrame, span: Span
) -> Worked:
    parameters = country.parameters
    employers = employ(country, chance, size=len(lives))
    careers = work(lives, parameters.careers, chance, span=span)
    summer = summer_jobs(lives, parameters.students, chance, span=span, main=careers.main)
    jobs = fill(careers, summer, employers, parameters, chance, language=lives.language, span=span)
    spells = unemployed(careers, jobs, parameters.unemployment, chance, span=span)
    return Worked(
        employers=employers.frame,
        dimona=dimona(jobs, employers, persons, parameters),
        employments=employments(jobs, employers, persons, parameters.careers, chance),
        unemployment=spells_frame(spells, persons),
    )
