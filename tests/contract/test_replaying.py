"""`audit replay` on a real database: what was decided, decided again; what was changed, named."""

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import UUID

import pytest
from msgspec import structs
from tests.contract.seal_house import a_sealer, seal_all
from tests.contract.trail_house import a_trail
from tests.law.inventing import (
    BOTH_FILES,
    FILE,
    FUND,
    HUB,
    NODE,
    SUCCESSOR,
    a_clause,
    a_lawbook,
    a_line,
    a_number,
    a_question,
    facts_of,
    settle,
)
from tests.unit.audit.entries import RECORDED_AT, an_entry

from kruispunt.audit import (
    Differs,
    NotReplayed,
    Published,
    Replay,
    Replayed,
    Trail,
    Verification,
    blind,
    encode_entry,
    month_of,
)
from kruispunt.audit.encoding import encode_facts
from kruispunt.authorisation import decide, decide_many
from kruispunt.exchange import KeptLaws
from kruispunt.law import Lawbook, find_lawbook, keep_lawbook
from kruispunt.postgres import Database
from kruispunt.vocabulary import (
    Entry,
    Facts,
    InstitutionCode,
    LawDigest,
    NumberStatus,
    Question,
)

LATER: Final = RECORDED_AT + timedelta(seconds=1)


@dataclass
class Decided:
    """A trail of real decisions under a kept lawbook."""

    database: Database
    trail: Trail
    folder: Path
    law: Lawbook

    def entry(
        self,
        number: int,
        facts: Facts,
        *,
        seat: InstitutionCode = HUB,
        question: Question | None = None,
    ) -> Entry:
        asked = question or a_question()
        made = an_entry(number)
        decision = decide(settle(asked, facts), facts, self.law.jurisdiction(seat))
        asked = structs.replace(asked, message_id=made.question.message_id)
        return structs.replace(
            made, question=asked, facts=facts, decision=decision, lawbook=self.law.digest
        )

    async def record(self, *entries: Entry) -> None:
        for entry in entries:
            for one in (await self.trail.prepare(entry)).writes:
                await self.database.execute(one.statement.query, [one.row])

    async def sql(self, words: str, *values: object) -> None:
        async with self.database.transaction() as connection:
            await connection.execute(words, *values)

    async def replay(
        self, *, seat: InstitutionCode = HUB, since: datetime | None = None
    ) -> Replayed:
        now = replace(a_lawbook(), digest=LawDigest("f" * 64)).jurisdiction(seat)
        laws = KeptLaws(now=now, folder=self.folder / "lawbooks")
        reader = a_trail(self.database).reader
        run = Replay(reader=reader, laws=laws.of, judge=decide_many)
        if since is not None:
            run.since = since
        return await run.run()

    async def named(self) -> list[tuple[UUID, Differs, str, str]]:
        found = await self.replay()
        return [(one.entry, one.differs, one.stands, one.again) for one in found.differences]


def kept(lawbook: Lawbook, folder: Path) -> Lawbook:
    """The same lawbook under its real digest, kept."""
    path = keep_lawbook(lawbook, folder)
    digest = LawDigest(sha256(path.read_bytes()).hexdigest())
    path.rename(folder / f"{digest}.json")
    return find_lawbook(digest, folder)


CASES: Final = (
    facts_of(*BOTH_FILES),
    facts_of(),
    facts_of(a_line(FILE)),
    facts_of(number=a_number(NumberStatus.UNKNOWN)),
    facts_of(*BOTH_FILES, number=a_number(NumberStatus.CANCELLED)),
    facts_of(*BOTH_FILES, number=a_number(NumberStatus.DECEASED, deceased_on=date(2030, 1, 1))),
    facts_of(
        *(structs.replace(line, ssin=SUCCESSOR) for line in BOTH_FILES),
        number=a_number(NumberStatus.REPLACED),
    ),
)


@pytest.fixture
async def house(empty_database: str, tmp_path: Path) -> AsyncGenerator[Decided]:
    """One entry for each result that there is at a hub, and one without a clause."""
    database = await Database.open(empty_database, size=3)
    trail = a_trail(database)
    await trail.start(RECORDED_AT)
    law = kept(a_lawbook(), tmp_path / "lawbooks")
    house = Decided(database, trail, tmp_path, law)
    await house.record(*(house.entry(n, facts) for n, facts in enumerate(CASES, 1)))
    await house.record(house.entry(8, facts_of(), question=a_question(consumer=FUND)))
    yield house
    await database.close()


def entry_id(number: int) -> UUID:
    return an_entry(number).id


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
        tell=told.append,
    )

    found = await run.run()

    assert (found.entries, told) == (5008, [4096, 5008])
    assert found.not_replayed == {NotReplayed.UNREADABLE: 5000}, "facts are bound to their entry"


async def _fetch(house: Decided, sql: str) -> list[object]:
    async with house.database.transaction() as connection:
        return [row[0] for row in await connection.fetch(sql)]
