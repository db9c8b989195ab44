"""The file that was sent once after the freeze of degressivity: who is in it, and what it says.

Deliberation 05/022 §7.4, §41-44. Pure: records in, records out; carrying them is not done here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from kruispunt.law import Control, Lawbook, ParameterId
from kruispunt.vocabulary import DirectoryLine, Period, Ssin

PREFIX: Final = "degressivity-freeze"
MOST_DIGITS: Final = 15
"""Digits of an amount before its point, and zeros behind it."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Amount:
    """OS-6: what is paid for a day, in cents, from a day on."""

    begin: date
    daily_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """What a payment institution knows of one person whom it pays.

    `asked_on`: the days on which an insurer's question about the person came in. `amounts`: all
    that the rules of degressivity give, with those to come. `told`: those that answers told.
    """

    ssin: Ssin
    asked_on: tuple[date, ...]
    amounts: tuple[Amount, ...]
    told: frozenset[Amount] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class OneShotRecord:
    """OS-6, §43: one person's next amounts, each lower than the one before, and their days."""

    ssin: Ssin
    drops: tuple[Amount, ...]


def days_of_freeze(lawbook: Lawbook, *, on: date) -> Period:
    """OS-1, §7.4, §42: the days of the freeze, as the lawbook sets them on a day.

    Raises:
        KeyError: the lawbook does not set one of them.
        NoValue: it sets nothing for that day.
    """

    def day(name: str) -> date:
        return lawbook.parameters[ParameterId(f"{PREFIX}.{name}")].day_on(on)

    return Period.through(day("first-day"), day("last-day"))


def select(paid: Paid, freeze: Period) -> OneShotRecord | None:
    """OS-4, OS-5: whether a payment institution sends this person's amounts, and which.

    In: asked about by an insurer during the freeze, and lower from now on. Amounts that an answer
    has told already are left out (R-ONCE).
    """
    if not any(day in freeze for day in paid.asked_on):
        return None
    drops = tuple(one for one in _drops(paid, freeze) if one not in paid.told)
    return OneShotRecord(ssin=paid.ssin, drops=drops) if drops else None


def integrate(
    records: Iterable[OneShotRecord], control: Control, *, on: date
) -> tuple[DirectoryLine, ...]:
    """OS-7: the target population becomes known at the hub, once each.

    In the sector and the quality of its own that the clause then asks for.
    """
    (quality,) = control.qualities
    persons = dict.fromkeys(record.ssin for record in records)
    return tuple(
        DirectoryLine(ssin=ssin, sector=control.sector, quality=quality, period=Period(on))
        for ssin in persons
    )


def cents_of(amount: Decimal) -> int:
    """An amount in whole cents.

    Raises:
        ValueError: it has others, or is no number.
    """
    # Before any sum: the digits of "1e999990" take minutes.
    if not amount.is_finite() or abs(amount.adjusted()) > MOST_DIGITS:
        raise ValueError("expected an amount")
    cents = amount * 100
    if cents != int(cents):
        raise ValueError("expected whole cents")
    return int(cents)


def _drops(paid: Paid, freeze: Period) -> Iterator[Amount]:
    """Amounts from after the freeze that are lower than any before.

    What rises meanwhile and falls to no less than was told is nothing to tell (assumption).
    """
    lowest = _frozen_cents(paid, freeze)
    for one in sorted(paid.amounts):
        if lowest is None or freeze.end is None or one.begin < freeze.end:
            continue
        if one.daily_cents < lowest:
            lowest = one.daily_cents
            yield one


def _frozen_cents(paid: Paid, freeze: Period) -> int | None:
    """OS-1, §7.4: the amount that stood still, or None for who was not paid in the freeze.

    That of its first day; for who came to be paid later in it, that of the own first day
    (assumption).
    """
    ordered = sorted(paid.amounts)
    begun = [one for one in ordered if one.begin <= freeze.begin]
    inside = [one for one in ordered if one.begin in freeze]
    kept = (*begun[-1:], *inside)
    return kept[0].daily_cents if kept else None
