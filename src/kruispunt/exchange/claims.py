"""Claims: a nonce is used once, a message is answered once, whichever process hears it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Final
from uuid import UUID

from kruispunt.postgres import Database, Statement, StoreClock, Write, read_queries
from kruispunt.vocabulary import Entry, MessageInFlight, Question, SameMessageOtherContent

QUERIES: Final = read_queries(Path(__file__).with_name("store.sql"))

NONCE: Final = Statement(QUERIES["claim_nonces"], width=3, key=(0, 1))
MESSAGE: Final = Statement(QUERIES["claim_messages"], width=5, key=(0, 1))
REOPEN: Final = Statement(QUERIES["reopen_messages"], width=4, key=(0, 1))
CLOSE: Final = Statement(QUERIES["close_messages"], width=4)


def content_of(question: Question) -> bytes:
    """What makes two messages the same: their flow, which no body names, and their body.

    A question of a set has a digest of its own, that of the body with which it would come alone:
    so it is the same message, whichever way it comes again.
    """
    body = question.content or question.proof.digest
    return sha256(question.flow.encode() + b"\n" + body).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message id as it was first claimed. `closed_at` None: in flight, or its process died."""

    content: bytes
    entry: UUID
    recorded_at: datetime
    claimed_at: datetime
    closed_at: datetime | None

    def in_flight(self, now: datetime, lease: timedelta) -> bool:
        """True while someone may still be answering it."""
        return self.closed_at is None and now < self.claimed_at + lease

    def check(self, question: Question, *, now: datetime, lease: timedelta) -> None:
        """Nothing, where the first decision may be followed again for this question.

        Raises:
            SameMessageOtherContent, MessageInFlight: it may not.
        """
        if self.content != content_of(question):
            raise SameMessageOtherContent
        if self.in_flight(now, lease):
            raise MessageInFlight(retry_after_s=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """The tables of nonces and message ids: unpartitioned and logged, shared by all processes.

    Trust: someone who writes here can make us repeat a decision that stands in the trail, or
    refuse a message; never give a field, since every look still needs its own entry.
    """

    database: Database

    def nonce(self, question: Question) -> Write:
        """The claim of the signature under which a question came, alone or with others."""
        proof = question.proof
        return Write(statement=NONCE, row=(question.consumer, proof.nonce, proof.expires))

    def message(self, question: Question, entry: Entry) -> Write:
        """The claim of a new question's own id."""
        content = content_of(question)
        row = (question.consumer, question.message_id, content, entry.id, entry.recorded_at)
        return Write(statement=MESSAGE, row=row)

    def reopen(self, question: Question, now: datetime, lease: timedelta) -> Write:
        """Take a closed or abandoned message in flight again; lost where another holds it."""
        row = (question.consumer, question.message_id, now, now - lease)
        return Write(statement=REOPEN, row=row)

    def close(self, entry: Entry, now: datetime) -> Write:
        """The message is answered and may be repeated, unless another took it since."""
        question = entry.question
        row = (question.consumer, question.message_id, now, entry.recorded_at)
        return Write(statement=CLOSE, row=row)

    async def find(self, question: Question) -> Message | None:
        """The first claim of this message id by this consumer."""
        query = QUERIES["find_message"]
        rows = await self.database.fetch(query, question.consumer, question.message_id)
        if not rows:
            return None
        row = rows[0]
        return Message(
            content=row["digest"],
            entry=row["entry"],
            recorded_at=row["recorded_at"],
            claimed_at=row["claimed_at"],
            closed_at=row["closed_at"],
        )

    def clock(self, monotonic: Callable[[], float] = monotonic) -> StoreClock:
        """The clock of this store, by which claims are forgotten."""
        return StoreClock(
            database=self.database,
            start=QUERIES["start_clock"],
            read=QUERIES["read_clock"],
            advance=QUERIES["advance_clock"],
            monotonic=monotonic,
        )

    async def forget(self, *, nonces_before: datetime, messages_before: datetime) -> None:
        """Drop the nonces that expired and were claimed before, and message ids claimed before.

        Both are times of the store's own clock: a wall clock may jump.
        """
        seconds = int(nonces_before.timestamp())
        await self.database.execute(QUERIES["forget_nonces"], seconds, nonces_before)
        await self.database.execute(QUERIES["forget_messages"], messages_before)
