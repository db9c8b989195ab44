"""What payment institutions know (05/022 §38): spells, amounts, care, holidays, quarters.

Every frame names the `member` that pays; each institution's own database holds its own rows.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from kruispunt.people.asked import asked, sheets, told_amounts
from kruispunt.people.benefit_rules import Benefits, Status
from kruispunt.people.careers import Spells
from kruispunt.people.chance import Chance, Flags, Floats, Ints, Texts, occurs
from kruispunt.people.country import Country
from kruispunt.people.days import OPEN, dates, last_days, texts
from kruispunt.people.holidays import holidays, quarters
from kruispunt.people.lives import Lives, Span
from kruispunt.people.paying import Paid, pay
from kruispunt.people.scales import SITUATIONS, Scales, scale
from kruispunt.people.unemployment import Jobless


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefitted:
    """The frames of all payment institutions. Amounts are whole cents; last days included."""

    files: pl.DataFrame
    spells: pl.DataFrame
    amounts: pl.DataFrame
    exemptions: pl.DataFrame
    holidays: pl.DataFrame
    quarters: pl.DataFrame
    sheets: pl.DataFrame
    told: pl.DataFrame


def benefit(
    country: Country,
    chance: Chance,
    *,
    lives: Lives,
    persons: pl.DataFrame,
    jobless: Jobless,
    main_jobs: Spells,
    span: Span,
) -> Benefitted:
    """Who pays whom, how much, and what else the information sheet asks (05/022 §38)."""
    rule = country.parameters.benefits
    paid = pay(jobless, lives, country.parameters, chance, span=span)
    scales = scale(jobless, lives, rule, chance, span=span)
    taken = holidays(paid, main_jobs, rule.holidays, chance, span=span)
    ssin = persons["ssin"]
    amounts = _amounts(paid, scales, rule, ssin)
    rows = asked(paid, rule, chance, ssin, span=span)
    return Benefitted(
        files=_files(paid, ssin),
        spells=_spells(paid, _statuses(jobless, scales, rule, chance), ssin),
        amounts=amounts,
        exemptions=_exemptions(paid, rule, chance, ssin, span=span),
        holidays=taken.frame(paid, ssin),
        quarters=quarters(paid, taken, ssin, span=span),
        sheets=sheets(rows),
        told=told_amounts(rows, amounts),
    )


def _files(paid: Paid, ssin: pl.Series) -> pl.DataFrame:
    """One row per file of an institution on a person: what its node's directory knows."""
    return pl.DataFrame(
        {
            "ssin": texts(ssin, paid.parts.person),
            "member": pl.Series(paid.payer, dtype=pl.String),
            "begin": dates(paid.parts.begin),
            "end": last_days(paid.filed_until),
        }
    ).sort("ssin", "begin", "member")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statuses:
    """Of each spell: kind, specific status, and what a part-timer gets."""

    full_code: Texts
    status: Texts
    half_benefits: Ints
    guaranteed: Ints
    """1 and 0: entitled or not to the income guarantee; -1: no part-timer."""

    guarantee: Ints
    """Cents for a whole month."""


def _statuses(jobless: Jobless, scales: Scales, rule: Benefits, chance: Chance) -> Statuses:
    rng = chance.stream("statuses")
    size, beside = len(jobless.spells), jobless.beside_job
    first = np.searchsorted(scales.spell, np.arange(size))
    supplied = scales.supplied[first]
    codes = rule.full_codes
    chosen = _chosen(rule.statuses, beside=beside, drawn=rng.random(size))
    chosen[supplied] = -1
    voluntary = np.array([one.half_benefits for one in rule.statuses] + [False])[chosen]
    shares = np.array([-1.0 if s.guarantee is None else s.guarantee for s in rule.statuses] + [-1])
    share = shares[chosen]
    guaranteed = np.where(share < 0, -1, (rng.random(size) < share).astype(np.int64))
    daily = scales.amounts(rule, scales.situation)[first]
    monthly = np.rint(daily * rule.month_days * (0.1 + 0.5 * rng.random(size)))
    names = np.array([one.code for one in rule.statuses] + [None], dtype=object)
    part_timer = beside | (guaranteed >= 0)
    kinds = np.where(part_timer, codes.part_time, codes.full)
    return Statuses(
        full_code=np.where(supplied, codes.company_supplement, kinds).astype(object),
        status=names[chosen],
        half_benefits=np.where(voluntary, rng.integers(1, 12, size), -1),
        guaranteed=guaranteed,
        guarantee=np.where(guaranteed == 1, monthly.astype(np.int64), -1),
    )


def _chosen(statuses: tuple[Status, ...], *, beside: Flags, drawn: Floats) -> Ints:
    """The place of each spell's status; -1: none."""
    chosen = np.full(len(beside), -1)
    for flag in (True, False):
        low = 0.0
        for place, status in enumerate(statuses):
            if status.beside_job == flag:
                here = (beside == flag) & (drawn >= low) & (drawn < low + status.share)
                chosen[here] = place
                low += status.share
    return chosen


