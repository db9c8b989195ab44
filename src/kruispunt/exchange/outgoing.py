"""Mail that leaves a seat: written, sealed to its recipient, put in the commit that owes it."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from kruispunt.client import (
    AnswerContent,
    BatchContent,
    CountContent,
    FailureContent,
    GroundBody,
    ListedBody,
    PeriodBody,
    RequestContent,
    WireRow,
    WireSheet,
    canonical,
)
from kruispunt.exchange.request import Envelopes, Mailboxes, Request, asked_fields
from kruispunt.exchange.ticket import new_ticket
from kruispunt.postgres import Write
from kruispunt.vocabulary import (
    Entry,
    FieldName,
    FlowId,
    Ground,
    InstitutionCode,
    Mail,
    MailKind,
    Period,
    PurposeId,
    Refusal,
    Row,
    Sheet,
    Ssin,
)

NOBODY = 16
"""Bytes of chance by which mail about nobody, or about many, is ordered."""

Person = tuple[Ssin, tuple[Sheet, ...]]
"""A person of a batch, and the rows that were kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class To:
    """Whom mail goes to, in which matter: `ticket` is the recipient's own, but in a request."""

    recipient: InstitutionCode
    flow: FlowId
    ticket: str
    due_at: datetime | None = None

    @classmethod
    def consumer_of(cls, request: Request) -> "To":
        """Who waits for the answers of a request."""
        return cls(recipient=request.consumer, flow=request.flow, ticket=request.told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """Writes mail. All of it is about one person, or about nobody: None."""

    mailboxes: Mailboxes
    envelopes: Envelopes
    now: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]

    def request(
        self,
        to: To,
        entry: Entry,
        *,
        only: Collection[FieldName] | None,
        ground: Ground,
        about: Period,
        number: int,
        due_at: datetime,
    ) -> tuple[Write, ...]:
        """Ask a supplier for one answer. Where the entry is a refusal, nobody is named.

        `only`: these of the granted fields; None: all.
        """
        question = entry.question
        blank = isinstance(entry.decision, Refusal)
        content = RequestContent(
            purpose=question.purpose,
            consumer=question.consumer,
            period=PeriodBody.of(about),
            fields=asked_fields(ground, only),
            ground=GroundBody(
                clause=ground.clause, deliberation=ground.deliberation, paragraph=ground.paragraph
            ),
            number=number,
            due_at=due_at,
            ssin=None if blank else question.ssin.digits,
            details=dict(question.details),
            blank=blank,
        )
        return self._put(MailKind.REQUEST, to, content, question.ssin)

    def count(self, to: To, expected: int, *, about: Ssin | None) -> tuple[Write, ...]:
        """Tell how many answers to expect."""
        return self._put(MailKind.COUNT, to, CountContent(expected=expected), about)

    def answer(
        self, to: To, number: int, rows: Iterable[Sheet], *, about: Ssin, days: Period | None
    ) -> tuple[Write, ...]:
        """Pass an answer on, of which exactly the granted fields were kept."""
        content = AnswerContent(
            number=number,
            rows=tuple(map(_wire, rows)),
            period=None if days is None else PeriodBody.of(days),
        )
        return self._put(MailKind.ANSWER, to, content, about)

    def failure(
        self,
        to: To,
        missing: int,
        cause: Literal["late", "failed"],
        *,
        about: Ssin,
        number: int = 0,
    ) -> tuple[Write, ...]:
        """Tell how many answers do not come."""
        content = FailureContent(missing=missing, cause=cause, number=number)
        return self._put(MailKind.FAILURE, to, content, about)

    def batch(
        self,
        to: To,
        persons: Sequence[Person],
        *,
        file: UUID,
        purpose: PurposeId,
        consumer: InstitutionCode,
    ) -> tuple[Write, ...]:
        """Pass some persons of a one-time file on. They come in any order."""
        content = BatchContent(
            file=file,
            purpose=purpose,
            consumer=consumer,
            persons=tuple(
                ListedBody(ssin=ssin.digits, rows=tuple(map(_wire, rows)))
                for ssin, rows in persons
            ),
        )
        return self._put(MailKind.BATCH, to, content, None)

    def _put(
        self, kind: MailKind, to: To, content: Struct, about: Ssin | None
    ) -> tuple[Write, ...]:
        now = self.now()
        key, sealed = self.envelopes.seal(to.recipient, canonical(content))
        person = self.random_bytes(NOBODY) if about is None else self.envelopes.person(about)
        mail = Mail(
            id=new_ticket(now, self.random_bytes),
            recipient=to.recipient,
            kind=kind,
            flow=to.flow,
            ticket=to.ticket,
            person=person,
            sealed=sealed,
            sealed_for=key,
            sent_at=now,
            due_at=to.due_at,
        )
        return self.mailboxes.put(mail)


def _wire(row: Sheet) -> WireSheet:
    """A row as it travels: each time that a group repeats is an object of its own."""
    wire: WireSheet = {}
    for name, value in row.items():
        wire[name] = [_plain(one) for one in value] if isinstance(value, tuple) else value
    return wire


def _plain(row: Row) -> WireRow:
    return dict(row.items())
