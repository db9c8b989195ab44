"""Mailboxes for tests, in memory and on PostgreSQL, filled as a commit of a seat fills them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

from kruispunt.mailbox import Arrivals, Mailboxes, MemoryMailboxes
from kruispunt.postgres import Bundle, Commit, Database
from kruispunt.vocabulary import FlowId, KeyId, Mail, MailKind

MOMENT = datetime(2031, 3, 5, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def a_mail(
    number: int,
    *,
    to: str = "ANNA",
    person: int = 0,
    sent_at: datetime = MOMENT,
    content: bytes = b"sealed",
) -> Mail:
    """A mail; without a person of its own it is about somebody of whom there is no other."""
    return Mail(
        id=UUID(int=number),
        recipient=to,
        kind=MailKind.ANSWER,
        flow=FlowId("some.flow"),
        ticket=f"ticket {number}",
        person=(person or 1000 + number).to_bytes(16, "big"),
        sealed=content,
        sealed_for=KeyId(f"{to}/1"),
        sent_at=sent_at,
    )


class Put(Protocol):
    """Puts mails in their mailboxes; they are there once this returns."""

    async def __call__(self, *mails: Mail) -> None: ...


@dataclass(frozen=True, kw_only=True)
class MailHouse:
    """A store under test, and the way mail comes into it."""

    store: Mailboxes | MemoryMailboxes
    put: Put

    async def numbers(self, recipient: str = "ANNA", *, after: int = 0) -> list[int]:
        """The mails that may be delivered now, in order."""
        found: list[int] = []
        while letters := (await self.store.read(recipient, after=after)).letters:
            found.extend(letter.mail.id.int for letter in letters)
            after = letters[-1].position
        return found

    async def held(self, recipient: str = "ANNA") -> int:
        return (await self.store.read(recipient)).held


@asynccontextmanager
async def in_memory(_dsn: str = "") -> AsyncGenerator[MailHouse]:
    """Mailboxes in memory."""
    store = MemoryMailboxes()

    async def put(*mails: Mail) -> None:
        store.add(*mails)

    yield MailHouse(store=store, put=put)


@asynccontextmanager
async def on_postgres(dsn: str) -> AsyncGenerator[MailHouse]:
    """Mailboxes as one process has them: its own pool and its own committer."""
    database = await Database.open(dsn, size=4)
    store = Mailboxes(database=database)
    await store.open_days(MOMENT)
    commit = Commit(database, order=store.statements)
    await commit.start()

    async def put(*mails: Mail) -> None:
        runs = (commit.run(Bundle(writes=store.put(mail))) for mail in mails)
        await asyncio.gather(*runs)

    try:
        yield MailHouse(store=store, put=put)
    finally:
        await commit.stop()
        await database.close()


@asynccontextmanager
async def arrivals_of(house: MailHouse, *, look_every_s: float = 60) -> AsyncGenerator[Arrivals]:
    """Those who wait for mail of this house."""
    assert isinstance(house.store, Mailboxes)
    arrivals = Arrivals(look_every_s=look_every_s)
    async with arrivals.listening(house.store.database):
        yield arrivals
