"""How employers are reached: their mandataries, what they chose, and users of the portal."""

from dataclasses import dataclass

import polars as pl

from kruispunt.people.chance import Chance
from kruispunt.people.country import Country
from kruispunt.people.lives import Span
from kruispunt.people.mandates import give_mandates, mandataries_frame, mandates_frame
from kruispunt.people.portal import portal_users
from kruispunt.people.routing import choose, routing_frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """Frames that follow from the list of employers alone."""

    mandataries: pl.DataFrame
    mandates: pl.DataFrame
    routing: pl.DataFrame
    portal_users: pl.DataFrame


def reach(country: Country, employers: pl.DataFrame, chance: Chance, *, span: Span) -> Reached:
    """Everything that says where a request about a worker of these employers may go."""
    mandataries = mandataries_frame(country, employers, chance)
    mandates = give_mandates(country, employers, chance, span=span)
    choices, electronic = choose(mandates, country, chance, span=span)
    return Reached(
        mandataries=mandataries,
        mandates=mandates_frame(mandates, employers, mandataries),
        routing=routing_frame(
            choices,
            electronic,
            country,
            chance,
            employers=employers,
            mandataries=mandataries,
        ),
        portal_users=portal_users(
            country,
            chance,
            employers=employers,
            mandataries=mandataries,
            electronic=electronic,
        ),
    )
