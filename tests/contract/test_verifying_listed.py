"""`audit verify` names what a person's page would leave out: entries in nobody's list."""

from collections.abc import AsyncGenerator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from msgspec import structs
from tests.contract.test_verifying import Checked
from tests.contract.trail_house import a_trail
from tests.unit.audit.entries import ANNA, BORIS, RECORDED_AT, a_change, a_reading, an_entry

from kruispunt.audit import Wrong, list_months, month_of
from kruispunt.audit.change import write_change
from kruispunt.postgres import Database

LONG_AFTER = RECORDED_AT + timedelta(days=70)
LOOKS = tuple(
    an_entry(number, ssin=ssin, at=RECORDED_AT + timedelta(seconds=number))
    for number, ssin in ((1, ANNA), (2, BORIS), (3, ANNA))
)
READING = a_reading(7)
CHANGE = structs.replace(a_change(8), recorded_at=RECORDED_AT)


@pytest.fixture
async def house(empty_database: str, tmp_path: Path) -> AsyncGenerator[Checked]:
    """Looks at two persons, a reading and a change, sealed and listed."""
    database = await Database.open(empty_database, size=4)
    house = Checked(database, a_trail(database), tmp_path)
    await house.trail.start(RECORDED_AT)
    for entry in LOOKS:
        await house.record(entry)
    write = await house.trail.prepare_reading(READING)
    await database.execute(write.statement.query, [write.row])
    key = await house.trail.reader.keys.find(month_of(RECORDED_AT))
    async with database.transaction() as connection:
        await write_change(connection, CHANGE, key=key)
    await house.seal()
    await list_months(database, LONG_AFTER)
    yield house
    await database.close()


async def test_a_trail_whose_months_are_listed_has_no_faults(house: Checked):
    assert (await house.verify()).faults == []


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (f"delete from audit.about where ssin = {BORIS.number}", {LOOKS[1].id}),
        (
            f"update audit.about set looks = '{{2030-01-01}}' where ssin = {ANNA.number}",
            {LOOKS[0].id, LOOKS[2].id},
        ),
        ("update audit.about set readings = null", {READING.id}),
        ("update audit.about set changes = '{}'", {CHANGE.id}),
        ("truncate audit.about", {*(one.id for one in LOOKS), READING.id, CHANGE.id}),
    ],
)
async def test_entries_that_no_page_would_open_are_named(
    house: Checked, words: str, named: set[UUID]
):
    await house.sql(words)

    found = (await house.verify()).faults

    assert {one.entry for one in found} == named
    assert {one.wrong for one in found} == {Wrong.UNLISTED}


async def test_a_month_that_is_told_to_be_listed_and_is_not_is_noticed(house: Checked):
    late = an_entry(9, at=datetime.combine(month_of(LONG_AFTER), datetime.min.time(), UTC))
    await house.trail.start(LONG_AFTER)
    await house.record(late, ended=False)
    await house.seal()
    assert (await house.verify()).faults == []

    await house.sql("update audit.listed set upto = $1", date(2040, 1, 1))

    assert await house.wrong() == [(Wrong.UNLISTED, late.id)]


async def test_without_a_word_on_what_is_listed_all_months_are_walked(house: Checked):
    await house.sql("delete from audit.listed")

    assert (await house.verify()).faults == []
    assert len(await house.trail.list(ANNA)) == 2
