"""What travels of an inquiry into incomes (05/022 §6), as JSON: the household, and its incomes."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta

from kruispunt.client.wire import Body

Cents = Annotated[int, Meta(ge=0, le=10**12)]


class IncomeBody(Body, frozen=True, omit_defaults=True):
    """An income of a year, in whole cents: what is taxed, and what was taken off before that."""

    taxed_cents: Cents
    deducted_cents: Cents = 0


Incomes = Annotated[tuple[IncomeBody, ...], Meta(max_length=100)]


class ApplicationBody(Body, frozen=True, omit_defaults=True):
    """Somebody applies for increased reimbursement (05/022 §6(1)), and says this of the household.

    `incomes` leave unemployment benefits out: those are asked, where `hasUnemployment`.
    """

    on: date | None = None
    """None: today."""

    household: Annotated[int, Meta(ge=1, le=99)] = 1
    basis: Literal["current", "past-year"] = "current"
    incomes: Incomes = ()
    has_unemployment: bool = False


class OwnFilesBody(Body, frozen=True, omit_defaults=True):
    """The insurer looks on its own initiative (05/022 §6(2)), and its own files say this.

    What is left out, they don't say. `incomes` are the other listed ones, its own benefits too.
    """

    on: date | None = None
    """The day on which it looked; none: today."""

    has_right: bool = False
    single_since: date | None = None
    replaced_by: Literal["incapacity", "unemployment"] | None = None
    replaced_since: date | None = None
    has_company_supplement: bool | None = None
    is_fully_unemployed: bool | None = None
    incomes: Incomes = ()
