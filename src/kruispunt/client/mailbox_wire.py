"""What travels between a seat and who empties a mailbox there, as JSON."""

from typing import Annotated, Final
from uuid import UUID

from msgspec import Meta

from kruispunt.client.wire import Body, Moment, Name, Reference
from kruispunt.vocabulary import FlowId, KeyId, Mail, MailKind

MAILBOX_PATH: Final = "/v1/mailbox"
ACKNOWLEDGE_PATH: Final = "/v1/mailbox/acknowledge"
DEAD_PATH: Final = "/v1/mailbox/dead"
MAILBOX_TAG: Final = "kruispunt-mailbox"
"""Tag of the signature of who empties a mailbox: nothing else that is signed can pass for it."""

MOST_LETTERS: Final = 1000
LONGEST_WAIT_S: Final = 30


Why = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$(?!\n)")]
"""A reason of one line."""


class LetterBody(Body, frozen=True, omit_defaults=True):
    """One mail, at its position: to read on, ask for what comes after the last of these."""

    position: Annotated[int, Meta(ge=1)]
    id: UUID
    kind: MailKind
    flow: Name
    ticket: Reference
    person: bytes
    """The seat's own mark of whom it is about: mail of one mark is in order, and says no more."""

    sealed: bytes
    sealed_for: Name
    sent_at: Moment
    due_at: Moment | None = None

    def mail(self, recipient: str) -> Mail:
        """The mail itself."""
        return Mail(
            id=self.id,
            recipient=recipient,
            kind=self.kind,
            flow=FlowId(self.flow),
            ticket=self.ticket,
            person=self.person,
            sealed=self.sealed,
            sealed_for=KeyId(self.sealed_for),
            sent_at=self.sent_at,
            due_at=self.due_at,
        )

    @classmethod
    def of(cls, mail: Mail, *, position: int) -> "LetterBody":
        """A mail as it travels."""
        return cls(
            position=position,
            id=mail.id,
            kind=mail.kind,
            flow=mail.flow,
            ticket=mail.ticket,
            person=mail.person,
            sealed=mail.sealed,
            sealed_for=mail.sealed_for,
            sent_at=mail.sent_at,
            due_at=mail.due_at,
        )


class MailboxReply(Body, frozen=True):
    """Mail that waits, in order; `held`: how much waits behind dead letters, and is not shown."""

    letters: tuple[LetterBody, ...]
    held: Annotated[int, Meta(ge=0)]


class AcknowledgeRequest(Body, frozen=True):
    """The recipient has these mails: their content may go. Saying so again is safe."""

    ids: Annotated[tuple[UUID, ...], Meta(min_length=1, max_length=MOST_LETTERS)]


class AcknowledgeReply(Body, frozen=True):
    """How many of them were there still."""

    gone: Annotated[int, Meta(ge=0)]


class DeadRequest(Body, frozen=True):
    """The recipient can't take this mail, and why: an operator of the seat reads it."""

    id: UUID
    reason: Annotated[
        str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$(?!\n)")
    ]


class DeadReply(Body, frozen=True):
    """`dead`: it is a dead letter now; false: it was not there (any more)."""

    dead: bool