def _spells(paid: Paid, statuses: Statuses, ssin: pl.Series) -> pl.DataFrame:
    """One row per part of a spell that an institution paid or pays."""
    spell = paid.spell
    return pl.DataFrame(
        {
            "ssin": texts(ssin, paid.parts.person),
            "member": pl.Series(paid.payer, dtype=pl.String),
            "begin_date": dates(paid.parts.begin),
            "end_date": last_days(paid.parts.end),
            "full_unemployment_code": pl.Series(statuses.full_code[spell], dtype=pl.String),
            "specific_status_code": pl.Series(statuses.status[spell].tolist(), dtype=pl.String),
            "half_benefits_per_week": _told(statuses.half_benefits[spell]),
            "igu_entitled": _told(statuses.guaranteed[spell]).cast(pl.Boolean),
            "igu_month_cents": _told(statuses.guarantee[spell]),
        }
    ).sort("ssin", "begin_date", "member")


def _amounts(paid: Paid, scales: Scales, rule: Benefits, ssin: pl.Series) -> pl.DataFrame:
    """One row per time of one amount at one institution, with what it would be otherwise."""
    part, row = _met(paid, scales)
    begin = np.maximum(paid.parts.begin[part], scales.begin[row])
    end = np.minimum(paid.parts.end[part], scales.end[row])
    phase, situation, senior = scales.phase[row], scales.situation[row], scales.senior[row]
    phases = rule.phases
    period = np.array([one.period for one in phases])[phase]
    letters = np.array(rule.letters.all, dtype=object)[situation]
    letters[scales.supplied[row]] = rule.letters.company_supplement
    figures = np.array([one.code for one in phases], dtype=object)[phase]
    withheld = np.array([[p in one for p in range(4)] for one in rule.withheld.all])
    would = [
        scales.amounts(rule, np.full(len(scales.spell), one))[row] for one in range(SITUATIONS)
    ]
    return pl.DataFrame(
        {
            "ssin": texts(ssin, paid.parts.person[part]),
            "member": pl.Series(paid.payer[part], dtype=pl.String),
            "begin_date": dates(begin),
            "end_date": last_days(end),
            "cause": pl.Series(_causes(scales, row, begin), dtype=pl.String),
            "period": period,
            "scale_code": pl.Series(letters + figures, dtype=pl.String),
            "full_scale_code": pl.Series(letters + figures, dtype=pl.String)
            + pl.Series(np.where(senior, "/S", "/0"), dtype=pl.String),
            "family_burden_seniority_code": pl.Series(letters, dtype=pl.String)
            + pl.Series(np.where(senior, "1", "0"), dtype=pl.String),
            "daily_cents": scales.amounts(rule, scales.situation)[row],
            "supplement_cents": np.where(senior, np.array(rule.supplement.all)[situation], 0),
            "withholding_tax": withheld[situation, period],
            "burden_cents": would[0],
            "single_cents": would[1],
            "cohabiting_cents": would[2],
        }
    ).sort("ssin", "begin_date", "member")


def _met(paid: Paid, scales: Scales) -> tuple[Ints, Ints]:
    """The parts paid and the times of amounts that share days."""
    part = pl.DataFrame({"spell": paid.spell, "part": np.arange(len(paid.spell))})
    row = pl.DataFrame({"spell": scales.spell, "row": np.arange(len(scales.spell))})
    pairs = part.join(row, on="spell").sort("part", "row")
    parts, rows = pairs["part"].to_numpy(), pairs["row"].to_numpy()
    shared = paid.parts.begin[parts] < scales.end[rows]
    shared &= scales.begin[rows] < paid.parts.end[parts]
    return parts[shared], rows[shared]


def _causes(scales: Scales, row: Ints, begin: Ints) -> Texts:
    """Why an amount begins: a period, an age, the family; or the payment itself."""
    before = np.maximum(row - 1, 0)
    own = (begin == scales.begin[row]) & (scales.spell[before] == scales.spell[row]) & (row > 0)
    drop = own & (scales.phase[before] != scales.phase[row])
    age = own & (scales.senior[before] != scales.senior[row])
    return np.select([drop, age, own], ["period", "age", "family"], "payment").astype(object)


def _exemptions(
    paid: Paid, rule: Benefits, chance: Chance, ssin: pl.Series, *, span: Span
) -> pl.DataFrame:
    """Times of care within one part of a spell, none of them in the freeze."""
    rng = chance.stream("exemptions")
    care, parts = rule.exemption, paid.parts
    until = np.where(parts.end == OPEN, span.today + 1, parts.end)
    lasts = rng.integers(care.least_days, care.most_days + 1, len(parts))
    room = until - parts.begin - care.least_days
    begin = parts.begin + 1 + (rng.random(len(parts)) * np.maximum(room, 1)).astype(np.int64)
    end = np.minimum(begin + lasts, np.where(parts.end == OPEN, OPEN, parts.end - 1))
    frozen = np.datetime64(rule.freeze.from_, "D").astype(np.int64)
    thawed = np.datetime64(rule.freeze.until, "D").astype(np.int64) + 1
    chosen = occurs(rng, care.share, len(parts)) & (room > 1) & (end - begin >= care.least_days)
    chosen &= (end <= frozen) | (begin >= thawed)
    return pl.DataFrame(
        {
            "ssin": texts(ssin, parts.person[chosen]),
            "member": pl.Series(paid.payer[chosen], dtype=pl.String),
            "begin_date": dates(begin[chosen]),
            "end_date": last_days(end[chosen]),
            "daily_cents": np.full(int(chosen.sum()), care.amount),
        }
    ).sort("ssin", "begin_date")


def _told(column: Ints) -> pl.Series:
    """A column of whole numbers in which -1 is nothing."""
    return pl.Series(column, dtype=pl.Int64).set(pl.Series(column < 0), None)
