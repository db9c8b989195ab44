"""Sets of questions, and what each is told and what is kept of it, asked together or apart."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final
from uuid import UUID

from msgspec import structs
from tests.house import ROW, Twin, a_hub, a_question
from tests.law.inventing import FLOW

from kruispunt.audit import Look
from kruispunt.exchange import Hub, Told
from kruispunt.sources import Cause, Simulator, WrongSource
from kruispunt.vocabulary import (
    Accepted,
    Answer,
    Decision,
    DirectoryLine,
    Entry,
    Grant,
    NoAnswer,
    NumberFact,
    Problem,
    Question,
    Recorded,
    Reply,
    Ssin,
    check_digits,
)

PEOPLE: Final = tuple(
    Ssin(f"{head:09d}{check_digits(head):02d}") for head in range(10101_901, 10101_909)
)
SETS: Final = count(10_000)
UNSIGNED: Final = a_question(nonce=0).proof


class Moody(Simulator):
    """A source that fails for some people, each in a way of its own, and for the others not."""

    def __init__(self, faults: dict[Ssin, Cause], broken: frozenset[Ssin]) -> None:
        super().__init__({(FLOW, person): (ROW,) * (n % 3) for n, person in enumerate(PEOPLE)})
        self.faults = faults
        self.broken = broken

    async def fetch(self, recorded: Recorded[Grant], *, timeout_s: float) -> Reply:
        await self._mind(recorded)
        return await super().fetch(recorded, timeout_s=timeout_s)

    async def blank(self, recorded: Recorded[Decision], *, timeout_s: float) -> None:
        await self._mind(recorded)
        await super().blank(recorded, timeout_s=timeout_s)

    async def _mind(self, recorded: Recorded[Decision]) -> None:
        await asyncio.sleep(0)
        ssin = recorded.entry.question.ssin
        if ssin in self.broken:
            raise ZeroDivisionError
        if ssin in self.faults:
            raise WrongSource(self.faults[ssin])


@dataclass(frozen=True, kw_only=True)
class World:
    """All that answers depend on, so that the same hub can be made twice."""

    numbers: dict[Ssin, NumberFact]
    lines: tuple[DirectoryLine, ...]
    faults: dict[Ssin, Cause]
    broken: frozenset[Ssin]

    def hub(self) -> Twin:
        twin = a_hub(lines=self.lines, source=Moody(self.faults, self.broken))
        twin.registers.facts.clear()
        twin.registers.facts.update(self.numbers)
        return twin


def together(questions: Sequence[Question]) -> list[Question]:
    """The same questions under one signature: what told them apart alone is now their content."""
    if not questions:
        return []
    fresh = next(SETS)
    proof = structs.replace(
        questions[0].proof, nonce=fresh.to_bytes(16), signature=fresh.to_bytes(64)
    )
    return [structs.replace(one, proof=proof, content=one.proof.digest) for one in questions]


def apart(questions: Sequence[Question]) -> list[Question]:
    """The same questions, each signed anew."""
    return [
        structs.replace(one, proof=structs.replace(one.proof, nonce=next(SETS).to_bytes(16)))
        for one in questions
    ]


async def one_by_one(hub: Hub, questions: Sequence[Question]) -> list[Told]:
    told: list[Told] = []
    for question in apart(questions):
        try:
            told.append(await hub.serve(question))
        except Problem as problem:
            told.append(problem)
        except ZeroDivisionError:
            told.append(Problem())
    return told


def looks_of(twin: Twin) -> list[Look]:
    """Every look in a trail in memory."""
    outcomes = twin.trail.outcomes
    return [Look(entry=one, outcome=outcomes.get(one.id)) for one in twin.entries]


def heard(told: Sequence[Told], looks: Iterable[Look]) -> list[tuple[object, ...]]:
    """All that a consumer hears but ids and times; its tickets by whose message they were."""
    tickets = {look.entry.id: look.entry.question.message_id for look in looks}
    return [_heard(one, tickets) for one in told]


def _heard(told: Told, tickets: dict[UUID, UUID]) -> tuple[object, ...]:
    match told:
        case Answer():
            message = tickets[told.ticket]
            return (Answer, message, told.rows, told.ground, told.about, told.repeated)
        case NoAnswer():
            return (NoAnswer, tickets[told.ticket], told.refusal, told.repeated)
        case Accepted():
            return (Accepted, tickets[told.ticket], told.repeated)
        case Problem():
            message = None if told.ticket is None else tickets[told.ticket]
            return (type(told), told.detail, told.retry_after_s, told.issues, message)


def kept(looks: Iterable[Look]) -> list[tuple[object, ...]]:
    """All that the trail keeps but ids, times and signatures: message by message, look by look."""
    found = sorted(looks, key=_place)
    firsts = {look.entry.id: look.entry for look in found}
    return [_kept(look, firsts) for look in found]


def _place(look: Look) -> tuple[UUID, str, bool]:
    entry = look.entry
    return entry.question.message_id, entry.question.consumer, entry.repeats is not None


def _kept(look: Look, firsts: dict[UUID, Entry]) -> tuple[object, ...]:
    entry, outcome = look.entry, look.outcome
    question = structs.replace(entry.question, proof=UNSIGNED)
    first = None if entry.repeats is None else firsts[entry.repeats].question.message_id
    ended = None if outcome is None else (outcome.ending, outcome.rows, outcome.cause)
    return (question, entry.facts, entry.decision, entry.lawbook, first, ended)
