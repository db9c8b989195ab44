"""One commit for all that must stand together: nonce, message id and entry; then the outcome."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, Self
from uuid import UUID

from msgspec import structs

from kruispunt.audit import Prepared
from kruispunt.exchange.claims import CLOSE, MESSAGE, NONCE, REOPEN, Claims, Message
from kruispunt.exchange.desk import Desk
from kruispunt.exchange.entry import new_entry
from kruispunt.postgres import Bundle, Commit, Committed, Lost, Statement, Write
from kruispunt.vocabulary import (
    Decision,
    Ending,
    Entry,
    Facts,
    LawDigest,
    MessageInFlight,
    Outcome,
    Question,
    Recorded,
    Unavailable,
    WrongSignature,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The first time of a message that came again: what was asked, and what decided then."""

    entry: UUID
    question: Question
    facts: Facts
    law: LawDigest

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """The first time, as the trail remembers it."""
        return cls(entry=entry.id, question=entry.question, facts=entry.facts, law=entry.lawbook)

    def again(self, question: Question) -> Question:
        """The repeated question, with the first day of asking, since it chose the law."""
        return structs.replace(question, asked_on=self.question.asked_on)


class Ledger(Protocol):
    """Where decisions become durable before anyone is asked, and messages are answered once."""

    async def claim(self, question: Question) -> None: ...

    async def record(
        self,
        question: Question,
        facts: Facts,
        decision: Decision,
        *,
        law: LawDigest,
        claimed: bool = False,
    ) -> Recorded[Decision] | Earlier: ...

    async def record_again(
        self, earlier: Earlier, question: Question, decision: Decision
    ) -> Recorded[Decision]: ...

    def ended(
        self, recorded: Recorded[Decision], ending: Ending, *, rows: int = 0, cause: str = ""
    ) -> None: ...

    def close(self, recorded: Recorded[Decision]) -> None: ...


class Trail(Protocol):
    """The room that keeps entries: it prepares writes, and vouches once they are committed."""

    @property
    def statements(self) -> tuple[Statement, ...]: ...

    async def prepare(self, entry: Entry) -> Prepared: ...

    def recorded(self, prepared: Prepared, committed: Committed) -> Recorded[Decision]: ...

    def prepare_outcome(self, outcome: Outcome) -> tuple[Write, ...]: ...

    async def find(self, entry_id: UUID, *, recorded_at: datetime) -> Entry | None: ...


def commit_order(trail: Trail) -> tuple[Statement, ...]:
    """The order of writes in every commit: claims first, so that only winners are recorded."""
    return (NONCE, MESSAGE, REOPEN, *trail.statements, CLOSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresLedger:
    """The ledger on PostgreSQL, by the one group committer of this process.

    `lease` is how long a message counts as in flight when its outcome never came, after a crash.
    """

    trail: Trail
    claims: Claims
    commit: Commit
    now: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]
    lease: timedelta = timedelta(seconds=30)
    desk: Desk | None = None
    """What stands beside an entry whose answers come by mail; None: none does here."""

    async def claim(self, question: Question) -> None:
        """Claim the nonce of a request for all of its questions, of which this is any.

        Raises:
            WrongSignature: the nonce was used before.
            Unavailable: not durable; nothing may be asked.
        """
        if isinstance(await self.commit.run(Bundle(writes=(self.claims.nonce(question),))), Lost):
            raise _used()

    async def record(
        self,
        question: Question,
        facts: Facts,
        decision: Decision,
        *,
        law: LawDigest,
        claimed: bool = False,
    ) -> Recorded[Decision] | Earlier:
        """Claim nonce and message id and write the entry, all in one durable commit.

        `claimed`: the nonce was claimed before, by `claim`, with that of the whole request.

        Raises:
            WrongSignature: the nonce was used before.
            SameMessageOtherContent, MessageInFlight: the message id was.
            Unavailable: not durable; nothing may be asked.
        """
        entry = self._entry(question, facts, decision, law=law)
        prepared = await self.trail.prepare(entry)
        nonce = () if claimed else (self.claims.nonce(question),)
        message = self.claims.message(question, entry)
        opened = () if self.desk is None else self.desk.open(entry)
        match await self.commit.run(_bundle(prepared, *nonce, message, beside=opened)):
            case Committed() as committed:
                return self.trail.recorded(prepared, committed)
            case Lost(statement=statement) if statement is NONCE:
                raise _used()
            case Lost():
                return await self._earlier(question)

    async def record_again(
        self, earlier: Earlier, question: Question, decision: Decision
    ) -> Recorded[Decision]:
        """Write an entry of its own for a repeated message, unless one is being answered now."""
        first = self._entry(earlier.again(question), earlier.facts, decision, law=earlier.law)
        prepared = await self.trail.prepare(structs.replace(first, repeats=earlier.entry))
        reopen = self.claims.reopen(question, prepared.entry.recorded_at, self.lease)
        match await self.commit.run(_bundle(prepared, reopen)):
            case Committed() as committed:
                return self.trail.recorded(prepared, committed)
            case Lost():
                raise MessageInFlight(retry_after_s=1)

    def ended(
        self, recorded: Recorded[Decision], ending: Ending, *, rows: int = 0, cause: str = ""
    ) -> None:
        """Write what came of a look with the next commit, within a second; not waited for.

        A look at nobody ends like one at someone: what waits for the tree is told in public.
        """
        entry, now = recorded.entry, self.now()
        outcome = outcome_of(entry, now, ending=ending, rows=rows, cause=cause)
        writes = self.trail.prepare_outcome(outcome)
        if self.desk is not None:
            writes += self.desk.ended(entry, ending)
        self.commit.later(Bundle(writes=(*writes, self.claims.close(entry, now))))

    def close(self, recorded: Recorded[Decision]) -> None:
        """A refusal in words has no outcome; its message is closed in the same way, as slowly."""
        close = self.claims.close(recorded.entry, self.now())
        self.commit.later(Bundle(writes=(close,)))

    def _entry(
        self, question: Question, facts: Facts, decision: Decision, *, law: LawDigest
    ) -> Entry:
        return new_entry(
            question, facts, decision, law=law, now=self.now(), random_bytes=self.random_bytes
        )

    async def _earlier(self, question: Question) -> Earlier:
        message = await self.claims.find(question)
        if message is None:  # its 30 days ended between two statements
            raise MessageInFlight(retry_after_s=1)
        message.check(question, now=self.now(), lease=self.lease)
        return await self._first(message)

    async def _first(self, message: Message) -> Earlier:
        entry = await self.trail.find(message.entry, recorded_at=message.recorded_at)
        if entry is None:
            raise Unavailable("the first entry of this message can't be read now")
        return Earlier.of(entry)


def outcome_of(entry: Entry, now: datetime, *, ending: Ending, rows: int, cause: str) -> Outcome:
    """What came of a look, to stand in the month of its entry."""
    return Outcome(
        entry=entry.id,
        recorded_at=entry.recorded_at,
        ended_at=now,
        ending=ending,
        rows=rows,
        cause=cause,
    )


def _used() -> WrongSignature:
    return WrongSignature("the nonce of this signature was used before")


def _bundle(prepared: Prepared, *claims: Write, beside: tuple[Write, ...] = ()) -> Bundle:
    return Bundle(writes=(*claims, *prepared.writes, *beside), mark=prepared.leaf)
