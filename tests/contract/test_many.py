"""Sets on PostgreSQL: told and recorded as the rooms in memory do it, one by one."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

import pytest
from msgspec import structs
from tests.contract.ledger_house import a_ledger
from tests.house import Clock, Twin, a_question
from tests.law.inventing import ABOUT, FILE, OFFICE, SUPPLIED, a_line
from tests.together import PEOPLE, World, heard, kept, looks_of, one_by_one, together

from kruispunt.audit import Look, Trail
from kruispunt.directory import Directory
from kruispunt.exchange import Hub
from kruispunt.identity import Registered, Registers
from kruispunt.sources import Cause
from kruispunt.vocabulary import (
    Answer,
    DirectoryLine,
    NumberFact,
    NumberStatus,
    Period,
    PurposeId,
    Question,
    SameMessageOtherContent,
    WrongSignature,
)

KNOWN = NumberFact(status=NumberStatus.KNOWN)


def lines() -> tuple[DirectoryLine, ...]:
    """All have both files; of one the supplier knows nothing, of one the file covers less."""
    both = [structs.replace(a_line(pair), ssin=one) for one in PEOPLE for pair in (FILE, SUPPLIED)]
    short = structs.replace(both[4], period=Period(date(2031, 3, 10), date(2031, 3, 20)))
    return (*both[:4], short, both[5], both[6], *both[8:])


WORLD = World(
    numbers={
        **dict.fromkeys(PEOPLE[:5], KNOWN),
        PEOPLE[5]: NumberFact(status=NumberStatus.REPLACED, successor=PEOPLE[0]),
        PEOPLE[6]: NumberFact(status=NumberStatus.CANCELLED),
    },
    lines=lines(),
    faults={PEOPLE[1]: Cause.UNSIGNED},
    broken=frozenset({PEOPLE[4]}),
)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A hub on PostgreSQL, and all that its trail holds."""

    hub: Hub
    trail: Trail

    async def looks(self, grants: int) -> list[Look]:
        """Every look, once so many have an outcome."""
        for _ in range(200):
            found = [look for one in PEOPLE for look in await self.trail.list(one, limit=10_000)]
            if sum(look.outcome is not None for look in found) >= grants:
                return sorted(found, key=lambda look: look.entry.id)
            await asyncio.sleep(0.02)
        raise AssertionError(f"expected {grants} outcomes within 4 s")


@asynccontextmanager
async def on_postgres(dsn: str, twin: Twin) -> AsyncGenerator[Kept]:
    async with a_ledger(dsn, clock=Clock()) as (ledger, rooms):
        assert rooms.database is not None
        assert isinstance(ledger.trail, Trail)
        registers = Registers(rooms.database)
        await registers.load(
            Registered(ssin=ssin, fact=fact) for ssin, fact in WORLD.numbers.items()
        )
        directory = Directory(rooms.database, jurisdiction=twin.laws.now)
        await directory.lines.take_seat(names_members=False)
        for line in WORLD.lines:
            await directory.lines.add(line)
        hub = replace(twin.hub, identity=registers, directory=directory, ledger=ledger)
        yield Kept(hub=hub, trail=ledger.trail)


@pytest.fixture
async def stored(empty_database: str) -> AsyncGenerator[Kept]:
    async with on_postgres(empty_database, WORLD.hub()) as stored:
        yield stored


def some_questions() -> list[Question]:
    """About everyone; then the same messages again, one of them with another content."""
    first = [a_question(message=n, ssin=one) for n, one in enumerate(PEOPLE)]
    longer = Period(ABOUT.begin, None)
    return [
        *first,
        a_question(message=20, ssin=PEOPLE[0], about=longer),
        first[0],
        first[1],
        a_question(message=2, ssin=PEOPLE[2], content="other"),
        first[7],
        first[0],
    ]


async def test_a_set_is_told_and_recorded_as_one_by_one_in_memory(stored: Kept):
    alone, questions = WORLD.hub(), some_questions()
    rounds = (
        questions,
        questions[:3],
        [structs.replace(one, consumer=OFFICE) for one in questions[:2]],
    )

    for asked in rounds:
        told = await stored.hub.serve_many(together(asked))
        expected = await one_by_one(alone.hub, asked)

        looks = await stored.looks(len(alone.trail.outcomes))
        assert heard(told, looks) == heard(expected, looks_of(alone))
        assert kept(looks) == kept(looks_of(alone))


async def test_a_set_that_is_replayed_is_refused_whole(stored: Kept):
    questions = together(some_questions()[:4])
    await stored.hub.serve_many(questions)

    with pytest.raises(WrongSignature):
        await stored.hub.serve_many(questions)

    assert len(await stored.looks(2)) == 4


async def test_the_nonce_of_a_set_is_used_up_for_questions_alone_too(stored: Kept):
    questions = together(some_questions()[:3])
    await stored.hub.serve_many(questions)

    with pytest.raises(WrongSignature):
        await stored.hub.serve(structs.replace(questions[0], message_id=UUID(int=99)))


async def test_a_question_of_a_set_is_the_same_message_as_alone(stored: Kept):
    alone = a_question(message=1, ssin=PEOPLE[2])
    first = await stored.hub.serve(alone)
    same, changed = (
        together([alone]),
        together([structs.replace(alone, purpose=PurposeId("other"))]),
    )
    changed = [structs.replace(changed[0], content=b"c" * 32)]

    (again,) = await stored.hub.serve_many(same)
    (refused,) = await stored.hub.serve_many(changed)

    assert isinstance(first, Answer)
    assert isinstance(again, Answer)
    assert (again.ticket, again.rows, again.repeated) == (first.ticket, first.rows, True)
    assert isinstance(refused, SameMessageOtherContent)


async def test_two_sets_with_the_same_messages_at_once_follow_the_rules_of_repeats(stored: Kept):
    questions = [a_question(message=n, ssin=PEOPLE[n % 2 * 2]) for n in range(300)]

    both = await asyncio.gather(
        stored.hub.serve_many(together(questions)), stored.hub.serve_many(together(questions))
    )

    looks = await stored.looks(300)
    firsts = {look.entry.question.message_id for look in looks if look.entry.repeats is None}
    answered = [one for told in both for one in told if isinstance(one, Answer)]
    assert len(firsts) == 300
    assert len(answered) == len(looks)
    assert sum(not one.repeated for one in answered) == 300
