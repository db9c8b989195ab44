"""What only the trail on PostgreSQL can show: partitions, keys, words, and many processes."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from msgspec import structs
from tests.contract.trail_house import (
    a_trail,
)
from tests.unit.audit.entries import (
    ANNA,
    GROUND,
    QUESTION,
    RECORDED_AT,
    an_entry,
    an_outcome,
)

from kruispunt.audit import (
    MasterKey,
    MonthKeys,
    Shredded,
    Tampered,
    encode_entry,
    terms,
)
from kruispunt.postgres import Database, Write
from kruispunt.vocabulary import (
    Ending,
    FlowId,
    Reason,
    Refusal,
)


@pytest.fixture
async def database(empty_database: str) -> AsyncGenerator[Database]:
    database = await Database.open(empty_database, size=4)
    yield database
    await database.close()


async def write(database: Database, *writes: Write) -> None:
    for one in writes:
        await database.execute(one.statement.query, [one.row])


async def count(database: Database, table: str) -> int:
    async with database.transaction() as connection:
        return int(await connection.fetchval(f"select count(*) from audit.{table}"))


async def test_entry_and_outcome_each_wait_once_for_their_place_in_the_tree(database: Database):
    trail, entry = a_trail(database), an_entry()
    prepared = await trail.prepare(entry)
    outcome = trail.prepare_outcome(an_outcome(entry))

    await write(database, *prepared.writes, *outcome, *outcome)

    assert await count(database, "pending") == 2
    assert await count(database, "outcome") == 1


@pytest.mark.parametrize(("cause", "stored"), [("", None), ("silent", "silent")])
async def test_an_outcome_without_a_cause_takes_no_room_for_it(
    database: Database, cause: str, stored: str | None
):
    trail, entry = a_trail(database), an_entry()
    prepared = await trail.prepare(entry)
    outcome = structs.replace(an_outcome(entry, Ending.FAILED), cause=cause)

    await write(database, *prepared.writes, *trail.prepare_outcome(outcome))

    async with database.transaction() as connection:
        assert await connection.fetchval("select cause from audit.outcome") == stored
    (look,) = await trail.list(ANNA)
    assert look.outcome == outcome


async def test_entries_stand_in_the_partition_of_their_month(database: Database):
    trail = a_trail(database)
    await trail.start(RECORDED_AT)

    await write(database, *(await trail.prepare(an_entry())).writes)

    assert await count(database, "decision_2031_06") == 1
    assert await count(database, "decision_rest") == 0


async def test_an_entry_for_which_no_month_was_opened_is_not_refused(database: Database):
    trail = a_trail(database)
    prepared = await trail.prepare(an_entry())
    async with database.transaction() as connection:
        await connection.execute("drop table audit.decision_2031_06")

    await write(database, *prepared.writes)
    await trail.start(RECORDED_AT)

    assert await count(database, "decision_rest") == 1
    assert await trail.find(an_entry().id) is not None


async def test_processes_that_start_together_agree_on_the_key_and_the_words(database: Database):
    trails = [a_trail(database) for _ in range(4)]

    prepared = await asyncio.gather(*(trail.prepare(an_entry()) for trail in trails))

    assert len({one.leaf for one in prepared}) == 1
    assert len({one.writes[0].row[5:11] for one in prepared}) == 1
    assert await count(database, "month_key") == 1


async def test_another_process_reads_what_this_one_wrote(database: Database):
    await write(database, *(await a_trail(database).prepare(an_entry())).writes)

    found = await a_trail(database).find(an_entry().id)

    assert found is not None
    assert encode_entry(found) == encode_entry(an_entry())


async def test_another_master_key_opens_nothing(database: Database):
    await write(database, *(await a_trail(database).prepare(an_entry())).writes)

    with pytest.raises(Tampered):
        await a_trail(database, master=b"x" * 32).find(an_entry().id)


async def test_facts_moved_to_another_entry_are_noticed(database: Database):
    trail = a_trail(database)
    for n in (1, 2):
        await write(database, *(await trail.prepare(an_entry(n))).writes)
    async with database.transaction() as connection:
        await connection.execute(
            "update audit.decision set facts ="
            " (select o.facts from audit.decision as o where o.id = $1) where id = $2",
            an_entry(1).id,
            an_entry(2).id,
        )

    with pytest.raises(Tampered):
        await trail.find(an_entry(2).id)


async def test_facts_of_a_shredded_month_are_gone_and_it_takes_no_more(database: Database):
    await write(database, *(await a_trail(database).prepare(an_entry())).writes)
    keys = MonthKeys(database=database, master=MasterKey(b"m" * 32))

    await keys.shred(date(2031, 6, 1))

    with pytest.raises(Shredded):
        await a_trail(database).find(an_entry().id)
    with pytest.raises(Shredded):
        await a_trail(database).prepare(an_entry(2))


async def test_new_words_are_numbered_once_and_read_back(database: Database):
    trail = a_trail(database)
    flows = [FlowId(f"flow-{n}") for n in range(5)]
    entries = [
        structs.replace(an_entry(n), question=structs.replace(QUESTION, flow=flow))
        for n, flow in enumerate(flows)
    ]
    for entry in (*entries, structs.replace(entries[0], id=UUID(int=99))):
        await write(database, *(await trail.prepare(entry)).writes)

    async with database.transaction() as connection:
        numbered = await connection.fetchval("select count(*) from audit.term where kind = 2")
    looks = await a_trail(database).list(ANNA)

    assert numbered == 5
    assert {look.entry.question.flow for look in looks} == set(flows)


async def test_grounds_that_are_no_objects_of_the_lawbook_do_not_fill_the_memory(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(terms, "MAX_GROUNDS", 3)
    trail, entry = a_trail(database), an_entry()
    copies = [replace(GROUND) for _ in range(10)]

    leaves = {
        (
            await trail.prepare(
                structs.replace(entry, decision=Refusal(reason=Reason.NO_FILE, ground=one))
            )
        ).leaf
        for one in copies
    }

    assert len(leaves) == 1
    assert len(trail.reader.terms.grounds) <= 3
