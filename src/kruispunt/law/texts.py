"""The law as it is written: the shape of each file, before anything is checked against another.

Unknown keys are faults. Days are days of the calendar, and a period includes its last one.
"""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from kruispunt.law.parameter import Unit
from kruispunt.law.types import PeriodRule, Reads, Sensitivity, Side, Supply, ValueType

Word = Annotated[str, Meta(min_length=1)]
Code = Annotated[str, Meta(pattern=r"^\d{3}\Z")]
SectorNumber = Annotated[int, Meta(ge=0, le=999)]
Count = Annotated[int, Meta(ge=1)]


class TermsText(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """The same words in the languages of the country; Dutch and English always."""

    nl: Word
    en: Word
    fr: Word | None = None
    de: Word | None = None


class FieldText(Struct, forbid_unknown_fields=True, frozen=True):
    """A field of a source. `digits`: in all, and behind the point."""

    name: Word
    terms: TermsText
    type: ValueType
    sensitivity: Sensitivity
    paragraph: Word
    required: bool = False
    max_length: Annotated[int, Meta(ge=0)] = 0
    digits: tuple[Count, Annotated[int, Meta(ge=0)]] | None = None


class SourceText(Struct, forbid_unknown_fields=True, frozen=True):
    """An authentic source. Its fields are read one by one."""

    id: Word
    owner: Word
    names: TermsText
    legal_basis: Word
    co_owners: tuple[Word, ...] = ()


class LimitsText(Struct, forbid_unknown_fields=True, frozen=True):
    """Bounds of a flow."""

    max_rows: Count
    timeout_s: Annotated[float, Meta(gt=0)]
    max_days: Count | None = None


class CheckText(Struct, forbid_unknown_fields=True, frozen=True):
    """A parameterised question to the directory, which fills one field."""

    field: Word
    sector: SectorNumber
    qualities: Annotated[tuple[Code, ...], Meta(min_length=1)]
    rule: PeriodRule
    paragraph: Word


class LineKindText(Struct, forbid_unknown_fields=True, frozen=True):
    """Lines of a sector in some qualities, which a flow shows or a clause integrates."""

    sector: SectorNumber
    qualities: Annotated[tuple[Code, ...], Meta(min_length=1)]
    paragraph: Word
    max_months: Annotated[int, Meta(ge=1, le=1200)] | None = None


class DetailText(Struct, forbid_unknown_fields=True, frozen=True):
    """What a question may tell beside the person and the period."""

    name: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*\Z")]
    type: Literal["code", "bool", "str", "date"]
    paragraph: Word
    values: tuple[Word, ...] = ()
    required: bool = False
    required_for: tuple[Word, ...] = ()
    begins: bool = False
    only: tuple[Word, ...] = ()


class FlowText(Struct, forbid_unknown_fields=True, frozen=True):
    """A kind of message. Its checks are read one by one."""

    id: Word
    titles: TermsText
    source: Word
    supplier: Word
    supply: Supply
    paragraph: Word
    fields: Annotated[tuple[Word, ...], Meta(min_length=1)]
    limits: LimitsText
    details: tuple[DetailText, ...] = ()
    about: date | None = None
    shows: tuple[LineKindText, ...] = ()


class TitledText(Struct, forbid_unknown_fields=True, frozen=True):
    """A reason to withhold."""

    id: Word
    titles: TermsText
    paragraph: str = ""


class PurposeText(Struct, forbid_unknown_fields=True, frozen=True):
    """A purpose. `legal_contexts`: what clients of services call it."""

    id: Word
    titles: TermsText
    paragraph: str = ""
    legal_contexts: tuple[Annotated[str, Meta(min_length=1, max_length=64)], ...] = ()


class ReaderText(Struct, forbid_unknown_fields=True, frozen=True):
    """Who may read the trail."""

    role: Word
    reads: Reads
    institutions: tuple[Word, ...]
    paragraph: Word
    assumption: str = ""


class UnseenText(Struct, forbid_unknown_fields=True, frozen=True):
    """Looks that are kept from the person they are about."""

    id: Word
    titles: TermsText
    institutions: tuple[Word, ...]
    purposes: tuple[Word, ...]
    paragraph: Word
    assumption: str = ""


class ControlText(Struct, forbid_unknown_fields=True, frozen=True):
    """An integration control of a clause."""

    side: Side
    sector: SectorNumber
    qualities: Annotated[tuple[Code, ...], Meta(min_length=1)]
    rule: PeriodRule
    paragraph: Word


class WithheldText(Struct, forbid_unknown_fields=True, frozen=True):
    """Fields of the flow that a clause keeps back for one reason."""

    reason: Word
    fields: Annotated[tuple[Word, ...], Meta(min_length=1)]
    paragraph: str = ""


class ClauseText(Struct, forbid_unknown_fields=True, frozen=True):
    """A clause: `begin` is written `from`, `until` is its last day."""

    id: Word
    paragraph: Word
    consumer: Word
    flow: Word
    purpose: Word
    fields: Annotated[tuple[Word, ...], Meta(min_length=1)]
    begin: date = field(name="from")
    until: date | None = None
    members: tuple[Word, ...] = ()
    withheld: tuple[WithheldText, ...] = ()
    controls: tuple[ControlText, ...] = ()
    assumption: str = ""
    integrates: tuple[LineKindText, ...] = ()


class DeliberationText(Struct, forbid_unknown_fields=True, frozen=True):
    """A deliberation. Its clauses are read one by one."""

    id: Word
    titles: TermsText
    reference: Word
    decided_on: Annotated[tuple[date, ...], Meta(min_length=1)]
    in_force: tuple[date, ...] = ()


class ValueText(Struct, forbid_unknown_fields=True, frozen=True):
    """What a parameter is from a day; `until` is its last day. One of the four is given."""

    begin: date = field(name="from")
    until: date | None = None
    eur: Annotated[str, Meta(pattern=r"^\d+\.\d{2}\Z")] | None = None
    count: Annotated[int, Meta(ge=0)] | None = None
    day: date | None = None
    codes: tuple[Word, ...] | None = None
    source: str = ""
    assumption: str = ""

    def given(self) -> list[Unit]:
        """The units that the text gives."""
        parts = (
            (Unit.CENTS, self.eur),
            (Unit.COUNT, self.count),
            (Unit.DAY, self.day),
            (Unit.CODES, self.codes),
        )
        return [unit for unit, part in parts if part is not None]


class ParameterText(Struct, forbid_unknown_fields=True, frozen=True):
    """An amount, number, day or list of codes that the law sets and changes."""

    id: Word
    titles: TermsText
    unit: Unit
    paragraph: Word
    values: Annotated[tuple[ValueText, ...], Meta(min_length=1)]


class LineText(Struct, forbid_unknown_fields=True, frozen=True):
    """A directory line of a case; `until` is its last day."""

    sector: SectorNumber
    quality: Code
    begin: date = field(name="from")
    until: date | None = None
    member: Word | None = None


class NumberText(Struct, forbid_unknown_fields=True, frozen=True):
    """What the registers say of the person's number in a case."""

    status: Literal["known", "replaced", "cancelled", "deceased", "unknown", "left-to-hub"] = (
        "known"
    )
    deceased_on: date | None = None


class AboutText(Struct, forbid_unknown_fields=True, frozen=True):
    """The period asked about; `until` is its last day."""

    begin: date = field(name="from")
    until: date | None = None


class CaseText(Struct, forbid_unknown_fields=True, frozen=True):
    """A question with its facts, and what must come of it. Without `at` the hub decides.

    `expect` is `grant` or the exact reason of the refusal. Flow, purpose and consumer are those of
    the clause where the case does not name others; `fields`, `withheld` and `answer` are compared
    where they stand, `covered` (the days that a grant is about, where fewer than asked) always.
    """

    name: Word
    clause: Word
    asked_on: date
    about: AboutText
    expect: Word
    at: Word | None = None
    consumer: Word | None = None
    flow: Word | None = None
    purpose: Word | None = None
    number: NumberText = NumberText()
    lines: tuple[LineText, ...] = ()
    fields: tuple[Word, ...] | None = None
    withheld: dict[str, str] | None = None
    answer: dict[str, bool] | None = None
    covered: AboutText | None = None
