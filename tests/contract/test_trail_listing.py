"""Listed months: a page opens those of its person and no others, and is the same page."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from msgspec import structs
from tests.contract.test_trail_pages import (
    BEGIN,
    MONTHS,
    database,
    entries_of_months,
    next_page,
    record,
    twin,
)
from tests.contract.trail_house import a_trail
from tests.unit.audit.entries import ANNA, BORIS, a_change, a_reading, an_entry

from kruispunt.audit import (
    Hidden,
    Look,
    MemoryTrail,
    Pages,
    Trail,
    list_months,
    month_of,
    open_months,
)
from kruispunt.audit.change import write_change
from kruispunt.audit.queries import QUERIES
from kruispunt.audit.reader import EVER, LAST
from kruispunt.audit.retention import EXPIRING
from kruispunt.postgres import Database
from kruispunt.vocabulary import InstitutionCode

__all__ = ["database", "twin"]

FAR = datetime(2030, 12, 15, tzinfo=UTC)
OPENED = """
select c.relname::text as name, pg_stat_get_xact_numscans(i.indexrelid) as scans
from pg_class as c
join pg_index as i on i.indrelid = c.oid
where c.relnamespace = 'audit'::regnamespace and c.relname ~ '^(decision|reading|change)_2'
    and pg_stat_get_xact_numscans(i.indexrelid) > 0
