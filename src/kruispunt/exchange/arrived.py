"""Mail that came to a seat, opened and read at its door: who sent it, and what it says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from kruispunt.exchange.request import Said, Saying
from kruispunt.vocabulary import (
    Details,
    FlowId,
    InstitutionCode,
    Period,
    Proof,
    PurposeId,
    Question,
    Ssin,
    day_of_asking,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """A supplier is asked, in the name of the consumer; `ssin` None: about nobody."""

    purpose: PurposeId
    consumer: InstitutionCode
    about: Period
    due_at: datetime
    ssin: Ssin | None
    details: Details = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many answers to expect."""

    expected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One of the answers, parsed and not yet minimised."""

    number: int
    rows: tuple[Mapping[str, object], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The answer of this number will not come."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """So many answers had not come when the time was over; 0: nobody had said how many."""

    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One person of a batch: the rows as they came, parsed and not yet minimised."""

    ssin: Ssin
    rows: tuple[Mapping[str, object], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Some of the persons of a one-time file, told unasked.

    `part` and `batches`: which part of the file its sender sends, in how many batches; where it is
    passed on, it is known as a whole. `digest` of all that it says.
    """

    file: UUID
    purpose: PurposeId
    consumer: InstitutionCode
    persons: tuple[Listed, ...]
    digest: bytes
    part: UUID | None = None
    batches: int = 0


Content = Requested | Counted | Answered | Failed | Late | Batch


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A mail, proven to be its sender's. `id` is the same at every redelivery."""

    id: UUID
    sender: InstitutionCode
    flow: FlowId
    ticket: str
    content: Content
    sent_at: datetime
    received_at: datetime
    proof: Proof

    @property
    def said(self) -> Said:
        """What it says, which is said once. A batch is its own matter."""
        ticket = self.ticket
        match self.content:
            case Batch():
                ticket, saying, place = str(self.id), Saying.BATCH, 0
            case Requested():
                saying, place = Saying.REQUEST, 0
            case Counted():
                saying, place = Saying.COUNT, 0
            case Answered(number=place) | Failed(number=place):
                saying = Saying.ANSWER
            case Late():
                saying, place = Saying.LATE, 0
        return Said(ticket=ticket, saying=saying, place=place, sender=self.sender, mail=self.id)

    def question(
        self,
        *,
        consumer: InstitutionCode,
        purpose: PurposeId,
        ssin: Ssin,
        about: Period,
        zone: ZoneInfo,
        details: Details = (),
        file: UUID | None = None,
    ) -> Question:
        """What it comes to about one person, asked on the day on which it was received."""
        return Question(
            message_id=self.id,
            consumer=consumer,
            flow=self.flow,
            purpose=purpose,
            ssin=ssin,
            about=about,
            received_at=self.received_at,
            asked_on=day_of_asking(self.received_at, zone),
            proof=self.proof,
            ticket=self.ticket,
            file_reference="" if file is None else str(file),
            sent_at=self.sent_at,
            details=details,
        )
