"""Both trails, the one in memory and the one on PostgreSQL, keep and give back alike."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from uuid import UUID

import pytest
from msgspec import structs
from tests.contract.trail_house import (
    House,
    memory,
    postgres,
)
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
    encode_entry,
)
from kruispunt.vocabulary import (
    Ending,
    Malformed,
    PastGrant,
    Reason,
    Refusal,
    group_head,
    root_of,
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
    assert found == structs.replace(entry, decision=PastGrant(ground=GROUND))
    assert encode_entry(found) == encode_entry(entry)


async def test_an_entry_is_found_without_its_time(house: House):
    await house.record(an_entry())
    named = structs.replace(an_entry(2), id=UUID(int=7))  # an id that does not tell its time
    await house.record(named)

    assert await house.trail.find(an_entry().id) is not None
    assert await house.trail.find(named.id) is not None
    assert await house.trail.find(an_entry(3).id) is None


async def test_an_id_that_tells_an_impossible_time_is_simply_not_found(house: House):
    assert await house.trail.find(UUID("ffffffff-ffff-7fff-bfff-ffffffffffff")) is None


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
    entries = [structs.replace(an_entry(n), decision=one) for n, one in enumerate(refusals, 1)]

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


@pytest.mark.parametrize("apart", [timedelta(minutes=1), timedelta()])
async def test_looks_are_paged_by_time_and_id(house: House, apart: timedelta):
    entries = [an_entry(n, at=RECORDED_AT + n * apart) for n in range(1, 6)]
    await house.record(*entries)

    first = await house.trail.list(ANNA, limit=2)
    last = first[-1].entry
    second = await house.trail.list(ANNA, limit=2, before=(last.recorded_at, last.id))

    shown = [look.entry.id for look in (*first, *second)]
    assert shown == [one.id for one in entries[:0:-1]]


async def test_an_outcome_written_twice_stands_once(house: House):
    entry = an_entry()
    await house.record(entry)

    await house.end(an_outcome(entry))
    await house.end(an_outcome(entry))

    (look,) = await house.trail.list(ANNA)
    assert look.outcome == an_outcome(entry)


async def test_decisions_are_committed_before_outcomes(house: House):
    assert house.trail.statements == STATEMENTS
    names = [one.query.name for one in STATEMENTS]

    assert names == ["add_decisions", "add_outcomes", "add_readings"]


async def test_a_grant_read_back_can_not_be_recorded_as_a_new_one(house: House):
    past = structs.replace(an_entry(), decision=PastGrant(ground=GROUND))

    with pytest.raises(TypeError):
        await house.trail.prepare(past)


async def test_a_text_with_nul_is_refused_before_it_reaches_a_commit(house: House):
    question = structs.replace(QUESTION, user="a\x00b")

    with pytest.raises(Malformed):
        await house.trail.prepare(structs.replace(an_entry(), question=question))


async def test_facts_of_another_number_are_never_written_as_this_ones(house: House):
    entry = an_entry()
    mixed = structs.replace(entry, facts=an_entry(ssin=BORIS).facts)

    with pytest.raises(ValueError, match="current number"):
        await house.trail.prepare(mixed)
