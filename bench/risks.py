"""Risks that take the whole circuit: seven consultations, a request, an L500 of two answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import polars as pl

from kruispunt.people import Population
from kruispunt.vocabulary import InstitutionCode, NumberStatus, Ssin

MOST_DAYS: Final = timedelta(days=2 * 366)
"""No risk is longer: an illness that lasts so long is nothing rare."""

PART: Final = pl.col("mean_weekly_hours_worker_q") < pl.col("mean_weekly_hours_reference_s")
SOME_ONLY: Final = "NON_GENERIC_ONLY"


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskOf:
    """The risk of one person; `until`: its last day."""

    ssin: Ssin
    begin: date
    until: date


def risks_of(rows: pl.DataFrame) -> Sequence[RiskOf]:
    """The rows of `whole_circuits`."""
    return [RiskOf(ssin=Ssin.of(n), begin=begin, until=until) for n, begin, until in rows.rows()]


def whole_circuits(people: Population, insurer: InstitutionCode, *, seed: int = 1) -> pl.DataFrame:
    """Number, first and last day of a risk for each member who can have such a case, by chance.

    On the first day the person works part time for one employer, who wishes every request; up to
    the last day exactly two payment institutions have a file on the person, and the insurer all
    the time. So the two files are met, hours are consulted, and a request is sent.
    """
    jobs = people.employments.filter(PART).select(
        "ssin", works="employment_begin_date", worked="employment_end_date"
    )
    risks = (
        _changes(people)
        .join(jobs, on="ssin")
        .with_columns(
            begin=pl.min_horizontal("first_end", "second_begin", "worked").fill_null(people.today)
        )
        .filter((pl.col("works") <= pl.col("begin")) & (pl.col("first_begin") <= pl.col("begin")))
        .select("ssin", "begin", until=pl.col("second_begin"))
        .filter(pl.col("until") - pl.col("begin") <= MOST_DAYS)
    )
    kept = _insured(risks, people, insurer)
    for fit in (_two_payers, _one_wishful_employer, _one_part_time_job):
        kept = kept.join(fit(kept, people), on=["ssin", "begin", "until"], how="semi")
    known = people.numbers.filter(pl.col("status") == NumberStatus.KNOWN.value)
    ordered = kept.join(known, on="ssin", how="semi").sort("ssin", "begin", "until")
    first = ordered.unique("ssin", keep="first", maintain_order=True)
    return first.sample(fraction=1.0, shuffle=True, seed=seed)


def _changes(people: Population) -> pl.DataFrame:
    """The files of one person at two payment institutions, the one after the other."""
    files = people.benefits.files.select(
        "ssin", "member", first_begin="begin", first_end="end"
    ).filter(pl.col("first_end").is_not_null())
    later = people.benefits.files.select("ssin", second="member", second_begin="begin")
    return files.join(later, on="ssin").filter(
        (pl.col("member") != pl.col("second")) & (pl.col("first_begin") < pl.col("second_begin"))
    )


def _insured(risks: pl.DataFrame, people: Population, insurer: InstitutionCode) -> pl.DataFrame:
    members = people.memberships.filter(pl.col("member") == insurer).select(
        "ssin", since="begin", to="end"
    )
    held = risks.join(members, on="ssin").filter(
        (pl.col("since") <= pl.col("begin"))
        & (pl.col("to").is_null() | (pl.col("to") >= pl.col("until")))
    )
    return held.select("ssin", "begin", "until")


def _two_payers(risks: pl.DataFrame, people: Population) -> pl.DataFrame:
    files = people.benefits.files.select("ssin", "member", opened="begin", closed="end")
    met = risks.select("ssin", "begin", "until").join(files, on="ssin")
    during = met.filter(
        (pl.col("opened") <= pl.col("until"))
        & (pl.col("closed").is_null() | (pl.col("closed") >= pl.col("begin")))
    )
    return _counted(during, two=pl.col("member").n_unique() == 2)


def _one_part_time_job(risks: pl.DataFrame, people: Population) -> pl.DataFrame:
    jobs = people.employments.with_columns(part=PART)
    held = _on_first_day(risks, jobs, begin="employment_begin_date", end="employment_end_date")
    return _counted(held, part=pl.col("part").all())


def _one_wishful_employer(risks: pl.DataFrame, people: Population) -> pl.DataFrame:
    """One employer on that day, whose requests go to somebody who wishes them all."""
    chosen = people.routing.filter(
        pl.col("end_date").is_null() & (pl.col("request_scope") == SOME_ONLY)
    )
    held = _on_first_day(risks, people.dimona, begin="begin_date", end="end_date")
    choosy = pl.col("employer_cbe").is_in(chosen["employer_cbe"].implode())
    return _counted(held, one=(pl.len() == 1) & ~choosy.any())


def _on_first_day(
    risks: pl.DataFrame, held: pl.DataFrame, *, begin: str, end: str
) -> pl.DataFrame:
    met = risks.select("ssin", pl.col("begin").alias("day"), "until").join(held, on="ssin")
    now = met.filter(
        (pl.col(begin) <= pl.col("day")) & (pl.col(end).is_null() | (pl.col(end) >= pl.col("day")))
    )
    return now.drop(begin, end).rename({"day": "begin"})


def _counted(rows: pl.DataFrame, **fits: pl.Expr) -> pl.DataFrame:
    """The risks whose rows together fit."""
    ((name, fit),) = fits.items()
    kept = rows.group_by("ssin", "begin", "until").agg(fit.alias(name)).filter(name)
    return kept.select("ssin", "begin", "until")
