"""The stored form: compact rows that give back exactly the encoded entry, and so its leaf."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from asyncpg import Record
from msgspec import MsgspecError, Raw

from kruispunt.audit.blinding import MonthKey, Tampered
from kruispunt.audit.form import NO_GROUND, EntryForm, OutcomeForm
from kruispunt.audit.terms import Numbers, Terms
from kruispunt.vocabulary import Ending, Entry, Malformed, Outcome, Reason, Refusal, Ssin

REASONS: Final[Mapping[Reason, int]] = {
    Reason.NO_CLAUSE: 1,
    Reason.NOT_YET_IN_FORCE: 2,
    Reason.NO_LONGER_IN_FORCE: 3,
    Reason.NO_FILE: 4,
    Reason.NUMBER_UNKNOWN: 5,
    Reason.NUMBER_REPLACED: 6,
    Reason.NUMBER_CANCELLED: 7,
    Reason.DECEASED_BEFORE: 8,
    Reason.NO_FILE_AT_SUPPLIER: 9,
}
"""Numbers of reasons in the table, 0: granted. Frozen: new reasons get new numbers."""

ENDINGS: Final[Mapping[Ending, int]] = {
    Ending.GIVEN: 1,
    Ending.EMPTY: 2,
    Ending.FAILED: 3,
    Ending.CANCELLED: 4,
    Ending.REFUSED_UPSTREAM: 5,
    Ending.FORWARDED: 6,
}
"""Numbers of endings in the table. Frozen: new endings get new numbers."""

_REASON: Final = {number: reason.value for reason, number in REASONS.items()}
_ENDING: Final = {number: ending.value for ending, number in ENDINGS.items()}

WRITTEN_OTHERWISE: Final = (LookupError, ValueError, OverflowError, TypeError, MsgspecError)
"""What is raised by a value that this program never writes, and somebody else did."""

Row = tuple[object, ...]


def decision_row(
    entry: Entry, *, numbers: Numbers, version: int, facts: bytes, blinded: bytes
) -> Row:
    """The row of an entry, in the order of `audit.new_decision`.

    A ticket that repeats the message id, as a node sends it, is not stored twice. Times of the
    signature are stored from the second of receipt on.
    """
    question, proof, decision = entry.question, entry.question.proof, entry.decision
    refusal = decision if isinstance(decision, Refusal) else None
    successor = None if refusal is None else refusal.successor
    ticket = None if question.ticket == str(question.message_id) else question.ticket
    return (
        entry.recorded_at,
        question.received_at,
        question.sent_at,
        question.ssin.number,
        None if successor is None else successor.number,
        numbers.lawbook,
        numbers.consumer,
        numbers.flow,
        numbers.purpose,
        None if numbers.ground is None else numbers.ground.number,
        numbers.key,
        proof.created - _second(question.received_at),
        proof.expires - proof.created,
        question.asked_on,
        question.about.begin,
        question.about.end,
        version,
        0 if refusal is None else REASONS[refusal.reason],
        entry.id,
        question.message_id,
        entry.repeats,
        proof.nonce,
        proof.signature,
        proof.digest,
        facts,
        ticket,
        question.file_reference,
        question.user,
        question.role,
        blinded,
    )


def check_texts(entry: Entry) -> None:
    """Refuse a text that the database can't hold, before it spoils a commit.

    Raises:
        Malformed: a text holds the character NUL.
    """
    question = entry.question
    texts = (question.ticket, question.file_reference, question.user, question.role)
    if "\x00" in "".join(texts):
        raise Malformed("expected texts without the character NUL")


def outcome_row(outcome: Outcome, *, version: int, blinded: bytes) -> Row:
    """The row of an outcome, in the order of `audit.new_outcome`."""
    return (
        outcome.recorded_at,
        outcome.ended_at,
        outcome.rows,
        version,
        ENDINGS[outcome.ending],
        outcome.entry,
        outcome.cause,
        blinded,
    )


def numbers_in(row: Record) -> Iterator[int]:
    """The dictionary numbers that must be recalled before a row can be read."""
    names = ("lawbook", "consumer", "flow", "purpose", "ground", "key")
    return (row[name] for name in names if row[name] is not None)


def entry_form_of(row: Record, *, terms: Terms, key: MonthKey) -> EntryForm:
    """The form of a stored decision: its encoding is what the leaf was made over.

    Raises:
        Tampered: its facts can't be opened, or no entry is stored so.
    """
    try:
        return _entry_form_of(row, terms=terms, key=key)
    except WRITTEN_OTHERWISE as wrong:
        raise Tampered("an entry is not as this program writes it") from wrong


def _entry_form_of(row: Record, *, terms: Terms, key: MonthKey) -> EntryForm:
    created = _second(row["received_at"]) + row["proof_created"]
    ticket = str(row["message_id"]) if row["ticket"] is None else row["ticket"]
    proof, key_id = terms.key(row["key"])
    return EntryForm(
        version=row["form"],
        id=row["id"].bytes,
        recorded_at=row["recorded_at"],
        lawbook=terms.content(row["lawbook"]),
        consumer=terms.content(row["consumer"]),
        flow=terms.content(row["flow"]),
        purpose=terms.content(row["purpose"]),
        ssin=Ssin.of(row["ssin"]).digits,
        about_begin=row["about_begin"],
        about_end=row["about_end"],
        asked_on=row["asked_on"],
        received_at=row["received_at"],
        sent_at=row["sent_at"],
        message_id=row["message_id"].bytes,
        ticket=ticket,
        file_reference=row["file_reference"],
        asked_by=row["asked_by"],
        role=row["role"],
        proof=proof(
            key_id=key_id,
            nonce=row["nonce"],
            created=created,
            expires=created + row["proof_life"],
            signature=row["signature"],
            digest=row["digest"],
        ),
        facts=Raw(key.unseal(row["facts"], entry=row["id"])),
        reason=_REASON[row["reason"]] if row["reason"] else None,
        ground=Raw(NO_GROUND if row["ground"] is None else terms.ground(row["ground"])),
        successor=None if row["successor"] is None else Ssin.of(row["successor"]).digits,
        repeats=None if row["repeats"] is None else row["repeats"].bytes,
    )


def outcome_form_of(row: Record) -> OutcomeForm:
    """The form of a stored outcome.

    Raises:
        Tampered: no outcome is stored so.
    """
    ending = _ENDING.get(row["ending"])
    if ending is None:
        raise Tampered("an outcome is not as this program writes it")
    return OutcomeForm(
        version=row["form"],
        entry=row["entry"].bytes,
        recorded_at=row["recorded_at"],
        ended_at=row["ended_at"],
        ending=ending,
        shown=row["shown"],
        cause=row["cause"] or "",
    )


def ended_form_of(row: Record) -> OutcomeForm:
    """The form of the outcome in the row of a decision that has one."""
    return OutcomeForm(
        version=row["ended_form"],
        entry=row["ended"].bytes,
        recorded_at=row["recorded_at"],
        ended_at=row["ended_at"],
        ending=_ENDING[row["ending"]],
        shown=row["shown"],
        cause=row["cause"] or "",
    )


def _second(moment: datetime) -> int:
    return int(moment.timestamp() // 1)
