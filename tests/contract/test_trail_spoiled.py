"""Rows that nobody can read: no page fails by them, each is named, and `audit verify` names it."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta

import pytest
from msgspec import structs
from tests.contract.reading_house import (
    LAST_ID,
    PORTAL,
    SUPERVISOR,
    Read,
    a_read_trail,
    asking,
    one_entry,
)
from tests.contract.trail_house import a_trail
from tests.law.inventing import NODE
from tests.unit.audit.entries import ANNA, BORIS, RECORDED_AT, a_change

from kruispunt.audit import Hidden, Pages, Spoiled, Tampered, month_of
from kruispunt.audit.change import write_change
from kruispunt.exchange import Asking, Page
from kruispunt.law import Reads
from kruispunt.vocabulary import Ending

SPOILT = one_entry(2, at=RECORDED_AT + timedelta(seconds=2))
OUTSIDE = ("0044-03-15 BC", "12345-06-07")


@pytest.fixture
async def house(empty_database: str) -> AsyncGenerator[Read]:
    """Three looks, of which the one in the middle will be spoilt."""
    async with a_read_trail(empty_database) as house:
        for number in (1, 3):
            at = RECORDED_AT + timedelta(seconds=number)
            await house.record(one_entry(number, at=at), Ending.GIVEN)
        await house.record(SPOILT, Ending.GIVEN)
        yield house


async def sql(house: Read, words: str) -> None:
    async with house.database.transaction() as connection:
        await connection.execute(words)


def asked(reads: Reads, *, limit: int = 100) -> Asking:
    if reads is Reads.PERSON:
        return asking(reads, institution=PORTAL, role="citizen", ssin=ANNA, limit=limit)
    if reads is Reads.INSTITUTION:
        return asking(reads, institution=NODE, role="officer", limit=limit)
    return asking(reads, institution=SUPERVISOR, role="auditor", limit=limit)


async def pages_of(house: Read, request: Asking) -> list[Page]:
    house.shelf = replace(house.shelf, pages=Pages(reader=a_trail(house.database).reader))
    found = [await house.shelf.read(request)]
    while found[-1].next is not None:
        nonce = asked(Reads.ALL).proof
        found.append(await house.shelf.read(replace(request, before=found[-1].next, proof=nonce)))
    return found


SPOILS = [
    *(
        f"update audit.decision set {name} = '{day}' where id = '{SPOILT.id}'"
        for name in ("received_at", "sent_at", "asked_on", "about_begin", "about_end")
        for day in OUTSIDE
    ),
    *(
        f"update audit.outcome set ended_at = '{day}' where entry = '{SPOILT.id}'"
        for day in OUTSIDE
    ),
    f"update audit.decision set received_at = 'infinity' where id = '{SPOILT.id}'",
    f"update audit.decision set facts = substr(facts, 2) where id = '{SPOILT.id}'",
    f"update audit.decision set reason = 99 where id = '{SPOILT.id}'",
    f"update audit.decision set flow = 9999 where id = '{SPOILT.id}'",
    f"update audit.outcome set ending = 99 where entry = '{SPOILT.id}'",
]


@pytest.mark.parametrize("words", SPOILS)
async def test_a_look_that_can_not_be_read_is_named_and_all_others_are_shown(
    house: Read, words: str
):
    await sql(house, words)

    for request in (asked(reads, limit=limit) for reads in Reads for limit in (1, 100)):
        pages = await pages_of(house, request)

        shown = [one.ticket for page in pages for one in page.looks]
        spoiled = [one.id for page in pages for one in page.spoiled]
        assert len(shown) == len(set(shown)) == 2
        assert spoiled == [SPOILT.id]


async def test_a_command_that_shows_looks_names_the_one_that_can_not_be_read(house: Read):
    await sql(house, SPOILS[0])

    with pytest.raises(Tampered, match=str(SPOILT.id)):
        await a_trail(house.database).list(ANNA)


async def test_looks_of_a_month_whose_key_is_gone_are_named(house: Read):
    await sql(house, "update audit.month_key set wrapped = null")

    found = await Pages(reader=a_trail(house.database).reader).about(
        ANNA,
        begin=RECORDED_AT - timedelta(days=9),
        before=(RECORDED_AT + timedelta(days=9), LAST_ID),
        hidden=Hidden(),
        limit=9,
    )

    assert {one.id for one in found if isinstance(one, Spoiled)} == {e.id for e in house.entries}


async def test_readings_and_changes_that_can_not_be_read_are_named(house: Read):
    await house.shelf.read(asked(Reads.PERSON))
    change = structs.replace(a_change(1), recorded_at=RECORDED_AT)
    key = await house.trail.reader.keys.find(month_of(RECORDED_AT))
    async with house.database.transaction() as connection:
        await write_change(connection, change, key=key)
    (reading,) = await house.readings()

    await sql(house, "update audit.change set sealed = substr(sealed, 2)")
    await sql(house, "update audit.reading set encoded = substr(encoded, 2)")
    pages = await pages_of(house, asked(Reads.PERSON))

    named = {one.id for page in pages for one in page.spoiled}
    assert named == {change.id, reading.id}
    assert sum(len(page.looks) for page in pages) == 3


async def test_a_reading_about_another_is_not_shown_to_whom_its_row_was_given(house: Read):
    """The column says Anna, what was written down says Boris."""
    await house.shelf.read(replace(asked(Reads.INSTITUTION), ssin=BORIS))
    (reading,) = await house.readings()

    await sql(house, f"update audit.reading set ssin = {ANNA.number}")
    page = await house.shelf.read(asked(Reads.PERSON))

    assert [one.id for one in page.spoiled] == [reading.id]
    assert [one.id for one in page.readings] == [page.entry]
