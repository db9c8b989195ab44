"""What travels between an institution and a hub or node, as JSON.

Values in rows: text, codes and numbers of persons and employers are strings; whole numbers,
booleans and null are themselves; days are ISO strings (`2024-10-01`, with 00 for what is unknown);
decimals and amounts are strings with all their digits (`"1234.50"`), so that no reader turns them
into floats. Periods include their last day. Bytes are base64. Requests are strict: no unknown
field, no number for a string. Sent bodies are canonical: fields in one order, no spaces, what is
empty left out; so the signed bytes can be built again from what the trail keeps.
"""

from datetime import date, datetime
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from kruispunt.vocabulary import Period, Receipt

ASK_PATH: Final = "/v1/ask/"
ASK_MANY_PATH: Final = "/v1/ask-many/"
MOST_QUESTIONS: Final = 1000
"""Questions in one request of many."""

ASK_TAG: Final = "kruispunt-ask"
"""Tag of the signature under a question to a hub or node (RFC 9421 § 2.3)."""

WireValue = str | int | bool | None
WireRow = dict[str, WireValue]

Digits = Annotated[str, Meta(pattern="^[0-9]{11}$", max_length=11)]
"""Eleven digits of a person's number; whether they fit is checked after the shape."""

Name = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._:/-]+$(?!\n)")]
"""A code or an id. The pattern ends as it does since `$` also stands before a last line feed."""

Reference = Annotated[str, Meta(max_length=100, pattern=r"^[^\x00]*$")]
"""A text of the caller's own, without the one character that the trail can't hold."""

MOST_DETAILS: Final = 16

DetailsBody = Annotated[dict[Name, Reference], Meta(max_length=MOST_DETAILS)]
"""What a question tells beside person and period: which names and values, the flow says."""

Moment = Annotated[datetime, Meta(tz=True)]

canonical: Final = msgspec.json.Encoder(order="deterministic").encode
"""Canonical JSON: fields in one order, no spaces."""


class Body(msgspec.Struct, rename="camel", forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What every body has in common: camelCase, nothing unknown."""


class PeriodBody(Body, frozen=True, omit_defaults=True):
    """Days from the first to the last, both included; without a last day: without end."""

    begin_date: date
    end_date: date | None = None

    @classmethod
    def of(cls, period: Period) -> "PeriodBody":
        """Write a period as messages do."""
        return cls(begin_date=period.begin, end_date=period.last_day)


class AskRequest(Body, frozen=True, omit_defaults=True):
    """A question about one person. Asking again with the same `messageId` is safe."""

    message_id: UUID
    purpose: Name
    ssin: Digits
    period: PeriodBody
    ticket: Reference = ""
    """The caller's own reference: an opaque ticket, kept beside the entry."""

    file_reference: Reference = ""
    sent_at: Moment | None = None
    user: Reference = ""
    role: Reference = ""
    details: DetailsBody | UnsetType = UNSET
    """What the flow lets a question tell its supplier beside person and period."""


class QuestionBody(Body, frozen=True, omit_defaults=True):
    """One question of many: what it has of its own. Asking it again, alone too, is safe."""

    message_id: UUID
    ssin: Digits
    period: PeriodBody
    ticket: Reference = ""
    file_reference: Reference = ""


class AskManyRequest(Body, frozen=True, omit_defaults=True):
    """Questions of one purpose under one signature, each answered as if it had come alone."""

    purpose: Name
    questions: Annotated[tuple[QuestionBody, ...], Meta(min_length=1, max_length=MOST_QUESTIONS)]
    sent_at: Moment | None = None
    user: Reference = ""
    role: Reference = ""

    def alone(self, question: QuestionBody) -> AskRequest:
        """One of the questions, as it would be asked alone."""
        return AskRequest(
            message_id=question.message_id,
            purpose=self.purpose,
            ssin=question.ssin,
            period=question.period,
            ticket=question.ticket,
            file_reference=question.file_reference,
            sent_at=self.sent_at,
            user=self.user,
            role=self.role,
        )


class WithheldBody(Body, frozen=True):
    """A field of the flow that the ground does not give."""

    field: str
    reason: str
    paragraph: str


class GroundBody(Body, frozen=True):
    """The clause under which the answer left."""

    clause: str
    deliberation: str
    paragraph: str


class ReceiptBody(Body, frozen=True):
    """Proof of the look: the leaf of its entry, and the signed head of its commit group."""

    entry: UUID
    recorded_at: Moment
    leaf: bytes
    index: int
    size: int
    path: tuple[bytes, ...]
    root: bytes
    origin: str
    key_id: str
    signature: bytes

    @classmethod
    def of(cls, receipt: Receipt) -> "ReceiptBody":
        """Write a receipt for its consumer."""
        return cls(
            entry=receipt.entry,
            recorded_at=receipt.recorded_at,
            leaf=receipt.leaf,
            index=receipt.index,
            size=receipt.size,
            path=receipt.path,
            root=receipt.root,
            origin=receipt.origin,
            key_id=receipt.key_id,
            signature=receipt.signature,
        )


class AskReply(Body, frozen=True):
    """The answer to a question: rows with exactly `fields`, and what was withheld and why."""

    ticket: UUID
    outcome: Literal["given", "empty"]
    rows: list[WireRow]
    fields: list[str]
    withheld: list[WithheldBody]
    ground: GroundBody
    receipt: ReceiptBody
    repeated: bool
    period: PeriodBody | None = None
    """What was answered about, where the asker's file covers fewer days than it asked about."""


class AcceptedReply(Body, frozen=True):
    """The reply to a question whose answers come by mail, under the asker's own ticket.

    How many there will be is told by mail too. The fields are those that each answer has.
    """

    ticket: UUID
    fields: list[str]
    withheld: list[WithheldBody]
    ground: GroundBody
    receipt: ReceiptBody
    repeated: bool
    period: PeriodBody | None = None
    """What will be answered about, where the asker's file covers fewer days than it asked."""


class IssueBody(msgspec.Struct, frozen=True, kw_only=True):
    """One thing wrong with one input."""

    type: str
    detail: str = ""
    name: str = ""
    where: str = msgspec.field(name="in", default="")


class ProblemBody(msgspec.Struct, rename="camel", frozen=True, kw_only=True, omit_defaults=True):
    """A problem (RFC 9457) with Belgif issues; members we do not know are passed over.

    `reason`, `receipt`, `ticket` and `repeated` come with a refusal, `replaced_by` with a number
    that was replaced.
    """

    type: str = "about:blank"
    title: str = ""
    status: int = 0
    detail: str = ""
    instance: str = ""
    issues: tuple[IssueBody, ...] = ()
    reason: str | None = None
    receipt: ReceiptBody | UnsetType = UNSET
    ticket: UUID | None = None
    repeated: bool = False
    replaced_by: Digits | None = None


class ToldBody(Body, frozen=True, omit_defaults=True):
    """What one question of many is told: the status and body that it would have got alone."""

    status: int
    answer: AskReply | UnsetType = UNSET
    """With status 200."""

    problem: ProblemBody | UnsetType = UNSET
    """With every other status."""

    retry_after: Annotated[int, Meta(ge=0)] | UnsetType = UNSET
    """Seconds to wait before this question is asked again: alone, the header `Retry-After`."""


class AskManyReply(Body, frozen=True):
    """What each question is told, in the order of the questions."""

    answers: tuple[ToldBody, ...]
