"""Requests on PostgreSQL: rows that stand in the commit of their entry, each thing said once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from asyncpg import Record

from kruispunt.exchange.request import Request, Said
from kruispunt.postgres import Database, Statement, Write, read_queries
from kruispunt.vocabulary import FieldName, FlowId, InstitutionCode

QUERIES: Final = read_queries(Path(__file__).with_name("requests.sql"))

SAY: Final = Statement(QUERIES["say"], width=6, key=(0, 1, 2, 3))
SETTLE: Final = Statement(QUERIES["settle_requests"], width=2, key=(0,))
OPEN: Final = Statement(QUERIES["open_requests"], width=9)
PART: Final = Statement(QUERIES["add_parts"], width=3)
COUNT: Final = Statement(QUERIES["count_requests"], width=2)
WITHDRAW: Final = Statement(QUERIES["withdraw_requests"], width=2)

CLAIMS: Final = (SAY, SETTLE)
WRITES: Final = (OPEN, PART, COUNT, WITHDRAW)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresRequests:
    """The requests of one seat, shared by all its processes.

    Trust: who writes here can lose a request, or take an answer of someone who was not asked;
    never give a field, since each answer is decided again and needs an entry of its own.
    """

    database: Database

    def open(self, request: Request) -> Write:
        """The row of a new request."""
        return Write(
            OPEN,
            (
                request.ticket,
                request.recorded_at,
                request.consumer,
                request.told,
                request.flow,
                request.supplier,
                request.due_at,
                request.expected,
                None if request.only is None else list(request.only),
            ),
        )

    def part(self, ticket: UUID, number: int, supplier: InstitutionCode) -> Write:
        """Who is sent this number of a request."""
        return Write(PART, (ticket, number, supplier))

    def say(self, said: Said, now: datetime) -> Write:
        """The claim to say this; lost where it was said before."""
        key = (said.ticket, said.saying.value, said.place, said.sender)
        return Write(SAY, (*key, said.mail, now))

    def settle(self, ticket: UUID, now: datetime) -> Write:
        """The claim to say the last thing of a request."""
        return Write(SETTLE, (ticket, now))

    def withdraw(self, ticket: UUID, now: datetime) -> Write:
        """Nobody carries the request on, so its time does not run out."""
        return Write(WITHDRAW, (ticket, now))

    def count(self, ticket: UUID, expected: int) -> Write:
        """How many answers to expect."""
        return Write(COUNT, (ticket, expected))

    async def find(self, ticket: UUID) -> Request | None:
        """The request of this ticket."""
        rows = await self.database.fetch(QUERIES["find_request"], ticket)
        return _request(rows[0]) if rows else None

    async def supplier_of(self, ticket: UUID, number: int) -> InstitutionCode | None:
        """Who was sent this number of a request that was fanned out."""
        rows = await self.database.fetch(QUERIES["find_part"], ticket, number)
        return InstitutionCode(rows[0]["supplier"]) if rows else None

    async def number_of(self, ticket: UUID, supplier: InstitutionCode) -> int | None:
        """Which number of a request that was fanned out this supplier was sent."""
        rows = await self.database.fetch(QUERIES["find_number"], ticket, supplier)
        return rows[0]["number"] if rows else None

    async def said_by(self, said: Said) -> UUID | None:
        """The mail that said this first."""
        key = (said.ticket, said.saying.value, said.place, said.sender)
        rows = await self.database.fetch(QUERIES["find_said"], *key)
        return rows[0]["mail"] if rows else None

    async def take_due(self, now: datetime, *, lease: timedelta, limit: int) -> list[Request]:
        """Requests whose time is over, which no other process takes before the lease is over."""
        rows = await self.database.fetch(QUERIES["take_due"], now, now - lease, limit)
        return [_request(row) for row in rows]

    async def forget(self, *, due_before: datetime, said_before: datetime) -> None:
        """Drop settled requests that were due before, and what was said before.

        Both are times of the store's own clock: a wall clock may jump.
        """
        await self.database.execute(QUERIES["forget_requests"], due_before)
        await self.database.execute(QUERIES["forget_said"], said_before)


def _request(row: Record) -> Request:
    supplier = row["supplier"]
    return Request(
        ticket=row["ticket"],
        recorded_at=row["recorded_at"],
        consumer=InstitutionCode(row["consumer"]),
        told=row["told"],
        flow=FlowId(row["flow"]),
        supplier=None if supplier is None else InstitutionCode(supplier),
        due_at=row["due_at"],
        expected=row["expected"],
        received=row["received"],
        settled_at=row["settled_at"],
        only=None if row["fields"] is None else tuple(map(FieldName, row["fields"])),
    )
