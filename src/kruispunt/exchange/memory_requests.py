"""Requests in memory, and a committer over rooms in memory: twins for tests of the post."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol, cast
from uuid import UUID

from kruispunt.audit import MemoryTrail
from kruispunt.exchange.claims import NONCE
from kruispunt.exchange.memory_spent import MemorySpent
from kruispunt.exchange.request import Request, Said, Saying
from kruispunt.exchange.requests import COUNT, OPEN, PART, SAY, SETTLE, WITHDRAW
from kruispunt.exchange.spent import ADD_BATCH, SPEND
from kruispunt.postgres import Bundle, Committed, Lost, Statement, Write
from kruispunt.vocabulary import InstitutionCode, Unavailable

Key = tuple[str, str, int, str]


class Room(Protocol):
    """A room in memory: it keeps those writes that are its own."""

    def write(self, writes: Sequence[Write]) -> None: ...


@dataclass(frozen=True, slots=True)
class MemoryRequests:
    """The twin of `PostgresRequests`. Rows are the values themselves."""

    requests: dict[UUID, Request] = field(default_factory=dict[UUID, Request])
    parts: dict[tuple[UUID, int], InstitutionCode] = field(
        default_factory=dict[tuple[UUID, int], InstitutionCode]
    )
    said: dict[Key, UUID] = field(default_factory=dict[Key, UUID])
    swept: dict[UUID, datetime] = field(default_factory=dict[UUID, datetime])

    def open(self, request: Request) -> Write:
        """As `PostgresRequests.open`."""
        return Write(OPEN, (request,))

    def part(self, ticket: UUID, number: int, supplier: InstitutionCode) -> Write:
        """As `PostgresRequests.part`."""
        return Write(PART, (ticket, number, supplier))

    def say(self, said: Said, now: datetime) -> Write:  # noqa: ARG002 - the port's
        """As `PostgresRequests.say`."""
        return Write(SAY, (_key(said), said.mail))

    def settle(self, ticket: UUID, now: datetime) -> Write:
        """As `PostgresRequests.settle`."""
        return Write(SETTLE, (ticket, now))

    def withdraw(self, ticket: UUID, now: datetime) -> Write:
        """As `PostgresRequests.withdraw`."""
        return Write(WITHDRAW, (ticket, now))

    def count(self, ticket: UUID, expected: int) -> Write:
        """As `PostgresRequests.count`."""
        return Write(COUNT, (ticket, expected))

    async def find(self, ticket: UUID) -> Request | None:
        """As `PostgresRequests.find`."""
        found = self.requests.get(ticket)
        return None if found is None else self._counted(found)

    async def supplier_of(self, ticket: UUID, number: int) -> InstitutionCode | None:
        """As `PostgresRequests.supplier_of`."""
        return self.parts.get((ticket, number))

    async def number_of(self, ticket: UUID, supplier: InstitutionCode) -> int | None:
        """As `PostgresRequests.number_of`."""
        of = (key for key, sent in self.parts.items() if (key[0], sent) == (ticket, supplier))
        return next((number for _, number in of), None)

    async def said_by(self, said: Said) -> UUID | None:
        """As `PostgresRequests.said_by`."""
        return self.said.get(_key(said))

    async def take_due(self, now: datetime, *, lease: timedelta, limit: int) -> list[Request]:
        """As `PostgresRequests.take_due`."""
        found = [
            one
            for one in self.requests.values()
            if one.settled_at is None
            and one.due_at <= now
            and (one.ticket not in self.swept or self.swept[one.ticket] <= now - lease)
        ]
        taken = sorted(found, key=lambda one: one.due_at)[:limit]
        self.swept.update((one.ticket, now) for one in taken)
        return [self._counted(one) for one in taken]

    def claim(self, write: Write) -> bool:
        """True where a claim is won."""
        if write.statement is SAY:
            key, mail = cast("tuple[Key, UUID]", write.row)
            won = key not in self.said
            self.said.setdefault(key, mail)
            return won
        ticket, now = cast("tuple[UUID, datetime]", write.row)
        found = self.requests[ticket]
        if found.settled_at is not None:
            return False
        self.requests[ticket] = replace(found, settled_at=now)
        return True

    def write(self, writes: Sequence[Write]) -> None:
        """Keep what is of this room and no claim."""
        for write in writes:
            row = write.row
            if write.statement is OPEN:
                request = cast("Request", row[0])
                self.requests[request.ticket] = request
            elif write.statement is PART:
                ticket, number, supplier = cast("tuple[UUID, int, InstitutionCode]", row)
                self.parts[ticket, number] = supplier
            elif write.statement is COUNT:
                self._count(*cast("tuple[UUID, int]", row))
            elif write.statement is WITHDRAW:
                self.claim(write)

    def _count(self, ticket: UUID, expected: int) -> None:
        found = self.requests[ticket]
        if found.expected is None:
            settled_at = found.settled_at if expected else found.settled_at or found.due_at
            self.requests[ticket] = replace(found, expected=expected, settled_at=settled_at)

    def _counted(self, request: Request) -> Request:
        ticket = str(request.ticket)
        answers = (key for key in self.said if key[:2] == (ticket, Saying.ANSWER.value))
        return replace(request, received=sum(1 for _ in answers))


@dataclass(slots=True, kw_only=True)
class MemoryCommit:
    """One bundle at a time, all of it or nothing after the claim that was lost."""

    trail: MemoryTrail
    requests: MemoryRequests
    spent: MemorySpent = field(default_factory=MemorySpent)
    rooms: Sequence[Room] = ()
    away: bool = False
    nonces: set[tuple[object, ...]] = field(default_factory=set[tuple[object, ...]])

    async def run(self, bundle: Bundle) -> Committed | Lost:
        """As `Commit.run`."""
        if self.away:
            raise Unavailable("the database is away", retry_after_s=1)
        for write in bundle.writes:
            if not self._won(write):
                return Lost(write.statement)
        for room in (self.requests, self.spent, *self.rooms):
            room.write(bundle.writes)
        return self.trail.commit(bundle)[0]

    def _won(self, write: Write) -> bool:
        """False where it is a claim that is lost."""
        statement: Statement = write.statement
        if statement is NONCE:
            key = write.row[:2]
            won = key not in self.nonces
            self.nonces.add(key)
            return won
        if statement in {SPEND, ADD_BATCH}:
            return self.spent.claim(write)
        return not statement.key or self.requests.claim(write)


def _key(said: Said) -> Key:
    return (said.ticket, said.saying.value, said.place, said.sender)
