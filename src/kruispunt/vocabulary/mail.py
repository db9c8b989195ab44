"""Mail: one durable message from seat to seat for one recipient, sealed to the recipient's key."""

from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Final
from uuid import UUID

from msgspec import Struct

from kruispunt.vocabulary.names import FlowId, KeyId
from kruispunt.vocabulary.numbers import Ssin

PERSON_BYTES: Final = 16


class MailKind(StrEnum):
    """What a mail says: of a request with several answers (05/022 §5(6)-5(11)), or by itself."""

    REQUEST = "request"
    """To a supplier: a question, of which the answers come by mail."""

    COUNT = "count"
    """To who asked: how many answers to expect (§5(6)(b))."""

    ANSWER = "answer"
    """To who asked: one of the answers."""

    FAILURE = "failure"
    """To who asked: answers that will not come, or have not come in time."""

    BATCH = "batch"
    """To the next seat, unasked: some of the persons of a one-time file (§7.4)."""


class Mail(Struct, frozen=True, kw_only=True):
    """One message for one recipient. Only the recipient can read what stands in it.

    `id` is the same at every redelivery, so what is done with a mail can be done once. `ticket` is
    the recipient's own ticket of the matter; in a `REQUEST`, which opens the matter, the sender's.
    """

    id: UUID
    recipient: str
    """Code of an institution, or the enterprise number of an employer."""

    kind: MailKind
    flow: FlowId
    ticket: str
    person: bytes
    """16 bytes, keyed hash of the person's number under the seat's own key: it keeps the mail of
    one person in order, and says nothing."""

    sealed: bytes
    """The content, sealed to the recipient."""

    sealed_for: KeyId
    """Which of the recipient's keys opens it."""

    sent_at: datetime
    due_at: datetime | None = None


def person_hash(person: Ssin, *, secret: bytes) -> bytes:
    """Whose mail it is, to its seat alone: it says nothing to who has not the seat's key."""
    return blake2b(person.digits.encode(), key=secret, digest_size=PERSON_BYTES).digest()
