"""What is stored gives back exactly what was encoded, and so its leaf, whatever comes."""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from msgspec import structs
from tests.unit.audit.entries import an_entry, entries, outcomes

from kruispunt.audit import (
    DECISION,
    OUTCOME,
    MasterKey,
    Trail,
    blind,
    decode_entry,
    decode_outcome,
    encode_entry,
    encode_outcome,
    leaf_of,
    month_of,
)
from kruispunt.audit.form import encode
from kruispunt.postgres import Database, Record, Write
from kruispunt.vocabulary import Entry, Outcome


@dataclass
class Keyed:
    key_id: str = "hub-1"
    signed: list[bytes] = field(default_factory=list[bytes])

    def current(self) -> "Keyed":
        return self

    def sign(self, data: bytes) -> bytes:
        self.signed.append(data)
        return bytes(64)


class Session:
    """One database and one trail for all examples of a test."""

    def __init__(self, dsn: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.database = self.loop.run_until_complete(Database.open(dsn, size=1))
        self.trail = Trail.over(
            self.database,
            master=MasterKey(bytes(32)),
            signer=Keyed(),
            origin="hub",
            now=lambda: datetime(2031, 1, 1, tzinfo=UTC),
            random_bytes=os.urandom,
        )

    def close(self) -> None:
        self.loop.run_until_complete(self.database.close())
        self.loop.close()

    async def write(self, *writes: Write) -> None:
        for write in writes:
            await self.database.execute(write.statement.query, [write.row])


@pytest.fixture
def session(empty_database: str) -> Iterator[Session]:
    session = Session(empty_database)
    yield session
    session.close()


@given(entry=entries())
def test_an_encoded_entry_gives_back_the_same_bytes(entry: Entry) -> None:
    encoding = encode_entry(entry)

    again = decode_entry(encoding)

    assert encode_entry(again) == encoding
    assert again.question == entry.question
    assert again.facts == entry.facts
    assert again.decision.ground == entry.decision.ground


@given(outcome=outcomes)
def test_an_encoded_outcome_gives_back_the_same_outcome(outcome: Outcome) -> None:
    encoding = encode_outcome(outcome)

    again = decode_outcome(encoding)

    assert again == outcome


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(entry=entries())
@example(entry=an_entry())
def test_a_stored_row_gives_back_the_leaf_that_was_receipted(
    session: Session, entry: Entry
) -> None:
    entry = structs.replace(entry, id=UUID(bytes=os.urandom(16)))

    async def life() -> tuple[bytes, bytes, Entry | None]:
        prepared = await session.trail.prepare(entry)
        await session.write(*prepared.writes)
        form = await session.trail.reader.form(entry.id, recorded_at=entry.recorded_at)
        assert form is not None
        key = await session.trail.reader.keys.find(month_of(entry.recorded_at))
        encoding = encode(form)
        leaf = leaf_of(blind(encoding, salt=key.salt(entry.id, kind=DECISION)))
        assert leaf == prepared.leaf
        return encoding, leaf, await session.trail.find(entry.id)

    encoding, _leaf, found = session.loop.run_until_complete(life())

    assert encoding == encode_entry(entry)
    assert found is not None
    assert encode_entry(found) == encoding


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(outcome=outcomes)
def test_a_stored_outcome_waits_under_the_leaf_of_its_encoding(
    session: Session, outcome: Outcome
) -> None:
    outcome = structs.replace(outcome, entry=UUID(bytes=os.urandom(16)))

    async def life() -> list[Record]:
        await session.trail.start(outcome.recorded_at)
        await session.write(*session.trail.prepare_outcome(outcome))
        async with session.database.transaction() as connection:
            return await connection.fetch(
                "select blinded from audit.pending where entry = $1 and kind = 2", outcome.entry
            )

    rows = session.loop.run_until_complete(life())

    key = session.trail.reader.keys.known[month_of(outcome.recorded_at)]
    salt = key.salt(outcome.entry, kind=OUTCOME)
    assert rows[-1]["blinded"] == blind(encode_outcome(outcome), salt=salt)
