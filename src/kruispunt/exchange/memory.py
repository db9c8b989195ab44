"""The ledger in memory: the twin of the one on PostgreSQL, for tests of the rooms above."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import structs

from kruispunt.audit import MemoryTrail, Prepared
from kruispunt.exchange.claims import Message, content_of
from kruispunt.exchange.desk import Desk
from kruispunt.exchange.entry import new_entry
from kruispunt.exchange.ledger import Earlier, outcome_of
from kruispunt.exchange.memory_requests import Room
from kruispunt.postgres import Bundle, Write
from kruispunt.vocabulary import (
    Decision,
    Ending,
    Entry,
    Facts,
    InstitutionCode,
    LawDigest,
    MessageInFlight,
    Question,
    Recorded,
    Unavailable,
    WrongSignature,
)


@dataclass(slots=True, kw_only=True)
class MemoryLedger:
    """The twin of `PostgresLedger`. While `away`, nothing can be written."""

    trail: MemoryTrail
    now: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]
    lease: timedelta = timedelta(seconds=30)
    away: bool = False
    desk: Desk | None = None
    rooms: Sequence[Room] = ()
    """The rooms that keep what the desk writes."""

    nonces: set[tuple[InstitutionCode, bytes]] = field(
        default_factory=set[tuple[InstitutionCode, bytes]]
    )
    messages: dict[tuple[InstitutionCode, UUID], Message] = field(
        default_factory=dict[tuple[InstitutionCode, UUID], Message]
    )

    async def claim(self, question: Question) -> None:
        """As `PostgresLedger.claim`."""
        self._check_there()
        self._claim(question)

    async def record(
        self,
        question: Question,
        facts: Facts,
        decision: Decision,
        *,
        law: LawDigest,
        claimed: bool = False,
    ) -> Recorded[Decision] | Earlier:
        """As `PostgresLedger.record`."""
        entry = self._entry(question, facts, decision, law=law)
        prepared = await self._prepare(entry)
        opened = () if self.desk is None else self.desk.open(entry)
        if not claimed:
            self._claim(question)
        known = self.messages.get((question.consumer, question.message_id))
        if known is not None:
            known.check(question, now=self.now(), lease=self.lease)
            return await self._earlier(known)
        self.messages[question.consumer, question.message_id] = Message(
            content=content_of(question),
            entry=entry.id,
            recorded_at=entry.recorded_at,
            claimed_at=entry.recorded_at,
            closed_at=None,
        )
        return self._commit(prepared, opened)

    async def record_again(
        self, earlier: Earlier, question: Question, decision: Decision
    ) -> Recorded[Decision]:
        """As `PostgresLedger.record_again`."""
        first = self._entry(earlier.again(question), earlier.facts, decision, law=earlier.law)
        prepared = await self._prepare(structs.replace(first, repeats=earlier.entry))
        key, now = (question.consumer, question.message_id), self.now()
        known = self.messages.get(key)
        if known is None or known.in_flight(now, self.lease):
            raise MessageInFlight(retry_after_s=1)
        at = prepared.entry.recorded_at
        self.messages[key] = replace(known, claimed_at=at, closed_at=None)
        return self._commit(prepared)

    def ended(
        self, recorded: Recorded[Decision], ending: Ending, *, rows: int = 0, cause: str = ""
    ) -> None:
        """As `PostgresLedger.ended`, at once."""
        outcome = outcome_of(recorded.entry, self.now(), ending=ending, rows=rows, cause=cause)
        beside = () if self.desk is None else self.desk.ended(recorded.entry, ending)
        self._keep(beside)
        self.trail.write(self.trail.prepare_outcome(outcome))
        self.close(recorded)

    def close(self, recorded: Recorded[Decision]) -> None:
        """As `PostgresLedger.close`, at once."""
        entry = recorded.entry
        key = (entry.question.consumer, entry.question.message_id)
        if self.messages[key].claimed_at == entry.recorded_at:
            self.messages[key] = replace(self.messages[key], closed_at=self.now())

    def _entry(
        self, question: Question, facts: Facts, decision: Decision, *, law: LawDigest
    ) -> Entry:
        return new_entry(
            question, facts, decision, law=law, now=self.now(), random_bytes=self.random_bytes
        )

    async def _prepare(self, entry: Entry) -> Prepared:
        self._check_there()
        return await self.trail.prepare(entry)

    def _check_there(self) -> None:
        if self.away:
            raise Unavailable("nothing can be recorded now", retry_after_s=1)

    def _claim(self, question: Question) -> None:
        nonce = (question.consumer, question.proof.nonce)
        if nonce in self.nonces:
            raise WrongSignature("the nonce of this signature was used before")
        self.nonces.add(nonce)

    async def _earlier(self, message: Message) -> Earlier:
        entry = await self.trail.find(message.entry, recorded_at=message.recorded_at)
        if entry is None:
            raise Unavailable("the first entry of this message can't be read now")
        return Earlier.of(entry)

    def _keep(self, writes: Sequence[Write]) -> None:
        for room in self.rooms:
            room.write(writes)

    def _commit(self, prepared: Prepared, opened: Sequence[Write] = ()) -> Recorded[Decision]:
        self._keep(opened)
        bundle = Bundle(writes=prepared.writes, mark=prepared.leaf)
        return self.trail.recorded(prepared, self.trail.commit(bundle)[0])
