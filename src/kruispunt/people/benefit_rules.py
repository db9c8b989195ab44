"""Parameters of unemployment benefits: periods, amounts by situation of the family, statuses."""

from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta

from kruispunt.people.checked import Age, Checked, Count, Positive, Share

Cents = Annotated[int, Meta(ge=0, le=100_000)]
Months = Annotated[int, Meta(ge=0, le=600)]
Letter = Annotated[str, Meta(min_length=1, max_length=3)]
Shortcode = Annotated[str, Meta(min_length=1, max_length=4)]
StatusCode = Annotated[str, Meta(min_length=1, max_length=32)]


class BySituation(Checked, frozen=True):
    """A whole number for each situation of a family, in this order wherever they stand in one."""

    with_family_burden: Cents
    single: Cents
    cohabiting: Cents

    @property
    def all(self) -> tuple[int, int, int]:
        return self.with_family_burden, self.single, self.cohabiting


class Withheld(Checked, frozen=True):
    """For each situation, the periods in which tax is withheld."""

    with_family_burden: tuple[int, ...]
    single: tuple[int, ...]
    cohabiting: tuple[int, ...]

    @property
    def all(self) -> tuple[tuple[int, ...], ...]:
        return self.with_family_burden, self.single, self.cohabiting


class Letters(Checked, frozen=True):
    """The letter with which a scale code begins."""

    with_family_burden: Letter
    single: Letter
    cohabiting: Letter
    company_supplement: Letter

    @property
    def all(self) -> tuple[str, str, str]:
        return self.with_family_burden, self.single, self.cohabiting


class FullCodes(Checked, frozen=True):
    """Codes of the kind of unemployment."""

    full: Shortcode
    part_time: Shortcode
    company_supplement: Shortcode


class Freeze(Checked, frozen=True):
    """Days on which amounts stay what they were on the first of them; both included."""

    from_: date = msgspec.field(name="from")
    until: date


class Between(Checked, frozen=True):
    """Two bounds, both included."""

    least: Months
    most: Months


class Exemption(Checked, frozen=True):
    """Times of care, and the amount meanwhile."""

    share: Share
    least_days: Count
    most_days: Count
    amount: Cents


class Holidays(Checked, frozen=True):
    """Holidays for a whole year of work, and how often some are taken while unemployed."""

    days: Annotated[int, Meta(ge=1, le=60)]
    taken_share: Share


class Sheets(Checked, frozen=True):
    """How often an insurer asked about what is paid, and was told the next amount already."""

    share: Share
    told_share: Share


class Status(Checked, frozen=True):
    """A specific status, and how often it occurs. `guarantee`: None for who is no part-timer."""

    code: StatusCode
    beside_job: bool
    share: Share
    half_benefits: bool = False
    guarantee: Share | None = None


class Phase(Checked, frozen=True):
    """A phase of a period. `flat_share`: how far down to the flat amount; rates in hundredths."""

    code: Letter
    period: Annotated[int, Meta(ge=1, le=3)]
    months: Months
    rate: BySituation
    ceiling: Cents
    flat_share: Share


class Benefits(Checked, frozen=True):
    """How much unemployed people get, for how long. Amounts are whole cents a day."""

    changer_share: Share
    fresh_start_days: Count
    wage_median: Positive
    wage_spread: Positive
    second_period: Between
    freeze: Freeze
    flat: BySituation
    supplement_age: Age
    supplement: BySituation
    withheld: Withheld
    family_change_share: Share
    burden_share: Share
    month_days: Count
    full_codes: FullCodes
    letters: Letters
    company_supplement_age: Age
    company_supplement_share: Share
    exemption: Exemption
    holidays: Holidays
    sheets: Sheets
    statuses: tuple[Status, ...]
    phases: Annotated[tuple[Phase, ...], Meta(min_length=2)]
