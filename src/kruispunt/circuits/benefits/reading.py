"""Rows of answers become facts; a row that can't be one makes the whole answer wrong."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Final, Literal, TypeVar, cast

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from kruispunt.circuits.benefits.content import Prefilled, Worker
from kruispunt.circuits.benefits.event import Rows
from kruispunt.circuits.benefits.facts import Choice, Employment, Facts, Owner, Reference, Relation
from kruispunt.circuits.benefits.risk import Enterprise
from kruispunt.circuits.benefits.rules import Role
from kruispunt.vocabulary import Period, WrongPeriod

HOURS: Final = re.compile(r"\d{1,6}(\.\d{1,6})?", re.ASCII)
T = TypeVar("T")


class WrongAnswer(ValueError):
    """An answer that is not what the flow promises. The message never holds a value."""


class _Reference(Struct):
    rsz_known: bool
    unemployment_known: bool


class _Relation(Struct):
    employer_cbe: str | None = None
    nsso_number: str | None = None
    service_begin_date: date | None = None
    service_end_date: date | None = None


class _Employment(Struct):
    """The fields of §20; whatever else the row holds is not read (acceptance case 8)."""

    employment_begin_date: date
    employment_end_date: date | None = None
    nsso_number: str | None = None
    cbe_number: str | None = None
    joint_committee_number: str | None = None
    mean_weekly_hours_reference_s: str | None = None
    mean_weekly_hours_worker_q: str | None = None


class _Choice(Struct):
    employer_cbe: str
    destination_cbe: str
    channel: Literal["ELECTRONIC", "PAPER"]
    request_scope: Literal["ALL", "NON_GENERIC_ONLY"]
    destination_nsso_number: str | None = None
    destination_name: str | None = None
    mandate_from: date | None = None
    mandate_to: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None


class _Owner(Struct):
    cbe_number: str | None = None
    nsso_number: str | None = None
    denomination: str | None = None
    address: str | None = None
    curator_id: str | None = None
    curator_name: str | None = None
    curator_address: str | None = None


def read(facts: Facts, role: Role, rows: Rows) -> Facts:
    """The facts with what a consultation told.

    Raises:
        WrongAnswer: a row is not of the flow, or two rows contradict each other.
    """
    match role:
        case Role.REFERENCE:
            return replace(facts, reference=_reference(rows))
        case Role.DIMONA:
            return replace(facts, relations=_several(_relation, rows, _Relation))
        case Role.EMPLOYMENT:
            return replace(facts, employments=_several(_employment, rows, _Employment))
        case Role.ROUTING:
            return replace(facts, choices=_several(_choice, rows, _Choice))
        case Role.UAM:
            return replace(facts, users=_rows(rows, Prefilled))
        case Role.PERSONNEL:
            return replace(facts, workers=_rows(rows, Worker))
        case Role.EMPLOYER:
            return replace(facts, owners=_several(_owner, rows, _Owner))


def _rows(rows: Rows, form: type[T]) -> tuple[T, ...]:
    """Rows as structs: text only where the flow has text, nothing that the struct doesn't name."""
    try:
        return tuple(msgspec.convert(row, form) for row in rows)
    except msgspec.ValidationError as wrong:
        place = str(wrong).rpartition("`$")[2].strip("`.")
        raise WrongAnswer(f"a row has a wrong value at {place!r}") from None


def _several(make: Callable[[Struct], T], rows: Rows, form: type[Struct]) -> tuple[T, ...]:
    try:
        return tuple(make(one) for one in _rows(rows, form))
    except WrongPeriod:
        raise WrongAnswer("a period ends before it begins") from None


def _reference(rows: Rows) -> Reference:
    """R-L609-SHAPE (§5(3)(a), §11): exactly two booleans; less tells nothing."""
    read = _rows(rows, _Reference)
    if len(read) != 1:
        raise WrongAnswer(f"expected one row, found {len(read)}")
    one = read[0]
    return Reference(rsz_known=one.rsz_known, unemployment_known=one.unemployment_known)


def _relation(row: Struct) -> Relation:
    one = cast("_Relation", row)
    return Relation(
        employer=_enterprise(one.employer_cbe, one.nsso_number),
        period=Period.through(one.service_begin_date or date.min, one.service_end_date),
    )


def _employment(row: Struct) -> Employment:
    one = cast("_Employment", row)
    return Employment(
        employer=Enterprise(cbe=one.cbe_number, nsso=one.nsso_number),
        period=Period.through(one.employment_begin_date, one.employment_end_date),
        committee=one.joint_committee_number,
        hours_q=_hours(one.mean_weekly_hours_worker_q),
        hours_s=_hours(one.mean_weekly_hours_reference_s),
    )


def _choice(row: Struct) -> Choice:
    one = cast("_Choice", row)
    mandate = one.mandate_from and Period.through(one.mandate_from, one.mandate_to)
    return Choice(
        employer=one.employer_cbe,
        destination=Enterprise(cbe=one.destination_cbe, nsso=one.destination_nsso_number),
        name=one.destination_name,
        electronic=one.channel == "ELECTRONIC",
        everything=one.request_scope == "ALL",
        valid=Period.through(one.valid_from or date.min, one.valid_to),
        mandate=mandate,
    )


def _owner(row: Struct) -> Owner:
    one = cast("_Owner", row)
    return Owner(
        employer=_enterprise(one.cbe_number, one.nsso_number),
        denomination=one.denomination,
        address=one.address,
        curator=bool(one.curator_id or one.curator_name or one.curator_address),
        curator_name=one.curator_name,
        curator_address=one.curator_address,
    )


def _enterprise(cbe: str | None, nsso: str | None) -> Enterprise:
    if not cbe and not nsso:
        raise WrongAnswer("an employer has no number")
    return Enterprise(cbe=cbe or None, nsso=nsso or None)


def _hours(text: str | None) -> Decimal | None:
    """Exact, as it was written; what is no number is not known (§19)."""
    return Decimal(text) if text and HOURS.fullmatch(text) else None
