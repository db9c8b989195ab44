"""`audit verify` on a real database: each fault is really made, in SQL, and is named."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from msgspec import structs
from tests.contract.seal_house import KEY, ORIGIN, a_sealer, seal_all
from tests.contract.trail_house import a_trail
from tests.unit.audit.entries import ANNA, BORIS, RECORDED_AT, an_entry, an_outcome

from kruispunt.audit import Hidden, Prover, Published, Trail, Verification, Verified, Wrong
from kruispunt.client import ProofWrong, TrailProof, check_proof, read_proof
from kruispunt.postgres import Database, Write
from kruispunt.vocabulary import Entry, Period, Reason, Refusal
from kruispunt.web import PublicKey

PUBLIC = KEY.public(
    not_before=RECORDED_AT - timedelta(days=10_000), not_after=RECORDED_AT + timedelta(days=9_999)
)


@dataclass
class Checked:
    database: Database
    trail: Trail
    folder: Path

    async def record(self, entry: Entry, *, ended: bool = True) -> None:
        writes: list[Write] = [*(await self.trail.prepare(entry)).writes]
        if ended:
            writes += self.trail.prepare_outcome(an_outcome(entry))
        for one in writes:
            await self.database.execute(one.statement.query, [one.row])

    async def seal(self) -> None:
        async with a_sealer(self.database, self.folder) as sealer:
            await seal_all(sealer)

    async def sql(self, words: str, *values: object) -> None:
        async with self.database.transaction() as connection:
            await connection.execute(words, *values)

    async def verify(self, *, page: int = 4_096) -> Verified:
        published = Published(self.folder)
        checkpoint = published.checkpoint()
        assert checkpoint is not None
        return await Verification(
            reader=a_trail(self.database).reader,
            published=published,
            checkpoint=checkpoint,
            page=page,
        ).run()

    async def wrong(self) -> list[tuple[Wrong, UUID | None]]:
        return [(fault.wrong, fault.entry) for fault in (await self.verify()).faults]


@pytest.fixture
async def house(empty_database: str, tmp_path: Path) -> AsyncGenerator[Checked]:
    """Six decisions with their outcomes, in two lots."""
    database = await Database.open(empty_database, size=4)
    trail = a_trail(database)
    await trail.start(RECORDED_AT)
    house = Checked(database, trail, tmp_path)
    for lot in (range(1, 4), range(4, 7)):
        for number in lot:
            ssin = ANNA if number % 2 else BORIS
            at = RECORDED_AT + timedelta(seconds=number)
            await house.record(an_entry(number, ssin=ssin, at=at))
        await house.seal()
    yield house
    await database.close()


def entry_id(number: int) -> UUID:
    return an_entry(number, at=RECORDED_AT + timedelta(seconds=number)).id


async def test_a_trail_that_nobody_touched_is_what_was_published(house: Checked):
    await house.record(an_entry(7), ended=False)

    found = await house.verify()

    assert found.faults == []
    assert (found.size, found.decisions, found.outcomes, found.waiting) == (12, 7, 6, 1)


async def test_refusals_and_texts_of_all_kinds_give_their_leaves_again(house: Checked):
    refused = structs.replace(an_entry(8), decision=Refusal(reason=Reason.NO_CLAUSE))
    asked = structs.replace(
        refused.question, ticket=str(refused.question.message_id), sent_at=None
    )
    again = structs.replace(an_entry(9), question=asked, repeats=refused.id)
    for entry in (refused, again):
        await house.record(entry, ended=False)
    await house.seal()

    assert (await house.verify()).faults == []


@pytest.mark.parametrize(
    ("sent_at", "about"),
    [
        (datetime(1, 1, 1, 0, 0, 0, 1, tzinfo=UTC), Period(date.min, None)),
        (datetime(9999, 12, 31, 23, 59, 59, 999998, tzinfo=UTC), Period(date.min, date.max)),
        (None, Period(date.max, None)),
    ],
)
async def test_entries_about_the_ends_of_time_give_their_leaves_again(
    house: Checked, sent_at: datetime | None, about: Period
):
    entry = an_entry(8)
    asked = structs.replace(entry.question, sent_at=sent_at, about=about)
    await house.record(structs.replace(entry, question=asked))
    await house.seal()

    assert (await house.verify()).faults == []


@pytest.mark.parametrize(
    "change",
    [
        "asked_by = 'somebody else'",
        "ssin = ssin + 1",
        "reason = 4",
        "recorded_at = recorded_at + interval '1 microsecond'",
        "facts = set_byte(facts, 3, 255 - get_byte(facts, 3))",
        "about_end = null",
        "consumer = flow",
        "ground = 999",
    ],
)
async def test_a_changed_decision_is_named(house: Checked, change: str):
    await house.sql(f"update audit.decision set {change} where id = $1", entry_id(2))

    assert await house.wrong() == [(Wrong.CHANGED, entry_id(2))]


@pytest.mark.parametrize("change", ["shown = 0", "ending = 2", "cause = 'x'"])
async def test_a_changed_outcome_is_named(house: Checked, change: str):
    await house.sql(f"update audit.outcome set {change} where entry = $1", entry_id(5))

    found = await house.verify()

    assert [(one.wrong, one.kind, one.entry) for one in found.faults] == [
        (Wrong.CHANGED, 2, entry_id(5))
    ]


async def test_a_changed_word_changes_every_entry_that_says_it(house: Checked):
    await house.sql("update audit.term set content = 'OTHER' where content = 'FUND'")

    found = await house.verify()

    assert [one.wrong for one in found.faults] == [Wrong.CHANGED] * 7
    assert "its digest is that of other words" in found.faults[0].words


async def test_a_missing_entry_is_named_with_its_place(house: Checked):
    await house.sql("delete from audit.decision where id = $1", entry_id(3))

    found = await house.verify()

    assert [(one.wrong, one.entry, one.position) for one in found.faults] == [
        (Wrong.MISSING, entry_id(3), 4)
    ]


async def test_an_inserted_entry_is_named(house: Checked):
    await house.record(an_entry(9), ended=False)
    await house.sql("delete from audit.pending where entry = $1", an_entry(9).id)

    assert await house.wrong() == [(Wrong.INSERTED, an_entry(9).id)]


async def test_an_entry_that_waits_and_was_changed_is_named(house: Checked):
    await house.record(an_entry(9), ended=False)
    await house.sql("update audit.decision set role = 'x' where id = $1", an_entry(9).id)

    assert await house.wrong() == [(Wrong.CHANGED, an_entry(9).id)]


async def test_an_entry_that_waits_and_is_gone_is_named(house: Checked):
    await house.record(an_entry(9), ended=False)
    await house.sql("delete from audit.decision where id = $1", an_entry(9).id)

    assert await house.wrong() == [(Wrong.MISSING, an_entry(9).id)]


async def test_places_that_were_swapped_are_named(house: Checked):
    await house.sql(
        "update audit.sealed set places ="
        " overlay(overlay(places placing substr(places, 35, 17) from 1)"
        " placing substr(places, 1, 17) from 35)"
        " where first = 0"
    )

    assert set(await house.wrong()) == {
        (Wrong.REORDERED, entry_id(1)),
        (Wrong.REORDERED, entry_id(2)),
    }


async def test_entries_that_took_the_place_of_each_other_are_named(house: Checked):
    a, b = entry_id(1), entry_id(2)
    await house.sql("update audit.decision set id = $1 where id = $2", UUID(int=0xF), a)
    await house.sql("update audit.decision set id = $1 where id = $2", a, b)
    await house.sql("update audit.decision set id = $1 where id = $2", b, UUID(int=0xF))

    assert {entry for _, entry in await house.wrong()} == {a, b}


async def test_a_truncated_trail_is_named(house: Checked):
    await house.sql("delete from audit.decision where id >= $1", entry_id(4))
    await house.sql("delete from audit.outcome where entry >= $1", entry_id(4))
    await house.sql("delete from audit.sealed where first >= 6")

    found = await house.verify()

    assert [(one.wrong, one.position) for one in found.faults] == [(Wrong.DATABASE_OLDER, 6)]
    assert "ends at 6 leaves, published are 12" in found.faults[0].words


async def test_a_database_put_back_to_an_older_state_is_named(house: Checked):
    async with house.database.transaction() as connection:
        for table in ("decision", "outcome", "sealed", "fresh", "pending", "term"):
            await connection.execute(f"create table public.{table} as table audit.{table}")
    await house.record(an_entry(8, at=RECORDED_AT + timedelta(seconds=8)))
    await house.seal()
    async with house.database.transaction() as connection:
        for table in ("decision", "outcome", "sealed", "fresh", "pending"):
            await connection.execute(f"truncate audit.{table}")
            await connection.execute(
                f"insert into audit.{table} overriding system value table public.{table}"
            )

    assert await house.wrong() == [(Wrong.DATABASE_OLDER, None)]


async def test_a_lot_taken_out_of_the_middle_is_named(house: Checked):
    await house.sql("delete from audit.sealed where first = 0")

    wrong = {wrong for wrong, _ in await house.wrong()}

    assert Wrong.HISTORY in wrong


async def test_a_changed_root_or_file_is_named(house: Checked):
    await house.sql("update audit.sealed set root = sha256(root) where first = 0")
    assert [wrong for wrong, _ in await house.wrong()] == [Wrong.HISTORY]


async def test_a_file_that_was_changed_is_named(house: Checked):
    tile = house.folder / "tile/0/000.p/12"
    tile.write_bytes(bytes(32) + tile.read_bytes()[32:])

    assert [wrong for wrong, _ in await house.wrong()] == [Wrong.FILES]


async def test_a_file_that_is_gone_is_named(house: Checked):
    (house.folder / "tile/entries/000.p/12").unlink()

    assert {wrong for wrong, _ in await house.wrong()} >= {Wrong.FILES}


async def test_a_month_that_was_shredded_without_a_word_is_a_fault(house: Checked):
    await house.sql("update audit.month_key set wrapped = null")

    found = await house.verify()

    assert (found.faulty, found.shredded) == (1, 12)
    assert "no signed note says so" in found.faults[0].words


async def test_a_month_taken_away_with_its_key_is_not_over(house: Checked):
    await house.sql("delete from audit.month_key where month = $1", date(2031, 6, 1))
    await house.sql("drop table audit.decision_2031_06, audit.outcome_2031_06")

    assert (await house.verify()).faulty == 12


async def test_a_clock_that_went_back_is_told_and_is_no_fault(house: Checked):
    await house.record(an_entry(8, at=RECORDED_AT - timedelta(days=1)))
    await house.seal()

    found = await house.verify()

    assert found.faults == []
    assert len(found.jumps) == 1


async def prove(house: Checked) -> TrailProof:
    prover = Prover(reader=a_trail(house.database).reader, published=Published(house.folder))
    return await prover.about(ANNA, hidden=Hidden())


async def test_a_person_proves_every_entry_with_a_file_and_a_public_key(house: Checked):
    await house.record(an_entry(9))

    proof = await prove(house)
    found = check_proof(proof, [PUBLIC])

    assert found.checkpoint.origin == ORIGIN
    assert len(proof.entries) == 6
    assert proof.waiting == 2


@pytest.mark.parametrize("field", ["encoded", "salt"])
async def test_an_entry_that_was_changed_in_the_file_proves_nothing(house: Checked, field: str):
    proof = await prove(house)
    first = proof.entries[0]
    data: bytes = getattr(first, field)
    other = bytes([data[0] ^ 1]) + data[1:]
    entry = type(first)(
        position=first.position,
        encoded=other if field == "encoded" else first.encoded,
        salt=other if field == "salt" else first.salt,
        path=first.path,
    )
    wrong = TrailProof(format=proof.format, checkpoint=proof.checkpoint, entries=(entry,))

    with pytest.raises(ProofWrong, match="does not lead to the root"):
        check_proof(wrong, [PUBLIC])


async def test_a_checkpoint_of_another_key_or_another_trail_proves_nothing(house: Checked):
    proof = await prove(house)
    stranger = PublicKey(
        key_id=PUBLIC.key_id,
        institution=PUBLIC.institution,
        raw=bytes(32),
        not_before=PUBLIC.not_before,
        not_after=PUBLIC.not_after,
    )
    revoked = replace(PUBLIC, revoked_at=PUBLIC.not_before)

    for key in (stranger, revoked, replace(PUBLIC, institution="OTHER")):
        with pytest.raises(ProofWrong, match="not signed by a key that counts"):
            check_proof(proof, [key])
    with pytest.raises(ProofWrong):
        read_proof(b"{}")
