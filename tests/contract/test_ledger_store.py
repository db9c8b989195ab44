"""The ledger on PostgreSQL when things go wrong: a database that goes away, claims that end."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.contract.ledger_house import Rooms, a_ledger
from tests.house import NOON, Clock, Twin, a_hub, a_question, again
from tests.law.inventing import BOTH_FILES, PERSON, facts_of

from kruispunt.exchange import Claims, Earlier, Hub, PostgresLedger
from kruispunt.exchange.claims import Message
from kruispunt.postgres import Query
from kruispunt.postgres.driver import connect
from kruispunt.vocabulary import (
    Answer,
    Ending,
    MessageInFlight,
    Question,
    Reason,
    Recorded,
    Refusal,
    Unavailable,
    WrongSignature,
)

COUNT_CLAIMS = Query(
    name="count_claims",
    sql="select (select count(*) from exchange.nonce) as nonces,"
    " (select count(*) from exchange.message) as messages",
)
CUT = """select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()"""
FACTS = facts_of(*BOTH_FILES)
REFUSAL = Refusal(reason=Reason.NO_FILE)
LAW = a_hub().laws.now.lawbook.digest


@asynccontextmanager
async def a_lasting_hub(dsn: str, clock: Clock) -> AsyncGenerator[tuple[Hub, Twin, Rooms]]:
    """A hub in memory but for its ledger."""
    twin = a_hub()
    async with a_ledger(dsn, clock=clock) as (ledger, rooms):
        yield replace(twin.hub, ledger=ledger), twin, rooms


async def claims(rooms: Rooms) -> tuple[int, int]:
    assert rooms.database is not None
    (row,) = await rooms.database.fetch(COUNT_CLAIMS)
    return row["nonces"], row["messages"]


async def on(dsn: str, statement: str) -> None:
    connection = await connect(dsn, name="the operator", timeout_s=10)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def test_a_hub_answers_from_the_store_as_from_memory(empty_database: str):
    async with a_lasting_hub(empty_database, Clock()) as (hub, twin, rooms):
        answer = await hub.serve(a_question())
        looks = await rooms.trail.list(PERSON)

    assert isinstance(answer, Answer)
    assert answer.ticket == looks[0].entry.id == twin.asked[0].entry.id


async def test_a_database_that_hangs_up_at_the_commit_means_that_nothing_is_asked(
    empty_database: str,
):
    async with a_lasting_hub(empty_database, Clock()) as (hub, twin, rooms):
        await hub.serve(a_question(message=1))
        await _ended(rooms)  # what rides with a later group would meet the cut first
        await on(empty_database, CUT)

        with pytest.raises(Unavailable):
            await hub.serve(a_question(message=2))

        assert [one.entry.question.message_id.int for one in twin.asked] == [1]
        answer = await _patiently(hub, 2)
        looks = await rooms.trail.list(PERSON)

    assert isinstance(answer, Answer)
    assert not answer.repeated
    assert sorted(look.entry.question.message_id.int for look in looks) == [1, 2]
    assert len(twin.asked) == 2


LAST = Query(
    name="last",
    sql="select left(query, 14) as began from pg_stat_activity"
    " where datname = current_database() and application_name like '% commit'",
)


async def test_a_question_and_what_rides_with_it_are_recorded_by_one_statement(
    empty_database: str,
):
    async with a_ledger(empty_database, clock=Clock()) as (ledger, rooms):
        assert rooms.database is not None
        first = await ledger.record(a_question(message=1), FACTS, REFUSAL, law=LAW)
        assert isinstance(first, Recorded)
        alone = await rooms.database.fetch(LAST)
        ledger.close(first)

        await ledger.record(a_question(message=2), FACTS, REFUSAL, law=LAW)

        with_another = await rooms.database.fetch(LAST)
        closed = await rooms.database.fetch(CLOSED)
        assert [row["began"] for row in (*alone, *with_another)] == ["with part_0 as"] * 2
        assert sorted(str(row["closed_at"]) for row in closed) == [str(NOON), "None"]


async def _ended(rooms: Rooms) -> None:
    for _ in range(250):
        if all(look.outcome for look in await rooms.trail.list(PERSON)):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("an outcome was not written within 5 s")


async def _patiently(hub: Hub, message: int) -> object:
    for _ in range(100):
        try:
            return await hub.serve(a_question(message=message))
        except Unavailable:
            await asyncio.sleep(0.05)
    raise AssertionError("the database did not come back within 5 s")


async def test_an_entry_that_can_not_be_written_means_that_nothing_is_asked_nor_claimed(
    empty_database: str,
):
    async with a_lasting_hub(empty_database, Clock()) as (hub, twin, rooms):
        await on(empty_database, "alter table audit.pending rename to lost")

        with pytest.raises(Exception, match=r"audit\.pending"):
            await hub.serve(a_question())

        assert twin.asked == []
        assert await claims(rooms) == (0, 0)
        await on(empty_database, "alter table audit.lost rename to pending")
        assert isinstance(await hub.serve(a_question()), Answer)


async def test_a_ledger_that_was_stopped_takes_nothing_more(empty_database: str):
    async with a_lasting_hub(empty_database, Clock()) as (hub, twin, _):
        ledger = hub.ledger
        assert isinstance(ledger, PostgresLedger)
        await ledger.commit.stop()

        with pytest.raises(Unavailable):
            await hub.serve(a_question())

    assert twin.asked == []


async def test_what_was_recorded_before_the_process_died_is_repeated_by_the_next(
    empty_database: str,
):
    clock, question = Clock(), a_question()
    async with a_ledger(empty_database, clock=clock) as (ledger, _):
        first = await ledger.record(question, FACTS, REFUSAL, law=LAW)
        assert isinstance(first, Recorded)
    clock.pass_by(timedelta(seconds=30))

    async with a_ledger(empty_database, clock=clock) as (ledger, _):
        earlier = await ledger.record(again(question), FACTS, REFUSAL, law=LAW)

    assert earlier == Earlier(entry=first.entry.id, question=question, facts=FACTS, law=LAW)


async def test_an_outcome_that_rides_is_written_when_the_process_stops(empty_database: str):
    async with a_lasting_hub(empty_database, Clock()) as (hub, _, _):
        await hub.serve(a_question())

    async with a_ledger(empty_database, clock=Clock()) as (_, rooms):
        (look,) = await rooms.trail.list(PERSON)

    assert look.outcome is not None
    assert look.outcome.ending is Ending.GIVEN


async def test_who_stops_waiting_neither_stops_the_record_nor_that_of_others(empty_database: str):
    async with a_lasting_hub(empty_database, Clock()) as (hub, twin, rooms):
        await hub.serve(a_question(message=3))  # words, month and key are known from here on
        async with _held(empty_database):
            leaves = asyncio.create_task(hub.serve(a_question(message=1)))
            stays = asyncio.create_task(hub.serve(a_question(message=2)))
            await asyncio.sleep(0.5)
            leaves.cancel()
        answer = await stays
        await asyncio.gather(leaves, return_exceptions=True)
        looks = await rooms.trail.list(PERSON)

    assert leaves.cancelled()
    assert isinstance(answer, Answer)
    assert sorted(look.entry.question.message_id.int for look in looks) == [1, 2, 3]
    assert [one.entry.question.message_id.int for one in twin.asked] == [3, 2]


@asynccontextmanager
async def _held(dsn: str) -> AsyncGenerator[None]:
    """While this is open no claim can be made: every committer waits."""
    connection = await connect(dsn, name="the operator", timeout_s=10)
    await connection.execute("begin")
    await connection.execute("lock table exchange.nonce in exclusive mode")
    try:
        yield
    finally:
        await connection.execute("commit")
        await connection.close()


async def test_nonces_that_expired_and_messages_of_long_ago_are_forgotten(empty_database: str):
    async with a_ledger(empty_database, clock=Clock()) as (ledger, rooms):
        await ledger.record(a_question(message=1, nonce=9), FACTS, REFUSAL, law=LAW)
        expiry = a_question().proof.expires
        at_expiry = datetime.fromtimestamp(expiry, tz=UTC)

        await ledger.claims.forget(nonces_before=at_expiry, messages_before=NOON)
        kept = await claims(rooms)
        await ledger.claims.forget(
            nonces_before=at_expiry + timedelta(seconds=1),
            messages_before=NOON + timedelta(seconds=1),
        )
        gone = await claims(rooms)

        assert (kept, gone) == ((1, 1), (0, 0))
        again_new = await ledger.record(a_question(message=1, nonce=9), FACTS, REFUSAL, law=LAW)
        assert isinstance(again_new, Recorded)


TAKEN_SINCE = """update exchange.message set claimed_at = claimed_at + interval '9 days'"""
CLOSED = Query(name="closed", sql="select closed_at from exchange.message")


async def test_a_message_taken_again_does_not_live_longer_for_it(empty_database: str):
    async with a_ledger(empty_database, clock=Clock()) as (ledger, rooms):
        await ledger.record(a_question(message=1), FACTS, REFUSAL, law=LAW)
        await on(empty_database, TAKEN_SINCE)

        later = NOON + timedelta(seconds=1)
        await ledger.claims.forget(nonces_before=NOON, messages_before=later)

        assert (await claims(rooms))[1] == 0


async def test_who_comes_late_does_not_close_a_message_that_another_has_taken(empty_database: str):
    async with a_ledger(empty_database, clock=Clock()) as (ledger, rooms):
        assert rooms.database is not None
        recorded = await ledger.record(a_question(message=1), FACTS, REFUSAL, law=LAW)
        assert isinstance(recorded, Recorded)
        await on(empty_database, TAKEN_SINCE)

        ledger.close(recorded)
        await ledger.record(a_question(message=2), FACTS, REFUSAL, law=LAW)

        rows = await rooms.database.fetch(CLOSED)
        assert [row["closed_at"] for row in rows] == [None, None]


async def test_a_message_that_is_forgotten_while_it_is_heard_is_told_to_come_back(
    empty_database: str,
):
    async with a_ledger(empty_database, clock=Clock()) as (ledger, _):
        question = a_question()
        await ledger.record(question, FACTS, REFUSAL, law=LAW)
        forgetful = replace(ledger, claims=_Forgetful(database=ledger.claims.database))

        with pytest.raises(MessageInFlight) as told:
            await forgetful.record(again(question), FACTS, REFUSAL, law=LAW)
        assert told.value.retry_after_s == 1
        assert isinstance(await ledger.record(again(question), FACTS, REFUSAL, law=LAW), Recorded)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Forgetful(Claims):
    """Claims whose keeping time ends just when they are looked for."""

    async def find(self, question: Question) -> Message | None:
        await self.forget(
            nonces_before=NOON - timedelta(days=1), messages_before=NOON + timedelta(seconds=1)
        )
        return await Claims.find(self, question)


async def test_a_message_whose_first_entry_is_gone_is_not_decided_anew(empty_database: str):
    clock = Clock()
    async with a_ledger(empty_database, clock=clock) as (ledger, _):
        question = a_question()
        await ledger.record(question, FACTS, REFUSAL, law=LAW)
        await on(empty_database, "delete from audit.decision")
        clock.pass_by(timedelta(minutes=1))

        with pytest.raises(Unavailable, match="first entry"):
            await ledger.record(again(question), FACTS, REFUSAL, law=LAW)
        with pytest.raises(WrongSignature):
            await ledger.record(question, FACTS, REFUSAL, law=LAW)
