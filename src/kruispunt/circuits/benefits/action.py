"""What a case wants done: actions, in the form in which they are stored for ever.

The id of an action follows from the case and a counter, so a case that is replayed wants the same
actions under the same ids: who executes one twice can see it. `paragraph` says what allows it.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from kruispunt.circuits.benefits.content import Address, Content, Prefilled
from kruispunt.circuits.benefits.risk import RiskType
from kruispunt.circuits.benefits.rules import Role
from kruispunt.vocabulary import FlowId, Period, PurposeId, Ssin


class Medium(StrEnum):
    """How and to whom a request goes (§5(4)-5(5))."""

    ELECTRONIC = "electronic"
    PAPER_EMPLOYER = "paper-employer"
    PAPER_INSURED = "paper-insured"


class Delay(StrEnum):
    """What a deadline is for."""

    CONSULTATION = "consultation"
    RETRY = "retry"
    HOLDER_SHEET = "holder-sheet"
    DECLARATION = "declaration"
    UNEMPLOYMENT = "unemployment"


class Matter(StrEnum):
    """What a clerk is told."""

    REFUSED = "refused"
    CONSULTATION_REFUSED = "consultation-refused"
    CONSULTATION_FAILED = "consultation-failed"
    NO_EMPLOYER = "no-employer"
    HOURS_UNDETERMINED = "hours-undetermined"
    HOLDER_SHEET_UNDELIVERABLE = "holder-sheet-undeliverable"
    HOLDER_SHEET_MISSING = "holder-sheet-missing"
    LETTER_UNDELIVERABLE = "letter-undeliverable"
    DECLARATION_MISSING = "declaration-missing"
    DECLARATION_UNASKED = "declaration-unasked"
    UNEMPLOYMENT_REFUSED = "unemployment-refused"
    UNEMPLOYMENT_PART_REFUSED = "unemployment-part-refused"
    UNEMPLOYMENT_MISSING = "unemployment-missing"
    UNEMPLOYMENT_UNASKED = "unemployment-unasked"
    CONTRADICTION = "contradiction"
    NUMBER_REPLACED = "number-replaced"


class Ending(StrEnum):
    """How a case ended."""

    DONE = "done"
    REFUSED = "refused"
    MOVED = "moved"
    WITHDRAWN = "withdrawn"


class Consult(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="consult"):
    """Ask a flow about the person. `message_id` stays the same when asked again after a failure.

    P-WHO (§7.4, §11): it goes to the insurer's own node, which knows the insurer; what travels
    further names neither insurer nor payment institution. P-PURPOSE (§7.1, §14, §29): for
    benefits, and nothing else.
    """

    id: UUID
    paragraph: str
    role: Role
    flow: FlowId
    purpose: PurposeId
    person: Ssin
    about: Period
    message_id: UUID


class SendHolderSheet(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag="send-holder-sheet"
):
    """R-HOLDER-SHEET (§5(2)): the holder part, always on paper to the insured person, once."""

    id: UUID
    paragraph: str
    person: Ssin
    risk: RiskType
    period: Period
    language: str | None = None


class SendRequest(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="send-request"):
    """Ask for a declaration (ASR). `request` is the reference that the declarant quotes.

    `rule` is the rule of the domain that chose medium and address. `sensitivity`: R-ART9 (§33),
    who is sent this learns where the worker is insured.
    """

    id: UUID
    paragraph: str
    rule: str
    request: UUID
    medium: Medium
    to: Address
    content: Content
    prefilled: Prefilled | None = None
    reminder: bool = False
    language: str | None = None
    sensitivity: str = "belief_art9"


class AskUnemployment(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag="ask-unemployment"
):
    """R-L500 (§5(6)(a), §36-37): the question to the payment institutions, through the network.

    P-L500-FIELDS (§38, §40): the purpose is that of benefits, the only one for which holidays and
    career are given. The risk block and the person block hold the fields of §37 and no others.
    """

    id: UUID
    paragraph: str
    flow: FlowId
    purpose: PurposeId
    person: Ssin
    about: Period
    risk: RiskType
    message_id: UUID
    insurability_only: bool = False
    card_number: str | None = None


class SetDeadline(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="set-deadline"):
    """Say `DeadlinePassed` with this id when it is time; too late is no harm, too early is."""

    id: UUID
    paragraph: str
    delay: Delay
    due_at: datetime


class TellClerk(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="tell-clerk"):
    """Tell a clerk of the insurer. `asks`: the case waits for a `ClerkAnswered`."""

    id: UUID
    paragraph: str
    matter: Matter
    subject: str
    asks: bool = False


class Close(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="close"):
    """The case is over: what still comes changes nothing."""

    id: UUID
    paragraph: str
    ending: Ending


Action = (
    Consult | SendHolderSheet | SendRequest | AskUnemployment | SetDeadline | TellClerk | Close
)
