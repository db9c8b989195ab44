"""What travels when the trail is read: who asks to see how much, and the rows that come back.

Always POST, with a person's number in the signed body and never in an address. Days include the
last one and are those of being recorded, in UTC. `cursor` is what a page told as `next`.
"""

from datetime import date
from typing import Annotated, Final
from uuid import UUID

from msgspec import Meta

from kruispunt.client.wire import (
    Body,
    Digits,
    Moment,
    Name,
    PeriodBody,
    Reference,
    WithheldBody,
)

READ_PATH: Final = "/v1/trail/"
READ_TAG: Final = "kruispunt-read"
"""Tag of the signature under a request to read (RFC 9421 § 2.3)."""

MAX_ROWS: Final = 500
MAX_DAYS: Final = 31

User = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]


class ReadRequest(Body, frozen=True, omit_defaults=True):
    """A page of the trail. `user` and `role` are who reads, as the signing institution vouches."""

    role: Name
    user: User
    ssin: Digits | None = None
    """A person's page: whose. Others: only entries about this person."""

    period: PeriodBody | None = None
    """Days of being recorded; a person's page may do without, others span at most 31 days."""

    consumer: Name | None = None
    """An auditor's page: only entries of this institution's questions."""

    why: Reference = ""
    limit: Annotated[int, Meta(ge=1, le=MAX_ROWS)] = 100
    cursor: Annotated[str, Meta(max_length=200)] = ""


class LineBody(Body, frozen=True):
    """A directory line that decided; `member` only where the directory names members."""

    sector: int
    quality: int
    period: PeriodBody
    member: str | None


class FactsBody(Body, frozen=True):
    """What decided: the status of the number, and lines. Auditors see it."""

    number: str
    lines: tuple[LineBody, ...]


class EntryBody(Body, frozen=True):
    """One look. `decision` is `granted` or `refused`; `ending` null: none, or not told."""

    ticket: UUID
    their_ticket: str
    message_id: UUID
    consumer: str
    user: str
    role: str
    flow: str
    ssin: str
    period: PeriodBody
    asked_on: date
    sent_at: Moment | None
    received_at: Moment
    recorded_at: Moment
    purpose: str
    file_reference: str
    clause: str
    deliberation: str
    paragraph: str
    decision: str
    reason: str | None
    fields: tuple[str, ...]
    withheld: tuple[WithheldBody, ...]
    ending: str | None
    rows: int | None
    cause: str
    repeats: UUID | None
    lawbook: str
    facts: FactsBody | None
    proof: str = "http-signature"
    """By what the caller was proven: `http-signature`, `client-certificate`, `ws-security`,
    `basic`, or `file`: a line of a file that an operator took."""


class ReadingBody(Body, frozen=True):
    """One reading of the trail. `refused` empty: it was shown."""

    entry: UUID
    recorded_at: Moment
    institution: str
    role: str
    user: str
    reads: str
    ssin: str | None
    why: str
    refused: str


class PartBody(Body, frozen=True):
    """Lines of a person that a change meant. What is null was not looked at."""

    sector: int
    quality: int | None
    phase: int | None
    period: PeriodBody | None
    line_begin: date | None
    member: str | None


class FileBody(Body, frozen=True):
    """A file of lines that was loaded: its SHA-256 in hexadecimal digits."""

    sha256: str
    lines: int
    skipped: int


class ChangeBody(Body, frozen=True):
    """One change of the directory: of a person's lines, or by a file."""

    entry: UUID
    recorded_at: Moment
    institution: str
    user: str
    made: str
    ssin: str | None
    part: PartBody | None
    file: FileBody | None
    why: str


class KeptBody(Body, frozen=True):
    """Looks that law keeps from the person: how many, and on which ground."""

    id: str
    titles: dict[str, str]
    paragraph: str
    looks: int


class SpoiledBody(Body, frozen=True):
    """An entry that stands there and can't be read: who runs the trail can tell why."""

    entry: UUID
    recorded_at: Moment


class ReadReply(Body, frozen=True):
    """A page, the latest first. `entry` is the entry of this reading itself.

    Not `kept_whole`: what is kept was counted among the latest entries only, there may be more.
    """

    entry: UUID
    entries: tuple[EntryBody, ...]
    readings: tuple[ReadingBody, ...]
    changes: tuple[ChangeBody, ...]
    kept: tuple[KeptBody, ...]
    next: str | None
    kept_whole: bool = True
    spoiled: tuple[SpoiledBody, ...] = ()
