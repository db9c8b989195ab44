"""Reading the trail: who asked to, what they are shown, and that reading is an entry too."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import UUID

from asyncpg import Record

from kruispunt.audit.blinding import MonthKey, blind
from kruispunt.audit.encoding import proof_form, read_proof
from kruispunt.audit.form import (
    READING,
    VERSION,
    ReadingForm,
    WrongForm,
    decode,
    encode,
)
from kruispunt.audit.look import Look, Seen, seen_by_auditor, seen_by_consumer
from kruispunt.law import Reads
from kruispunt.postgres import Statement, Write, read_queries
from kruispunt.vocabulary import (
    Ending,
    Entry,
    InstitutionCode,
    LawDigest,
    Proof,
    PurposeId,
    Ssin,
)

READS: Final = read_queries(Path(__file__).with_name("reading.sql"))
ADD_READINGS: Final = Statement(READS["add_readings"], width=6)


class AtMachine(StrEnum):
    """What an operator is shown of a person by a command on the machine itself."""

    LIST = "audit-list"
    PROVE = "audit-prove"
    LINES = "directory-list"


AT_MACHINE: Final = frozenset(one.value for one in AtMachine)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One request to read the trail. Which entries were shown follows from it and the trail.

    `begin` and `end` are days of being recorded (UTC), the end not included. `refused` says why
    nothing was shown; empty: it was. Without `proof`, `user` is an account of the machine.
    """

    id: UUID
    recorded_at: datetime
    lawbook: LawDigest
    institution: InstitutionCode
    role: str
    user: str
    reads: Reads | AtMachine
    ssin: Ssin | None
    begin: date | None
    end: date | None
    consumer: InstitutionCode | None
    after: str
    limit: int
    why: str
    received_at: datetime
    proof: Proof | None
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """Looks that are kept from the person they are about: by consumer, or by granted purpose."""

    consumers: frozenset[InstitutionCode] = frozenset()
    purposes: frozenset[PurposeId] = frozenset()

    def hides(self, entry: Entry) -> bool:
        """True where this look is one of them. Who names a purpose without leave hides nothing."""
        question, ground = entry.question, entry.decision.ground
        named = question.purpose in self.purposes and ground is not None
        return question.consumer in self.consumers or named


def seen_by_person(look: Look) -> Seen:
    """The exact reason and how it ended; neither the facts nor who sat at the consumer's desk."""
    return replace(seen_by_auditor(look), facts=None, user="")


def seen_by_officer(look: Look) -> Seen:
    """What the institution was told of its own look, and never more than that it was given.

    Empty, failed and refused for the supplier's sake read alike, whatever the time of reading: no
    ending but "given" is told, since only the trail knows which of the others it was.
    """
    seen = seen_by_consumer(look)
    given = seen.ending is Ending.GIVEN
    return replace(seen, ending=Ending.GIVEN if given else None)


def encode_reading(reading: Reading) -> bytes:
    """The bytes that a reading's leaf is made over."""
    proof = reading.proof
    return encode(
        ReadingForm(
            version=VERSION,
            id=reading.id.bytes,
            recorded_at=reading.recorded_at,
            lawbook=reading.lawbook,
            institution=reading.institution,
            role=reading.role,
            user=reading.user,
            reads=reading.reads.value,
            ssin=None if reading.ssin is None else reading.ssin.digits,
            begin=reading.begin,
            end=reading.end,
            consumer=reading.consumer,
            after=reading.after,
            limit=reading.limit,
            why=reading.why,
            received_at=reading.received_at,
            proof=None if proof is None else proof_form(proof),
            refused=reading.refused,
        )
    )


def decode_reading(data: bytes) -> Reading:
    """Read a reading back from its bytes.

    Raises:
        WrongForm: these bytes are not one.
    """
    form = decode(data)
    if not isinstance(form, ReadingForm):
        raise WrongForm("expected a reading")
    return read_reading(form)


def read_reading(form: ReadingForm) -> Reading:
    """The reading that a form holds."""
    proof = form.proof
    return Reading(
        id=UUID(bytes=form.id),
        recorded_at=form.recorded_at,
        lawbook=LawDigest(form.lawbook),
        institution=InstitutionCode(form.institution),
        role=form.role,
        user=form.user,
        reads=_read_reads(form.reads),
        ssin=None if form.ssin is None else Ssin(form.ssin),
        begin=form.begin,
        end=form.end,
        consumer=None if form.consumer is None else InstitutionCode(form.consumer),
        after=form.after,
        limit=form.limit,
        why=form.why,
        received_at=form.received_at,
        proof=None if proof is None else read_proof(proof),
        refused=form.refused,
    )


def _read_reads(text: str) -> Reads | AtMachine:
    return AtMachine(text) if text in AT_MACHINE else Reads(text)


def reading_write(reading: Reading, key: MonthKey) -> Write:
    """What writes a reading down, with the data of its leaf."""
    encoded = encode_reading(reading)
    blinded = blind(encoded, salt=key.salt(reading.id, kind=READING))
    number = None if reading.ssin is None else reading.ssin.number
    row = (reading.recorded_at, number, reading.id, reading.institution, encoded, blinded)
    return Write(ADD_READINGS, row)


def is_of(row: Record, reading: Reading) -> bool:
    """True where the columns of a stored reading say what it says itself."""
    number = None if reading.ssin is None else reading.ssin.number
    columns = (row["recorded_at"], row["ssin"], row["id"], row["institution"])
    return columns == (reading.recorded_at, number, reading.id, reading.institution)


def reading_leaf(row: Record, key: MonthKey) -> bytes:
    """The data of a stored reading's leaf, made again; empty where its columns say otherwise."""
    try:
        told = decode_reading(row["encoded"])
    except ValueError:
        return b""
    if not is_of(row, told):
        return b""
    return sha256(key.salt(row["id"], kind=READING) + row["encoded"]).digest()
