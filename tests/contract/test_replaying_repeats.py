"""`audit replay` on a real database: repeats and outcomes that no decision can have had."""

from collections.abc import AsyncGenerator
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import UUID

import pytest
from msgspec import structs
from tests.contract.replay_house import CASES, Decided, a_decided_house, entry_id, kept
from tests.contract.seal_house import a_sealer, seal_all
from tests.law.inventing import (
    BOTH_FILES,
    FUND,
    NODE,
    a_clause,
    a_lawbook,
    a_line,
    a_number,
    a_question,
    facts_of,
)
from tests.unit.audit.entries import an_entry, an_outcome

from kruispunt.audit import Differs
from kruispunt.vocabulary import Ending, NumberStatus


@pytest.fixture
async def house(empty_database: str, tmp_path: Path) -> AsyncGenerator[Decided]:
    async with a_decided_house(empty_database, tmp_path) as house:
        yield house


WAIT_ANEW: Final = (
    "with gone as (delete from audit.pending where entry = $1"
    " returning recorded_at, kind, entry, blinded)"
    " insert into audit.pending (recorded_at, kind, entry, blinded)"
    " select recorded_at, kind, entry, blinded from gone"
)
"""Put behind all others that wait for their place."""

NEXT_DAY: Final = timedelta(days=1)
OTHER_ID: Final = an_entry(99).id
"""The id of no entry, of the right time."""


async def a_repeat(house: Decided, *, later: timedelta = NEXT_DAY) -> UUID:
    """An entry that repeats the first one, asked again on the next day."""
    first = house.entry(1, CASES[0])
    at = first.recorded_at + later
    asked = structs.replace(first.question, received_at=first.question.received_at + later)
    repeat = structs.replace(
        first, id=an_entry(50, at=at).id, recorded_at=at, question=asked, repeats=first.id
    )
    await house.record(repeat)
    return repeat.id


async def test_a_repeat_keeps_day_law_and_decision_of_its_first_time(house: Decided):
    await a_repeat(house)

    found = await house.replay()

    assert (found.entries, found.differing) == (9, 0)


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ("repeats = gen_random_uuid()", Differs.REPEATS),
        (f"repeats = '{OTHER_ID}'", Differs.REPEATS),
        ("repeats = id", Differs.REPEATS),
        ("message_id = gen_random_uuid()", Differs.REPEATS),
        ("about_begin = '2031-03-02'", Differs.REPEATS),
        ("asked_on = '2031-06-16'", Differs.ASKED_ON),
        ("repeats = null", Differs.ASKED_ON),
    ],
)
async def test_a_repeat_of_nothing_or_of_something_else_is_named(
    house: Decided, change: str, differs: Differs
):
    repeat = await a_repeat(house)
    await house.sql(f"update audit.decision set {change} where id = $1", repeat)

    named = await house.named()

    assert [(entry, what) for entry, what, *_ in named] == [(repeat, differs)]


async def test_a_repeat_of_another_decision_is_named_and_so_is_one_of_a_repeat(house: Decided):
    repeat = await a_repeat(house)
    await house.sql("update audit.decision set repeats = $1 where id = $2", entry_id(2), repeat)
    other = await house.named()
    await house.sql("update audit.decision set repeats = $1 where id = $2", entry_id(1), repeat)
    await house.sql("update audit.decision set repeats = $1 where id = $2", repeat, entry_id(1))
    circle = await house.named()

    assert {one[:2] for one in other} == {(repeat, Differs.REPEATS)}
    assert {one[:2] for one in circle} == {
        (repeat, Differs.REPEATS),
        (entry_id(1), Differs.REPEATS),
    }


async def test_a_repeat_under_another_law_is_named(house: Decided):
    repeat = await a_repeat(house)
    other = kept(a_lawbook(a_clause(end=date(2099, 1, 1))), house.folder / "lawbooks")
    await house.sql(
        "insert into audit.term (kind, digest, content) values (1, $1, $2)",
        *(sha256(other.digest.encode()).digest(), other.digest),
    )
    await house.sql(
        "update audit.decision set lawbook = (select id from audit.term where content = $2)"
        " where id = $1",
        *(repeat, other.digest),
    )

    named = await house.named()

    assert named == [(repeat, Differs.LAWBOOK, other.digest, house.law.digest)]


