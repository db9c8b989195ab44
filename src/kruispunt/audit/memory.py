"""The trail in memory: the twin of the one on PostgreSQL, for tests of the rooms above."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hmac import digest
from typing import cast
from uuid import UUID

from kruispunt.audit.blinding import MonthKey, blind, leaf_of, month_of
from kruispunt.audit.encoding import (
    decode_entry,
    decode_outcome,
    encode_entry,
    encode_outcome,
)
from kruispunt.audit.form import DECISION, OUTCOME
from kruispunt.audit.heads import Heads
from kruispunt.audit.look import Look
from kruispunt.audit.reader import Before
from kruispunt.audit.row import check_texts
from kruispunt.audit.trail import ADD_DECISIONS, ADD_OUTCOMES, STATEMENTS, Prepared
from kruispunt.postgres import Bundle, Committed, Group, Statement, Write
from kruispunt.vocabulary import Decision, Entry, Outcome, PastGrant, Recorded, Ssin


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryTrail:
    """Keeps encoded entries and outcomes, once `commit` has been called with their bundles."""

    heads: Heads
    secret: bytes = bytes(32)
    encoded: dict[UUID, bytes] = field(default_factory=dict[UUID, bytes])
    ended: dict[UUID, bytes] = field(default_factory=dict[UUID, bytes])
    pending: list[bytes] = field(default_factory=list[bytes])

    @property
    def statements(self) -> tuple[Statement, ...]:
        """What a committer writes for this room, in this order."""
        return STATEMENTS

    @property
    def entries(self) -> list[Entry]:
        """All entries, in the order in which they were committed."""
        return [decode_entry(data) for data in self.encoded.values()]

    @property
    def outcomes(self) -> dict[UUID, Outcome]:
        """All outcomes, by entry."""
        return {entry: decode_outcome(data) for entry, data in self.ended.items()}

    async def prepare(self, entry: Entry) -> Prepared:
        """As `Trail.prepare`."""
        decision = entry.decision
        if isinstance(decision, PastGrant):
            raise TypeError("expected a decision of now, found one read back from the trail")
        check_texts(entry)
        encoding = encode_entry(entry)
        salt = self.month_key(month_of(entry.recorded_at)).salt(entry.id, kind=DECISION)
        blinded = blind(encoding, salt=salt)
        write = Write(ADD_DECISIONS, (entry.id, encoding, blinded))
        return Prepared(writes=(write,), leaf=leaf_of(blinded), entry=entry, decision=decision)

    def recorded(self, prepared: Prepared, committed: Committed) -> Recorded[Decision]:
        """As `Trail.recorded`."""
        receipt = self.heads.receipt(prepared.entry.id, committed)
        return Recorded(decision=prepared.decision, entry=prepared.entry, receipt=receipt)

    def prepare_outcome(self, outcome: Outcome) -> tuple[Write, ...]:
        """As `Trail.prepare_outcome`."""
        encoding = encode_outcome(outcome)
        key = self.month_key(month_of(outcome.recorded_at))
        blinded = blind(encoding, salt=key.salt(outcome.entry, kind=OUTCOME))
        return (Write(ADD_OUTCOMES, (outcome.entry, encoding, blinded)),)

    def commit(self, *bundles: Bundle) -> list[Committed]:
        """Keep what belongs to the trail, all bundles as one group, as the committer does."""
        group = Group(tuple(bundle.mark for bundle in bundles if bundle.mark))
        for bundle in bundles:
            self.write(bundle.writes)
        index, committed = 0, list[Committed]()
        for bundle in bundles:
            committed.append(Committed(group, index if bundle.mark else -1))
            index += bool(bundle.mark)
        return committed

    def write(self, writes: Sequence[Write]) -> None:
        """Keep the writes of this room; those of other rooms are left to their twins."""
        kept = {ADD_DECISIONS.query: self.encoded, ADD_OUTCOMES.query: self.ended}
        for write in writes:
            if write.statement.query in kept:
                entry, encoding, blinded = cast("tuple[UUID, bytes, bytes]", write.row)
                if entry not in kept[write.statement.query]:
                    kept[write.statement.query][entry] = encoding
                    self.pending.append(blinded)

    async def find(self, entry_id: UUID, *, recorded_at: datetime | None = None) -> Entry | None:
        """As `Trail.find`."""
        data = self.encoded.get(entry_id)
        entry = None if data is None else decode_entry(data)
        if entry is None or recorded_at not in (None, entry.recorded_at):
            return None
        return entry

    async def list(
        self, ssin: Ssin, *, limit: int = 100, before: Before | None = None
    ) -> list[Look]:
        """As `Trail.list`."""
        outcomes = self.outcomes
        entries = [
            entry
            for entry in self.entries
            if entry.question.ssin == ssin
            and (before is None or (entry.recorded_at, entry.id) < before)
        ]
        entries.sort(key=lambda entry: (entry.recorded_at, entry.id), reverse=True)
        return [Look(entry=e, outcome=outcomes.get(e.id)) for e in entries[:limit]]

    def month_key(self, month: date) -> MonthKey:
        """A key of its own for every month, always the same."""
        return MonthKey.of(digest(self.secret, month.isoformat().encode(), "sha256"))
