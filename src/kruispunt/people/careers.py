"""Careers: jobs one after the other, second jobs beside them, and the gaps between."""

from dataclasses import dataclass

import numpy as np

from kruispunt.people.chance import Chance, Flags, Ints, normal_days, occurs
from kruispunt.people.days import OPEN, YEAR_DAYS, years_months_days
from kruispunt.people.lives import Lives, Span
from kruispunt.people.parameters import Careers, Students

EARLIER_YEARS = 5
"""Jobs that were running when the history begins had begun up to so many years before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spells:
    """Periods of persons: `begin` up to but not including `end`, OPEN while it still runs."""

    person: Ints
    begin: Ints
    end: Ints

    def __len__(self) -> int:
        return len(self.person)

    def where(self, flags: Flags) -> "Spells":
        """The periods for which the flag stands."""
        return Spells(person=self.person[flags], begin=self.begin[flags], end=self.end[flags])


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Main jobs never overlap; second jobs lie within a main one; gaps follow a main job."""

    main: Spells
    second: Spells
    gaps: Spells


def work(lives: Lives, rule: Careers, chance: Chance, *, span: Span) -> Work:
    """The working lives of all persons."""
    rng = chance.stream("careers")
    start, stop = _career(lives, rule, rng, span=span)
    worker = np.flatnonzero((start < stop) & ~occurs(rng, rule.never_share, len(lives)))
    begins, ends = _jobs(rule, rng, start=start[worker], span=span)
    limit = stop[worker][:, None]
    real = begins < limit
    clipped = np.minimum(ends, limit)
    running = np.where(clipped > span.today, OPEN, clipped)
    person = np.broadcast_to(worker[:, None], begins.shape)
    main = Spells(person=person[real], begin=begins[real], end=running[real])
    return Work(
        main=main,
        second=_second_jobs(main, rule, chance, span=span),
        gaps=_gaps(begins, clipped, real=real, person=person, limit=limit, span=span),
    )


def _career(
    lives: Lives, rule: Careers, rng: np.random.Generator, *, span: Span
) -> tuple[Ints, Ints]:
    """First day at which each person might work, and the day after the last."""
    size = len(lives)
    entry = np.clip(rng.normal(rule.entry_age, rule.entry_spread, size), 18.0, 30.0)
    leave = np.minimum(rng.normal(rule.leave_age, rule.leave_spread, size), rule.longest_leave_age)
    start = lives.born + np.ceil(entry * YEAR_DAYS).astype(np.int64)
    history = span.begin - (rng.random(size) * EARLIER_YEARS * YEAR_DAYS).astype(np.int64)
    stop = lives.born + np.floor(leave * YEAR_DAYS).astype(np.int64)
    stop = np.minimum(stop, np.minimum(lives.died + 1, span.today + 1))
    begin = np.maximum(np.maximum(start, history), lives.arrived)
    return begin, np.where(stop <= span.begin, begin, stop)


def _jobs(
    rule: Careers, rng: np.random.Generator, *, start: Ints, span: Span
) -> tuple[Ints, Ints]:
    """Begin and end of each job: one row per worker, one column per job, whether real or not.

    Ends beyond the career are cut off later. A first job that had begun before the history lasts
    at least until it.
    """
    shape = (len(start), rule.most_jobs)
    size = shape[0] * shape[1]
    lengths = normal_days(rng, median=rule.job_days, spread=rule.job_spread, size=size)
    gaps = normal_days(rng, median=rule.gap_days, spread=rule.gap_spread, size=size)
    gaps = np.where(occurs(rng, rule.direct_share, size), 0, gaps).reshape(shape)
    lengths = lengths.reshape(shape)
    lengths[:, 0] += np.maximum(0, span.begin - start)
    ends = start[:, None] + np.cumsum(lengths, axis=1) + np.cumsum(gaps, axis=1) - gaps
    return ends - lengths, ends


def _gaps(
    begins: Ints, ends: Ints, *, real: Flags, person: Ints, limit: Ints, span: Span
) -> Spells:
    """From the end of each job to the begin of the next, or to the end of the career."""
    following = np.c_[begins[:, 1:], np.full(len(begins), OPEN)]
    until = np.minimum(following, limit)
    gap = real & (ends < until)
    closed = np.where(until > span.today, OPEN, until)
    return Spells(person=person[gap], begin=ends[gap], end=closed[gap])


def _second_jobs(main: Spells, rule: Careers, chance: Chance, *, span: Span) -> Spells:
    """Jobs beside a main one: within its period, some still running with it."""
    rng = chance.stream("second-jobs")
    until = np.where(main.end == OPEN, span.today + 1, main.end)
    length = until - main.begin
    chosen = occurs(rng, rule.second_job_share, len(main)) & (length > 60)
    begin = main.begin + (rng.random(len(main)) * 0.5 * length).astype(np.int64)
    whole = occurs(rng, 0.5, len(main))
    short = begin + 1 + (rng.random(len(main)) * (until - begin - 1)).astype(np.int64)
    end = np.where(whole, main.end, short)
    return Spells(person=main.person, begin=begin, end=end).where(chosen)


def summer_jobs(
    lives: Lives, rule: Students, chance: Chance, *, span: Span, main: Spells
) -> Spells:
    """One summer job for some students, before any other work."""
    rng = chance.stream("students")
    year, _, _ = years_months_days(lives.born)
    july = (year + rule.age - 1970).astype("datetime64[Y]").astype("datetime64[M]") + 6
    begin = july.astype("datetime64[D]").astype(np.int64) + rng.integers(0, 20, len(lives))
    end = begin + rng.integers(5, rule.most_days + 1, len(lives))
    first = np.full(len(lives), OPEN)
    np.minimum.at(first, main.person, main.begin)
    fits = (begin >= span.begin) & (end <= span.today) & (end <= first)
    fits &= (begin >= lives.arrived) & (end <= lives.died)
    fits &= occurs(rng, rule.share, len(lives))
    return Spells(person=np.flatnonzero(fits), begin=begin[fits], end=end[fits])
