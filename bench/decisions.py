"""What deciding costs: one decision under 2 000 clauses, and reading the lawbook."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from statistics import median
from time import perf_counter
from uuid import UUID

from bench.many_lines import numbers
from kruispunt.authorisation import decide
from kruispunt.law import Clause, Jurisdiction, Lawbook, Side, read_lawbook
from kruispunt.vocabulary import (
    ClauseId,
    DirectoryLine,
    Facts,
    KeyId,
    NumberFact,
    NumberStatus,
    Period,
    Proof,
    PurposeId,
    Question,
    Settled,
    Ssin,
)

CLAUSES = 2000
DECISIONS = 5000
RUNS = 5
ABOUT = Period(date(2005, 3, 1), date(2005, 4, 1))
"""Within the first line of everyone."""

KNOWN = NumberFact(status=NumberStatus.KNOWN)


def settled_questions(law: Jurisdiction, ssins: Sequence[Ssin]) -> list[Settled]:
    """One question about each person, under a clause with controls on both sides."""
    clause = _clause(law.lawbook)
    asked_on = clause.period.begin
    return [
        Settled(question=_question(clause, ssin, asked_on=asked_on, place=place), number=KNOWN)
        for place, ssin in enumerate(ssins)
    ]


def _clause(lawbook: Lawbook) -> Clause:
    both = {Side.CONSUMER, Side.SUPPLIER}
    return next(one for one in lawbook.clauses if {c.side for c in one.controls} == both)


def _question(clause: Clause, ssin: Ssin, *, asked_on: date, place: int) -> Question:
    return Question(
        message_id=UUID(int=place),
        consumer=clause.consumer,
        flow=clause.flow,
        purpose=clause.purpose,
        ssin=ssin,
        about=ABOUT,
        received_at=datetime.combine(asked_on, datetime.min.time(), UTC),
        asked_on=asked_on,
        proof=Proof(
            key_id=KeyId("bench"), nonce=b"", created=0, expires=0, signature=b"", digest=b""
        ),
    )


def many_clauses(lawbook: Lawbook, *, number: int) -> Lawbook:
    """The same lawbook with so many clauses: copies under purposes of their own."""
    held = lawbook.clauses
    copies = (
        replace(
            held[place % len(held)],
            id=ClauseId(f"bench-{place}"),
            purpose=PurposeId(f"bench-{place}"),
        )
        for place in range(number - len(held))
    )
    return replace(lawbook, clauses=(*held, *copies))


def decide_us() -> float:
    """Microseconds of one decision that grants, the best of some runs."""
    lawbook = many_clauses(read_lawbook(), number=CLAUSES)
    law = lawbook.jurisdiction(lawbook.hub)
    (settled,) = settled_questions(law, [Ssin.of(int(numbers(1)[0]))])
    pairs = law.wanted(settled.question)
    lines = tuple(
        DirectoryLine(
            ssin=settled.question.ssin, sector=sector, quality=quality, period=Period(ABOUT.begin)
        )
        for sector, quality in pairs
    )
    facts = Facts(number=KNOWN, lines=lines)
    best = min(_seconds(settled, facts, law) for _ in range(RUNS))
    return round(best * 1e6 / DECISIONS, 3)


def _seconds(settled: Settled, facts: Facts, law: Jurisdiction) -> float:
    began = perf_counter()
    for _ in range(DECISIONS):
        decide(settled, facts, law)
    return perf_counter() - began


def lawbook_ms() -> float:
    """Milliseconds to read and check the whole lawbook, the median of some runs."""
    took: list[float] = []
    for _ in range(RUNS):
        began = perf_counter()
        read_lawbook()
        took.append((perf_counter() - began) * 1000)
    return round(median(took), 1)
