"""Whom the payment institutions of a demonstration choose for the one-time file (05/022 §7.4)."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final

import polars as pl

from kruispunt.circuits import one_shot
from kruispunt.people import Population
from kruispunt.vocabulary import InstitutionCode, Ssin

DAY: Final = timedelta(days=1)
OTHERWISE: Final = ("family", "age")
"""Causes by which an amount changes for another reason than the time that passes."""


def chosen(
    people: Population, freeze: one_shot.Freeze
) -> Mapping[InstitutionCode, tuple[one_shot.OneShotRecord, ...]]:
    """What each institution writes about whom it still paid when the freeze ended.

    Assumption: an insurer asked about a person on the day on which the incapacity began, and an
    amount is foreseen until the family or the age changes it otherwise.
    """
    found = dict[InstitutionCode, tuple[one_shot.OneShotRecord, ...]]()
    asked = _asked_on(people)
    for (member,), rows in _amounts(people, freeze).group_by("member", maintain_order=True):
        persons = (
            one_shot.Paid(ssin=ssin, asked_on=asked.get(ssin, ()), amounts=amounts)
            for ssin, amounts in _persons(rows, freeze)
        )
        if records := tuple(one_shot.select(persons, freeze)):
            found[InstitutionCode(str(member))] = records
    return dict(sorted(found.items()))


def _asked_on(people: Population) -> Mapping[Ssin, tuple[date, ...]]:
    found = dict[Ssin, tuple[date, ...]]()
    for ssin, begin in people.incapacities.select("ssin", "begin").iter_rows():
        person = Ssin.of(ssin)
        found[person] = (*found.get(person, ()), begin)
    return found


def _amounts(people: Population, freeze: one_shot.Freeze) -> pl.DataFrame:
    """Amounts of the spells that were under way when the freeze ended."""
    assert freeze.days.last_day is not None, "the freeze is over"
    thawed = freeze.days.last_day + DAY
    spells = people.benefits.spells.filter(
        (pl.col("begin_date") < thawed)
        & (pl.col("end_date").is_null() | (pl.col("end_date") >= thawed))
    ).select("ssin", "member", since="begin_date", until="end_date")
    return (
        people.benefits.amounts.join(spells, on=("ssin", "member"))
        .filter(
            (pl.col("begin_date") >= pl.col("since"))
            & (pl.col("until").is_null() | (pl.col("begin_date") <= pl.col("until")))
        )
        .sort("member", "ssin", "begin_date")
        .select("ssin", "member", "begin_date", "cause", "daily_cents")
    )


def _persons(
    rows: pl.DataFrame, freeze: one_shot.Freeze
) -> Iterator[tuple[Ssin, tuple[one_shot.Amount, ...]]]:
    for (ssin,), own in rows.group_by("ssin", maintain_order=True):
        amounts = list[one_shot.Amount]()
        for begin, cause, cents in own.select("begin_date", "cause", "daily_cents").iter_rows():
            if begin not in freeze.days and begin > freeze.days.begin and cause in OTHERWISE:
                break
            amounts.append(one_shot.Amount(begin=begin, daily_cents=cents))
        yield Ssin.of(int(str(ssin))), tuple(amounts)
