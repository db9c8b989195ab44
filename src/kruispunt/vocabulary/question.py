"""A question on its way in: what was asked, by whom proven, and the facts that decide."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from kruispunt.vocabulary.dates import Period
from kruispunt.vocabulary.directory_line import DirectoryLine
from kruispunt.vocabulary.names import FlowId, InstitutionCode, KeyId, PurposeId
from kruispunt.vocabulary.numbers import Ssin

Details = tuple[tuple[str, str], ...]
"""Names and values, in the order of the names."""


class ProofKind(StrEnum):
    """By what a caller was proven. Only signatures can be checked again from the trail."""

    HTTP_SIGNATURE = "http-signature"
    CLIENT_CERTIFICATE = "client-certificate"
    WS_SECURITY = "ws-security"
    BASIC = "basic"
    FILE = "file"


class Proof(Struct, frozen=True, kw_only=True):
    """How the caller was proven: the parameters and bytes of its HTTP signature (RFC 9421).

    With the digest of the body (RFC 9530, SHA-256) and a body in canonical JSON, the signed bytes
    can be built again from the trail, years later.

    Of another kind `key_id` is the SHA-256 of the certificate, or the name of who called; `nonce`
    is ours where the caller gave none, and `signature` empty where the caller made none. Of a file
    that an operator took `key_id` and `digest` are its SHA-256: nobody but its bytes is proven.
    """

    key_id: KeyId
    nonce: bytes
    created: int
    expires: int
    signature: bytes
    digest: bytes
    kind: ProofKind = ProofKind.HTTP_SIGNATURE


class Question(Struct, frozen=True, kw_only=True):
    """One question about one person, after the door has checked it.

    `asked_on` is the receiving hub's day and chooses the law; `about` is the period asked about
    and chooses the lines. `ticket` is the caller's own reference, opaque here.
    """

    message_id: UUID
    consumer: InstitutionCode
    flow: FlowId
    purpose: PurposeId
    ssin: Ssin
    about: Period
    received_at: datetime
    asked_on: date
    proof: Proof
    ticket: str = ""
    file_reference: str = ""
    user: str = ""
    role: str = ""
    sent_at: datetime | None = None
    content: bytes = b""
    """Digest of this question as it would be asked alone, where one signature covers many; empty:
    the proof has it. It tells one message from another and does not stand in the trail."""

    details: Details = ()
    """What the flow lets a question tell beside person and period, for the supplier alone: nothing
    is decided by it, and of it only the digest of the body stands in the trail."""


class NumberStatus(StrEnum):
    """What the registers say of a number. `LEFT_TO_HUB`: a node does not judge, its hub does."""

    KNOWN = "known"
    REPLACED = "replaced"
    CANCELLED = "cancelled"
    DECEASED = "deceased"
    UNKNOWN = "unknown"
    LEFT_TO_HUB = "left-to-hub"


class NumberFact(Struct, frozen=True, kw_only=True):
    """Status of a number: `successor` only when replaced, `deceased_on` only when deceased."""

    status: NumberStatus
    successor: Ssin | None = None
    deceased_on: date | None = None


class Settled(Struct, frozen=True, kw_only=True):
    """A question whose number has been looked up, by the same query whatever came out."""

    question: Question
    number: NumberFact

    @property
    def current(self) -> Ssin:
        """The number under which lines stand now: the successor of a replaced number."""
        return self.number.successor or self.question.ssin


class Facts(Struct, frozen=True, kw_only=True):
    """All that decides beside the question and the law. Kept in the trail, so replay can decide.

    `lines` holds the lines of the current number in the sectors and qualities that the flow's
    controls and checks name, in order of sector, quality, member and begin; none other. Of an
    integration they are the lines that are to come or go, as they were asked for.
    """

    number: NumberFact
    lines: tuple[DirectoryLine, ...] = ()
