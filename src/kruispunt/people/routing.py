"""The routing of requests: to whom those for an employer go, how, and which of them."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from kruispunt.people.chance import Chance, Flags, Ints, Texts, occurs
from kruispunt.people.country import Country
from kruispunt.people.days import OPEN, dates, last_days
from kruispunt.people.lives import Span
from kruispunt.people.mandates import Mandates

ELECTRONIC: Final = "ELECTRONIC"
PAPER: Final = "PAPER"
ALL: Final = "ALL"
NON_GENERIC_ONLY: Final = "NON_GENERIC_ONLY"
ITSELF: Final = -1
"""Destination of an employer that receives requests itself; else a row of the mandataries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """One row per choice: employer and destination by row, from `begin` up to `end`."""

    employer: Ints
    destination: Ints
    begin: Ints
    end: Ints


def choose(
    mandates: Mandates, country: Country, chance: Chance, *, span: Span
) -> tuple[Choices, Flags]:
    """The choices of all employers, and which employers chose electronic for themselves.

    With a mandate the requests mostly go to the mandatary. Some choices stay after the mandate has
    lapsed: the destination is then the employer itself, which the choice does not say.
    """
    rng = chance.stream("routing")
    rule, size = country.parameters.routing, len(mandates.given)
    entry = ~occurs(rng, rule.none_share, size)
    passed_on = entry & mandates.given & occurs(rng, rule.to_mandatary_share, size)
    stale = occurs(rng, rule.stale_share, size)
    electronic = occurs(rng, rule.electronic_share, size)
    lapsed = passed_on & (mandates.lapse < OPEN) & ~stale
    changed = passed_on & (mandates.change < OPEN)
    start, never = np.full(size, span.begin), np.full(size, OPEN)
    itself = np.full(size, ITSELF)
    first_end = np.where(lapsed, mandates.lapse, mandates.change)
    parts = (
        (entry & ~passed_on, itself, start, never),
        (passed_on, itself, start, mandates.begin),
        (passed_on, mandates.first, mandates.begin, first_end),
        (changed, mandates.second, mandates.change, never),
        (lapsed, itself, mandates.lapse, never),
    )
    choices = Choices(
        employer=np.concatenate([np.flatnonzero(rows) for rows, _, _, _ in parts]),
        destination=np.concatenate([who[rows] for rows, who, _, _ in parts]),
        begin=np.concatenate([begin[rows] for rows, _, begin, _ in parts]),
        end=np.concatenate([end[rows] for rows, _, _, end in parts]),
    )
    return choices, electronic


def routing_frame(
    choices: Choices,
    electronic: Flags,
    country: Country,
    chance: Chance,
    *,
    employers: pl.DataFrame,
    mandataries: pl.DataFrame,
) -> pl.DataFrame:
    """One row per choice. Channel and scope are the destination's own wish (05/022 §23)."""
    rng = chance.stream("routing-wishes")
    everything = occurs(rng, country.parameters.routing.all_requests_share, employers.height)
    listed = country.mandataries
    own = np.where(electronic, ELECTRONIC, PAPER)[choices.employer]
    scope = np.where(everything, ALL, NON_GENERIC_ONLY)[choices.employer]
    cbe = employers["cbe_number"].to_numpy()[choices.employer]
    return pl.DataFrame(
        {
            "employer_cbe": pl.Series(cbe, dtype=pl.String),
            "destination_cbe": _of(choices, cbe, mandataries["cbe_number"]),
            "channel": _of(choices, own, listed["channel"]),
            "request_scope": _of(choices, scope, listed["request_scope"]),
            "begin_date": dates(choices.begin),
            "end_date": last_days(choices.end),
        }
    ).sort("employer_cbe", "begin_date")


def _of(choices: Choices, own: Texts, mandatary: pl.Series) -> pl.Series:
    """What the employer says where it receives requests itself, else what the mandatary says."""
    others = mandatary.to_numpy()[np.maximum(choices.destination, 0)]
    return pl.Series(np.where(choices.destination == ITSELF, own, others), dtype=pl.String)
