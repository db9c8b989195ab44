"""Cases beside the law: a question, its facts, and what the law's authors say comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from kruispunt.vocabulary import (
    ClauseId,
    FieldName,
    FlowId,
    InstitutionCode,
    NumberStatus,
    Period,
    PurposeId,
    Quality,
    Reason,
    Sector,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """A directory line of the person in the case."""

    sector: Sector
    quality: Quality
    period: Period
    member: InstitutionCode | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case. `refusal` None: leave is given. What is None after that is not compared."""

    name: str
    file: str
    clause: ClauseId
    seat: InstitutionCode
    consumer: InstitutionCode
    flow: FlowId
    purpose: PurposeId
    asked_on: date
    about: Period
    number: NumberStatus
    deceased_on: date | None
    lines: tuple[CaseLine, ...]
    refusal: Reason | None
    fields: tuple[FieldName, ...] | None = None
    withheld: Mapping[FieldName, str] | None = None
    answer: Mapping[FieldName, bool] | None = None
    covered: Period | None = None
    """The days that the consumer's file covers, where they are fewer than it asks about."""
