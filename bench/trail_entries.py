"""Entries as a hub makes them: one clause of the law, granted, about ever other persons."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Self
from uuid import UUID

from msgspec import structs

from kruispunt.authorisation import decide
from kruispunt.law import Clause, Jurisdiction, Lawbook, Side, read_lawbook
from kruispunt.vocabulary import (
    DirectoryLine,
    Ending,
    Entry,
    Facts,
    Grant,
    KeyId,
    NumberFact,
    NumberStatus,
    Outcome,
    Period,
    Proof,
    Question,
    Settled,
    Ssin,
)

STEP = timedelta(milliseconds=1)
KNOWN = NumberFact(status=NumberStatus.KNOWN)
BORN_A_DAY = 997


def ssin(place: int) -> Ssin:
    """The number of a person: a valid one for every place from 0 on."""
    days, counter = divmod(place, BORN_A_DAY)
    born = date(1921, 1, 1) + timedelta(days=days)
    head = int(f"{born:%y%m%d}") * 1000 + counter + 1
    early = 0 if born.year < 2000 else 2_000_000_000
    return Ssin.of(head * 100 + 97 - (head + early) % 97)


def entry_id(at: datetime, chance: Random) -> UUID:
    """An id of that moment (UUID version 7)."""
    milliseconds = int(at.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62 | chance.getrandbits(62))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """Makes entries that are all granted under one clause with controls on both sides."""

    law: Jurisdiction
    clause: Clause
    chance: Random

    @classmethod
    def of(cls, lawbook: Lawbook | None = None, *, seed: int = 1) -> Self:
        """Under the law that stands here."""
        law = (lawbook or read_lawbook()).jurisdiction((lawbook or read_lawbook()).hub)
        both = {Side.CONSUMER, Side.SUPPLIER}
        found = next(c for c in law.lawbook.clauses if {one.side for one in c.controls} == both)
        return cls(law=law, clause=found, chance=Random(seed))

    @property
    def first_day(self) -> date:
        """From this day on the clause counts."""
        return self.clause.period.begin

    def since(self, begin: datetime, number: int) -> Iterator[Entry]:
        """So many entries from a moment on, each about another person."""
        model = self.one(ssin(0), at=begin)
        for place in range(number):
            yield self._like(model, ssin(place), at=begin + place * STEP)

    def one(self, about: Ssin, *, at: datetime) -> Entry:
        """One entry: decided, not copied.

        Raises:
            AssertionError: the law does not grant it.
        """
        question = self._question(about, at=at)
        settled = Settled(question=question, number=KNOWN)
        facts = self._facts(about, question)
        decision = decide(settled, facts, self.law)
        assert isinstance(decision, Grant), decision
        return Entry(
            id=entry_id(at, self.chance),
            recorded_at=at,
            question=question,
            facts=facts,
            decision=decision,
            lawbook=self.law.lawbook.digest,
        )

    def _like(self, model: Entry, about: Ssin, *, at: datetime) -> Entry:
        lines = tuple([structs.replace(line, ssin=about) for line in model.facts.lines])
        return structs.replace(
            model,
            id=entry_id(at, self.chance),
            recorded_at=at,
            question=self._question(about, at=at),
            facts=structs.replace(model.facts, lines=lines),
        )

    def _question(self, about: Ssin, *, at: datetime) -> Question:
        clause, chance, second = self.clause, self.chance, int(at.timestamp())
        message = entry_id(at, chance)
        return Question(
            message_id=message,
            consumer=clause.consumer,
            flow=clause.flow,
            purpose=clause.purpose,
            ssin=about,
            about=Period(self.first_day, self.first_day + timedelta(days=30)),
            received_at=at,
            asked_on=self.first_day,
            proof=Proof(
                key_id=KeyId("bench/1"),
                nonce=chance.randbytes(16),
                created=second,
                expires=second + 60,
                signature=chance.randbytes(64),
                digest=sha256(message.bytes).digest(),
            ),
            ticket=f"{message.int & 0xFFFFFFFF:010d}",
            file_reference="2031/4711",
            user="claims",
            role="handler",
            sent_at=at,
        )

    def _facts(self, about: Ssin, question: Question) -> Facts:
        begin = self.first_day - timedelta(days=365)
        lines = (
            DirectoryLine(ssin=about, sector=sector, quality=quality, period=Period(begin))
            for sector, quality in self.law.wanted(question)
        )
        return Facts(number=KNOWN, lines=tuple(lines))


def outcome_of(entry: Entry) -> Outcome:
    """What came of it: one row, a moment later."""
    return Outcome(
        entry=entry.id,
        recorded_at=entry.recorded_at,
        ended_at=entry.recorded_at + timedelta(milliseconds=5),
        ending=Ending.GIVEN,
        rows=1,
    )


def noon(day: date) -> datetime:
    """A moment of that day."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
