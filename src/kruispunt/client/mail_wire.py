"""What travels as mail between seats, as JSON: the envelope, and what is sealed inside it.

Contents are canonical JSON before they are sealed. Values in rows travel as in `wire`. A content
about nobody (`blank`) has the same shape as any other, and only its recipient can tell.
"""

from typing import Annotated, Final, Literal
from uuid import UUID

from msgspec import Meta, field

from kruispunt.client.wire import (
    Body,
    DetailsBody,
    Digits,
    GroundBody,
    Moment,
    Name,
    PeriodBody,
    Reference,
    WireRow,
    WireValue,
)
from kruispunt.vocabulary import MailKind

MAIL_PATH: Final = "/v1/mail"
MAIL_TAG: Final = "kruispunt-mail"
"""Tag of the signature under mail: nothing else that is signed can pass for it."""

MOST_ANSWERS: Final = 64
"""Answers that one request may have."""

MOST_PERSONS: Final = 500
"""Persons in one batch of a one-time file."""

Number = Annotated[int, Meta(ge=1, le=MOST_ANSWERS)]
"""Which of the answers to one request, from 1."""


class MailBody(Body, frozen=True):
    """The envelope: what `POST /v1/mail` carries. Who sent it is proven by the signature."""

    id: UUID
    """The same at every redelivery: it is done once."""

    kind: MailKind
    flow: Name
    ticket: Annotated[Reference, Meta(min_length=1)]
    sealed: Annotated[bytes, Meta(min_length=1)]
    sealed_for: Name
    """Key of the recipient that opens it."""

    sent_at: Moment


class RequestContent(Body, frozen=True, omit_defaults=True):
    """What a supplier is asked: whom about, for whom, and which fields under which ground.

    `number` is this request's place among those of one ticket: its answer names it again. In a
    blank request nobody is named, and the answer is that none will come.
    """

    purpose: Name
    consumer: Name
    """Who asks the sender, as the law names it: never who stands behind that one."""

    period: PeriodBody
    fields: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=1000)]
    ground: GroundBody
    number: Number
    due_at: Moment
    """Until when the sender waits for the answers."""

    ssin: Digits | None = None
    """Whom it is about; only a blank request leaves it out."""

    details: DetailsBody = field(default_factory=dict)
    blank: bool = False


class CountContent(Body, frozen=True):
    """How many answers to expect; 0: none will come, which is the whole answer."""

    expected: Annotated[int, Meta(ge=0, le=MOST_ANSWERS)]


WireSheet = dict[str, WireValue | list[WireRow]]
"""A row of an answer: a group of fields repeats as a list of rows of its own, whose fields are
named without the name of the group (`{"career": [{"quarter": "2025Q4"}]}`)."""


class AnswerContent(Body, frozen=True, omit_defaults=True):
    """One answer: the rows that its supplier has, none where it has nothing.

    `period` are the days that were answered about, where they are fewer than those asked about.
    """

    number: Number
    rows: tuple[WireSheet, ...] = ()
    period: PeriodBody | None = None


class FailureContent(Body, frozen=True, omit_defaults=True):
    """How many answers do not come, and why; never whose.

    `late`: they had not come when the time was over, and may come still. `failed`: the one of this
    `number` will not come.
    """

    missing: Annotated[int, Meta(ge=0, le=MOST_ANSWERS)]
    """0 with `late`: it was never told how many there would be."""

    cause: Literal["late", "failed"]
    number: Annotated[int, Meta(ge=0, le=MOST_ANSWERS)] = 0
    """0 where it is not about one of them."""


class ListedBody(Body, frozen=True):
    """One person of a one-time file, with the rows that are told."""

    ssin: Digits
    rows: Annotated[tuple[WireSheet, ...], Meta(min_length=1, max_length=64)]


class BatchContent(Body, frozen=True, omit_defaults=True):
    """Some of the persons of a one-time file, in any order.

    `part` names what its first sender sends of the file, all of it, in so many `batches`: it is
    sent once. Who passes a batch on leaves both out.
    """

    file: UUID
    purpose: Name
    consumer: Name
    """For whom it is, as the law names it: never who stands behind that one."""

    persons: Annotated[tuple[ListedBody, ...], Meta(min_length=1, max_length=MOST_PERSONS)]
    part: UUID | None = None
    batches: Annotated[int, Meta(ge=0, le=10**6)] = 0


class TakenBody(Body, frozen=True):
    """The reply to mail: it has been done durably, now or before."""

    id: UUID
