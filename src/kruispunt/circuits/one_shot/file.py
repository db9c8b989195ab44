"""The file that was sent once after the freeze of degressivity: who is in it, and what it says.

Deliberation 05/022 §7.4, §41-44. Pure: records in, records out; carrying them is not done here.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Self
from uuid import UUID

from kruispunt.law import Lawbook, ParameterId
from kruispunt.vocabulary import DirectoryLine, Period, Quality, Sector, Ssin

PREFIX: Final = "degressivity-freeze"


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """OS-1, §7.4, §42: the days of the freeze, and what the law sets for the file after it."""

    days: Period
    population: Quality
    """OS-7: the quality in which the target population is integrated."""

    @classmethod
    def of(cls, lawbook: Lawbook, *, on: date) -> Self:
        """What the lawbook sets on a day.

        Raises:
            KeyError: the lawbook does not set one of them.
            NoValue: it sets nothing for that day.
        """

        def day(name: str) -> date:
            return lawbook.parameters[ParameterId(f"{PREFIX}.{name}")].day_on(on)

        (population,) = lawbook.parameters[ParameterId(f"{PREFIX}.quality")].codes_on(on)
        return cls(
            days=Period.through(day("first-day"), day("last-day")),
            population=Quality(int(population)),
        )


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


@dataclass(frozen=True, slots=True, kw_only=True)
class OneShotFile:
    """OS-2, §44: one file for all, instead of a message for each drop of each person."""

    id: UUID
    records: tuple[OneShotRecord, ...]


def frozen_cents(paid: Paid, freeze: Freeze) -> int | None:
    """OS-1, §7.4: the amount that stood still, or None for who was not paid in the freeze.

    That of its first day; for who came to be paid later in it, that of the own first day
    (assumption).
    """
    ordered = sorted(paid.amounts)
    begun = [one for one in ordered if one.begin <= freeze.days.begin]
    inside = [one for one in ordered if one.begin in freeze.days]
    kept = (*begun[-1:], *inside)
    return kept[0].daily_cents if kept else None


def select(persons: Iterable[Paid], freeze: Freeze) -> Iterator[OneShotRecord]:
    """OS-4, OS-5: a payment institution chooses among those whom it pays.

    In: asked about by an insurer during the freeze, and lower from now on. Amounts that an answer
    has told already are left out (R-ONCE).
    """
    for paid in persons:
        if not any(day in freeze.days for day in paid.asked_on):
            continue
        drops = tuple(one for one in _drops(paid, freeze) if one not in paid.told)
        if drops:
            yield OneShotRecord(ssin=paid.ssin, drops=drops)


def bundle(file: UUID, parts: Iterable[Sequence[OneShotRecord]]) -> OneShotFile:
    """OS-2: join what each payment institution selected, in the order of the parts.

    Who was paid by two of them has a record from each, since each knows its own amounts only;
    nothing says whose record it is.
    """
    return OneShotFile(id=file, records=tuple(record for part in parts for record in part))


def integrate(
    file: OneShotFile, freeze: Freeze, *, sector: Sector, on: date
) -> tuple[DirectoryLine, ...]:
    """OS-7: the target population becomes known at the hub, in a quality of its own, once each."""
    persons = dict.fromkeys(record.ssin for record in file.records)
    return tuple(
        DirectoryLine(ssin=ssin, sector=sector, quality=freeze.population, period=Period(on))
        for ssin in persons
    )


def _drops(paid: Paid, freeze: Freeze) -> Iterator[Amount]:
    """Amounts from after the freeze that are lower than what was paid just before."""
    end = freeze.days.end
    current = frozen_cents(paid, freeze)
    for one in sorted(paid.amounts):
        if end is None or one.begin < end:
            continue
        if current is not None and one.daily_cents < current:
            yield one
        current = one.daily_cents
