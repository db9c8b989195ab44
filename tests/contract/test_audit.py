"""Both trails, the one in memory and the one on PostgreSQL, keep and give back alike."""

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from uuid import UUID

import pytest
from tests.unit.audit.entries import (
    ANNA,
    BORIS,
    GROUND,
    QUESTION,
    RECORDED_AT,
    an_entry,
    an_outcome,
)

from kruispunt.audit import (
    STATEMENTS,
    Heads,
    Look,
    MasterKey,
    MemoryTrail,
    MonthKeys,
    Prepared,
    Shredded,
    Tampered,
    Trail,
    encode_entry,
    terms,
)
from kruispunt.postgres import Bundle, Commit, Committed, Database, Statement, Write
from kruispunt.vocabulary import (
    Decision,
    Ending,
    Entry,
    FlowId,
    Malformed,
    Outcome,
    PastGrant,
    Reason,
    Recorded,
    Refusal,
    Ssin,
    group_head,
    root_of,
)

SIGNED_AT = datetime(2031, 6, 1, 9, 30, 1, tzinfo=UTC)


@dataclass
class Signer:
    key_id: str = "hub-1"
    signed: list[bytes] = field(default_factory=list[bytes])

    def sign(self, data: bytes) -> bytes:
        self.signed.append(data)
        return f"{len(self.signed)}".encode() * 64


class AnyTrail(Protocol):
    @property
    def statements(self) -> tuple[Statement, ...]: ...
    async def prepare(self, entry: Entry) -> Prepared: ...
    def recorded(self, prepared: Prepared, committed: Committed) -> Recorded[Decision]: ...
    def prepare_outcome(self, outcome: Outcome) -> tuple[Write, ...]: ...
    async def find(
        self, entry_id: UUID, *, recorded_at: datetime | None = None
    ) -> Entry | None: ...
    async def list(
        self, ssin: Ssin, *, limit: int = 100, before: datetime | None = None
    ) -> list[Look]: ...


@dataclass
class House:
    trail: AnyTrail
    commit: Callable[[list[Bundle]], Awaitable[list[Committed]]]
    signer: Signer

    async def record(self, *entries: Entry) -> list[Recorded[Decision]]:
        prepared = [await self.trail.prepare(entry) for entry in entries]
        bundles = [Bundle(writes=one.writes, mark=one.leaf) for one in prepared]
        committed = await self.commit(bundles)
        pairs = zip(prepared, committed, strict=True)
        return [self.trail.recorded(one, place) for one, place in pairs]

    async def end(self, outcome: Outcome) -> None:
        await self.commit([Bundle(writes=self.trail.prepare_outcome(outcome))])


@asynccontextmanager
async def memory(_dsn: str) -> AsyncGenerator[House]:
    signer = Signer()
    heads = Heads(signer=signer, origin="hub", now=lambda: SIGNED_AT)
    trail = MemoryTrail(heads=heads)

    async def commit(bundles: list[Bundle]) -> list[Committed]:
        return trail.commit(*bundles)

    yield House(trail, commit, signer)


@asynccontextmanager
async def postgres(dsn: str) -> AsyncGenerator[House]:
    signer = Signer()
    database = await Database.open(dsn, size=2)
    trail = a_trail(database, signer)
    await trail.start(RECORDED_AT)
    committer = Commit(database, order=trail.statements)
    await committer.start()

    async def commit(bundles: list[Bundle]) -> list[Committed]:
        done = await asyncio.gather(*(committer.run(bundle) for bundle in bundles))
        return [one for one in done if isinstance(one, Committed)]

    yield House(trail, commit, signer)
    await committer.stop()
    await database.close()


def a_trail(
    database: Database, signer: Signer | None = None, *, master: bytes = b"m" * 32
) -> Trail:
    return Trail.over(
        database,
        master=MasterKey(master),
        signer=signer or Signer(),
        origin="hub",
        now=lambda: SIGNED_AT,
        random_bytes=os.urandom,
    )


@pytest.fixture(params=[memory, postgres])
async def house(request: pytest.FixtureRequest, empty_database: str) -> AsyncGenerator[House]:
    async with request.param(empty_database) as house:
        yield house


async def test_a_recorded_entry_is_found_again_and_gives_nothing(house: House):
    entry = an_entry()

    (recorded,) = await house.record(entry)

    found = await house.trail.find(entry.id, recorded_at=entry.recorded_at)
    assert recorded.decision == entry.decision
    assert found is not None
    assert found == replace(entry, decision=PastGrant(ground=GROUND))
    assert encode_entry(found) == encode_entry(entry)


