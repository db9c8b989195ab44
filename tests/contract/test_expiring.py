"""Retention on a real database: an old month really ended, and excused by a signed note only."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from msgspec import structs
from tests.contract.seal_house import KEY, ORIGIN, checked, scalar
from tests.contract.test_verifying import PUBLIC, Checked, prove
from tests.contract.trail_house import a_trail
from tests.unit.audit.entries import ANNA, RECORDED_AT, a_change, an_entry

from kruispunt.audit import (
    NotExpired,
    Published,
    Retention,
    Shredded,
    Verification,
    Verified,
    Wrong,
    month_of,
)
from kruispunt.audit.change import write_change
from kruispunt.audit.retention import EXPIRING
from kruispunt.client import ProofWrong, check_proof, expired_in, proven_expired
from kruispunt.postgres import Database
from kruispunt.vocabulary import Entry, Expired
from kruispunt.web import Note

OLD = RECORDED_AT.replace(year=2020, month=3)
LATER = OLD.replace(month=4)
BEFORE = date(2020, 4, 1)
KEPT = date(2021, 6, 1)
"""Ten years before the youngest entry."""


def entry(number: int, at: datetime) -> Entry:
    return an_entry(number, at=at + timedelta(seconds=number))


@pytest.fixture
async def house(empty_database: str, tmp_path: Path) -> AsyncGenerator[Checked]:
    """Two entries with outcomes in each of two old months and in one of now; a lot for each."""
    database = await Database.open(empty_database, size=4)
    house = Checked(database, a_trail(database), tmp_path)
    for number, at in enumerate((OLD, LATER, RECORDED_AT)):
        await house.trail.start(at)
        for one in (1, 2):
            await house.record(entry(10 * number + one, at))
        await house.seal()
    yield house
    await database.close()


def retention(house: Checked, *, keep_years: int = 10, now: datetime = RECORDED_AT) -> Retention:
    return Retention(
        database=house.database,
        published=Published(house.folder),
        signer=KEY,
        origin=ORIGIN,
        now=lambda: now,
        keep_years=keep_years,
    )


def told(house: Checked) -> Expired | None:
    note = Published(house.folder).expired()
    return None if note is None else proven_expired(note, [PUBLIC])


def verification(house: Checked, *, ending: date | None = None, page: int = 4_096) -> Verification:
    return Verification(
        reader=a_trail(house.database).reader,
        published=Published(house.folder),
        checkpoint=checked(house.folder),
        expired=told(house),
        ending=ending,
        page=page,
    )


async def verify(house: Checked, *, ending: date | None = None) -> Verified:
    return await verification(house, ending=ending).run()


async def expire(house: Checked, before: date | None = BEFORE) -> None:
    ending = retention(house)
    plan = await ending.plan(before)
    await ending.expire(plan, await verify(house, ending=plan.before), asked_by="test")


def note(*leaves: tuple[int, int, Entry], before: date = BEFORE) -> Expired:
    """The note that excuses these leaves: place, kind and entry of each."""
    over = b"".join(
        place.to_bytes(8) + bytes((kind,)) + entry.id.bytes for place, kind, entry in leaves
    )
    return Expired(
        origin=ORIGIN,
        position=leaves[-1][0] + 1,
        before=before,
        leaves=len(leaves),
        digest=sha256(over).digest(),
    )


FIRST = entry(1, OLD)
SECOND = entry(2, OLD)
NOTE = note((0, 1, FIRST), (1, 2, FIRST), (2, 1, SECOND), (3, 2, SECOND))


async def test_a_month_that_was_ended_is_gone_and_everything_else_stands(house: Checked):
    await expire(house)

    found = await verify(house)
    assert (found.faults, found.expired, found.decisions, found.outcomes) == ([], 4, 4, 4)
    assert told(house) == NOTE
    assert await scalar(house.database, "select count(*) from audit.decision") == 4
    tables = "select count(*) from pg_class where relname like '%_2020_03'"
    assert await scalar(house.database, tables) == 0


async def test_its_key_is_gone_for_ever_and_those_of_other_months_are_not(house: Checked):
    await expire(house)

    trail = a_trail(house.database)
    with pytest.raises(Shredded):
        await trail.reader.keys.find(date(2020, 3, 1))
    assert await trail.reader.keys.find(date(2020, 4, 1))
    with pytest.raises(Shredded):
        await trail.reader.keys.make(date(2020, 3, 1), random_bytes=bytes)


async def test_changes_of_an_ended_month_are_gone_too(house: Checked):
    for number, at in ((1, OLD), (2, LATER)):
        change = structs.replace(a_change(number), id=entry(99 + number, at).id, recorded_at=at)
        key = await house.trail.reader.keys.find(month_of(at))
        async with house.database.transaction() as connection:
            await write_change(connection, change, key=key)
        await house.seal()

    await expire(house)

    assert (await verify(house)).changes == 1
    assert await scalar(house.database, "select count(*) from audit.change") == 1
    assert (await verify(house)).faults == []


async def test_it_is_written_down_by_whom_and_how_much(house: Checked):
    await expire(house)

    async with house.database.transaction() as connection:
        row = await connection.fetchrow("select * from audit.expired")
    assert row is not None
    assert (row["before"], row["position"], row["asked_by"]) == (BEFORE, 4, "test")
    assert (row["decisions"], row["outcomes"]) == (2, 2)


async def test_what_is_missing_without_a_note_is_missing(house: Checked):
    await house.sql("select audit.drop_months($1)", BEFORE)

    found = await verify(house)

    assert [one.wrong for one in found.faults] == [Wrong.MISSING] * 4


async def test_a_key_that_is_gone_without_a_note_is_a_fault(house: Checked):
    await expire(house)
    await house.sql("update audit.month_key set wrapped = null where month = $1", date(2020, 4, 1))

    found = await verify(house)

    assert [one.wrong for one in found.faults] == [Wrong.MISSING]
    assert "the key of 2020-04 is gone" in found.faults[0].words


async def test_a_note_excuses_no_younger_entry_and_none_behind_its_place(house: Checked):
    await expire(house)
    await house.sql("delete from audit.decision where id = $1", entry(11, LATER).id)
    await house.record(entry(5, OLD))
    await house.seal()
    await house.sql("delete from audit.decision where id = $1", entry(5, OLD).id)

    found = await verify(house)

    missing = {one.entry for one in found.faults if one.wrong is Wrong.MISSING}
    assert missing >= {entry(11, LATER).id, entry(5, OLD).id}


async def test_a_note_that_nobody_signed_excuses_nothing(house: Checked):
    published = Published(house.folder)
    text = replace(NOTE, position=12, before=date(2031, 1, 1)).text
    checkpoint = published.note()
    assert checkpoint is not None
    published.publish_expired(Note(text, checkpoint.lines))

    with pytest.raises(ProofWrong):
        told(house)


@pytest.mark.parametrize("before", [date(2021, 7, 1), date(2030, 1, 1), date(2020, 4, 2)])
async def test_months_that_are_to_be_kept_are_kept(house: Checked, before: date):
    with pytest.raises(NotExpired, match="10 years are kept"):
        await retention(house).plan(before)


async def test_by_itself_it_ends_all_that_is_older_than_is_kept(house: Checked):
    plan = await retention(house).plan()

    assert plan.before == KEPT
    assert (plan.decisions, plan.outcomes) == (4, 4)
    assert {date(2020, 3, 1), date(2020, 4, 1)} <= set(plan.months)


async def test_a_clock_that_is_years_ahead_ends_nothing_that_is_kept(house: Checked):
    ahead = retention(house, now=RECORDED_AT.replace(year=2090))

    assert (await ahead.plan()).before == KEPT


async def test_what_waits_for_its_place_is_not_ended(house: Checked):
    await house.record(entry(5, OLD))

    with pytest.raises(NotExpired, match="wait for their place"):
        await retention(house).plan()


async def test_cut_off_after_the_note_the_same_again_ends_it(
    house: Checked, monkeypatch: pytest.MonkeyPatch
):
    ending = retention(house)
    plan = await ending.plan(BEFORE)
    with monkeypatch.context() as patch:
        broken = replace(EXPIRING["drop_months"], sql="select 1 / 0, $1::date")
        patch.setattr("kruispunt.audit.retention.EXPIRING", {**EXPIRING, "drop_months": broken})
        with pytest.raises(Exception, match="division by zero"):
            await ending.expire(plan, await verify(house, ending=plan.before), asked_by="test")
    between = await verify(house)

    await expire(house)

    assert (between.faults, between.decisions) == ([], 6)
    assert (await verify(house)).expired == 4
    assert await scalar(house.database, "select count(*) from audit.expired") == 1


async def test_less_is_never_said_to_be_gone_than_before(house: Checked):
    ending = retention(house)
    less = await ending.plan(BEFORE)
    found = await verify(house, ending=BEFORE)
    await expire(house, KEPT)

    with pytest.raises(NotExpired, match="more than that"):
        await ending.expire(less, found, asked_by="test")


async def test_the_sealer_and_proofs_go_on_afterwards(house: Checked):
    await expire(house)
    await house.record(entry(30, RECORDED_AT))
    await house.seal()

    proof = await prove(house)

    assert check_proof(proof, [PUBLIC]).checkpoint.size == 14
    assert len(proof.entries) == 10
    assert expired_in(proof, [PUBLIC]) == NOTE
    assert len(await house.trail.list(ANNA)) == 5
    assert await house.trail.find(entry(1, OLD).id) is None


async def test_a_copy_of_what_is_published_says_it_too(house: Checked, tmp_path: Path):
    await expire(house)

    Published(house.folder).copy(tmp_path / "copy")

    assert Published(tmp_path / "copy").expired() == Published(house.folder).expired()


async def test_rows_in_the_default_partition_are_ended_too(house: Checked):
    at = datetime(2019, 1, 5, tzinfo=UTC)
    one = an_entry(40, at=at)
    prepared = await house.trail.prepare(one)
    for table in ("decision", "outcome"):
        await house.sql(f"drop table audit.{table}_2019_01")
    for write in prepared.writes:
        await house.database.execute(write.statement.query, [write.row])
    await house.seal()
    rest = "select count(*) from audit.decision_rest"
    before = await scalar(house.database, rest)

    await expire(house)

    assert (before, await scalar(house.database, rest)) == (1, 0)
