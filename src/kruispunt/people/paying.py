"""Who pays whose unemployment benefits from when to when: people change, also within a spell."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from kruispunt.people.careers import Spells
from kruispunt.people.chance import Chance, Flags, Ints, Texts, occurs, pick
from kruispunt.people.days import OPEN, next_month
from kruispunt.people.lives import Lives, Span
from kruispunt.people.parameters import Insurer, Parameters
from kruispunt.people.unemployment import Jobless

SETTLED_DAYS: Final = 60
"""Nobody changes earlier in a spell than this, or later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """The parts of spells that one institution pays, in order of spell and begin.

    `filed_until`: its file on the person ends later than its payments do when another took over,
    with the month of the change (assumption): so two institutions have a file in that month.
    """

    spell: Ints
    parts: Spells
    payer: Texts
    filed_until: Ints


def pay(
    jobless: Jobless, lives: Lives, parameters: Parameters, chance: Chance, *, span: Span
) -> Paid:
    """Who pays each spell: one institution, or one after the other."""
    rng = chance.stream("payers")
    spells = jobless.spells
    until = np.where(spells.end == OPEN, span.today + 1, spells.end)
    length = until - spells.begin
    inner = np.maximum(1, length - 2 * SETTLED_DAYS)
    day = spells.begin + SETTLED_DAYS + (rng.random(len(spells)) * inner).astype(np.int64)
    changes = occurs(rng, parameters.benefits.changer_share, len(spells))
    changes &= length > 2 * SETTLED_DAYS
    before, after = _payers(spells.person, changes, lives, parameters.payers, rng)
    rows = np.arange(len(spells))
    spell = np.concatenate([rows, rows[changes]])
    begin = np.concatenate([spells.begin, day[changes]])
    end = np.concatenate([np.where(changes, day, spells.end), spells.end[changes]])
    month_end = np.minimum(next_month(day), spells.end)
    filed = np.concatenate([np.where(changes, month_end, spells.end), spells.end[changes]])
    payer = np.concatenate([before, after[changes]])
    order = np.lexsort((begin, spell))
    return Paid(
        spell=spell[order],
        parts=Spells(person=spells.person[spell][order], begin=begin[order], end=end[order]),
        payer=payer[order],
        filed_until=filed[order],
    )


def _payers(
    person: Ints,
    changes: Flags,
    lives: Lives,
    payers: tuple[Insurer, ...],
    rng: np.random.Generator,
) -> tuple[Texts, Texts]:
    """The institution of each spell before and after a change: who changed stays changed."""
    first = np.zeros(len(lives), dtype=np.int64)
    for name in sorted({str(one) for one in np.unique(lives.language.astype(str))}):
        rows = lives.language == name
        first[rows] = pick(rng, [one.weights.get(name, 0.0) for one in payers], int(rows.sum()))
    step = rng.integers(1, len(payers), len(lives))
    made = np.cumsum(changes)
    head = np.r_[True, person[1:] != person[:-1]][: len(person)]
    earlier = np.maximum.accumulate(np.where(head, made - changes, 0))
    changed = made - changes - earlier
    codes = np.array([one.code for one in payers], dtype=object)
    at = first[person] + step[person] * changed
    return codes[at % len(codes)], codes[(at + step[person]) % len(codes)]
