"""Reading the trail: who asked to, what they are shown, and that reading is an entry too."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import UUID

from asyncpg import Record

from kruispunt.audit.blinding import MonthKey, blind, month_of
from kruispunt.audit.change import CHANGES, Change, decode_change, encoded_change
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
from kruispunt.audit.reader import EVER, Before, Reader, Sieve
from kruispunt.audit.terms import TermKind
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

MOST: Final = 10_000
FIRST: Final = UUID(int=0)
TOLD_BITS: Final = 80
"""Behind the bits of an id that tell its time."""

Span = tuple[datetime, datetime]
"""From a moment up to but not including another, in which entries were recorded."""


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


def reading_leaf(row: Record, key: MonthKey) -> bytes:
    """The data of a stored reading's leaf, made again; empty where its columns say otherwise."""
    try:
        told = decode_reading(row["encoded"])
    except ValueError:
        return b""
    number = None if told.ssin is None else told.ssin.number
    columns = (row["recorded_at"], row["ssin"], row["id"], row["institution"])
    if columns != (told.recorded_at, number, told.id, told.institution):
        return b""
    return sha256(key.salt(row["id"], kind=READING) + row["encoded"]).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Some looks, latest first. `rest`: those with ids before it were not looked at; None: all."""

    looks: tuple[Look, ...]
    rest: UUID | None = None

    def reaches(self, entry: UUID) -> bool:
        """True where the looks about this id were looked at."""
        return self.rest is None or entry >= self.rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Pages of the trail as the database holds them, latest first.

    `most`: among so many entries a consumer's are looked for at once, so that a page of one that
    asks seldom takes no longer than another.
    """

    reader: Reader
    most: int = MOST

    async def about(
        self, ssin: Ssin, *, begin: datetime, before: Before, hidden: Hidden, limit: int
    ) -> list[Look]:
        """Looks at a person from `begin` on and before an entry, without hidden ones."""
        sieve = Sieve(begin=begin, hidden=await self._hidden(hidden))
        return await self.reader.looks(ssin, limit=limit, before=before, sieve=sieve)

    async def unseen(self, ssin: Ssin, *, hidden: Hidden) -> list[tuple[str, str, int]]:
        """Consumer, purpose and number of what is hidden of a person, in the whole trail.

        Readings by a hidden consumer are counted too; they have no purpose.
        """
        looks = await self._unseen_looks(ssin, hidden)
        if not hidden.consumers:
            return looks
        rows = await self.reader.database.fetch(
            READS["count_unseen_readings"], ssin.number, sorted(hidden.consumers)
        )
        return looks + [(row["institution"], "", row["readings"]) for row in rows]

    async def _unseen_looks(self, ssin: Ssin, hidden: Hidden) -> list[tuple[str, str, int]]:
        consumers, purposes = await self._hidden(hidden)
        if not consumers and not purposes:
            return []
        rows = await self.reader.database.fetch(
            READS["count_unseen"], ssin.number, *EVER, consumers, purposes
        )
        terms = self.reader.terms
        await terms.recall({row[name] for row in rows for name in ("consumer", "purpose")})
        return [
            (terms.content(row["consumer"]), terms.content(row["purpose"]), row["looks"])
            for row in rows
        ]

    async def between(
        self,
        span: Span,
        *,
        before: Before,
        consumer: InstitutionCode | None,
        ssin: Ssin | None,
        limit: int,
    ) -> Stretch:
        """Looks recorded in a time, before an entry; of one consumer, about one person."""
        own = None
        if consumer is not None:
            found, _ = await self._hidden(Hidden(consumers=frozenset({consumer})))
            if not found:
                return Stretch(looks=())
            (own,) = found
        if ssin is not None:
            sieve = Sieve(begin=span[0], consumer=own)
            looks = await self.reader.looks(ssin, limit=limit, before=before, sieve=sieve)
            return Stretch(looks=tuple(looks))
        rest = None if own is None else await self._rest(span, before[1])
        rows = await self.reader.database.fetch(
            READS["page_between"], *span, before[1], rest or FIRST, own, limit
        )
        return Stretch(looks=tuple(await self.reader.looked(rows)), rest=rest)

    async def readings_about(
        self,
        ssin: Ssin,
        *,
        begin: datetime,
        before: Before,
        hidden: Hidden,
        limit: int,
    ) -> list[Reading]:
        """Who read about a person from `begin` on and before an entry, without hidden readers."""
        rows = await self.reader.database.fetch(
            READS["readings_about"],
            *(ssin.number, begin, *before, sorted(hidden.consumers), None, limit),
        )
        return [decode_reading(row["encoded"]) for row in rows]

    async def readings(
        self,
        span: Span,
        *,
        before: Before,
        institution: InstitutionCode | None,
        ssin: Ssin | None,
        limit: int,
    ) -> list[Reading]:
        """Who read in a time, before an entry; of one institution, about one person."""
        fetch = self.reader.database.fetch
        if ssin is None:
            rows = await fetch(READS["page_readings"], *span, before[1], institution, limit)
        else:
            more = (ssin.number, span[0], *before, list[str](), institution, limit)
            rows = await fetch(READS["readings_about"], *more)
        return [decode_reading(row["encoded"]) for row in rows]

    async def changes_about(
        self, ssin: Ssin, *, begin: datetime, before: Before, limit: int
    ) -> list[Change]:
        """Changes about a person from `begin` on and before an entry."""
        rows = await self.reader.database.fetch(
            CHANGES["changes_about"], ssin.number, begin, *before, None, limit
        )
        return await self._changes(rows)

    async def changes(
        self,
        span: Span,
        *,
        before: Before,
        institution: InstitutionCode | None,
        ssin: Ssin | None,
        limit: int,
    ) -> list[Change]:
        """Changes in a time, before an entry; by one institution, about one person."""
        fetch = self.reader.database.fetch
        if ssin is None:
            rows = await fetch(CHANGES["page_changes"], *span, before[1], institution, limit)
        else:
            more = (ssin.number, span[0], *before, institution, limit)
            rows = await fetch(CHANGES["changes_about"], *more)
        return await self._changes(rows)

    async def _changes(self, rows: Sequence[Record]) -> list[Change]:
        keys = self.reader.keys
        return [
            decode_change(encoded_change(row, await keys.find(month_of(row["recorded_at"]))))
            for row in rows
        ]

    async def _rest(self, span: Span, before: UUID) -> UUID | None:
        """The id down to which `most` entries reach; None: there are no more than that.

        No entry's own: only the millisecond that it tells, since the page may be another's.
        """
        rows = await self.reader.database.fetch(READS["id_behind"], *span, before, self.most)
        found: UUID | None = rows[0]["id"]
        return None if found is None else UUID(int=found.int >> TOLD_BITS << TOLD_BITS)

    async def _hidden(self, hidden: Hidden) -> tuple[list[int], list[int]]:
        """The numbers of these consumers and purposes that the trail knows."""
        if not hidden.consumers and not hidden.purposes:
            return [], []
        consumer, purpose = TermKind.CONSUMER.value, TermKind.PURPOSE.value
        rows = await self.reader.database.fetch(
            READS["find_terms"],
            *(consumer, sorted(hidden.consumers), purpose, sorted(hidden.purposes)),
        )
        consumers = [row["id"] for row in rows if row["kind"] == consumer]
        return consumers, [row["id"] for row in rows if row["kind"] == purpose]