async def test_an_entry_is_found_without_its_time(house: House):
    await house.record(an_entry())
    named = replace(an_entry(2), id=UUID(int=7))  # an id that does not tell its time
    await house.record(named)

    assert await house.trail.find(an_entry().id) is not None
    assert await house.trail.find(named.id) is not None
    assert await house.trail.find(an_entry(3).id) is None


async def test_an_entry_is_not_found_at_another_time(house: House):
    entry = an_entry()
    await house.record(entry)

    later = entry.recorded_at + timedelta(seconds=1)

    assert await house.trail.find(entry.id, recorded_at=later) is None


async def test_every_kind_of_decision_comes_back_as_it_was(house: House):
    refusals = [
        Refusal(reason=reason, ground=GROUND if reason.told else None, successor=BORIS)
        for reason in Reason
    ]
    entries = [replace(an_entry(n), decision=one) for n, one in enumerate(refusals, 1)]

    await house.record(*entries)

    for entry in entries:
        assert await house.trail.find(entry.id) == entry


async def test_entries_committed_together_share_one_signature(house: House):
    recorded = await house.record(*(an_entry(n) for n in range(1, 8)))

    receipts = [one.receipt for one in recorded]

    assert len({receipt.root for receipt in receipts}) == len(house.signer.signed)
    for one, receipt in zip(recorded, receipts, strict=True):
        root = root_of(receipt.leaf, index=receipt.index, size=receipt.size, path=receipt.path)
        assert root == receipt.root
        assert receipt.entry == one.entry.id
        head = group_head(
            origin="hub", size=receipt.size, root=receipt.root, recorded_at=receipt.recorded_at
        )
        assert head in house.signer.signed


async def test_looks_at_a_person_come_latest_first_with_what_came_of_them(house: House):
    early, late = an_entry(1), an_entry(2, at=RECORDED_AT + timedelta(hours=1))
    other = an_entry(3, ssin=BORIS)
    await house.record(early, late, other)
    await house.end(an_outcome(early, Ending.EMPTY))

    looks = await house.trail.list(ANNA)

    assert [look.entry.id for look in looks] == [late.id, early.id]
    assert [look.outcome for look in looks] == [None, an_outcome(early, Ending.EMPTY)]


async def test_looks_are_paged_by_time(house: House):
    entries = [an_entry(n, at=RECORDED_AT + timedelta(minutes=n)) for n in range(1, 6)]
    await house.record(*entries)

    first = await house.trail.list(ANNA, limit=2)
    second = await house.trail.list(ANNA, limit=2, before=first[-1].entry.recorded_at)

    assert [look.entry.id for look in first] == [entries[4].id, entries[3].id]
    assert [look.entry.id for look in second] == [entries[2].id, entries[1].id]


async def test_an_outcome_written_twice_stands_once(house: House):
    entry = an_entry()
    await house.record(entry)

    await house.end(an_outcome(entry))
    await house.end(an_outcome(entry))

    (look,) = await house.trail.list(ANNA)
    assert look.outcome == an_outcome(entry)


async def test_decisions_are_committed_before_outcomes(house: House):
    assert house.trail.statements == STATEMENTS
    assert [one.query.name for one in STATEMENTS] == ["add_decisions", "add_outcomes"]


async def test_a_grant_read_back_can_not_be_recorded_as_a_new_one(house: House):
    past = replace(an_entry(), decision=PastGrant(ground=GROUND))

    with pytest.raises(TypeError):
        await house.trail.prepare(past)


async def test_a_text_with_nul_is_refused_before_it_reaches_a_commit(house: House):
    question = replace(QUESTION, user="a\x00b")

    with pytest.raises(Malformed):
        await house.trail.prepare(replace(an_entry(), question=question))


async def test_facts_of_another_number_are_never_written_as_this_ones(house: House):
    entry = an_entry()
    mixed = replace(entry, facts=an_entry(ssin=BORIS).facts)

    with pytest.raises(ValueError, match="current number"):
        await house.trail.prepare(mixed)


@pytest.fixture
async def database(empty_database: str) -> AsyncGenerator[Database]:
    database = await Database.open(empty_database, size=4)
    yield database
    await database.close()


async def write(database: Database, *writes: Write) -> None:
    for one in writes:
        await database.execute(one.statement.query, *([value] for value in one.row))


