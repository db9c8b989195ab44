"""Increased reimbursement: what is known of a case, what happens to it, and what it asks for.

Deliberation 05/022 §2.2, §6, §7.5-7.6 and its footnotes 1 and 2: on request (§6(1)) or ex officio
(§6(2)), by an inquiry into incomes. Everything here is stored: fields are added at the end with a
default, never reordered or reused.
"""

from datetime import date
from enum import StrEnum
from typing import Final

from msgspec import Struct

from kruispunt.vocabulary import Period, PurposeId

ON_REQUEST: Final = PurposeId("increased-reimbursement-request")
EX_OFFICIO: Final = PurposeId("increased-reimbursement-ex-officio")


class Replacement(StrEnum):
    """What replaces a wage (VT-8)."""

    INCAPACITY = "incapacity"
    UNEMPLOYMENT = "unemployment"


class Basis(StrEnum):
    """Which incomes are looked at; each has a ceiling of its own."""

    CURRENT = "current"
    PAST_YEAR = "past-year"


class Income(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One yearly income of the household, in cents: what is taxed, and what was taken off before.

    VT-3, §2.2: gross is before any deduction, reduction, exemption or immunisation.
    """

    taxed_cents: int
    deducted_cents: int = 0

    @property
    def gross_cents(self) -> int:
        """The income before anything was taken off."""
        return self.taxed_cents + self.deducted_cents


class Unemployment(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a case keeps of one row of an answer: nature and amounts in cents, nothing else."""

    full_code: str | None = None
    scale_code: str | None = None
    daily_cents: int | None = None
    monthly_cents: int | None = None

    @property
    def has_amount(self) -> bool:
        """False where no amount was given: that is not an amount of nothing."""
        return self.daily_cents is not None or self.monthly_cents is not None


class Event(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="event"):
    """Something that happened to a case, on a day."""

    on: date


class Applied(Event, frozen=True, kw_only=True, omit_defaults=True, tag="applied"):
    """VT-1, §2.2: anybody may apply at the own insurer. `incomes` leave unemployment out."""

    household: int = 1
    basis: Basis = Basis.CURRENT
    incomes: tuple[Income, ...] = ()
    has_unemployment: bool = False


class Noticed(Event, frozen=True, kw_only=True, omit_defaults=True, tag="noticed"):
    """VT-6, §6(2): the insurer looks on its own initiative, at what its own files say.

    None: its files don't say. `incomes` are the other listed ones (fn 2), its own benefits too.
    """

    has_right: bool = False
    single_since: date | None = None
    replaced_by: Replacement | None = None
    replaced_since: date | None = None
    has_company_supplement: bool | None = None
    is_fully_unemployed: bool | None = None
    incomes: tuple[Income, ...] = ()


class Counted(Event, frozen=True, kw_only=True, omit_defaults=True, tag="counted"):
    """§5(6)(b): so many answers are to be expected."""

    expected: int


class Answered(Event, frozen=True, kw_only=True, omit_defaults=True, tag="answered"):
    """One of the answers, by its place among those expected."""

    part: int
    rows: tuple[Unemployment, ...] = ()


class Unanswered(Event, frozen=True, kw_only=True, omit_defaults=True, tag="unanswered"):
    """No more answers came in time, or the question was refused."""


class Proved(Event, frozen=True, kw_only=True, omit_defaults=True, tag="proved"):
    """VT-4, §6: the applicant proved the unemployment benefits, as before: yearly, gross."""

    unemployment: Income


class Why(StrEnum):
    """Why a case ended as it did."""

    INCOME_LOWER = "income-lower"
    INCOME_NOT_LOWER = "income-not-lower"
    HAS_RIGHT = "has-right"
    NOT_YET_IN_FORCE = "not-yet-in-force"
    NOT_SINGLE = "not-single"
    NO_REPLACEMENT_INCOME = "no-replacement-income"
    NOT_FULLY_UNEMPLOYED = "not-fully-unemployed"
    COMPANY_SUPPLEMENT = "company-supplement"
    UNANSWERED = "unanswered"
    MONTHS_NOT_FULL = "months-not-full"


class Action(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="action"):
    """Something that the insurer has to do for a case."""

    paragraph: str


class AskUnemployment(Action, frozen=True, kw_only=True, omit_defaults=True, tag="ask"):
    """VT-5, VT-11, VT-13: ask for amount and nature of the unemployment, through node and hub.

    It names no payment institution: only the secondary network behind the supplier knows it.
    """

    purpose: PurposeId
    about: Period


class AskProof(Action, frozen=True, kw_only=True, omit_defaults=True, tag="ask-proof"):
    """VT-4: nobody answered, so that the applicant has to prove the benefits after all."""


class Award(Action, frozen=True, kw_only=True, omit_defaults=True, tag="award"):
    """Give the right, from a day on."""

    since: date
    income_cents: int
    ceiling_cents: int


class Decline(Action, frozen=True, kw_only=True, omit_defaults=True, tag="decline"):
    """Give no right. Ex officio this says nothing about a request (R-INCOME)."""

    why: Why
    income_cents: int | None = None
    ceiling_cents: int | None = None


class Phase(StrEnum):
    """How far a case is."""

    ASKED = "asked"
    PROOF_ASKED = "proof-asked"
    UNANSWERED = "unanswered"
    """Ex officio only: closed, but an answer that still comes opens it again."""

    DECIDED = "decided"


class Reimbursement(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A case: how it began, the day on which the conditions are met, and what came since."""

    begun: Applied | Noticed
    met_on: date
    phase: Phase
    expected: int | None = None
    answers: tuple[Answered, ...] = ()

    @property
    def rows(self) -> tuple[Unemployment, ...]:
        """What all answers said."""
        return tuple(row for answer in self.answers for row in answer.rows)

    @property
    def is_complete(self) -> bool:
        """True where every expected answer has come."""
        return self.expected is not None and len(self.answers) >= self.expected


ReimbursementEvent = Applied | Noticed | Counted | Answered | Unanswered | Proved
ReimbursementAction = AskUnemployment | AskProof | Award | Decline
