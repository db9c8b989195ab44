"""A population: the synthetic country as frames, made from its parameters by a seed."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date
from typing import Final

import polars as pl

from kruispunt.people.activity import active_quarters
from kruispunt.people.benefits import Benefitted, benefit
from kruispunt.people.careers import summer_jobs, work
from kruispunt.people.centres import with_centres
from kruispunt.people.chance import Chance
from kruispunt.people.country import Country
from kruispunt.people.days import YEAR_DAYS, day_number
from kruispunt.people.employers import employ
from kruispunt.people.establishments import establish
from kruispunt.people.incapacity import incapacities
from kruispunt.people.insured import insured
from kruispunt.people.jobs import dimona, employments, fill
from kruispunt.people.lines import Insurers, hub_lines, node_lines, payer_lines
from kruispunt.people.lives import Lives, Span, live
from kruispunt.people.memberships import join, memberships_frame
from kruispunt.people.persons import describe, households
from kruispunt.people.reach import reach
from kruispunt.people.registered import Registered, Subjects, record
from kruispunt.people.registers import Registers, register
from kruispunt.people.unemployment import spells_frame, unemployed
from kruispunt.people.workers import workers

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
    workers: pl.DataFrame
    """The personnel file: one row per person who ever had a Dimona relation."""

    activity: pl.DataFrame
    mandataries: pl.DataFrame
    mandates: pl.DataFrame
    routing: pl.DataFrame
    portal_users: pl.DataFrame
    memberships: pl.DataFrame
    insured: pl.DataFrame
    """What each insurer knows of its members: name, address, language."""

    incapacities: pl.DataFrame
    """Files of insurers on members who fell ill."""

    unemployment: pl.DataFrame
    benefits: Benefitted
    hub_lines: pl.DataFrame
    node_lines: pl.DataFrame
    """What the node of the insurers knows: which of them insures whom."""

    payer_lines: pl.DataFrame
    """What the node of the payment institutions knows: which of them pays whom."""

    registered: Registered
    """What registers, centres for social welfare and insurers hold."""

    def frames(self) -> dict[str, pl.DataFrame]:
        """The frames by name, in the order in which they follow from each other."""
        own: dict[str, pl.DataFrame] = {
            each.name: getattr(self, each.name)
            for each in fields(self)
            if each.name not in ("today", "benefits", "registered")
        }
        paid = {f"benefit_{each.name}": each.name for each in fields(self.benefits)}
        held = {f"register_{each.name}": each.name for each in fields(self.registered)}
        return (
            own
            | {name: getattr(self.benefits, of) for name, of in paid.items()}
            | {name: getattr(self.registered, of) for name, of in held.items()}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """All that follows from work."""

    employers: pl.DataFrame
    dimona: pl.DataFrame
    employments: pl.DataFrame
    workers: pl.DataFrame
    unemployment: pl.DataFrame
    benefits: Benefitted


def generate(
    country: Country, *, size: int, seed: int, today: date, tell: Tell = _tell_nobody
) -> Population:
    """Exactly `size` people as they stand on `today`, always the same; `tell` hears of progress.

    Raises:
        ValueError: less than 1, or more than the country has numbers for, also on one birth date.
    """
    parameters, chance, span = country.parameters, Chance(seed), _span(country, today)
    tell("lives")
    lives, registers, persons = _born(country, chance, size=size, span=span)
    tell("work")
    worked = _work(country, chance, lives=lives, persons=persons, span=span)
    tell("employers")
    reached = reach(country, worked.employers, chance, span=span)
    tell("memberships")
    members = memberships_frame(*join(lives, parameters, chance, span=span), persons)
    subjects = Subjects(persons=persons, numbers=registers.numbers, memberships=members)
    held = record(country, chance, subjects, span=span)
    insurers = _insurers(country, chance, registers.numbers, worked, members, today=today)
    tell("directory lines")
    return Population(
        today=today,
        persons=persons,
        numbers=registers.numbers,
        unknown=registers.unknown,
        households=households(persons),
        employers=worked.employers,
        dimona=worked.dimona,
        employments=worked.employments,
        workers=worked.workers,
        activity=active_quarters(worked.dimona),
        mandataries=reached.mandataries,
        mandates=reached.mandates,
        routing=reached.routing,
        portal_users=reached.portal_users,
        memberships=members,
        insured=insured(country, chance, persons=persons, insurers=insurers),
        incapacities=insurers.incapacities,
        unemployment=worked.unemployment,
        benefits=worked.benefits,
        hub_lines=with_centres(_at_hub(country, worked, insurers), held.centres),
        node_lines=node_lines(parameters.directory, insurers),
        payer_lines=payer_lines(parameters.directory.unemployment, files=worked.benefits.files),
        registered=held,
    )


def generate_persons(country: Country, *, size: int, seed: int, today: date) -> pl.DataFrame:
    """Only the persons of `generate`, the same ones: who they are, without work or benefits.

    Raises:
        ValueError: as `generate`.
    """
    span = _span(country, today)
    _, _, persons = _born(country, Chance(seed), size=size, span=span)
    return persons


def _born(
    country: Country, chance: Chance, *, size: int, span: Span
) -> tuple[Lives, Registers, pl.DataFrame]:
    """Lives, numbers, and names."""
    if size < 1:
        raise ValueError("expected at least one person")
    lives = live(country, chance, size=size, span=span)
    registers = register(lives, country.parameters.numbers, chance)
    return lives, registers, describe(lives, registers, country, chance)


def _span(country: Country, today: date) -> Span:
    """The days told, `today` as the last one."""
    if not FIRST_YEAR <= today.year <= LAST_YEAR:
        raise ValueError(f"expected a day in {FIRST_YEAR} to {LAST_YEAR}")
    last = day_number(today)
    return Span(begin=last - round(country.parameters.history.years * YEAR_DAYS), today=last)


def _work(
    country: Country, chance: Chance, *, lives: Lives, persons: pl.DataFrame, span: Span
) -> Worked:
    parameters = country.parameters
    employers = employ(country, chance, size=len(lives))
    careers = work(lives, parameters.careers, chance, span=span)
    summer = summer_jobs(lives, parameters.students, chance, span=span, main=careers.main)
    jobs = fill(careers, summer, employers, parameters, chance, language=lives.language, span=span)
    jobless = unemployed(careers, jobs, parameters.unemployment, chance, span=span)
    relations = dimona(jobs, employers, persons, parameters)
    return Worked(
        employers=pl.concat(
            [employers.frame, establish(country, employers.frame, chance)], how="horizontal"
        ),
        dimona=relations,
        employments=employments(jobs, employers, persons, parameters.careers, chance),
        workers=workers(country, persons, relations, chance),
        unemployment=spells_frame(jobless.spells, persons),
        benefits=benefit(
            country,
            chance,
            lives=lives,
            persons=persons,
            jobless=jobless,
            main_jobs=careers.main,
            span=span,
        ),
    )


def _insurers(
    country: Country,
    chance: Chance,
    numbers: pl.DataFrame,
    worked: Worked,
    memberships: pl.DataFrame,
    *,
    today: date,
) -> Insurers:
    ill = incapacities(
        country.parameters.incapacity,
        chance,
        unemployment=worked.unemployment,
        employments=worked.employments,
        memberships=memberships,
        today=today,
    )
    return Insurers(numbers=numbers, memberships=memberships, incapacities=ill)


def _at_hub(country: Country, worked: Worked, insurers: Insurers) -> pl.DataFrame:
    return hub_lines(
        country.parameters.directory,
        insurers,
        dimona=worked.dimona,
        employments=worked.employments,
        unemployment=worked.unemployment,
    )