"""


async def all_pages(trail: Trail, *, limit: int) -> list[Look]:
    shown: list[Look] = []
    while page := await next_page(trail, shown, limit):
        shown += page
    return shown


async def listed_months(database: Database, ssin: int = ANNA.number) -> list[date]:
    async with database.transaction() as connection:
        found = await connection.fetchval("select looks from audit.about where ssin = $1", ssin)
    return sorted(found or [])


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("limit", [1, 3, 100])
async def test_whatever_is_listed_pages_show_every_look_once(
    database: Database, twin: MemoryTrail, seed: int, limit: int
):
    """Some months are listed, then others, and looks come in any of them before and after."""
    chance, trail = Random(seed), a_trail(database)
    entries = entries_of_months(seed, 48)
    moments = sorted(chance.sample(range(1, 2 + MONTHS), 2))

    for part, upto in zip((entries[:16], entries[16:32]), moments, strict=True):
        await record(part, trail=trail, twin=twin)
        await list_months(database, BEGIN + timedelta(days=31 * upto))
    await record(entries[32:], trail=trail, twin=twin)

    assert await all_pages(trail, limit=limit) == await twin.list(ANNA, limit=1000)


async def test_a_page_opens_the_listed_months_of_its_person_and_those_that_are_not(
    database: Database,
):
    trail = a_trail(database)
    for number, (ssin, month) in enumerate([(ANNA, 1), (BORIS, 2), (ANNA, 4), (BORIS, 5)]):
        at = BEGIN.replace(month=month, day=9)
        for write in (await trail.prepare(an_entry(number, ssin=ssin, at=at))).writes:
            await database.execute(write.statement.query, [write.row])
    await list_months(database, BEGIN.replace(month=11, day=9))

    async with database.transaction() as connection:
        args = (ANNA.number, *EVER, LAST, list[int](), list[int](), None, 9)
        found = await connection.fetch(QUERIES["list_looks"].sql, *args)
        scans = {row["name"] for row in await connection.fetch(OPENED)}

    assert len(found) == 2
    later = {name for name in scans if name >= "decision_2030_11"}
    assert scans - later == {"decision_2030_01", "decision_2030_04"}
    assert len(later) == 3, "November, and what is open after it"


async def test_months_are_listed_once_they_are_over_for_a_day(database: Database):
    trail = a_trail(database)
    for number, month in ((1, 1), (2, 3)):
        entry = an_entry(number, at=BEGIN.replace(month=month))
        for write in (await trail.prepare(entry)).writes:
            await database.execute(write.statement.query, [write.row])

    await list_months(database, datetime(2030, 4, 1, 23, 59, tzinfo=UTC))
    assert await listed_months(database) == [date(2030, 1, 1)]
    await list_months(database, datetime(2030, 4, 2, tzinfo=UTC))
    assert await listed_months(database) == [date(2030, 1, 1), date(2030, 3, 1)]
    await list_months(database, datetime(2030, 2, 2, tzinfo=UTC))
    assert await listed_months(database) == [date(2030, 1, 1), date(2030, 3, 1)], "never back"


@asynccontextmanager
async def a_late_one(trail: Trail, number: int) -> AsyncGenerator[None]:
    """An entry of January whose transaction is held open."""
    prepared = await trail.prepare(an_entry(number, at=BEGIN))
    async with trail.reader.database.connected() as connection, connection.transaction():
        for write in prepared.writes:
            await connection.execute(write.statement.query.sql, [write.row])
        yield


async def test_an_entry_whose_commit_comes_while_its_month_is_listed_is_listed_too(
    database: Database,
):
    trail = a_trail(database)
    await trail.prepare(an_entry(1, at=BEGIN))
    await database.execute(QUERIES["watch_months"], date(2030, 3, 1))

    async with a_late_one(trail, 1):
        listing = asyncio.create_task(list_months(database, datetime(2030, 3, 9, tzinfo=UTC)))
        await asyncio.sleep(0.3)
    await listing

    assert len(await all_pages(trail, limit=5)) == 1
    assert await listed_months(database) == [date(2030, 1, 1)]


async def test_a_month_in_which_one_is_writing_is_not_listed_before_it_ended(database: Database):
    trail = a_trail(database)
    await trail.prepare(an_entry(1, at=BEGIN))

    async with a_late_one(trail, 1):
        await list_months(database, datetime(2030, 3, 9, tzinfo=UTC))
        assert await listed_months(database) == []
    assert len(await all_pages(trail, limit=5)) == 1
    await list_months(database, datetime(2030, 3, 9, tzinfo=UTC))

    assert await listed_months(database) == [date(2030, 1, 1)]
    assert len(await all_pages(trail, limit=5)) == 1


async def test_a_month_that_is_opened_after_it_was_listed_lists_what_comes(database: Database):
    """A clock that was set back makes a table for a month that is long over."""
    trail, old = a_trail(database), datetime(2025, 5, 5, tzinfo=UTC)
    await list_months(database, FAR)
    await open_months(database, old.date().replace(day=1), ahead=1)

    for write in (await trail.prepare(an_entry(1, at=old))).writes:
        await database.execute(write.statement.query, [write.row])

    assert await listed_months(database) == [date(2025, 5, 1)]
    assert len(await all_pages(trail, limit=5)) == 1


async def test_what_stands_outside_tables_of_months_is_listed(database: Database):
    trail = a_trail(database)
    async with database.transaction() as connection:
        await connection.execute("drop table audit.decision_2030_02")
    prepared = [await trail.prepare(an_entry(1, at=BEGIN.replace(month=2)))]
    for when in ("before", "after"):
        async with database.transaction() as connection:
            await connection.execute("drop table if exists audit.decision_2030_02")
        for write in prepared[-1].writes:
            await database.execute(write.statement.query, [write.row])
        if when == "before":
            await list_months(database, FAR)
            prepared.append(await trail.prepare(an_entry(2, at=BEGIN.replace(month=2, day=3))))

    assert await listed_months(database) == [date(2030, 2, 1)]
    assert len(await all_pages(trail, limit=1)) == 2


async def test_readings_and_changes_are_listed_like_looks(database: Database):
    trail = a_trail(database)
    pages = Pages(reader=trail.reader)
    nothing = Hidden(consumers=frozenset({InstitutionCode("nobody")}))
    for number, month in ((1, 1), (2, 6), (3, 12)):
        at = BEGIN.replace(month=month, day=3)
        reading = a_reading(number, at=at)
        write = await trail.prepare_reading(reading)
        await database.execute(write.statement.query, [write.row])
        change = structs.replace(
            a_change(number), id=an_entry(90 + number, at=at).id, recorded_at=at
        )
        key = await trail.reader.keys.find(month_of(at))
        async with database.transaction() as connection:
            await write_change(connection, change, key=key)

    async def found() -> list[list[object]]:
        begin, before = EVER[0], (EVER[1], LAST)
        readings = await pages.readings_about(
            ANNA, hidden=nothing, begin=begin, before=before, limit=9
        )
        changes = await pages.changes_about(ANNA, begin=begin, before=before, limit=9)
        kept = await pages.unseen(
            ANNA, hidden=Hidden(consumers=frozenset({a_reading().institution}))
        )
        return [list(readings), list(changes), list(kept.rows)]

    before = await found()
    await list_months(database, FAR)

    assert [len(kind) for kind in before] == [3, 3, 1]
    assert await found() == before


async def test_nobodys_list_names_a_month_that_was_ended(database: Database):
    trail = a_trail(database)
    for number, (ssin, month) in enumerate([(ANNA, 1), (ANNA, 3), (BORIS, 1)]):
        entry = an_entry(number, ssin=ssin, at=BEGIN.replace(month=month))
        for write in (await trail.prepare(entry)).writes:
            await database.execute(write.statement.query, [write.row])
    await list_months(database, FAR)

    await database.execute(EXPIRING["drop_months"], date(2030, 2, 1))

    async with database.transaction() as connection:
        rows = await connection.fetch("select ssin, looks from audit.about")
    assert [tuple(row) for row in rows] == [(ANNA.number, [date(2030, 3, 1)])]


async def test_hidden_looks_are_counted_up_to_a_bound_and_that_is_said(database: Database):
    trail = a_trail(database)
    for number in range(6):
        at = BEGIN.replace(month=1 + number)
        for write in (await trail.prepare(an_entry(number, at=at))).writes:
            await database.execute(write.statement.query, [write.row])
    hidden = Hidden(consumers=frozenset({an_entry(1).question.consumer}))

    async def kept(most: int) -> tuple[int, bool]:
        found = await Pages(reader=trail.reader, most=most).unseen(ANNA, hidden=hidden)
        return sum(number for _, _, number in found.rows), found.whole

    for upto in (BEGIN, BEGIN.replace(month=4, day=9), FAR):
        await list_months(database, upto)
        assert await kept(6) == (6, True)
        assert await kept(4) == (5, False), "one more than the bound: there are more"
