"""A request whose answers come by mail: its row, what is said of it, and how long it waits."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from kruispunt.postgres import Statement, Write
from kruispunt.vocabulary import FieldName, FlowId, Ground, InstitutionCode, KeyId, Mail, Ssin


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, under the ticket that is the id of its entry.

    `told` is the consumer's own ticket, under which it hears of the answers. `supplier` answers
    all of it; None: a node fanned it out, and each number has a supplier of its own. `expected`
    None: nobody has said yet how many answers will come. `only`: the granted fields that the
    question alone asks; None: all.
    """

    ticket: UUID
    recorded_at: datetime
    consumer: InstitutionCode
    told: str
    flow: FlowId
    supplier: InstitutionCode | None
    due_at: datetime
    expected: int | None = None
    received: int = 0
    settled_at: datetime | None = None
    only: tuple[FieldName, ...] | None = None

    @property
    def missing(self) -> int:
        """Answers that were promised and neither came nor failed."""
        return max(0, (self.expected or 0) - self.received)

    @property
    def is_over(self) -> bool:
        """True where nothing is left to be said when its time is over."""
        return self.expected is not None and not self.missing


def asked_fields(ground: Ground, only: Collection[FieldName] | None) -> tuple[FieldName, ...]:
    """The granted fields that are asked (05/022 §37: the insurability data only)."""
    return tuple(field for field in ground.fields if only is None or field in only)


class Saying(StrEnum):
    """What a mail says of a matter. One answer is said once, whether it came or failed."""

    REQUEST = "request"
    COUNT = "count"
    ANSWER = "answer"
    LATE = "late"
    BATCH = "batch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One thing said by mail. `ticket`: whose matter, as the mail names it.

    `place`: which of the answers; 0 where it is about none of them.
    """

    ticket: str
    saying: Saying
    place: int
    sender: InstitutionCode
    mail: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long a request waits for its answers, and how long after that one is still taken.

    assumption: 05/022 gives no time limit; settings `mail.answer-days` and `mail.late-days`.
    """

    answers: timedelta
    late: timedelta


class Requests(Protocol):
    """Where requests stand. What writes is handed to the committer."""

    def open(self, request: Request) -> Write: ...

    def part(self, ticket: UUID, number: int, supplier: InstitutionCode) -> Write: ...

    def say(self, said: Said, now: datetime) -> Write: ...

    def settle(self, ticket: UUID, now: datetime) -> Write: ...

    def withdraw(self, ticket: UUID, now: datetime) -> Write: ...

    def count(self, ticket: UUID, expected: int) -> Write: ...

    async def find(self, ticket: UUID) -> Request | None: ...

    async def supplier_of(self, ticket: UUID, number: int) -> InstitutionCode | None: ...

    async def number_of(self, ticket: UUID, supplier: InstitutionCode) -> int | None: ...

    async def said_by(self, said: Said) -> UUID | None: ...

    async def take_due(self, now: datetime, *, lease: timedelta, limit: int) -> list[Request]: ...


class Mailboxes(Protocol):
    """The room that keeps mail until its recipient has it."""

    @property
    def statements(self) -> tuple[Statement, ...]: ...

    def put(self, mail: Mail) -> tuple[Write, ...]: ...


class Envelopes(Protocol):
    """What mail is sealed with, and by what the mail of one person is known."""

    def seal(self, recipient: InstitutionCode, content: bytes) -> tuple[KeyId, bytes]:
        """The newest key of the recipient that counts, and the content sealed to it.

        Raises:
            Unavailable: no key of the recipient counts now.
        """
        ...

    def person(self, ssin: Ssin) -> bytes:
        """16 bytes, keyed hash of the number under this seat's own key."""
        ...
