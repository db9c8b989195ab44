"""A person's page costs what the page holds, however many entries and months there are."""

from collections.abc import AsyncGenerator
from datetime import UTC, date, datetime

import pytest

from kruispunt.audit import open_months
from kruispunt.audit.queries import QUERIES
from kruispunt.postgres import Database

FILL = """
insert into audit.outcome (recorded_at, ended_at, shown, form, ending, entry, cause)
select at, at, 1, 1, 1, gen_random_uuid(), ''
from (
    select timestamptz '2030-01-01 00:00Z' + n * interval '26 minutes' as at
    from generate_series(1, 20000) as n
) as moments
"""


@pytest.fixture
async def database(empty_database: str) -> AsyncGenerator[Database]:
    """Twenty thousand outcomes in twelve months, counted by the server."""
    database = await Database.open(empty_database, size=1)
    await open_months(database, date(2030, 1, 1), ahead=12)
    async with database.transaction() as connection:
        await connection.execute(FILL)
        await connection.execute("analyze audit.outcome")
    yield database
    await database.close()


async def test_outcomes_of_a_page_are_looked_up_in_their_own_months_only(database: Database):
    async with database.transaction() as connection:
        found = await connection.fetch(
            "select entry, recorded_at from audit.outcome where recorded_at < $1 limit 15",
            datetime(2030, 2, 1, tzinfo=UTC),
        )
        wanted = [row["entry"] for row in found], [row["recorded_at"] for row in found]
        sql = QUERIES["list_outcomes"].sql
        rows = await connection.fetch(sql, *wanted)
        plan = [row[0] for row in await connection.fetch(f"explain (analyze) {sql}", *wanted)]

    assert len(rows) == 15
    scans = [line for line in plan if "on outcome_2030" in line]
    read = [line for line in scans if "never executed" not in line]
    assert len(scans) == 12
    assert len(read) == 1, "\n".join(plan)
    assert "outcome_2030_01" in read[0]
