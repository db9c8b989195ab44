"""Jobs as the social security office knows them: Dimona relations and employments."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from kruispunt.people.careers import Spells, Work
from kruispunt.people.chance import Chance, Flags, Ints, Texts, occurs, pick
from kruispunt.people.days import dates, last_days, texts
from kruispunt.people.employers import Employers
from kruispunt.people.lives import Span
from kruispunt.people.parameters import Careers, Parameters

FULL: Final = 100
PERIOD_STEP: Final = 7
"""Dimona periods are numbered upwards in the order in which they began, with holes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """One row per job: its period, its employer, and its hours in hundredths.

    `declared`: the quarterly declaration of the work has come in, so an employment is known.
    """

    spells: Spells
    employer: Ints
    manual: Flags
    reference: Ints
    hours: Ints
    student: Flags
    declared: Flags

    @property
    def part_time(self) -> Flags:
        """True where the worker works less than the reference worker."""
        return self.hours < self.reference


def fill(
    work: Work,
    summer: Spells,
    employers: Employers,
    parameters: Parameters,
    chance: Chance,
    *,
    language: Texts,
    span: Span,
) -> Jobs:
    """Give each period of work an employer and hours. Main jobs stand first, then second jobs."""
    rng = chance.stream("jobs")
    spells = _joined(work.main, work.second, summer)
    second, student = _parts(work.main, work.second, summer)
    employer = employers.hire(rng, language[spells.person])
    manual = occurs(rng, employers.frame["manual_share"].to_numpy()[employer], len(spells))
    weekly = employers.frame["reference_hours"].to_numpy()[employer]
    reference = np.rint(weekly * 100).astype(np.int64)
    part_time = second | student
    part_time |= occurs(rng, employers.frame["part_time_share"].to_numpy()[employer], len(spells))
    late = span.today - parameters.history.declaration_delay_days
    return Jobs(
        spells=spells,
        employer=employer,
        manual=manual,
        reference=reference,
        hours=_hours(parameters.careers, rng, reference=reference, part_time=part_time),
        student=student,
        # Assumption: a student's job is known by Dimona alone, and so is one that just began.
        declared=~student & (spells.begin < late),
    )


def _joined(*spells: Spells) -> Spells:
    return Spells(
        person=np.concatenate([s.person for s in spells]),
        begin=np.concatenate([s.begin for s in spells]),
        end=np.concatenate([s.end for s in spells]),
    )


def _parts(main: Spells, second: Spells, summer: Spells) -> tuple[Flags, Flags]:
    sizes = [len(main), len(second), len(summer)]
    return np.repeat([False, True, False], sizes), np.repeat([False, False, True], sizes)


def _hours(rule: Careers, rng: np.random.Generator, *, reference: Ints, part_time: Flags) -> Ints:
    """Q in hundredths of an hour: the reference for full time, a fraction of it for part time."""
    size = len(reference)
    fractions = np.array([f.hundredths for f in rule.fractions])
    share = fractions[pick(rng, [f.weight for f in rule.fractions], size)]
    over = occurs(rng, rule.over_reference_share, size)
    full = np.where(over, reference + 100, reference)
    return np.where(part_time, np.rint(reference * share / FULL).astype(np.int64), full)


def dimona(
    jobs: Jobs, employers: Employers, persons: pl.DataFrame, rule: Parameters
) -> pl.DataFrame:
    """One Dimona relation per job, in order of its number."""
    spells, careers = jobs.spells, rule.careers
    types = np.where(
        jobs.manual,
        employers.frame["worker_type_manual"].to_numpy()[jobs.employer],
        careers.worker_type_clerical,
    )
    types = np.where(jobs.student, rule.students.worker_type, types)
    order = np.lexsort((jobs.employer, spells.person, spells.begin))
    period = careers.first_period_id + (1 + np.arange(len(order))) * PERIOD_STEP
    person = spells.person[order]
    committee = _committees(jobs, employers)
    return pl.DataFrame(
        {
            "dimona_period_id": pl.Series(period, dtype=pl.Int64),
            "ssin": texts(persons["ssin"], person),
            "employer_cbe": texts(employers.frame["cbe_number"], jobs.employer[order]),
            "nsso_number": texts(employers.frame["nsso_number"], jobs.employer[order]),
            "last_name": texts(persons["last_name"], person),
            "first_name": texts(persons["first_name"], person),
            "worker_type": pl.Series(types[order], dtype=pl.String),
            "joint_committee": texts(committee, order).str.head(3),
            "begin_date": dates(spells.begin[order]),
            "end_date": last_days(spells.end[order]),
        }
    ).with_columns(
        pl.when(pl.col("joint_committee").is_in(list(careers.dimona_committees)))
        .then(pl.col("joint_committee"))
        .otherwise(pl.lit(careers.dimona_committee_other))
        .alias("joint_committee")
    )


def employments(
    jobs: Jobs, employers: Employers, persons: pl.DataFrame, rule: Careers, chance: Chance
) -> pl.DataFrame:
    """One row per employment, however many quarters it lasts (05/022 §16), in order of begin."""
    rng = chance.stream("employments")
    codes = np.where(jobs.manual, rule.worker_code_manual, rule.worker_code_clerical)
    statuses = pl.Series([s.code or None for s in rule.statuses], dtype=pl.String)
    status = pick(rng, [s.weight for s in rule.statuses], len(jobs.spells))
    order = np.lexsort((jobs.employer, jobs.spells.person, jobs.spells.begin))
    order = order[jobs.declared[order]]
    staff = employers.frame
    employer = jobs.employer[order]
    return pl.DataFrame(
        {
            "ssin": texts(persons["ssin"], jobs.spells.person[order]),
            "nsso_number": texts(staff["nsso_number"], employer),
            "nsso_number_origin": texts(staff["nsso_number_origin"], employer),
            "cbe_number": texts(staff["cbe_number"], employer),
            "employer_category": texts(staff["employer_category_code"], employer),
            "worker_code": pl.Series(codes[order], dtype=pl.String),
            "joint_committee_number": texts(_committees(jobs, employers), order),
            "curatorship": texts(staff["curatorship"], employer),
            "worker_status": texts(statuses, status[order]),
            "employment_begin_date": dates(jobs.spells.begin[order]),
            "employment_end_date": last_days(jobs.spells.end[order]),
            "mean_weekly_hours_reference_s": _decimal(jobs.reference[order]),
            "mean_weekly_hours_worker_q": _decimal(jobs.hours[order]),
        }
    )


def _committees(jobs: Jobs, employers: Employers) -> pl.Series:
    """Joint committee of each job: an employer's manual and clerical workers may differ."""
    manual = employers.frame["joint_committee_manual"].to_numpy()[jobs.employer]
    clerical = employers.frame["joint_committee_clerical"].to_numpy()[jobs.employer]
    return pl.Series(np.where(jobs.manual, manual, clerical), dtype=pl.String)


def _decimal(hundredths: Ints) -> pl.Series:
    """Exact decimals with two digits behind the point."""
    whole = pl.Series(hundredths).cast(pl.Decimal(9, 2)) / 100
    return whole.cast(pl.Decimal(5, 2))
