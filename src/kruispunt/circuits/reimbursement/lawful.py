"""The law as one inquiry meets it: it travels in its events; replay needs no other."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from kruispunt.circuits.reimbursement.case import Applied, Noticed
from kruispunt.circuits.reimbursement.rules import PREFIX, ReimbursementRules
from kruispunt.law import DatedValue, Lawbook, Parameter, ParameterId, Unit
from kruispunt.vocabulary import FlowId, LawDigest, Period, day_of_asking


class Dated(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the law sets in a period: whole cents or a whole number, or codes."""

    period: Period
    unit: Unit
    whole: int = 0
    codes: tuple[str, ...] = ()


class InquiryDelays(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How long is waited, and how often tried: the text names no delay (assumption)."""

    retry_minutes: int
    attempts: int
    unemployment_days: int
    late_days: int


class InquiryRules(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Flow and delays of the day of asking; amounts, months and codes with all their days.

    Which of those counts follows from the day on which the conditions are met (fn 2), which may
    still be to come when the inquiry begins.
    """

    law: LawDigest
    zone: str
    flow: FlowId
    delays: InquiryDelays
    values: dict[str, tuple[Dated, ...]]

    def day(self, at: datetime) -> date:
        """The day of a moment, where the circuit runs."""
        return day_of_asking(at, ZoneInfo(self.zone))

    def lawful(self) -> ReimbursementRules:
        """The rules that decide."""
        found = {name: _parameter(name, dated) for name, dated in self.values.items()}
        return ReimbursementRules(parameters=found)


def inquiry_rules(lawbook: Lawbook, *, asked_on: date, zone: str) -> InquiryRules:
    """The rules of an inquiry that begins on a day.

    Raises:
        KeyError: the lawbook does not set one of them.
        NoValue: it sets none for that day.
    """

    def of(name: str) -> Parameter:
        return lawbook.parameters[ParameterId(f"{PREFIX}.{name}")]

    (flow,) = of("flow.unemployment").codes_on(asked_on)
    return InquiryRules(
        law=lawbook.digest,
        zone=zone,
        flow=FlowId(flow),
        delays=InquiryDelays(
            retry_minutes=of("retry-minutes").count_on(asked_on),
            attempts=of("attempts").count_on(asked_on),
            unemployment_days=of("unemployment-days").count_on(asked_on),
            late_days=of("late-days").count_on(asked_on),
        ),
        values=_dated(ReimbursementRules.of(lawbook).parameters),
    )


def check_begun(begun: Applied | Noticed, rules: InquiryRules) -> None:
    """Nothing, where the law sets all that can be needed of the day of an inquiry.

    On own initiative a day before the law let insurers look is declined, not wrong (VT-6).

    Raises:
        NoValue: it does not.
    """
    lawful = rules.lawful()
    if isinstance(begun, Noticed):
        if lawful.is_ex_officio(begun.on):
            lawful.parameters["ceiling.current.first-person"].on(begun.on)
        return
    lawful.ceiling_cents(household=begun.household, basis=begun.basis, on=begun.on)
    if begun.has_unemployment:
        lawful.yearly_cents((), on=begun.on)


_UNTITLED: Final[Mapping[str, str]] = {}


def _dated(parameters: Mapping[str, Parameter]) -> dict[str, tuple[Dated, ...]]:
    return {
        name: tuple(_one(value, parameter.unit) for value in parameter.values)
        for name, parameter in sorted(parameters.items())
    }


def _one(value: DatedValue, unit: Unit) -> Dated:
    if isinstance(value.value, tuple):
        return Dated(period=value.period, unit=unit, codes=value.value)
    assert isinstance(value.value, int), "amounts, numbers and codes only"
    return Dated(period=value.period, unit=unit, whole=value.value)


def _parameter(name: str, dated: tuple[Dated, ...]) -> Parameter:
    """As the lawbook has it, without what it says to people."""
    return Parameter(
        id=ParameterId(f"{PREFIX}.{name}"),
        titles=_UNTITLED,
        unit=dated[0].unit,
        paragraph="",
        values=tuple(
            DatedValue(
                period=one.period,
                value=one.codes if one.unit is Unit.CODES else one.whole,
                source="",
                assumption="",
            )
            for one in dated
        ),
    )
