"""An inquiry into incomes as it is stored: what happens to it, what it wants, where it stands.

Deliberation 05/022 §2.2, §6, §7.5-7.6. One inquiry, one person (P-CASE): on request (§6(1)) or on
the insurer's own initiative (§6(2)). What the network says of the question is told in the words of
the benefits circuit, since it is the same message. Stored forms: fields are added at the end with
a default, tags never change.
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid5

from msgspec import Struct

from kruispunt.circuits.benefits import (
    CaseWithdrawn,
    DeadlinePassed,
    NumberReplaced,
    PersonMoved,
    Stage,
    UnemploymentAccepted,
    UnemploymentAnswered,
    UnemploymentCounted,
    UnemploymentFailed,
    UnemploymentRefused,
)
from kruispunt.circuits.reimbursement.case import (
    Applied,
    AskUnemployment,
    Income,
    Noticed,
    Reimbursement,
    Why,
)
from kruispunt.circuits.reimbursement.lawful import InquiryRules
from kruispunt.vocabulary import FlowId, Period, PurposeId, Ssin


class InquiryBegun(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="inquiry-begun"):
    """Somebody applied (VT-1), or the insurer looks on its own initiative (VT-6)."""

    id: UUID
    at: datetime
    person: Ssin
    begun: Applied | Noticed
    rules: InquiryRules


class InquiryRulesChanged(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag="inquiry-rules-changed"
):
    """Another lawbook runs: what is decided from now on follows it, what was decided stands."""

    id: UUID
    at: datetime
    rules: InquiryRules


class IncomeProved(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="income-proved"):
    """VT-4 (§6): the applicant proved the benefits on paper: of a year, gross.

    `action` is the one by which the proof was asked.
    """

    id: UUID
    at: datetime
    action: UUID
    unemployment: Income


InquiryEvent = (
    InquiryBegun
    | InquiryRulesChanged
    | UnemploymentAccepted
    | UnemploymentRefused
    | UnemploymentCounted
    | UnemploymentAnswered
    | UnemploymentFailed
    | IncomeProved
    | DeadlinePassed
    | NumberReplaced
    | PersonMoved
    | CaseWithdrawn
)


class InquireUnemployment(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag="inquire-unemployment"
):
    """VT-5, VT-11, VT-13: the question for amount and nature of the unemployment.

    It has no risk block (§37): there is no risk. P-L500-FIELDS (§40): its purpose is one of the
    two for which no more than amounts and nature are given. Asked again after a failure it keeps
    its message id.
    """

    id: UUID
    paragraph: str
    flow: FlowId
    purpose: PurposeId
    person: Ssin
    about: Period
    message_id: UUID


class WantProof(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="want-proof"):
    """VT-4 (§6): the applicant proves the benefits on paper, as before. A clerk types them in.

    The model of the sworn statement is an annex of the decree that is not at hand: nothing is
    printed (assumption).
    """

    id: UUID
    paragraph: str


class SetDay(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="set-deadline"):
    """Say `DeadlinePassed` with this id when it is time."""

    id: UUID
    paragraph: str
    wait: "Wait"
    due_at: datetime


class Decide(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="decide"):
    """The inquiry is over. Where incomes were compared, it says with which amount of which day."""

    id: UUID
    paragraph: str
    ending: "Ending"
    why: Why | None = None
    on: date | None = None
    """The day on which the conditions are met, or would be; a right begins on it."""

    income_cents: int | None = None
    ceiling_cents: int | None = None


InquiryAction = InquireUnemployment | WantProof | SetDay | Decide


class Wait(StrEnum):
    """What a deadline of an inquiry is for."""

    RETRY = "retry"
    ANSWERS = "answers"
    LATE_ANSWERS = "late-answers"


class Ending(StrEnum):
    """How an inquiry ended."""

    GRANTED = "granted"
    NOT_GRANTED = "not-granted"
    UNANSWERED = "unanswered"
    """On own initiative only: nobody told the nature, so nothing is granted ex officio."""

    REFUSED = "refused"
    MOVED = "moved"
    WITHDRAWN = "withdrawn"


class Due(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A deadline that has not passed yet."""

    wait: Wait
    due_at: datetime


class Inquiry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that is known of one inquiry; it follows from its events and from nothing else.

    `asked`: actions by which the present question was asked, oldest first. `failed`: the last of
    them was not taken, and is to be asked again. `since`: when what it waits for began.
    """

    id: UUID
    stage: Stage = Stage.NEW
    person: Ssin | None = None
    rules: InquiryRules | None = None
    matter: Reimbursement | None = None
    actions: int = 0
    seen: frozenset[UUID] = frozenset()
    question: AskUnemployment | None = None
    asked: tuple[UUID, ...] = ()
    ticket: str | None = None
    failed: bool = False
    proof: UUID | None = None
    since: datetime | None = None
    deadlines: dict[UUID, Due] = {}
    ending: Ending | None = None

    def action_id(self, number: int) -> UUID:
        """The id of the action with this number: the same at every replay."""
        return uuid5(self.id, str(number))
