"""An entry of the trail: a question with what was decided about it, and under which law."""

from collections.abc import Callable
from datetime import datetime

from kruispunt.exchange.ticket import new_ticket
from kruispunt.vocabulary import Decision, Entry, Facts, LawDigest, Question


def new_entry(
    question: Question,
    facts: Facts,
    decision: Decision,
    *,
    law: LawDigest,
    now: datetime,
    random_bytes: Callable[[int], bytes],
) -> Entry:
    """An entry with a ticket of its own, not yet recorded."""
    return Entry(
        id=new_ticket(now, random_bytes),
        recorded_at=now,
        question=question,
        facts=facts,
        decision=decision,
        lawbook=law,
    )
