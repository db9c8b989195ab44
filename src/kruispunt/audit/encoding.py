"""From entries and outcomes to their frozen forms, and back."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from msgspec import Raw

from kruispunt.audit.form import (
    NO_GROUND,
    VERSION,
    BasicForm,
    CertificateForm,
    EntryForm,
    FactsForm,
    GroundForm,
    LineForm,
    NumberForm,
    OutcomeForm,
    ProofForm,
    SignatureForm,
    TakenFileForm,
    WithheldForm,
    WrongForm,
    WsSecurityForm,
    decode,
    decode_facts,
    decode_ground,
    encode,
)
from kruispunt.vocabulary import (
    ClauseId,
    DirectoryLine,
    Ending,
    Entry,
    Facts,
    FieldName,
    FlowId,
    Ground,
    InstitutionCode,
    KeyId,
    LawDigest,
    NumberFact,
    NumberStatus,
    Outcome,
    PastGrant,
    Period,
    Proof,
    ProofKind,
    PurposeId,
    Quality,
    Question,
    Reason,
    Refusal,
    Sector,
    Ssin,
    Withheld,
)

PROOF_FORMS: Final[Mapping[ProofKind, type[ProofForm]]] = {
    ProofKind.HTTP_SIGNATURE: SignatureForm,
    ProofKind.CLIENT_CERTIFICATE: CertificateForm,
    ProofKind.WS_SECURITY: WsSecurityForm,
    ProofKind.BASIC: BasicForm,
    ProofKind.FILE: TakenFileForm,
}
# Nearly all numbers are simply known: their form is made once.
KNOWN: Final = NumberStatus.KNOWN
KNOWN_FORM: Final = NumberForm(KNOWN, None, None)

_PROOF_KINDS: Final = {form: kind for kind, form in PROOF_FORMS.items()}


def encode_entry(entry: Entry) -> bytes:
    """The bytes that an entry's leaf is made over; they hold the whole entry, and only it."""
    facts = encode_facts(entry.facts, of=entry.question)
    ground = encode_ground(entry.decision.ground)
    return encode(entry_form(entry, facts=facts, ground=ground))


def encode_outcome(outcome: Outcome) -> bytes:
    """The bytes that an outcome's leaf is made over."""
    return encode(outcome_form(outcome))


def decode_entry(data: bytes) -> Entry:
    """Read an entry back from its bytes.

    Raises:
        WrongForm: these bytes are not an entry.
    """
    form = decode(data)
    if not isinstance(form, EntryForm):
        raise WrongForm("expected a decision")
    return read_entry(form)


def decode_outcome(data: bytes) -> Outcome:
    """Read an outcome back from its bytes.

    Raises:
        WrongForm: these bytes are not an outcome.
    """
    form = decode(data)
    if not isinstance(form, OutcomeForm):
        raise WrongForm("expected an outcome")
    return read_outcome(form)


def encode_facts(facts: Facts, *, of: Question) -> bytes:
    """The facts alone: what is encrypted, and what stands inside the entry.

    Raises:
        ValueError: a line is not of the current number, so its number would be lost.
    """
    number = facts.number
    successor = number.successor
    current = successor or of.ssin
    lines = [_line_form(line, current) for line in facts.lines]
    simple = number.status is KNOWN and successor is None and number.deceased_on is None
    known = KNOWN_FORM if simple else _number_form(number)
    return encode(FactsForm(known, tuple(lines)))


def _number_form(number: NumberFact) -> NumberForm:
    successor = number.successor
    return NumberForm(
        number.status, None if successor is None else successor.digits, number.deceased_on
    )


def _line_form(line: DirectoryLine, current: Ssin) -> LineForm:
    if line.ssin != current:
        raise ValueError("expected only lines of the current number")
    period = line.period
    return LineForm(line.sector, line.quality, line.phase, period.begin, period.end, line.member)


def encode_ground(ground: Ground | None) -> bytes:
    """The ground alone: it stands inside the entry, and once in the dictionary."""
    if ground is None:
        return NO_GROUND
    withheld = (WithheldForm(w.field, w.reason, w.paragraph) for w in ground.withheld)
    return encode(
        GroundForm(
            clause=ground.clause,
            deliberation=ground.deliberation,
            paragraph=ground.paragraph,
            fields=tuple(ground.fields),
            withheld=tuple(withheld),
        )
    )


