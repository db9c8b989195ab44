"""Looks, as those who may read the trail see them: the auditor exactly, the consumer collapsed."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from kruispunt.vocabulary import (
    Ending,
    Entry,
    Facts,
    FieldName,
    FlowId,
    InstitutionCode,
    LawDigest,
    Outcome,
    Period,
    ProofKind,
    PurposeId,
    Reason,
    Refusal,
    Ssin,
    Withheld,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One entry and what came of it. Without an outcome a grant may have been given.

    A refusal has an outcome where it is told as an empty answer: that of its look at nobody.
    """

    entry: Entry
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoiled:
    """A row that nobody can read, in its place among the others: `audit verify` says why.

    Somebody else than this program wrote it, or the key of its month is gone.
    """

    id: UUID
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A look as one kind of reader sees it: who, what, when, about whom, why, and the result.

    `facts`, `shown` and `cause` are None or empty for whoever may not see them.
    """

    ticket: UUID
    their_ticket: str
    message_id: UUID
    consumer: InstitutionCode
    user: str
    role: str
    flow: FlowId
    ssin: Ssin
    about: Period
    asked_on: date
    received_at: datetime
    sent_at: datetime | None
    recorded_at: datetime
    purpose: PurposeId
    file_reference: str
    lawbook: LawDigest
    clause: str
    deliberation: str
    paragraph: str
    granted: bool
    reason: Reason | None
    successor: Ssin | None
    fields: tuple[FieldName, ...]
    withheld: tuple[Withheld, ...]
    ending: Ending | None
    repeats: UUID | None
    proof: ProofKind
    facts: Facts | None = None
    shown: int | None = None
    cause: str = ""


def seen_by_auditor(look: Look) -> Seen:
    """The exact reason, the facts that decided, and how the look ended."""
    decision, outcome = look.entry.decision, look.outcome
    refusal = decision if isinstance(decision, Refusal) else None
    return _seen(
        look.entry,
        reason=None if refusal is None else refusal.reason,
        granted=refusal is None,
        ending=None if outcome is None else outcome.ending,
        facts=look.entry.facts,
        shown=None if outcome is None else outcome.rows,
        cause="" if outcome is None else outcome.cause,
    )


def seen_by_consumer(look: Look) -> Seen:
    """What the consumer was told, and nothing of the facts or of the supplier's side.

    A failed control of the supplier reads like a grant that found no data, or failed like one.
    """
    decision, outcome = look.entry.decision, look.outcome
    told = decision.reason.told if isinstance(decision, Refusal) else None
    ending = None if outcome is None or told is not None else outcome.ending
    return _seen(look.entry, reason=told, granted=told is None, ending=ending)


def _seen(
    entry: Entry,
    *,
    reason: Reason | None,
    granted: bool,
    ending: Ending | None,
    facts: Facts | None = None,
    shown: int | None = None,
    cause: str = "",
) -> Seen:
    question, decision, ground = entry.question, entry.decision, entry.decision.ground
    return Seen(
        ticket=entry.id,
        their_ticket=question.ticket,
        message_id=question.message_id,
        consumer=question.consumer,
        user=question.user,
        role=question.role,
        flow=question.flow,
        ssin=question.ssin,
        about=question.about,
        asked_on=question.asked_on,
        received_at=question.received_at,
        sent_at=question.sent_at,
        recorded_at=entry.recorded_at,
        purpose=question.purpose,
        file_reference=question.file_reference,
        lawbook=entry.lawbook,
        clause="" if ground is None else ground.clause,
        deliberation="" if ground is None else ground.deliberation,
        paragraph="" if ground is None else ground.paragraph,
        granted=granted,
        reason=reason,
        successor=decision.successor if isinstance(decision, Refusal) else None,
        fields=ground.fields if granted and ground is not None else (),
        withheld=ground.withheld if granted and ground is not None else (),
        ending=ending,
        repeats=entry.repeats,
        proof=question.proof.kind,
        facts=facts,
        shown=shown,
        cause=cause,
    )
