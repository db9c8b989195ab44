"""`audit replay` on a real database: what was decided, decided again; what was changed, named."""

import json
from collections.abc import AsyncGenerator
from datetime import date
from pathlib import Path

import pytest
from msgspec import structs
from tests.contract.replay_house import (
    LATER,
    ZONE,
    Decided,
    a_decided_house,
    entry_id,
    kept,
)
from tests.contract.seal_house import a_sealer, seal_all
from tests.contract.trail_house import a_trail
from tests.law.inventing import (
    BOTH_FILES,
    FUND,
    HUB,
    NODE,
    a_clause,
    a_lawbook,
    a_line,
    a_number,
    a_question,
    facts_of,
)
from tests.unit.audit.entries import RECORDED_AT

from kruispunt.audit import (
    Differs,
    NotReplayed,
    Published,
    Replay,
    Verification,
    blind,
    encode_entry,
    month_of,
)
from kruispunt.audit.encoding import encode_facts
from kruispunt.authorisation import decide_many
from kruispunt.vocabulary import (
    NumberStatus,
)


@pytest.fixture
async def house(empty_database: str, tmp_path: Path) -> AsyncGenerator[Decided]:
    async with a_decided_house(empty_database, tmp_path) as house:
        yield house


async def test_every_decision_follows_from_its_own_facts_and_law(house: Decided):
    found = await house.replay()

    assert (found.entries, found.replayed, found.differing) == (8, 8, 0)
    assert found.is_whole
    assert found.lawbooks == {house.law.digest}


async def test_a_node_decides_its_own_trail_as_a_node(house: Decided):
    number = structs.replace(a_number(NumberStatus.LEFT_TO_HUB), successor=None)
    facts = facts_of(a_line(member=FUND), number=number)
    asked = a_question(consumer=FUND)
    await house.sql("truncate audit.decision")
    await house.record(house.entry(1, facts, seat=NODE, question=asked))

    assert (await house.replay(seat=NODE)).differing == 0
    assert (await house.replay(seat=HUB)).differing == 1


@pytest.mark.parametrize(
    ("number", "change", "expected"),
    [
        (2, "reason = 0", (Differs.REASON, "granted", "no-file")),
        (1, "reason = 4", (Differs.REASON, "no-file", "granted")),
        (3, "reason = 4", (Differs.REASON, "no-file", "no-file-at-supplier")),
        (1, "reason = 99", (Differs.REASON, "no reason: 99", "granted")),
        (7, "successor = null", (Differs.SUCCESSOR, "none", "the one in the facts")),
        (7, "successor = ssin", (Differs.SUCCESSOR, "another number", "the one in the facts")),
        (1, "ground = null", (Differs.GROUND, "none", "31/007 §1 clause")),
        (1, "asked_on = '2030-12-31'", (Differs.REASON, "granted", "not-yet-in-force")),
        (1, "about_begin = '2031-03-31'", None),
        (1, "about_begin = '1990-01-01', about_end = '1990-02-01'",
         (Differs.REASON, "granted", "no-file")),
    ],
)  # fmt: skip
async def test_a_change_that_the_law_does_not_bear_is_named(
    house: Decided, number: int, change: str, expected: tuple[Differs, str, str] | None
):
    await house.sql(f"update audit.decision set {change} where id = $1", entry_id(number))

    named = await house.named()

    if expected is None:
        assert named == []
    else:
        assert named[0] == (entry_id(number), *expected)
        assert {entry for entry, *_ in named} == {entry_id(number)}


async def test_a_ground_that_gives_another_field_is_named(house: Decided):
    (row,) = await _fetch(house, "select content from audit.term where kind = 6")
    content = json.loads(str(row))
    content[3].append("income")
    await house.sql("update audit.term set content = $1 where kind = 6", json.dumps(content))

    named = await house.named()

    assert (entry_id(1), Differs.FIELDS, "members, since, income", "members, since") in named


async def test_a_ground_whose_fields_only_read_alike_is_named(house: Decided):
    (row,) = await _fetch(house, "select content from audit.term where kind = 6")
    content = json.loads(str(row))
    content[3] = ["members, since"]
    await house.sql("update audit.term set content = $1 where kind = 6", json.dumps(content))

    named = [one for one in await house.named() if one[0] == entry_id(1)]

    ((_, differs, stands, again),) = named
    assert differs is Differs.GROUND
    assert ('["members, since"]' in stands, '["members","since"]' in again) == (True, True)


@pytest.mark.parametrize(
    ("received_at", "asked_on", "named"),
    [
        ("2031-06-15 21:59:59.999999+00", "2031-06-15", None),
        ("2031-06-15 22:00:00+00", "2031-06-15", ("2031-06-15", "2031-06-16")),
        ("2031-06-15 22:00:00+00", "2031-06-16", None),
        ("2031-12-15 22:59:59+00", "2031-12-15", None),
        ("2031-06-15 10:00:00+00", "2031-07-20", ("2031-07-20", "2031-06-15")),
    ],
)
async def test_the_day_of_asking_is_the_day_of_receipt_where_the_seat_stands(
    house: Decided, received_at: str, asked_on: str, named: tuple[str, str] | None
):
    await house.sql(
        "update audit.decision set received_at = $2::text::timestamptz, asked_on = $3::text::date"
        " where id = $1",
        *(entry_id(1), received_at, asked_on),
    )

    found = await house.named()

    assert found == ([] if named is None else [(entry_id(1), Differs.ASKED_ON, *named)])