def entry_form(entry: Entry, *, facts: bytes, ground: bytes) -> EntryForm:
    """The form of an entry whose facts and ground are encoded already."""
    question, proof, decision = entry.question, entry.question.proof, entry.decision
    refusal = decision if isinstance(decision, Refusal) else None
    successor = None if refusal is None else refusal.successor
    return EntryForm(
        VERSION,
        entry.id.bytes,
        entry.recorded_at,
        entry.lawbook,
        question.consumer,
        question.flow,
        question.purpose,
        question.ssin.digits,
        question.about.begin,
        question.about.end,
        question.asked_on,
        question.received_at,
        question.sent_at,
        question.message_id.bytes,
        question.ticket,
        question.file_reference,
        question.user,
        question.role,
        proof_form(proof),
        Raw(facts),
        None if refusal is None else refusal.reason,
        Raw(ground),
        None if successor is None else successor.digits,
        None if entry.repeats is None else entry.repeats.bytes,
    )


def proof_form(proof: Proof) -> ProofForm:
    return PROOF_FORMS[proof.kind](
        proof.key_id,
        proof.nonce,
        proof.created,
        proof.expires,
        proof.signature,
        proof.digest,
    )


def read_proof(form: ProofForm) -> Proof:
    return Proof(
        key_id=KeyId(form.key_id),
        nonce=form.nonce,
        created=form.created,
        expires=form.expires,
        signature=form.signature,
        digest=form.digest,
        kind=_PROOF_KINDS[type(form)],
    )


def outcome_form(outcome: Outcome) -> OutcomeForm:
    return OutcomeForm(
        version=VERSION,
        entry=outcome.entry.bytes,
        recorded_at=outcome.recorded_at,
        ended_at=outcome.ended_at,
        ending=outcome.ending,
        shown=outcome.rows,
        cause=outcome.cause,
    )


def read_entry(form: EntryForm) -> Entry:
    """The entry that a form holds. A grant comes back as a `PastGrant`: it opens nothing."""
    facts, question = decode_facts(form.facts), _read_question(form)
    return Entry(
        id=UUID(bytes=form.id),
        recorded_at=_utc(form.recorded_at),
        question=question,
        facts=read_facts(facts, asked=question.ssin),
        decision=_read_decision(form),
        lawbook=LawDigest(form.lawbook),
        repeats=None if form.repeats is None else UUID(bytes=form.repeats),
    )


def _read_question(form: EntryForm) -> Question:
    return Question(
        message_id=UUID(bytes=form.message_id),
        consumer=InstitutionCode(form.consumer),
        flow=FlowId(form.flow),
        purpose=PurposeId(form.purpose),
        ssin=Ssin(form.ssin),
        about=Period(form.about_begin, form.about_end),
        received_at=_utc(form.received_at),
        asked_on=form.asked_on,
        proof=read_proof(form.proof),
        ticket=form.ticket,
        file_reference=form.file_reference,
        user=form.asked_by,
        role=form.role,
        sent_at=None if form.sent_at is None else _utc(form.sent_at),
    )


def read_facts(form: FactsForm, *, asked: Ssin) -> Facts:
    successor = None if form.number.successor is None else Ssin(form.number.successor)
    number = NumberFact(
        status=NumberStatus(form.number.status),
        successor=successor,
        deceased_on=form.number.deceased_on,
    )
    lines = (_read_line(line, ssin=successor or asked) for line in form.lines)
    return Facts(number=number, lines=tuple(lines))


def _read_line(form: LineForm, *, ssin: Ssin) -> DirectoryLine:
    return DirectoryLine(
        ssin=ssin,
        sector=Sector(form.sector),
        quality=Quality(form.quality),
        phase=form.phase,
        period=Period(form.begin, form.end),
        member=None if form.member is None else InstitutionCode(form.member),
    )


def _read_decision(form: EntryForm) -> PastGrant | Refusal:
    ground = _read_ground(decode_ground(form.ground))
    if form.reason is not None:
        successor = None if form.successor is None else Ssin(form.successor)
        return Refusal(reason=Reason(form.reason), ground=ground, successor=successor)
    if ground is None:
        raise WrongForm("expected a ground with a grant")
    return PastGrant(ground=ground)


def _read_ground(form: GroundForm | None) -> Ground | None:
    if form is None:
        return None
    withheld = (
        Withheld(field=FieldName(w.field), reason=w.reason, paragraph=w.paragraph)
        for w in form.withheld
    )
    return Ground(
        clause=ClauseId(form.clause),
        deliberation=form.deliberation,
        paragraph=form.paragraph,
        fields=tuple(map(FieldName, form.fields)),
        withheld=tuple(withheld),
    )


def read_outcome(form: OutcomeForm) -> Outcome:
    return Outcome(
        entry=UUID(bytes=form.entry),
        recorded_at=_utc(form.recorded_at),
        ended_at=_utc(form.ended_at),
        ending=Ending(form.ending),
        rows=form.shown,
        cause=form.cause,
    )


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)
