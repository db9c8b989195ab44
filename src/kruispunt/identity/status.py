"""What may happen to a number: the rules of replacing, cancelling and dying, without a store."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from kruispunt.vocabulary import NumberFact, NumberStatus, Ssin


class WrongChange(ValueError):
    """A change that the registers do not allow. The message names the rule, never a number."""


UNKNOWN: Final = NumberFact(status=NumberStatus.UNKNOWN)
KNOWN: Final = NumberFact(status=NumberStatus.KNOWN)

CODES: Final[Mapping[NumberStatus, int]] = {
    NumberStatus.KNOWN: 1,
    NumberStatus.REPLACED: 2,
    NumberStatus.CANCELLED: 3,
    NumberStatus.DECEASED: 4,
}
"""Numbers of the statuses in the table. Frozen."""

STATUSES: Final = {code: status for status, code in CODES.items()}

MAX_CHAIN_DOUBLINGS: Final = 40
"""Chains of replacements are halved this often at most; a longer one runs in a circle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A number with what the registers say of it, on its way into a store."""

    ssin: Ssin
    fact: NumberFact


def after_register(now: NumberFact) -> NumberFact:
    """A number is given out once."""
    if now.status is not NumberStatus.UNKNOWN:
        raise WrongChange("expected a number that is in no register")
    return KNOWN


def after_replace(now: NumberFact, *, successor: Ssin, successor_now: NumberFact) -> NumberFact:
    """A known or deceased number leads to another one, at the end of that one's own chain.

    Since a replaced number can't be replaced again, no chain ever runs in a circle.
    """
    if now.status not in (NumberStatus.KNOWN, NumberStatus.DECEASED):
        raise WrongChange(f"expected a number in use, found one that is {now.status}")
    if successor_now.status in (NumberStatus.UNKNOWN, NumberStatus.CANCELLED):
        raise WrongChange(f"expected a successor in use, found one that is {successor_now.status}")
    last = successor_now.successor or successor
    return NumberFact(status=NumberStatus.REPLACED, successor=last)


def after_cancel(now: NumberFact) -> NumberFact:
    """A number made by mistake is cancelled and never used again."""
    if now.status is not NumberStatus.KNOWN:
        raise WrongChange(f"expected a known number, found one that is {now.status}")
    return NumberFact(status=NumberStatus.CANCELLED)


def after_decease(now: NumberFact, *, deceased_on: date) -> NumberFact:
    """A person dies once; the day may be corrected."""
    if now.status not in (NumberStatus.KNOWN, NumberStatus.DECEASED):
        raise WrongChange(f"expected a number in use, found one that is {now.status}")
    return NumberFact(status=NumberStatus.DECEASED, deceased_on=deceased_on)


def check_replace(ssin: Ssin, successor: Ssin, successor_now: NumberFact) -> None:
    """A number never leads to itself, at once or through others.

    Raises:
        WrongChange: it would.
    """
    if ssin in (successor, successor_now.successor):
        raise WrongChange("expected a successor that does not lead back")
