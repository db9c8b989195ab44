"""Unemployment: spells in the gaps between jobs, and beside part-time jobs."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from kruispunt.people.careers import Spells, Work
from kruispunt.people.chance import Chance, Flags, normal_days, occurs
from kruispunt.people.days import OPEN, dates, last_days, texts
from kruispunt.people.jobs import Jobs
from kruispunt.people.lives import Span
from kruispunt.people.parameters import Unemployment


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobless:
    """Spells in order of person and begin; a person's never overlap. `beside_job`: part time."""

    spells: Spells
    beside_job: Flags


def unemployed(
    work: Work, jobs: Jobs, rule: Unemployment, chance: Chance, *, span: Span
) -> Jobless:
    """Controlled unemployment: never on a day of full-time work."""
    gaps = _in_gaps(work.gaps, rule, chance, span=span)
    beside = _beside_part_time(work, jobs, rule, chance)
    person = np.concatenate([gaps.person, beside.person])
    begin = np.concatenate([gaps.begin, beside.begin])
    end = np.concatenate([gaps.end, beside.end])
    order = np.lexsort((begin, person))
    return Jobless(
        spells=Spells(person=person[order], begin=begin[order], end=end[order]),
        beside_job=(order >= len(gaps)),
    )


def _in_gaps(gaps: Spells, rule: Unemployment, chance: Chance, *, span: Span) -> Spells:
    rng = chance.stream("unemployment")
    until = np.where(gaps.end == OPEN, span.today + 1, gaps.end)
    long_enough = until - gaps.begin >= rule.shortest_gap_days + rule.waiting_days
    lasts = normal_days(rng, median=rule.spell_days, spread=rule.spell_spread, size=len(gaps))
    begin = gaps.begin + rule.waiting_days
    end = np.where(begin + lasts < until, begin + lasts, gaps.end)
    chosen = long_enough & occurs(rng, rule.share_of_gaps, len(gaps))
    return Spells(person=gaps.person, begin=begin, end=end).where(chosen)


def _beside_part_time(work: Work, jobs: Jobs, rule: Unemployment, chance: Chance) -> Spells:
    """The main part-time job is topped up for as long as it lasts (guarantee of income)."""
    rng = chance.stream("part-timers")
    main = work.main
    part_time = jobs.part_time[: len(main)]
    return main.where(part_time & occurs(rng, rule.share_of_part_timers, len(main)))


def spells_frame(spells: Spells, persons: pl.DataFrame) -> pl.DataFrame:
    """One row per spell: number, first day and last day, which is null while it lasts."""
    return pl.DataFrame(
        {
            "ssin": texts(persons["ssin"], spells.person),
            "begin": dates(spells.begin),
            "end": last_days(spells.end),
        }
    ).sort("ssin", "begin", "end")
