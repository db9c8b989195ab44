"""What a one-time file leaves beside its entries: that it was sent, and how much of it came."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol
from uuid import UUID

from kruispunt.postgres import Database, Statement, Write, read_queries
from kruispunt.vocabulary import FlowId, InstitutionCode

QUERIES: Final = read_queries(Path(__file__).with_name("spent.sql"))

SPEND: Final = Statement(QUERIES["spend"], width=6, key=(0, 1, 2))
ADD_BATCH: Final = Statement(QUERIES["add_batches"], width=9, key=(0,))
WHOLE: Final = ""
"""In the place of a sender: the file as a whole, whoever sends parts of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """Which file a batch belongs to. `batches` of its sender's part; 0 where that is not told."""

    flow: FlowId
    sender: str
    file: UUID
    batches: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """How many persons of one batch came, and how many were passed on.

    `digest` of what it says. `batches` of its sender's part; 0 where that is not told.
    """

    mail: UUID
    flow: FlowId
    file: UUID
    sender: InstitutionCode
    persons: int
    passed: int
    recorded_at: datetime
    digest: bytes
    batches: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """Who sent a batch, and the digest of what it says."""

    sender: InstitutionCode
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSoFar:
    """A file at a seat, as far as it has come."""

    flow: FlowId
    file: UUID
    batches: int
    persons: int
    passed: int
    first_at: datetime
    last_at: datetime


class Spent(Protocol):
    """Where it stands which file was sent. What writes is handed to the committer."""

    def spend(self, spending: Spending, *, mail: UUID, now: datetime) -> Write: ...

    def add(self, passed: Passed) -> Write: ...

    async def find(self, spending: Spending) -> UUID | None: ...

    async def came(self, mail: UUID) -> Came | None: ...

    async def count(self, spending: Spending) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresSpent:
    """The files of one seat, shared by all its processes.

    Trust: who writes here can refuse a file, or let a second one through, each person of which
    still needs leave and an entry; the entries show it.
    """

    database: Database

    def spend(self, spending: Spending, *, mail: UUID, now: datetime) -> Write:
        """R-ONCE: the claim to send this file; lost where another one was sent."""
        key = (spending.flow, spending.sender, mail)
        return Write(SPEND, (*key, spending.file, spending.batches, now))

    def add(self, passed: Passed) -> Write:
        """The numbers of one batch: lost where it came before, or as many came as were told."""
        return Write(
            ADD_BATCH,
            (
                passed.mail,
                passed.flow,
                passed.file,
                passed.sender,
                passed.persons,
                passed.passed,
                passed.recorded_at,
                passed.digest,
                passed.batches,
            ),
        )

    async def find(self, spending: Spending) -> UUID | None:
        """The file that was sent."""
        rows = await self.database.fetch(QUERIES["find_spent"], spending.flow, spending.sender)
        return rows[0]["file"] if rows else None

    async def came(self, mail: UUID) -> Came | None:
        """The batch that came by this mail."""
        rows = await self.database.fetch(QUERIES["find_batch"], mail)
        return Came(sender=rows[0]["sender"], digest=rows[0]["digest"]) if rows else None

    async def count(self, spending: Spending) -> int:
        """How many batches came of this sender."""
        rows = await self.database.fetch(QUERIES["count_batches"], spending.flow, spending.sender)
        return rows[0]["n"]

    async def files(self) -> list[FileSoFar]:
        """Every file of which batches came, the first one first."""
        return [
            FileSoFar(
                flow=FlowId(row["flow"]),
                file=row["file"],
                batches=row["batches"],
                persons=row["persons"],
                passed=row["passed"],
                first_at=row["first_at"],
                last_at=row["last_at"],
            )
            for row in await self.database.fetch(QUERIES["list_files"])
        ]
