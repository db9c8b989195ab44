"""What others hold on people beside work and benefits: registers, centres, insurability."""

from dataclasses import dataclass

import polars as pl

from kruispunt.people.centres import centre_lines
from kruispunt.people.chance import Chance
from kruispunt.people.civil import civil_states, members_frame, persons_frame
from kruispunt.people.country import Country
from kruispunt.people.homes import last_move, residences
from kruispunt.people.insurability import insurabilities
from kruispunt.people.lives import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects:
    """Whom it is about: persons, their numbers, where they are insured."""

    persons: pl.DataFrame
    numbers: pl.DataFrame
    memberships: pl.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """The frames, each under present numbers."""

    persons: pl.DataFrame
    addresses: pl.DataFrame
    members: pl.DataFrame
    """Who lives with whom."""

    centres: pl.DataFrame
    """What the node of the centres for social welfare knows: which of them helps whom."""

    insurability: pl.DataFrame
    """How insurers insure people for medical care."""


def record(country: Country, chance: Chance, subjects: Subjects, *, span: Span) -> Registered:
    """What they hold on everybody, fitting the lives that it is about."""
    rule, persons = country.parameters.register, subjects.persons
    addresses = residences(country, chance, persons, span=span)
    states = civil_states(rule.civil_states, chance, persons, span=span)
    moved = last_move(addresses)
    since = persons.select("ssin").join(moved, on="ssin", maintain_order="left")["since"]
    return Registered(
        persons=persons_frame(country, chance, persons, states, span=span),
        addresses=addresses,
        members=members_frame(rule, persons, states, since),
        centres=centre_lines(
            country.parameters.centres,
            chance,
            persons=persons,
            numbers=subjects.numbers,
            moved=moved,
            span=span,
        ),
        insurability=insurabilities(
            country.parameters.insurability,
            chance,
            persons=persons,
            memberships=subjects.memberships,
            span=span,
        ),
    )
