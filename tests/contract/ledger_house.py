"""Ledgers on PostgreSQL, each as a process of its own would have it."""

import os
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from tests.house import NOON, a_key
from tests.law.inventing import HUB

from kruispunt.audit import Look, MasterKey, Trail
from kruispunt.exchange import Claims, PostgresLedger, commit_order
from kruispunt.postgres import Commit, Database
from kruispunt.vocabulary import Ssin


class Looks(Protocol):
    """What both trails tell of a person."""

    async def list(self, ssin: Ssin, *, limit: int = 100) -> list[Look]: ...


@dataclass(frozen=True, kw_only=True)
class Rooms:
    """What a test may look into beside the ledger."""

    trail: Looks
    database: Database | None = None

    @staticmethod
    def chance(count: int) -> bytes:
        return os.urandom(count)


@asynccontextmanager
async def a_ledger(
    dsn: str, *, clock: Callable[[], datetime], lease: timedelta = timedelta(seconds=30)
) -> AsyncGenerator[tuple[PostgresLedger, Rooms]]:
    """A ledger with its own pool, committer and caches: all that a process shares is the store."""
    database = await Database.open(dsn, size=2)
    trail = Trail.over(
        database,
        master=MasterKey(b"m" * 32),
        signer=a_key(HUB),
        origin=HUB,
        now=clock,
        random_bytes=os.urandom,
    )
    await trail.start(NOON)
    commit = Commit(database, order=commit_order(trail), linger_s=0.05)
    await commit.start()
    ledger = PostgresLedger(
        trail=trail,
        claims=Claims(database=database),
        commit=commit,
        now=clock,
        random_bytes=os.urandom,
        lease=lease,
    )
    try:
        yield ledger, Rooms(trail=trail, database=database)
    finally:
        await commit.stop()
        await database.close()
