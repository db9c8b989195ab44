"""Entries of one caller, law and time, many of them at once: the lines of a file.

What they share is encoded and sent once for all of them; leaves and rows are those of `Trail`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Self

from msgspec import Raw, structs

from kruispunt.audit.blinding import MonthKey, blind
from kruispunt.audit.change import Change, encode_change
from kruispunt.audit.encoding import encode_facts, entry_form, outcome_form
from kruispunt.audit.form import CHANGE, DECISION, NO_GROUND, OUTCOME, VERSION, EntryForm, encode
from kruispunt.audit.row import ENDINGS, REASONS, check_texts, decision_row
from kruispunt.audit.terms import KnownGround
from kruispunt.audit.trail import Trail
from kruispunt.postgres import Connection, read_queries
from kruispunt.vocabulary import Entry, Outcome, PastGrant, Refusal

ALIKE: Final = read_queries(Path(__file__).with_name("alike.sql"))

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """Entries that differ in person, days, facts, decision and message id alone, and their rows.

    Nothing is written of them before `write`.
    """

    first: Entry
    key: MonthKey
    shared: Row
    """What stands in all rows, in the order of the parameters of `add_alike_decisions`."""

    decisions: Sequence[Row]

    @classmethod
    async def of(cls, trail: Trail, entries: Sequence[Entry]) -> Self:
        """Encode, seal and blind entries, of which there is one at least.

        Raises:
            Malformed: a text holds a character that can't be stored.
            Unavailable: a value is new to the dictionary, and the database is away.
            TypeError: an entry was read back from the trail.
            ValueError: they are not alike.
        """
        first, terms = entries[0], trail.reader.terms
        check_texts(first)
        key = await trail.key_of(first.recorded_at)
        grounds = dict[int, KnownGround | None]()
        numbers = await terms.learn(first)
        for entry in entries:
            ground = entry.decision.ground
            if id(ground) not in grounds:
                grounds[id(ground)] = (await terms.learn(entry)).ground
        whole = decision_row(first, numbers=numbers, version=VERSION, facts=b"", blinded=b"")
        return cls(
            first=first,
            key=key,
            # A ticket that repeats one message id is stored here too: it may be all of theirs.
            shared=tuple(
                first.question.ticket if place == TICKET else whole[place] for place in SHARED
            ),
            decisions=_decisions(entries, key, grounds),
        )

    async def write(
        self,
        connection: Connection,
        *,
        outcomes: Sequence[Outcome] = (),
        changes: Sequence[Change] = (),
    ) -> None:
        """Write the decisions, then what came of them and what changed, all of their time.

        Raises:
            ValueError: an outcome or a change is of another time.
        """
        at, whose = self.first.recorded_at, self.first.question.consumer
        ended = _outcomes(outcomes, self.key, at)
        made = _changes(changes, self.key, at)
        await connection.execute(ALIKE["add_alike_decisions"].sql, self.decisions, *self.shared)
        if ended:
            await connection.execute(ALIKE["add_alike_outcomes"].sql, ended, at, VERSION)
        if made:
            await connection.execute(ALIKE["add_alike_changes"].sql, made, at, whose)


SHARED: Final = (0, 1, 2, 5, 6, 7, 8, 10, 11, 12, 13, 16, 21, 22, 23, 25, 26, 27, 28)
"""Places in `audit.new_decision` of what alike entries share."""

TICKET: Final = 25


def _decisions(
    entries: Iterable[Entry], key: MonthKey, grounds: Mapping[int, KnownGround | None]
) -> list[Row]:
    rows, form, first = list[Row](), None, None
    for entry in entries:
        if form is None or first is None:
            form, first = entry_form(entry, facts=b"", ground=NO_GROUND), entry
        if not _are_alike(first, entry):
            raise ValueError("expected entries of one request")
        rows.append(_decision(entry, form, key, grounds))
    return rows


def _are_alike(one: Entry, other: Entry) -> bool:
    """True for entries made of one another: what they share is not compared but the same."""
    first, second = one.question, other.question
    return (
        one.recorded_at is other.recorded_at
        and one.lawbook is other.lawbook
        and one.repeats is other.repeats is None
        and first.proof is second.proof
        and first.consumer is second.consumer
        and first.flow is second.flow
        and first.purpose is second.purpose
        and first.asked_on is second.asked_on
        and first.received_at is second.received_at
        and first.sent_at is second.sent_at
        and first.ticket is second.ticket
        and first.file_reference is second.file_reference
        and first.user is second.user
        and first.role is second.role
    )


def _decision(
    entry: Entry, form: EntryForm, key: MonthKey, grounds: Mapping[int, KnownGround | None]
) -> Row:
    question, decision = entry.question, entry.decision
    if isinstance(decision, PastGrant):
        raise TypeError("expected a decision of now, found one read back from the trail")
    refusal = decision if isinstance(decision, Refusal) else None
    successor = None if refusal is None else refusal.successor
    name, about, ground = entry.id.bytes, question.about, grounds[id(decision.ground)]
    facts = encode_facts(entry.facts, of=question)
    encoding = encode(
        structs.replace(
            form,
            id=name,
            ssin=question.ssin.digits,
            about_begin=about.begin,
            about_end=about.end,
            message_id=question.message_id.bytes,
            facts=Raw(facts),
            reason=None if refusal is None else refusal.reason,
            ground=Raw(NO_GROUND if ground is None else ground.encoding),
            successor=None if successor is None else successor.digits,
        )
    )
    return (
        question.ssin.number,
        None if successor is None else successor.number,
        None if ground is None else ground.number,
        about.begin,
        about.end,
        0 if refusal is None else REASONS[refusal.reason],
        entry.id,
        question.message_id,
        key.seal_as(name, facts),
        blind(encoding, salt=key.salt_as(name, kind=DECISION)),
    )


def _outcomes(outcomes: Iterable[Outcome], key: MonthKey, at: datetime) -> list[Row]:
    rows = list[Row]()
    for one in outcomes:
        if one.recorded_at != at or one.ended_at != at:
            raise ValueError("expected outcomes of the time of their decisions")
        salt = key.salt_as(one.entry.bytes, kind=OUTCOME)
        blinded = blind(encode(outcome_form(one)), salt=salt)
        rows.append((one.entry, one.rows, ENDINGS[one.ending], one.cause, blinded))
    return rows


def _changes(changes: Iterable[Change], key: MonthKey, at: datetime) -> list[Row]:
    rows = list[Row]()
    for one in changes:
        if one.recorded_at != at:
            raise ValueError("expected changes of the time of their decisions")
        name, encoded = one.id.bytes, encode_change(one)
        blinded = blind(encoded, salt=key.salt_as(name, kind=CHANGE))
        number = None if one.ssin is None else one.ssin.number
        rows.append((number, one.id, key.seal_as(name, encoded), blinded))
    return rows
