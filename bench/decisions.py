"""What deciding costs: one decision under 2 000 clauses, and reading the lawbook."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from statistics import median
from time import perf_counter, thread_time
from uuid import UUID

from bench.many_lines import numbers
from kruispunt.authorisation import decide
from kruispunt.law import Clause, Jurisdiction, Lawbook, Side, read_lawbook
from kruispunt.vocabulary import (
    ClauseId,
    DirectoryLine,
    Facts,
    Grant,
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
ROUNDS = 5
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
    """Microseconds of one decision that grants, under every clause in turn: median of runs.

    Only `decide` is timed, not the walk through the questions.
    """
    lawbook = many_clauses(read_lawbook(), number=CLAUSES)
    law = lawbook.jurisdiction(lawbook.hub)
    asked = granted_questions(law)
    took = median(_seconds(asked, law) for _ in range(RUNS))
    return round(took * 1e6 / (ROUNDS * len(asked)), 3)


def granted_questions(law: Jurisdiction) -> list[tuple[Settled, Facts]]:
    """A question under each clause that grants where the person has the lines it names."""
    ssin = Ssin.of(int(numbers(1)[0]))
    asked: list[tuple[Settled, Facts]] = []
    for place, clause in enumerate(law.lawbook.clauses):
        question = _question(clause, ssin, asked_on=clause.period.begin, place=place)
        settled = Settled(question=question, number=KNOWN)
        facts = Facts(number=KNOWN, lines=_lines(law, question))
        if isinstance(decide(settled, facts, law), Grant):
            asked.append((settled, facts))
    return asked


def _lines(law: Jurisdiction, question: Question) -> tuple[DirectoryLine, ...]:
    return tuple(
        DirectoryLine(
            ssin=question.ssin, sector=sector, quality=quality, period=Period(ABOUT.begin)
        )
        for sector, quality in law.wanted(question)
    )


def _seconds(asked: Sequence[tuple[Settled, Facts]], law: Jurisdiction) -> float:
    # CPU of this thread: what others do on the machine at that moment is not ours.
    began = thread_time()
    for _ in range(ROUNDS):
        for _nothing in asked:
            pass
    walked = thread_time() - began
    began = thread_time()
    for _ in range(ROUNDS):
        for settled, facts in asked:
            decide(settled, facts, law)
    return thread_time() - began - walked


def lawbook_ms() -> float:
    """Milliseconds to read and check the whole lawbook, the median of some runs."""
    took: list[float] = []
    for _ in range(RUNS):
        began = perf_counter()
        read_lawbook()
        took.append((perf_counter() - began) * 1000)
    return round(median(took), 1)
