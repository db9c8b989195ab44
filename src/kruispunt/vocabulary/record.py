"""What the trail keeps and gives back: entries, outcomes, receipts, recorded decisions."""

from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar, cast
from uuid import UUID

from msgspec import Struct

from kruispunt.vocabulary.decision import Decision, Grant, Ground
from kruispunt.vocabulary.names import LawDigest
from kruispunt.vocabulary.question import Facts, Question


class PastGrant(Struct, frozen=True, kw_only=True):
    """A grant as the trail remembers it: it says what was given and why, and gives nothing.

    No source can be asked with it. Who has to act on it decides again, from the entry's facts and
    under the entry's lawbook.
    """

    ground: Ground


class Entry(Struct, frozen=True, kw_only=True):
    """One decision in the trail: all that was asked, all that decided, never content.

    `repeats` names the entry whose decision this one follows again, when the same message came
    twice.
    """

    id: UUID
    recorded_at: datetime
    question: Question
    facts: Facts
    decision: Decision | PastGrant
    """A `PastGrant` in entries read back from the trail, a `Grant` in those about to be kept."""

    lawbook: LawDigest
    repeats: UUID | None = None

    @property
    def ticket(self) -> UUID:
        """The ticket of this hub or node for the message: its first entry."""
        return self.repeats or self.id


class Ending(StrEnum):
    """How a look ended. A grant without an outcome after a crash: may have been given."""

    GIVEN = "given"
    EMPTY = "empty"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REFUSED_UPSTREAM = "refused-upstream"
    """A node granted, and its hub refused."""

    FORWARDED = "forwarded"
    """Carried on to suppliers whose answers come by mail, each under an entry of its own; the rows
    are how many answers to expect. Of a repeat: it was carried on before."""


class Outcome(Struct, frozen=True, kw_only=True):
    """What came of a look: when it ended, how, how many rows were shown; never a value.

    Of every grant, and of a refusal that is told as an empty answer: its look at nobody ends like
    one that was granted. A refusal in words has none.
    """

    entry: UUID
    recorded_at: datetime
    """When the entry was recorded: the outcome stands in the same month, under the same key."""

    ended_at: datetime
    ending: Ending
    rows: int = 0
    cause: str = ""
    """For `failed` and `refused-upstream`: which fault or reason, from a closed list."""


class Receipt(Struct, frozen=True, kw_only=True):
    """Proof of a look that the consumer keeps: its leaf, and the signed head of its commit group.

    `path` leads from the leaf at `index` to `root` by RFC 6962 hashing over the `size` leaves that
    were committed together; `signature` is the hub's Ed25519 signature over the head.
    `recorded_at` is the time that the head names, one for the whole group: just after the commit.
    """

    entry: UUID
    recorded_at: datetime
    leaf: bytes
    index: int
    size: int
    path: tuple[bytes, ...]
    root: bytes
    origin: str
    key_id: str
    signature: bytes


D_co = TypeVar("D_co", bound=Decision, covariant=True)


class Recorded(Struct, Generic[D_co], frozen=True, kw_only=True):
    """A decision that stands durably in the trail. Only the trail makes one."""

    decision: D_co
    entry: Entry
    receipt: Receipt

    def granted(self) -> "Recorded[Grant]":
        """This record as leave to ask a source.

        Raises:
            TypeError: it records a refusal.
        """
        if not isinstance(self.decision, Grant):
            raise TypeError("expected a recorded grant, found a refusal")
        return cast("Recorded[Grant]", self)
