"""Retention against whoever writes to the database: nothing of a month that is kept is excused."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from tests.contract.seal_house import scalar
from tests.contract.test_expiring import (
    BEFORE,
    KEPT,
    OLD,
    entry,
    expire,
    house,
    retention,
    told,
    verification,
    verify,
)
from tests.contract.test_verifying import Checked
from tests.unit.audit.entries import RECORDED_AT, a_reading

from kruispunt.audit import NotExpired, Verification, Wrong
from kruispunt.audit.retention import EXPIRING
from kruispunt.vocabulary import Entry

__all__ = ["house"]

COLD = UUID(int=(int(OLD.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62) | 12345)
"""An id of the month that is over, of nobody's entry."""


async def take_away(house: Checked, gone: Entry) -> None:
    """Delete an entry of now, and let its places tell an id of then."""
    for kind in (1, 2):
        await house.sql(
            "update audit.sealed set places ="
            " overlay(places placing $1::bytea from position($2::bytea in places))"
            " where position($2::bytea in places) > 0",
            bytes((kind,)) + COLD.bytes,
            bytes((kind,)) + gone.id.bytes,
        )
    await house.sql("delete from audit.decision where id = $1", gone.id)
    await house.sql("delete from audit.outcome where entry = $1", gone.id)


async def test_in_a_lot_of_two_months_only_the_leaves_of_the_old_one_are_excused(house: Checked):
    old, young = entry(31, OLD), entry(32, RECORDED_AT)
    await house.record(young)
    await house.record(old)
    await house.seal()

    await expire(house)

    assert (await verify(house)).faults == []
    told_now = told(house)
    assert told_now is not None
    assert (told_now.position, told_now.leaves) == (16, 6)
    await take_away(house, young)
    assert {one.wrong for one in (await verify(house)).faults} >= {Wrong.MISSING}


async def test_a_lot_that_is_said_to_be_old_excuses_nothing(house: Checked):
    await house.sql("update audit.sealed set began = $1", OLD)

    with pytest.raises(NotExpired, match="faults"):
        await expire(house)

    assert told(house) is None


async def test_a_leaf_of_now_that_takes_an_old_id_is_missed(house: Checked):
    await expire(house)
    await take_away(house, entry(21, RECORDED_AT))

    assert [one.wrong for one in (await verify(house)).faults] == [Wrong.MISSING] * 2


async def test_a_leaf_that_is_over_is_excused_at_its_own_place_only(house: Checked):
    await expire(house)
    await house.sql(
        "update audit.sealed set places = overlay(places placing $1::bytea from 1)"
        " where first = 0",
        b"\x01" + COLD.bytes,
    )

    (fault,) = (await verify(house)).faults

    assert "not the 4 that the signed note excuses" in fault.words


async def test_what_was_excused_before_is_excused_by_the_next_note_too(house: Checked):
    await expire(house)
    await expire(house, KEPT)

    found = await verify(house)

    assert (found.faults, found.expired) == ([], 8)
    later = told(house)
    assert later is not None
    assert (later.position, later.leaves) == (8, 8)


@pytest.mark.parametrize(
    "change",
    [
        "update audit.expired set decisions = 1",
        "update audit.expired set position = 5",
        "insert into audit.expired values ('2025-01-01', now(), 4, 0, 0, 'x')",
        "insert into audit.expired values ('0044-03-01 BC', now(), 0, 0, 0, 'x')",
        "delete from audit.expired",
    ],
)
async def test_what_the_database_tells_of_it_is_held_against_the_note(house: Checked, change: str):
    await expire(house)
    await house.sql(change)

    (fault,) = (await verify(house)).faults

    assert "the database tells it otherwise" in fault.words


async def test_verifying_holds_no_more_rows_after_an_expiry_than_before(
    house: Checked, monkeypatch: pytest.MonkeyPatch
):
    for number in range(40, 100):
        await house.record(entry(number, RECORDED_AT))
        if number % 5 == 0:
            await house.seal()
    await house.seal()
    held: list[int] = []
    meet = Verification._meet  # pyright: ignore[reportPrivateUsage] what it holds is counted

    def counting(run: Verification, *given: Any, **named: Any) -> bytes:
        met = meet(run, *given, **named)
        held.append(len(run.rows) + len(run.places))
        return met

    monkeypatch.setattr(Verification, "_meet", counting)
    peaks: list[int] = []
    for before in (None, BEFORE, KEPT):
        if before is not None:
            await expire(house, before)
        held.clear()
        found = await verification(house, page=1).run()
        assert found.faults == []
        peaks.append(max(held))

    assert found.expired == 8
    assert max(peaks) <= 20


async def test_readings_of_a_month_that_is_over_go_with_their_table(house: Checked):
    await add_reading(house, 7, OLD)
    await add_reading(house, 8, RECORDED_AT)
    await house.seal()
    plan = await retention(house).plan(BEFORE)

    await expire(house)

    found = await verify(house)
    assert (plan.readings, found.faults, found.readings) == (1, [], 1)
    tables = "select count(*) from pg_class where relname = 'reading_2020_03'"
    assert await scalar(house.database, tables) == 0
    assert await scalar(house.database, "select sum(readings) from audit.expired") == 1


async def add_reading(house: Checked, number: int, at: datetime) -> None:
    one = a_reading(number, at=at)
    write = await house.trail.prepare_reading(one)
    await house.database.execute(write.statement.query, [write.row])


async def test_cut_off_before_files_were_rewritten_the_same_command_ends_it(
    house: Checked, monkeypatch: pytest.MonkeyPatch
):
    unwritten = "select count(*) from audit.expired where rewritten_at is null"
    with monkeypatch.context() as patch:
        broken = replace(EXPIRING["rewrite"], sql="select 1 / 0")
        patch.setattr("kruispunt.audit.retention.EXPIRING", {**EXPIRING, "rewrite": broken})
        with pytest.raises(Exception, match="division by zero"):
            await expire(house)
    between = await scalar(house.database, unwritten)
    keys = "select pg_relation_filenode('audit.month_key')::bigint"
    before = await scalar(house.database, keys)

    await retention(house).finish()
    after = await scalar(house.database, keys)
    await retention(house).finish()

    assert (between, await scalar(house.database, unwritten)) == (1, 0)
    assert before != after == await scalar(house.database, keys)
