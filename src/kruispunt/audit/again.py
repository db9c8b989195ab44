"""Leaves made again from stored rows, many at a time: what `verify` holds against the tree.

The same bytes as `entry_form_of` and `outcome_form_of` give, without a value that only checks: a
row that was changed need not be valid, it must only give another leaf.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Final

from asyncpg import Record
from msgspec import Raw

from kruispunt.audit.blinding import MonthKey, Tampered
from kruispunt.audit.change import change_leaf
from kruispunt.audit.form import (
    CHANGE,
    DECISION,
    ENCODER,
    NO_GROUND,
    OUTCOME,
    READING,
    EntryForm,
)
from kruispunt.audit.reading import reading_leaf
from kruispunt.audit.row import REASONS, outcome_form_of
from kruispunt.audit.terms import Dictionary

UNREADABLE: Final = b""
"""The leaf of a row whose facts can't be opened: it fits nothing."""

_REASON: Final = {0: None} | {number: reason.value for reason, number in REASONS.items()}
_DECISION: Final = bytes((DECISION,))
_OUTCOME: Final = bytes((OUTCOME,))
_READING: Final = bytes((READING,))
_CHANGE: Final = bytes((CHANGE,))

Leaf = tuple[bytes, bytes]
"""Kind and entry in 17 bytes, and the data of the leaf."""

Keys = dict[tuple[int, int], MonthKey | None]
"""The keys of months, by year and month; None: shredded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """Makes leaves again. The keys of the rows' months must have been found before."""

    terms: Dictionary
    keys: Keys

    def decisions(self, rows: Iterable[Record]) -> list[Leaf]:
        """The leaves of decisions, in order."""
        found: list[Leaf] = []
        for row in rows:
            entry = row["id"].bytes
            try:
                found.append((_DECISION + entry, self._decision(row)))
            except (Tampered, LookupError, ValueError, OverflowError, TypeError):
                found.append((_DECISION + entry, UNREADABLE))
        return found

    def outcomes(self, rows: Iterable[Record]) -> list[Leaf]:
        """The leaves of outcomes, in order."""
        found: list[Leaf] = []
        for row in rows:
            entry = row["entry"].bytes
            try:
                key = self._key(row["recorded_at"])
                encoded = ENCODER.encode(outcome_form_of(row))
                salt = key.salt(row["entry"], kind=OUTCOME)
                found.append((_OUTCOME + entry, sha256(salt + encoded).digest()))
            except (Tampered, LookupError, ValueError, OverflowError, TypeError):
                found.append((_OUTCOME + entry, UNREADABLE))
        return found

    def readings(self, rows: Iterable[Record]) -> list[Leaf]:
        """The leaves of readings, in order."""
        found: list[Leaf] = []
        for row in rows:
            entry = row["id"].bytes
            try:
                leaf = reading_leaf(row, self._key(row["recorded_at"]))
            except (LookupError, ValueError, OverflowError, TypeError):
                leaf = UNREADABLE
            found.append((_READING + entry, leaf))
        return found

    def changes(self, rows: Iterable[Record]) -> list[Leaf]:
        """The leaves of changes, in order."""
        found: list[Leaf] = []
        for row in rows:
            try:
                leaf = change_leaf(row, self._key(row["recorded_at"]))
            except (LookupError, ValueError, OverflowError, TypeError):
                leaf = UNREADABLE
            found.append((_CHANGE + row["id"].bytes, leaf))
        return found

    def is_shredded(self, recorded_at: datetime | None) -> bool:
        """True where the key of that month is gone: no leaf of it can be made again."""
        if recorded_at is None:
            return False
        return self.keys.get((recorded_at.year, recorded_at.month)) is None

    def _key(self, recorded_at: datetime | None) -> MonthKey:
        if recorded_at is None:
            raise LookupError("a time that no calendar has")
        key = self.keys[recorded_at.year, recorded_at.month]
        if key is None:
            raise LookupError("shredded")
        return key

    def _decision(self, row: Record) -> bytes:
        (
            recorded_at, received_at, sent_at, ssin, successor,
            lawbook, consumer, flow, purpose, ground, key_id, proof_created, proof_life,
            asked_on, about_begin, about_end, form, reason, entry, message_id, repeats,
            nonce, signature, digest, facts, ticket, file_reference, asked_by, role,
        ) = row  # fmt: skip
        key, terms = self._key(recorded_at), self.terms
        created = _second(received_at) + proof_created
        proof, name = terms.keys[key_id]
        encoded = ENCODER.encode(
            EntryForm(
                form,
                entry.bytes,
                recorded_at,
                terms.lawbooks[lawbook],
                terms.consumers[consumer],
                terms.flows[flow],
                terms.purposes[purpose],
                f"{ssin:011d}",
                about_begin,
                about_end,
                asked_on,
                received_at,
                sent_at,
                message_id.bytes,
                str(message_id) if ticket is None else ticket,
                file_reference,
                asked_by,
                role,
                proof(name, nonce, created, created + proof_life, signature, digest),
                Raw(key.unseal(facts, entry=entry)),
                _REASON[reason],
                Raw(NO_GROUND if ground is None else terms.grounds[ground]),
                None if successor is None else f"{successor:011d}",
                None if repeats is None else repeats.bytes,
            )
        )
        return sha256(key.salt(entry, kind=DECISION) + encoded).digest()


def _second(moment: datetime) -> int:
    return int(moment.timestamp() // 1)


def months_of(rows: Iterable[Record]) -> set[date]:
    """First days of the months in which rows were recorded, as far as they tell a time."""
    months = {(at.year, at.month) for row in rows if (at := row[0]) is not None}
    return {date(*month, 1) for month in months}
