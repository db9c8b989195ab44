"""Trails to hold against each other: the one in memory, and the one on PostgreSQL."""

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from tests.unit.audit.entries import (
    RECORDED_AT,
)

from kruispunt.audit import (
    Heads,
    Look,
    MasterKey,
    MemoryTrail,
    Prepared,
    Trail,
)
from kruispunt.postgres import Bundle, Commit, Committed, Database, Statement, Write
from kruispunt.vocabulary import (
    Decision,
    Entry,
    Outcome,
    Recorded,
    Ssin,
)

SIGNED_AT = datetime(2031, 6, 1, 9, 30, 1, tzinfo=UTC)


@dataclass
class Signer:
    key_id: str = "hub-1"
    signed: list[bytes] = field(default_factory=list[bytes])

    def current(self) -> "Signer":
        return self

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
        self, ssin: Ssin, *, limit: int = 100, before: tuple[datetime, UUID] | None = None
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
