"""What can happen to a case: events, in the form in which they are stored for ever.

Stored forms: fields are added at the end with a default, tags never change. Every event has an id
of its own (the mail's, where mail brought it) and the moment at which the insurer met it. `action`
is the id of the action that it answers.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from kruispunt.circuits.benefits.risk import Contact, Enterprise, Risk
from kruispunt.circuits.benefits.rules import Rules
from kruispunt.vocabulary import Reason, Ssin, Value

Cell = Value | dict[str, Value] | tuple[dict[str, Value], ...]
"""A value of a row; a group of fields is a table, or a list of tables."""

Rows = tuple[dict[str, Cell], ...]


class Means(StrEnum):
    """R-FREE-CHANNEL (§3, §5(4)-5(5)): how a declaration came; the declarant is free in it."""

    ONLINE = "online"
    BATCH = "batch"
    PAPER = "paper"


class Answer(StrEnum):
    """What a clerk can say to what the case asks."""

    RETRY = "retry"
    GO_ON = "go-on"
    """Go on without it."""


class RiskDeclared(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="risk-declared"):
    """The insured person declared a risk to its insurer (§5(1)): the case begins."""

    id: UUID
    at: datetime
    person: Ssin
    risk: Risk
    contact: Contact
    rules: Rules


class RulesChanged(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="rules-changed"):
    """Another lawbook runs: what is decided from now on follows it, what was decided stands."""

    id: UUID
    at: datetime
    rules: Rules


class HolderSheetSent(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag="holder-sheet-sent"
):
    """The post has the holder sheet (§5(2))."""

    id: UUID
    at: datetime
    action: UUID


class HolderSheetReturned(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag="holder-sheet-returned"
):
    """The insured person sent the holder sheet back, filled in (§5(2))."""

    id: UUID
    at: datetime
    action: UUID


class HolderSheetUndeliverable(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag="holder-sheet-undeliverable"
):
    """The holder sheet came back unread."""

    id: UUID
    at: datetime
    action: UUID


class ConsultationAnswered(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag="consultation-answered"
):
    """A source answered through the network; no rows: it has nothing (§5(3))."""

    id: UUID
    at: datetime
    action: UUID
    rows: Rows = ()


class ConsultationRefused(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag="consultation-refused"
):
    """The network refused a consultation in words. `successor`: the number was replaced."""

    id: UUID
    at: datetime
    action: UUID
    reason: Reason
    successor: Ssin | None = None


class ConsultationFailed(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag="consultation-failed"
):
    """No answer came, and why; asking again is safe."""

    id: UUID
    at: datetime
    action: UUID
    cause: str = ""


class UnemploymentAccepted(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag="unemployment-accepted"
):
    """The L500 is on its way, under a ticket (§36)."""

    id: UUID
    at: datetime
    action: UUID
    ticket: str


class UnemploymentRefused(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag="unemployment-refused"
):
    """The network refused the L500 in words."""

    id: UUID
    at: datetime
    action: UUID
    reason: Reason
    successor: Ssin | None = None


class UnemploymentCounted(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag="unemployment-counted"
):
    """R-COUNT (§5(6)(b)): to how many payment institutions the L500 went; never to which."""

    id: UUID
    at: datetime
    action: UUID
    count: int


class UnemploymentAnswered(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag="unemployment-answered"
):
    """One filled L500 (§5(8)-5(11), §38): the answer in this place of 1 to n, from nobody named.

    `refused`: this payment institution gives none, and why. Without an action it came on the
    payment institution's own initiative (R-SPONTANEOUS, §4).
    """

    id: UUID
    at: datetime
    action: UUID | None
    place: int
    rows: Rows = ()
    refused: str = ""


class UnemploymentFailed(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag="unemployment-failed"
):
    """The L500 could not be asked, or answers are missing after its time."""

    id: UUID
    at: datetime
    action: UUID
    cause: str = ""


class RequestDelivered(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag="request-delivered"
):
    """The employer or mandatary took an electronic request out of its mailbox (§5(5))."""

    id: UUID
    at: datetime
    action: UUID


class RequestDead(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="request-dead"):
    """An electronic request can't be delivered."""

    id: UUID
    at: datetime
    action: UUID
    cause: str = ""


class LetterSent(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="letter-sent"):
    """A request on paper was printed and given to the post (§5(4))."""

    id: UUID
    at: datetime
    action: UUID


class LetterUndeliverable(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag="letter-undeliverable"
):
    """A request on paper came back: the address was wrong (§5(4))."""

    id: UUID
    at: datetime
    action: UUID


class DeclarationReceived(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag="declaration-received"
):
    """An employer or mandatary declared (ASR). P-GROUND (§2.1): this needs no deliberation.

    `request` is the reference it quotes, None where it declares on its own initiative
    (R-SPONTANEOUS, §4); then `employer` says who.
    """

    id: UUID
    at: datetime
    request: UUID | None
    employer: Enterprise
    means: Means
    content: dict[str, Cell] = {}
    declarant: Enterprise | None = None
    """Who declared on its own initiative, as its key proves; None: it was asked, or on paper."""


class DeadlinePassed(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="deadline-passed"):
    """The time of a deadline came."""

    id: UUID
    at: datetime
    deadline: UUID


class NumberReplaced(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="number-replaced"):
    """The person has another number from now on."""

    id: UUID
    at: datetime
    successor: Ssin


class PersonMoved(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="person-moved"):
    """The insured person is another insurer's now: P-WHO, nothing more may be asked (§11)."""

    id: UUID
    at: datetime


class CaseWithdrawn(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="case-withdrawn"):
    """The declaration of the risk was taken back."""

    id: UUID
    at: datetime


class ClerkAnswered(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="clerk-answered"):
    """A clerk of the insurer said what to do with what the case asked it."""

    id: UUID
    at: datetime
    notice: UUID
    answer: Answer


Event = (
    RiskDeclared
    | RulesChanged
    | HolderSheetSent
    | HolderSheetReturned
    | HolderSheetUndeliverable
    | ConsultationAnswered
    | ConsultationRefused
    | ConsultationFailed
    | UnemploymentAccepted
    | UnemploymentRefused
    | UnemploymentCounted
    | UnemploymentAnswered
    | UnemploymentFailed
    | RequestDelivered
    | RequestDead
    | LetterSent
    | LetterUndeliverable
    | DeclarationReceived
    | DeadlinePassed
    | NumberReplaced
    | PersonMoved
    | CaseWithdrawn
    | ClerkAnswered
)
