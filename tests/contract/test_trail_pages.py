"""A person's page costs what the page holds, however many entries and months there are."""

from collections.abc import AsyncGenerator
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from tests.contract.trail_house import Signer, a_trail
from tests.unit.audit.entries import ANNA, BORIS, an_entry, an_outcome

from kruispunt.audit import Heads, Look, MemoryTrail, Trail, open_months
from kruispunt.audit.queries import QUERIES
from kruispunt.audit.retention import EXPIRING
from kruispunt.postgres import Bundle, Connection, Database
from kruispunt.vocabulary import Entry

BEGIN = datetime(2030, 1, 1, tzinfo=UTC)
MONTHS = 5
FILL = """
insert into audit.outcome (recorded_at, ended_at, shown, form, ending, entry, cause)
select at, at, 1, 1, 1, gen_random_uuid(), null
from (
    select timestamptz '2030-01-01 00:00Z' + n * interval '26 minutes' as at
    from generate_series(1, 20000) as n
) as moments
"""
SCANS = """
select c.relname::text as name, pg_stat_get_xact_numscans(c.oid) as scans
from pg_class as c
where c.relnamespace = 'audit'::regnamespace and c.relname like 'outcome%'
    and pg_stat_get_xact_numscans(c.oid) > 0
"""

COMPILED = """
select p.proname::text as name, coalesce('jit=off' = any(p.proconfig), false) as never
from pg_proc as p
where p.pronamespace = 'audit'::regnamespace
    and 'plan_cache_mode=force_generic_plan' = any(p.proconfig)
"""


@pytest.fixture
async def database(empty_database: str) -> AsyncGenerator[Database]:
    """One connection, so that plans are kept; partitions of twelve months."""
    database = await Database.open(empty_database, size=1)
    await open_months(database, date(2030, 1, 1), ahead=12)
    yield database
    await database.close()


@pytest.fixture
def twin() -> MemoryTrail:
    return MemoryTrail(heads=Heads(signer=Signer(), origin="hub", now=lambda: BEGIN))


async def outcomes_of(connection: Connection, *, before: datetime) -> int:
    found = await connection.fetch(
        "select entry, recorded_at from audit.outcome where recorded_at < $1 limit 15", before
    )
    wanted = [row["entry"] for row in found], [row["recorded_at"] for row in found]
    return len(await connection.fetch(QUERIES["list_outcomes"].sql, *wanted))


async def test_outcomes_of_a_page_are_looked_up_in_their_own_months_only(database: Database):
    """By the index, also where the plan was made before the first row came."""
    february = datetime(2030, 2, 1, tzinfo=UTC)
    async with database.transaction() as connection:
        for _ in range(9):
            assert await outcomes_of(connection, before=february) == 0
        await connection.execute(FILL)
    async with database.transaction() as connection:
        before = {row["name"]: row["scans"] for row in await connection.fetch(SCANS)}
        assert await outcomes_of(connection, before=february) == 15
        scans = {row["name"]: row["scans"] for row in await connection.fetch(SCANS)}

    more = {name: scans[name] - before.get(name, 0) for name in scans}
    read = {name: times for name, times in more.items() if times}
    assert read == {"outcome_2030_01": 1, "outcome_2030_01_pkey": 15}, "1: by this test"


async def test_no_plan_over_all_months_is_compiled(database: Database):
    """A migration that makes such a function again would lose it."""
    async with database.transaction() as connection:
        found = {row["name"]: row["never"] for row in await connection.fetch(COMPILED)}

    assert {"looks_about", "looks_between", "outcomes_of", "readings_about"} <= set(found)
    assert [name for name, never in found.items() if not never] == []


def entries_of_months(seed: int, size: int = 40) -> list[Entry]:
    """Entries about two persons in five months, many at the same moments, in no order."""
    chance = Random(seed)
    moments = [BEGIN + timedelta(days=31 * chance.randrange(MONTHS)) for _ in range(size // 3)]
    return [
        an_entry(number, ssin=chance.choice((ANNA, BORIS)), at=chance.choice(moments))
        for number in chance.sample(range(size), size)
    ]


async def record(entries: list[Entry], *, trail: Trail, twin: MemoryTrail) -> None:
    for number, entry in enumerate(entries):
        for one in (trail, twin):
            writes = [*(await one.prepare(entry)).writes]
            if number % 3:
                writes += one.prepare_outcome(an_outcome(entry))
            if one is twin:
                twin.commit(Bundle(writes=tuple(writes)))
            else:
                for write in writes:
                    await trail.reader.database.execute(write.statement.query, [write.row])


async def next_page(trail: Trail | MemoryTrail, shown: list[Look], limit: int) -> list[Look]:
    last = shown[-1].entry if shown else None
    before = None if last is None else (last.recorded_at, last.id)
    return await trail.list(ANNA, limit=limit, before=before)


@pytest.mark.parametrize("limit", [1, 3, 7, 100])
async def test_pages_over_months_show_every_look_once(
    database: Database, limit: int, twin: MemoryTrail
):
    trail = a_trail(database)
    await record(entries_of_months(limit), trail=trail, twin=twin)

    shown: list[Look] = []
    while page := await next_page(trail, shown, limit):
        assert page == await next_page(twin, shown, limit)
        shown += page

    assert shown == await twin.list(ANNA, limit=1000)


@pytest.mark.parametrize("limit", [1, 2, 5])
async def test_a_month_that_ends_between_two_pages_hides_and_repeats_nothing_else(
    database: Database, limit: int, twin: MemoryTrail
):
    trail, ended = a_trail(database), BEGIN + timedelta(days=62)
    await record(entries_of_months(limit), trail=trail, twin=twin)
    shown = await next_page(trail, [], limit)
    assert shown[-1].entry.recorded_at >= ended, "expected some behind it on either side"

    await database.execute(EXPIRING["drop_months"], ended.date().replace(day=1))
    while page := await next_page(trail, shown, limit):
        shown += page

    kept = ended.replace(day=1)
    expected = [one for one in await twin.list(ANNA, limit=1000) if one.entry.recorded_at >= kept]
    assert shown == expected
