"""`audit verify` and `prove` against whoever knows them: rows, terms and times made to slip by."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from tests.contract.seal_house import ORIGIN
from tests.contract.test_verifying import Checked, entry_id, house, prove
from tests.contract.trail_house import a_trail
from tests.unit.audit.entries import RECORDED_AT, an_entry

from kruispunt.audit import NotPlaced, Published, Tampered, Verification, Wrong
from kruispunt.vocabulary import Checkpoint

__all__ = ["house"]

NIL, HIGHEST = UUID(int=0), UUID(int=(1 << 128) - 1)


async def copy_row(house: Checked, table: str, number: int, **changes: str) -> None:
    """Insert the row of an entry once more, changed."""
    key = "entry" if table == "outcome" else "id"
    async with house.database.transaction() as connection:
        names = await connection.fetch(
            "select attname from pg_attribute where attnum > 0 and attrelid = $1::text::regclass",
            f"audit.{table}",
        )
        columns = [str(row["attname"]) for row in names]
        told = [str(changes.get(column, column)) for column in columns]
        await connection.execute(
            f"insert into audit.{table} ({', '.join(columns)})"
            f" select {', '.join(told)} from audit.{table} where {key} = $1"
            " order by recorded_at limit 1",
            entry_id(number),
        )


@pytest.mark.parametrize("number", [1, 6])
@pytest.mark.parametrize("shift", ["-", "+"])
@pytest.mark.parametrize("page", [1, 4_096])
@pytest.mark.parametrize("table", ["decision", "outcome"])
async def test_a_second_row_of_the_same_id_is_named(
    house: Checked, table: str, page: int, shift: str, number: int
):
    at = f"recorded_at {shift} interval '1 second'"
    forged = {"asked_by": "'forged'"} if table == "decision" else {"shown": "99"}
    await copy_row(house, table, number, recorded_at=at, **forged)

    found = await house.verify(page=page)

    kind = 1 if table == "decision" else 2
    assert {(one.kind, one.entry) for one in found.faults if one.entry} == {
        (kind, entry_id(number))
    }
    assert Wrong.INSERTED in {one.wrong for one in found.faults}
    assert found.decisions + found.outcomes == 13


@pytest.mark.parametrize("page", [1, 4_096])
@pytest.mark.parametrize("forged", [NIL, HIGHEST])
async def test_a_row_with_the_first_or_the_last_id_is_named(
    house: Checked, forged: UUID, page: int
):
    await copy_row(house, "decision", 1, id=f"'{forged}'")
    await copy_row(house, "outcome", 1, entry=f"'{forged}'")
    await house.sql("insert into audit.reading values (now(), null, $1, 'x', 'x')", forged)

    found = await house.verify(page=page)

    assert {(one.wrong, one.kind, one.entry) for one in found.faults} == {
        (Wrong.INSERTED, kind, forged) for kind in (1, 2, 3)
    }


async def test_as_many_rows_of_one_id_as_there_may_be_are_all_read(house: Checked):
    for second in range(5):
        await copy_row(
            house, "decision", 6, recorded_at=f"recorded_at + interval '{second + 1} seconds'"
        )

    found = await house.verify(page=2)

    assert found.decisions == 11
    assert [one.wrong for one in found.faults] == [Wrong.INSERTED] * 5


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("decision set asked_on = '0044-03-15 BC' where id = $1", 1),
        ("decision set about_end = 'infinity' where id = $1", 1),
        ("decision set sent_at = '-infinity' where id = $1", 1),
        ("decision set recorded_at = '0044-03-15 BC' where id = $1", 1),
        ("decision set reason = 99 where id = $1", 1),
        ("outcome set ended_at = '0044-03-15 BC' where entry = $1", 2),
        ("outcome set ending = 99 where entry = $1", 2),
    ],
)
async def test_a_row_that_nobody_can_read_is_named_and_so_is_what_comes_after(
    house: Checked, change: str, kind: int
):
    await house.sql(f"update audit.{change}", entry_id(2))
    await house.sql("delete from audit.decision where id = $1", entry_id(5))

    found = await house.verify()

    assert {(one.wrong, one.kind, one.entry) for one in found.faults} == {
        (Wrong.CHANGED, kind, entry_id(2)),
        (Wrong.MISSING, 1, entry_id(5)),
    }


SPACED = "content = content || ' ', digest = sha256(convert_to(content || ' ', 'UTF8'))"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("kind = 99 where content = 'FUND'", "no term is of kind 99"),
        ("digest = sha256(digest) where content = 'FUND'", "its digest"),
        (f"{SPACED} where kind = 6", "the one way"),
        ("content = 'no json' where kind = 6", "the one way"),
    ],
)  # fmt: skip
async def test_a_changed_term_is_named_whatever_leaves_say(
    house: Checked, change: str, words: str
):
    await house.sql(f"update audit.term set {change}")

    found = await house.verify()

    assert found.faults[0].wrong is Wrong.CHANGED
    assert words in found.faults[0].words


async def test_a_term_of_another_kind_is_no_word_of_an_entry(house: Checked):
    await house.sql("update audit.term set kind = 2 where content = 'FUND'")

    assert (await house.verify()).faulty == 6


@pytest.mark.parametrize("kind", [7, 8, 9, 3])
async def test_a_key_that_becomes_another_kind_of_proof_changes_its_entries(
    house: Checked, kind: int
):
    await house.sql("update audit.term set kind = $1 where kind = 4", kind)

    found = await house.verify()

    assert found.faulty == 6
    assert {one.wrong for one in found.faults} == {Wrong.CHANGED}


@pytest.mark.parametrize(
    "change",
    [
        "began = began - interval '1 minute'",
        "ended = ended + interval '1 minute'",
        "began = began - interval '9 years', ended = ended - interval '9 years'",
        "began = '-infinity'",
        "began = '0044-03-15 BC'",
    ],
)
async def test_a_lot_that_is_said_to_be_of_other_times_is_named(house: Checked, change: str):
    await house.sql(f"update audit.sealed set {change} where first = 6")

    found = await house.verify()

    assert [(one.wrong, one.position) for one in found.faults] == [(Wrong.HISTORY, 6)]


async def test_an_entry_that_nobody_will_ever_seal_does_not_wait(house: Checked):
    await house.record(an_entry(9))
    await house.sql("delete from audit.pending where kind = 1")

    with pytest.raises(NotPlaced, match="nor waits for one"):
        await prove(house)


async def test_an_entry_that_waits_for_longer_than_the_sealer_takes_does_not_wait(house: Checked):
    await house.trail.start(RECORDED_AT.replace(year=2020))
    await house.record(an_entry(9, at=RECORDED_AT.replace(year=2020)))

    with pytest.raises(NotPlaced, match="long after it was recorded"):
        await prove(house)


async def test_a_lot_that_hides_its_places_by_other_times_gives_no_empty_proof(house: Checked):
    await house.sql(
        "update audit.sealed set began = began - $1::interval, ended = ended - $1::interval", YEARS
    )

    with pytest.raises(NotPlaced):
        await prove(house)


YEARS = timedelta(days=3_000)


@pytest.mark.parametrize(
    "change",
    [
        "decision set reason = 99",
        "decision set asked_on = '0044-03-15 BC'",
        "decision set ssin = -ssin",
        "decision set lawbook = 999",
        "outcome set ending = 99",
        "term set content = 'no json' where kind = 6",
    ],
)
async def test_what_nobody_can_read_is_told_to_be_tampered_with(house: Checked, change: str):
    await house.sql(f"update audit.{change}")

    if "-ssin" in change:
        with pytest.raises(Tampered):
            await house.trail.find(entry_id(1), recorded_at=None)
    else:
        with pytest.raises(Tampered):
            await prove(house)


@pytest.mark.parametrize("size", [6, 12])
async def test_database_and_files_put_back_together_are_told_by_what_was_seen(
    house: Checked, size: int
):
    seen = Checkpoint(origin=ORIGIN, size=size, root=Published(house.folder).edge(size).root)
    later, other = replace(seen, size=13), replace(seen, root=bytes(32))
    published, checkpoint = Published(house.folder), Published(house.folder).checkpoint()
    assert checkpoint is not None

    async def wrong(seen: Checkpoint) -> list[Wrong]:
        reader = a_trail(house.database).reader
        run = Verification(reader=reader, published=published, checkpoint=checkpoint, seen=seen)
        return [one.wrong for one in (await run.run()).faults]

    assert await wrong(seen) == []
    assert await wrong(later) == [Wrong.DATABASE_OLDER]
    assert await wrong(other) == [Wrong.HISTORY]