async def count(database: Database, table: str) -> int:
    async with database.transaction() as connection:
        return int(await connection.fetchval(f"select count(*) from audit.{table}"))


async def test_entry_and_outcome_each_wait_once_for_their_place_in_the_tree(database: Database):
    trail, entry = a_trail(database), an_entry()
    prepared = await trail.prepare(entry)
    outcome = trail.prepare_outcome(an_outcome(entry))

    await write(database, *prepared.writes, *outcome, *outcome)

    assert await count(database, "pending") == 2
    assert await count(database, "outcome") == 1


async def test_entries_stand_in_the_partition_of_their_month(database: Database):
    trail = a_trail(database)
    await trail.start(RECORDED_AT)

    await write(database, *(await trail.prepare(an_entry())).writes)

    assert await count(database, "decision_2031_06") == 1
    assert await count(database, "decision_rest") == 0


async def test_an_entry_for_which_no_month_was_opened_is_not_refused(database: Database):
    trail = a_trail(database)
    prepared = await trail.prepare(an_entry())
    async with database.transaction() as connection:
        await connection.execute("drop table audit.decision_2031_06")

    await write(database, *prepared.writes)
    await trail.start(RECORDED_AT)

    assert await count(database, "decision_rest") == 1
    assert await trail.find(an_entry().id) is not None


async def test_processes_that_start_together_agree_on_the_key_and_the_words(database: Database):
    trails = [a_trail(database) for _ in range(4)]

    prepared = await asyncio.gather(*(trail.prepare(an_entry()) for trail in trails))

    assert len({one.leaf for one in prepared}) == 1
    assert len({one.writes[0].row[5:11] for one in prepared}) == 1
    assert await count(database, "month_key") == 1


async def test_another_process_reads_what_this_one_wrote(database: Database):
    await write(database, *(await a_trail(database).prepare(an_entry())).writes)

    found = await a_trail(database).find(an_entry().id)

    assert found is not None
    assert encode_entry(found) == encode_entry(an_entry())


async def test_another_master_key_opens_nothing(database: Database):
    await write(database, *(await a_trail(database).prepare(an_entry())).writes)

    with pytest.raises(Tampered):
        await a_trail(database, master=b"x" * 32).find(an_entry().id)


async def test_facts_moved_to_another_entry_are_noticed(database: Database):
    trail = a_trail(database)
    for n in (1, 2):
        await write(database, *(await trail.prepare(an_entry(n))).writes)
    async with database.transaction() as connection:
        await connection.execute(
            "update audit.decision set facts ="
            " (select o.facts from audit.decision as o where o.id = $1) where id = $2",
            an_entry(1).id,
            an_entry(2).id,
        )

    with pytest.raises(Tampered):
        await trail.find(an_entry(2).id)


async def test_facts_of_a_shredded_month_are_gone_and_it_takes_no_more(database: Database):
    await write(database, *(await a_trail(database).prepare(an_entry())).writes)
    keys = MonthKeys(database=database, master=MasterKey(b"m" * 32))

    await keys.shred(date(2031, 6, 1))

    with pytest.raises(Shredded):
        await a_trail(database).find(an_entry().id)
    with pytest.raises(Shredded):
        await a_trail(database).prepare(an_entry(2))


async def test_new_words_are_numbered_once_and_read_back(database: Database):
    trail = a_trail(database)
    flows = [FlowId(f"flow-{n}") for n in range(5)]
    entries = [
        replace(an_entry(n), question=replace(QUESTION, flow=flow)) for n, flow in enumerate(flows)
    ]
    for entry in (*entries, replace(entries[0], id=UUID(int=99))):
        await write(database, *(await trail.prepare(entry)).writes)

    async with database.transaction() as connection:
        numbered = await connection.fetchval("select count(*) from audit.term where kind = 2")
    looks = await a_trail(database).list(ANNA)

    assert numbered == 5
    assert {look.entry.question.flow for look in looks} == set(flows)


async def test_grounds_that_are_no_objects_of_the_lawbook_do_not_fill_the_memory(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(terms, "MAX_GROUNDS", 3)
    trail, entry = a_trail(database), an_entry()
    copies = [replace(GROUND) for _ in range(10)]

    leaves = {
        (
            await trail.prepare(
                replace(entry, decision=Refusal(reason=Reason.NO_FILE, ground=one))
            )
        ).leaf
        for one in copies
    }

    assert len(leaves) == 1
    assert len(trail.reader.terms.grounds) <= 3
