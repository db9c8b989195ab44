"""Many entries written at once: the same leaves and rows as one by one."""

from collections.abc import AsyncGenerator
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from msgspec import structs
from tests.contract.test_verifying import Checked
from tests.contract.trail_house import a_trail
from tests.unit.audit.entries import (
    ANNA,
    BORIS,
    GROUND,
    QUESTION,
    RECORDED_AT,
    a_change,
    a_line,
    an_entry,
    an_outcome,
)

from kruispunt.audit import Alike, Pages
from kruispunt.audit.reader import EVER, LAST
from kruispunt.postgres import Database
from kruispunt.vocabulary import (
    Ending,
    Entry,
    Facts,
    Grant,
    Ground,
    Malformed,
    NumberFact,
    NumberStatus,
    PastGrant,
    Period,
    Reason,
    Refusal,
)

FIRST = an_entry(1)
SUCCEEDED = NumberFact(status=NumberStatus.REPLACED, successor=BORIS)
REPLACED = Refusal(reason=Reason.NUMBER_REPLACED, ground=GROUND, successor=BORIS)
OTHER_GROUND = Ground(clause=GROUND.clause, deliberation="x", paragraph="§ 9", fields=())


def another(number: int, **told: object) -> Entry:
    """An entry made of the first, with a question of its own."""
    question = structs.replace(FIRST.question, message_id=UUID(int=number), about=Period(DAY))
    return structs.replace(FIRST, id=UUID(int=FIRST.id.int + number), question=question, **told)


DAY = date(2001, 2, 3)
NO_CLAUSE = Refusal(reason=Reason.NO_CLAUSE)
ENTRIES = (
    FIRST,
    another(1),
    another(2, decision=NO_CLAUSE, facts=Facts(number=FIRST.facts.number)),
    another(3, decision=REPLACED, facts=Facts(number=SUCCEEDED, lines=(a_line(BORIS),))),
    another(4, decision=Grant(ground=OTHER_GROUND)),
)


@pytest.fixture
async def house(empty_database: str, tmp_path: Path) -> AsyncGenerator[Checked]:
    database = await Database.open(empty_database, size=4)
    house = Checked(database, a_trail(database), tmp_path)
    await house.trail.start(RECORDED_AT)
    yield house
    await database.close()


async def write(house: Checked, *entries: Entry) -> None:
    alike = await Alike.of(house.trail, entries)
    outcomes = [an_outcome(entries[0]), an_outcome(entries[-1], Ending.EMPTY)]
    outcomes[1] = structs.replace(outcomes[1], ending=Ending.FAILED, cause="too-long")
    changes = [
        structs.replace(a_change(9, institution=QUESTION.consumer), recorded_at=FIRST.recorded_at),
        structs.replace(a_change(8, institution=QUESTION.consumer), recorded_at=FIRST.recorded_at),
    ]
    async with house.database.transaction() as connection:
        await alike.write(connection, outcomes=outcomes, changes=changes)


async def test_entries_written_at_once_are_found_as_they_were_given(house: Checked):
    await write(house, *ENTRIES)

    for entry in ENTRIES:
        found = await house.trail.find(entry.id)
        assert found is not None
        decision = entry.decision
        past = PastGrant(ground=decision.ground) if isinstance(decision, Grant) else decision
        assert found == structs.replace(entry, decision=past)
    looks = await house.trail.list(ANNA)
    ends = {look.entry.id: look.outcome for look in looks}
    assert ends[FIRST.id] == an_outcome(FIRST)
    assert [one is not None for one in ends.values()].count(True) == 2


async def test_their_leaves_are_those_of_entries_written_alone(house: Checked):
    alone = [(await house.trail.prepare(entry)).writes[0].row[-1] for entry in ENTRIES]

    await write(house, *ENTRIES)

    async with house.database.transaction() as connection:
        rows = await connection.fetch("select kind, blinded from audit.pending order by seq")
    assert [row["blinded"] for row in rows if row["kind"] == 1] == alone
    ended = house.trail.prepare_outcome(an_outcome(FIRST))
    assert next(row["blinded"] for row in rows if row["kind"] == 2) == ended[0].row[-1]
    assert [row["kind"] for row in rows] == [1] * len(ENTRIES) + [2, 2, 4, 4]


async def test_what_was_written_at_once_is_sealed_and_has_no_faults(house: Checked):
    await write(house, *ENTRIES)
    await house.seal()

    verified = await house.verify()

    assert verified.faults == []
    assert await changes_about(house) == {
        structs.replace(a_change(number, institution=QUESTION.consumer), recorded_at=RECORDED_AT)
        for number in (8, 9)
    }


async def changes_about(house: Checked) -> set[object]:
    pages = Pages(reader=house.trail.reader)
    return set(await pages.changes_about(ANNA, begin=EVER[0], before=(EVER[1], LAST), limit=10))


@pytest.mark.parametrize(
    "other",
    [
        structs.replace(FIRST, recorded_at=FIRST.recorded_at.replace(microsecond=1)),
        structs.replace(FIRST, question=structs.replace(QUESTION, user="another")),
        structs.replace(FIRST, question=structs.replace(QUESTION, ticket="another")),
        structs.replace(FIRST, repeats=UUID(int=5)),
    ],
)
async def test_entries_of_several_requests_are_not_written_at_once(house: Checked, other: Entry):
    with pytest.raises(ValueError, match="one request"):
        await Alike.of(house.trail, [FIRST, other])


async def test_what_came_at_another_time_is_not_written_with_them(house: Checked):
    alike = await Alike.of(house.trail, [FIRST])
    late = structs.replace(an_outcome(FIRST), ended_at=RECORDED_AT.replace(microsecond=1))

    async with house.database.transaction() as connection:
        with pytest.raises(ValueError, match="of the time"):
            await alike.write(connection, outcomes=[late])
        with pytest.raises(ValueError, match="of the time"):
            await alike.write(connection, changes=[a_change(9)])


async def test_what_can_t_be_stored_or_was_read_back_is_not_written(house: Checked):
    spoiled = structs.replace(FIRST, question=structs.replace(QUESTION, user="\x00"))
    past = structs.replace(FIRST, decision=PastGrant(ground=GROUND))

    with pytest.raises(Malformed):
        await Alike.of(house.trail, [spoiled])
    with pytest.raises(TypeError):
        await Alike.of(house.trail, [past])


async def test_a_ticket_that_repeats_the_first_message_is_that_of_all(house: Checked):
    ticket = str(FIRST.question.message_id)
    first = structs.replace(FIRST, question=structs.replace(QUESTION, ticket=ticket))
    more = structs.replace(first.question, message_id=UUID(int=5))
    second = structs.replace(first, id=UUID(int=FIRST.id.int + 1), question=more)

    await write(house, first, second)

    found = [await house.trail.find(one.id) for one in (first, second)]
    assert [one.question.ticket for one in found if one is not None] == [ticket, ticket]