async def test_after_a_jump_of_the_clock_the_order_of_the_tree_says_what_came_before(
    house: Decided,
):
    """The repeat says a time before its first: right where it stands behind it, else wrong."""
    repeat = await a_repeat(house, later=-timedelta(minutes=5))
    await house.sql("update audit.decision set received_at = '2031-06-15 10:00Z' where true")
    jumped = await house.named()
    await house.sql(WAIT_ANEW, entry_id(1))
    swapped = await house.named()
    await house.sql(WAIT_ANEW, repeat)
    async with a_sealer(house.database, house.folder / "published") as sealer:
        await seal_all(sealer)
    sealed = await house.named()

    assert (jumped, sealed) == ([], [])
    assert [one[:2] for one in swapped] == [(repeat, Differs.REPEATS)]


async def test_what_is_repeated_may_have_expired(house: Decided):
    """Its month is shredded: nobody can say any more what it was."""
    repeat = await a_repeat(house, later=timedelta(days=30))
    await house.sql("delete from audit.decision where id = $1", entry_id(1))
    gone = await house.named()
    await house.sql("update audit.month_key set wrapped = null where month = '2031-06-01'")
    expired = await house.replay()

    assert [one[:2] for one in gone] == [(repeat, Differs.REPEATS)]
    assert (expired.replayed, expired.differing) == (1, 0)


@pytest.mark.parametrize(
    ("number", "ending", "shown", "cause", "held"),
    [
        (1, 1, 2, "", True),
        (1, 1, 0, "", False),
        (1, 2, 0, "", True),
        (1, 2, 1, "", False),
        (1, 2, -1, "", False),
        (1, 3, 0, "no-answer", True),
        (1, 3, 0, "", False),
        (1, 4, 0, "", True),
        (1, 5, 0, "no-file", False),
        (1, 9, 0, "", False),
        (2, 1, 1, "", False),
        (2, 2, 0, "", False),
        (3, 2, 0, "", True),
        (3, 3, 0, "no-answer", True),
        (3, 4, 0, "", True),
        (3, 1, 1, "", False),
        (3, 2, 1, "", False),
        (8, 4, 0, "", False),
    ],
)
async def test_an_outcome_that_the_decision_can_not_have_had_is_named(
    house: Decided, number: int, ending: int, shown: int, cause: str, *, held: bool
):
    """1 was granted, 3 refused for the supplier's sake, 2 and 8 refused in words."""
    await house.sql(
        "insert into audit.outcome (recorded_at, ended_at, shown, form, ending, entry, cause)"
        " select recorded_at, recorded_at, $2, 1, $3, id, $4 from audit.decision where id = $1",
        *(entry_id(number), shown, ending, cause),
    )

    named = await house.named()

    assert [one[:2] for one in named] == ([] if held else [(entry_id(number), Differs.OUTCOME)])


async def test_a_look_that_a_hub_refused_has_ended_so_at_a_node(house: Decided):
    number = structs.replace(a_number(NumberStatus.LEFT_TO_HUB), successor=None)
    facts = facts_of(a_line(member=FUND), number=number)
    await house.sql("truncate audit.decision")
    await house.record(house.entry(1, facts, seat=NODE, question=a_question(consumer=FUND)))
    await house.sql(
        "insert into audit.outcome (recorded_at, ended_at, shown, form, ending, entry, cause)"
        " select recorded_at, recorded_at, 0, 1, 5, id, 'no-file' from audit.decision"
    )

    assert (await house.replay(seat=NODE)).differing == 0


@pytest.mark.parametrize(
    ("ending", "rows", "cause"),
    [(Ending.GIVEN, 2, ""), (Ending.EMPTY, 0, ""), (Ending.FAILED, 0, "no-answer")],
)
async def test_an_outcome_as_the_trail_writes_it_is_no_difference(
    house: Decided, ending: Ending, rows: int, cause: str
):
    granted = house.entry(40, facts_of(*BOTH_FILES))
    await house.record(granted)
    outcome = structs.replace(an_outcome(granted, ending), rows=rows, cause=cause)
    for one in house.trail.prepare_outcome(outcome):
        await house.database.execute(one.statement.query, [one.row])

    assert await house.named() == []