async def test_facts_changed_with_leaf_and_all_pass_verify_and_not_replay(house: Decided):
    """Who holds the month's key can make a row and a leaf that fit; the law still does not."""
    honest = house.entry(20, facts_of(*BOTH_FILES))
    forged = structs.replace(honest, facts=facts_of())
    key = await house.trail.reader.keys.find(month_of(RECORDED_AT))
    leaf = blind(encode_entry(forged), salt=key.salt(forged.id, kind=1))
    await house.record(honest)
    facts = key.seal(encode_facts(forged.facts, of=forged.question), entry=forged.id)
    await house.sql("update audit.decision set facts = $2 where id = $1", forged.id, facts)
    await house.sql("update audit.pending set blinded = $2 where entry = $1", forged.id, leaf)
    async with a_sealer(house.database, house.folder / "published") as sealer:
        await seal_all(sealer)

    published = Published(house.folder / "published")
    checkpoint = published.checkpoint()
    assert checkpoint is not None
    verified = await Verification(
        reader=a_trail(house.database).reader, published=published, checkpoint=checkpoint
    ).run()

    assert verified.faults == []
    assert await house.named() == [(forged.id, Differs.REASON, "granted", "no-file")]


async def test_an_entry_moved_under_another_law_is_named(house: Decided):
    other = kept(a_lawbook(a_clause("other", begin=date(2031, 5, 1))), house.folder / "lawbooks")
    await house.sql(
        "update audit.term set content = $1 where content = $2", other.digest, house.law.digest
    )

    found = await house.replay()

    assert found.differing == 7, "all but the one that no clause of either law gives"
    assert {one.differs for one in found.differences} == {Differs.GROUND}


async def test_a_lawbook_that_was_changed_or_lost_decides_nothing(house: Decided):
    path = house.folder / "lawbooks" / f"{house.law.digest}.json"
    text = path.read_bytes()
    path.write_bytes(text.replace(b'"31/007"', b'"31/008"'))
    changed = await house.replay()
    path.unlink()
    lost = await house.replay()

    assert changed.not_replayed == {NotReplayed.LAW_CHANGED: 8}
    assert lost.not_replayed == {NotReplayed.LAW_LOST: 8}
    assert not changed.is_whole
    assert not lost.is_whole


async def test_a_shredded_month_is_counted_and_is_no_fault(house: Decided):
    await house.sql("update audit.month_key set wrapped = null")

    found = await house.replay()

    assert (found.replayed, found.not_replayed) == (0, {NotReplayed.SHREDDED: 8})
    assert found.is_whole


async def test_a_lost_key_and_facts_that_are_not_facts_are_counted(house: Decided):
    await house.sql(
        "update audit.decision set facts = set_byte(facts, 0, 255 - get_byte(facts, 0))"
        " where id = $1",
        entry_id(1),
    )
    broken = await house.replay()
    await house.sql("delete from audit.month_key")
    lost = await house.replay()

    assert broken.not_replayed == {NotReplayed.UNREADABLE: 1}
    assert lost.not_replayed == {NotReplayed.KEY_LOST: 8}
    assert not broken.is_whole


async def test_only_what_was_recorded_since_a_moment_is_read(house: Decided):
    late = structs.replace(house.entry(30, facts_of()), recorded_at=LATER)
    await house.record(late)

    assert (await house.replay(since=LATER)).entries == 1


async def test_a_trail_of_more_pages_than_one_is_read_to_its_end(house: Decided):
    told: list[int] = []
    await house.sql(
        "insert into audit.decision select recorded_at, received_at, sent_at, ssin, successor,"
        " lawbook, consumer, flow, purpose, ground, key, proof_created, proof_life, asked_on,"
        " about_begin, about_end, form, reason, gen_random_uuid(), message_id, repeats, nonce,"
        " signature, digest, facts, ticket, file_reference, asked_by, role"
        " from audit.decision, generate_series(1, 5000) where id = $1",
        entry_id(1),
    )
    run = Replay(
        reader=a_trail(house.database).reader,
        laws=lambda _digest: house.law.jurisdiction(HUB),
        judge=decide_many,
        zone=ZONE,
        tell=told.append,
    )

    found = await run.run()

    assert (found.entries, told) == (5008, [4096, 5008])
    assert found.not_replayed == {NotReplayed.UNREADABLE: 5000}, "facts are bound to their entry"


async def _fetch(house: Decided, sql: str) -> list[object]:
    async with house.database.transaction() as connection:
        return [row[0] for row in await connection.fetch(sql)]
