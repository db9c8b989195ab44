"""Whom a payment institution may send the file about: rows of the select over its own tables."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

import msgspec

from kruispunt.circuits.one_shot.carried import Unreadable
from kruispunt.circuits.one_shot.file import Amount, Paid, cents_of
from kruispunt.vocabulary import Ssin

LISTED: Final = (
    "ssin",
    "asked",
    "asked.asked_on",
    "amounts",
    "amounts.begin_date",
    "amounts.daily_amount",
    "told",
    "told.begin_date",
    "told.daily_amount",
)
"""What the select gives of each person: a row, with three groups."""


def paid_of(row: Mapping[str, object]) -> Paid:
    """One person of the list.

    Raises:
        Unreadable: the row does not say what it should; that tells nobody's number.
    """
    try:
        read = msgspec.convert(row, _Row)
        return Paid(
            ssin=Ssin(read.ssin),
            asked_on=tuple(one.asked_on for one in read.asked),
            amounts=tuple(map(_amount, read.amounts)),
            told=frozenset(map(_amount, read.told)),
        )
    except (msgspec.ValidationError, ValueError) as wrong:
        raise Unreadable("expected a person, with days and amounts in whole cents") from wrong


class _Asked(msgspec.Struct, frozen=True):
    """A question of an insurer that came in."""

    asked_on: date


class _Dated(msgspec.Struct, frozen=True):
    """What is paid for a day, from a day on."""

    begin_date: date
    daily_amount: Decimal


class _Row(msgspec.Struct, frozen=True):
    """One person."""

    ssin: str
    asked: tuple[_Asked, ...]
    amounts: tuple[_Dated, ...]
    told: tuple[_Dated, ...]


def _amount(one: _Dated) -> Amount:
    return Amount(begin=one.begin_date, daily_cents=cents_of(one.daily_amount))
