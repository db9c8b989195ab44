"""Trying the law's cases: each is decided as if asked, and held against what it expects."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Final
from uuid import UUID

from kruispunt.authorisation.decide import check_directory, decide
from kruispunt.law import Case, Lawbook
from kruispunt.vocabulary import (
    Decision,
    DirectoryLine,
    Facts,
    KeyId,
    NumberFact,
    NumberStatus,
    Period,
    Proof,
    Question,
    Refusal,
    Settled,
    Ssin,
    check_digits,
)


def _nobody(head: int) -> Ssin:
    return Ssin(f"{head:09d}{check_digits(head):02d}")


PERSON: Final = _nobody(10101_997)
SUCCESSOR: Final = _nobody(10101_995)
"""Numbers that stand for nobody: day counters that no register has reached on that day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A case that was decided; `differences` is empty where it holds."""

    case: Case
    decision: Decision
    differences: tuple[str, ...]


def try_case(case: Case, lawbook: Lawbook) -> Trial:
    """Decide a case and tell in words where the decision is not what the case expects."""
    number = NumberFact(
        status=case.number,
        successor=SUCCESSOR if case.number is NumberStatus.REPLACED else None,
        deceased_on=case.deceased_on,
    )
    settled = Settled(question=_question(case), number=number)
    facts = Facts(number=number, lines=_lines(case, settled.current))
    decision = decide(settled, facts, lawbook.jurisdiction(case.seat))
    differences = (*_compare(case, decision), *_compare_answer(case, settled, facts, lawbook))
    return Trial(case=case, decision=decision, differences=differences)


def _compare(case: Case, decision: Decision) -> Iterator[str]:
    if isinstance(decision, Refusal):
        if decision.reason is not case.refusal:
            yield f"expected {case.refusal or 'a grant'}, found {decision.reason}"
        return
    ground = decision.ground
    if case.refusal is not None:
        yield f"expected {case.refusal}, found a grant"
    if ground.clause != case.clause:
        yield f"expected clause {case.clause}, found {ground.clause}"
    if case.fields is not None and set(case.fields) != set(ground.fields):
        yield f"expected fields {sorted(case.fields)}, found {sorted(ground.fields)}"
    if case.covered != decision.about:
        yield f"expected {_days(case.covered)}, found {_days(decision.about)}"
    withheld = {one.field: one.reason for one in ground.withheld}
    if case.withheld is not None and case.withheld != withheld:
        yield f"expected withheld {case.withheld}, found {withheld}"


def _days(about: Period | None) -> str:
    if about is None:
        return "all days asked about"
    return f"the days from {about.begin} to {about.last_day or 'no end'}"


def _compare_answer(case: Case, settled: Settled, facts: Facts, lawbook: Lawbook) -> Iterator[str]:
    if case.answer is not None:
        answer = check_directory(lawbook.flows[case.flow], settled.question, facts)
        if answer != case.answer:
            yield f"expected the answer {dict(case.answer)}, found {dict(answer)}"


def _question(case: Case) -> Question:
    return Question(
        message_id=UUID(int=0),
        consumer=case.consumer,
        flow=case.flow,
        purpose=case.purpose,
        ssin=PERSON,
        about=case.about,
        received_at=datetime.combine(case.asked_on, time(12), tzinfo=UTC),
        asked_on=case.asked_on,
        proof=Proof(
            key_id=KeyId("case"), nonce=b"", created=0, expires=0, signature=b"", digest=b""
        ),
    )


def _lines(case: Case, ssin: Ssin) -> tuple[DirectoryLine, ...]:
    return tuple(
        DirectoryLine(
            ssin=ssin,
            sector=line.sector,
            quality=line.quality,
            period=line.period,
            member=line.member,
        )
        for line in case.lines
    )
