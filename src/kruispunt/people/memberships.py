"""Memberships: who is insured where, and who changed; by household, never at two insurers."""

import numpy as np
import polars as pl

from kruispunt.people.careers import Spells
from kruispunt.people.chance import Chance, Ints, Texts, occurs, pick
from kruispunt.people.days import OPEN, dates, last_days, quarter_begin, texts
from kruispunt.people.lives import Lives, Span
from kruispunt.people.parameters import Insurer, Parameters


def join(
    lives: Lives, parameters: Parameters, chance: Chance, *, span: Span
) -> tuple[Spells, Texts]:
    """Periods of membership, and the insurer of each.

    A household is at one insurer; a change comes at the begin of a quarter, for all of it.
    """
    rng = chance.stream("memberships")
    rule = parameters.memberships
    before, after = _insurers(lives, parameters.insurers, rng)
    changes = _changes(lives, rng, share=rule.changer_share, span=span)
    begin = np.maximum(lives.arrived, span.begin)
    end = np.minimum(lives.died + 1, OPEN)
    left = occurs(rng, rule.left_share, len(lives)) & (lives.died == OPEN)
    day = begin + (rng.random(len(lives)) * (span.today - begin)).astype(np.int64)
    end = np.where(left, np.maximum(day, begin + 1), end)
    member = (begin < end) & (begin <= span.today) & ~occurs(rng, rule.none_share, len(lives))
    first = member & (begin < changes)
    second = member & (changes < end)
    everyone = np.arange(len(lives))
    spells = Spells(
        person=np.concatenate([everyone[first], everyone[second]]),
        begin=np.concatenate([begin[first], np.maximum(begin, changes)[second]]),
        end=np.concatenate([np.minimum(end, changes)[first], end[second]]),
    )
    return spells, np.concatenate([before[first], after[second]])


def _insurers(
    lives: Lives, insurers: tuple[Insurer, ...], rng: np.random.Generator
) -> tuple[Texts, Texts]:
    """The insurer of each person before and after a change: another one."""
    groups = int(lives.group.max()) + 1 if len(lives) else 0
    language = np.empty(groups, dtype=object)
    language[lives.group] = lives.language
    chosen = np.zeros(groups, dtype=np.int64)
    for name in sorted({str(one) for one in np.unique(language.astype(str))}):
        rows = language == name
        weights = [insurer.weights.get(name, 0.0) for insurer in insurers]
        chosen[rows] = pick(rng, weights, int(rows.sum()))
    step = rng.integers(1, max(2, len(insurers)), groups)
    codes = np.array([insurer.code for insurer in insurers], dtype=object)
    return codes[chosen][lives.group], codes[(chosen + step) % len(codes)][lives.group]


def _changes(lives: Lives, rng: np.random.Generator, *, share: float, span: Span) -> Ints:
    """The day on which each person's household changed, OPEN where it did not."""
    groups = int(lives.group.max()) + 1 if len(lives) else 0
    day = quarter_begin(rng.integers(span.begin + 366, span.today, groups))
    return np.where(occurs(rng, share, groups), day, OPEN)[lives.group]


def memberships_frame(spells: Spells, member: Texts, persons: pl.DataFrame) -> pl.DataFrame:
    """One row per period of membership: number, insurer, first day and last day."""
    return pl.DataFrame(
        {
            "ssin": texts(persons["ssin"], spells.person),
            "member": pl.Series(member, dtype=pl.String),
            "begin": dates(spells.begin),
            "end": last_days(spells.end),
        }
    ).sort("ssin", "begin")
