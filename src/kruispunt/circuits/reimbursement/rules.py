"""Increased reimbursement: incomes against the ceiling, months, and the nature of unemployment.

All amounts are whole cents; what the law sets comes from its parameters, on the day that counts.
"""

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Self

from kruispunt.circuits.reimbursement.case import Basis, Income, Unemployment
from kruispunt.law import Lawbook, NoValue, Parameter, ParameterId
from kruispunt.vocabulary import FieldName, Row, Value

PREFIX: Final = "increased-reimbursement"
MONTHS_IN_A_YEAR: Final = 12
AMOUNT: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
"""What `keep` lets through, and more; nothing of which a sum takes long."""

FULL_CODE: Final = FieldName("full_unemployment_code")
SCALE_CODE: Final = FieldName("scale_code")
DAILY: Final = (FieldName("amount_incl_seniority"), FieldName("daily_amount"))
MONTHLY: Final = (FieldName("igu_gross_previous_month"), FieldName("unemployment_previous_month"))
NEEDED: Final = (FULL_CODE, SCALE_CODE, *DAILY, *MONTHLY)
"""Fields of an answer that a rule looks at; the clause gives more, and no other is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReimbursementRules:
    """What the lawbook sets for increased reimbursement."""

    parameters: Mapping[str, Parameter]

    @classmethod
    def of(cls, lawbook: Lawbook) -> Self:
        """Take them out of a lawbook.

        Raises:
            KeyError: the lawbook does not set one of them.
        """
        wanted = (
            "days-per-year",
            "months",
            "fully-unemployed.codes",
            "company-supplement.codes",
            "company-supplement.scale-letters",
            *(f"ceiling.{basis}.{who}-person" for basis in Basis for who in ("first", "further")),
        )
        known = lawbook.parameters
        return cls(parameters={name: known[ParameterId(f"{PREFIX}.{name}")] for name in wanted})

    @property
    def ex_officio_since(self) -> date:
        """VT-6, closing part: the first day on which an insurer may look on its own initiative."""
        return self.parameters["months"].values[0].period.begin

    def is_ex_officio(self, on: date) -> bool:
        """True on days on which an insurer may look on its own initiative."""
        try:
            self.parameters["months"].on(on)
        except NoValue:
            return False
        return True

    def ceiling_cents(self, *, household: int, basis: Basis, on: date) -> int:
        """VT-2, VT-12: the ceiling of a household of so many, as it is on a day.

        Raises:
            NoValue: the law sets no ceiling for that day.
        """
        first = self.parameters[f"ceiling.{basis}.first-person"].cents_on(on)
        further = self.parameters[f"ceiling.{basis}.further-person"].cents_on(on)
        return first + (household - 1) * further

    def yearly_cents(self, rows: Iterable[Unemployment], *, on: date) -> int:
        """R-INCOME, fn 2: unemployment benefits of a year, as art. 28, § 3, converts them.

        Assumption: a day is paid by one institution only, so that of several answers the highest
        counts; amounts of a month, told for part-timers only (§38), count twelve times.
        """
        days = self.parameters["days-per-year"].count_on(on)
        return max((_yearly(row, days) for row in rows), default=0)

    def months_full_on(self, since: date, *, on: date) -> date:
        """VT-7, VT-8: the day on which the months are full that the law sets on a day."""
        return months_later(since, self.parameters["months"].count_on(on))

    def is_fully_unemployed(self, row: Unemployment, *, on: date) -> bool:
        """VT-9, VT-11, fn 1: as the codes of the answer tell, without a company supplement."""
        codes = self.parameters["fully-unemployed.codes"].codes_on(on)
        return row.full_code in codes and not self.has_company_supplement(row, on=on)

    def has_company_supplement(self, row: Unemployment, *, on: date) -> bool:
        """VT-10, VT-11: no field tells it (§38), so either code does."""
        codes = self.parameters["company-supplement.codes"].codes_on(on)
        letters = self.parameters["company-supplement.scale-letters"].codes_on(on)
        return row.full_code in codes or (row.scale_code or "").startswith(tuple(letters))


def gross_cents(incomes: Iterable[Income]) -> int:
    """VT-3, §2.2: incomes before any deduction."""
    return sum(income.gross_cents for income in incomes)


def is_lower(income_cents: int, ceiling_cents: int) -> bool:
    """VT-2, R-INCOME: “lager dan” is strict; an income that equals the ceiling is not lower."""
    return income_cents < ceiling_cents


def read_unemployment(rows: Iterable[Row]) -> tuple[Unemployment, ...]:
    """Keep of an answer what the inquiry needs; fields that were not given are not known."""
    return tuple(
        Unemployment(
            full_code=_text(row.get(FULL_CODE)),
            scale_code=_text(row.get(SCALE_CODE)),
            daily_cents=max(_cents(row, DAILY), default=None),
            monthly_cents=sum(found) if (found := _cents(row, MONTHLY)) else None,
        )
        for row in rows
    )


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a month that has no such day."""
    year, month = divmod(day.year * MONTHS_IN_A_YEAR + day.month - 1 + months, MONTHS_IN_A_YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _yearly(row: Unemployment, days: int) -> int:
    if row.monthly_cents is not None:
        return row.monthly_cents * MONTHS_IN_A_YEAR
    return (row.daily_cents or 0) * days


def _text(value: Value) -> str | None:
    return value if isinstance(value, str) else None


def _cents(row: Row, names: Iterable[FieldName]) -> list[int]:
    """The amounts that are known: none where one of them is negative, or no whole cents."""
    texts = [text for name in names if (text := _text(row.get(name))) is not None]
    if not all(map(AMOUNT.fullmatch, texts)):
        return []
    found = [Decimal(text) * 100 for text in texts]
    if any(one < 0 or one != int(one) for one in found):
        return []
    return [int(one) for one in found]
