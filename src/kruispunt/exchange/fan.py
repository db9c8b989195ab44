"""Fanning out: a node that supplies a flow asks each of its members that its directory names."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from kruispunt.audit import Prepared
from kruispunt.authorisation import decide, suppliers
from kruispunt.exchange.arrived import Arrived, Requested
from kruispunt.exchange.entry import new_entry
from kruispunt.exchange.outgoing import Outgoing, To
from kruispunt.exchange.request import Request, Requests, Waits
from kruispunt.law import Flow, Jurisdiction
from kruispunt.postgres import Bundle, Write
from kruispunt.vocabulary import (
    Ending,
    Entry,
    Facts,
    Forbidden,
    Grant,
    InstitutionCode,
    LawDigest,
    Outcome,
    Question,
    Refusal,
    Settled,
    Ssin,
)


class Identity(Protocol):
    """Settles the status of a number; a node leaves it to its hub."""

    async def settle(self, question: Question) -> Settled: ...


class Directory(Protocol):
    """Brings the lines that the controls of a question name."""

    async def facts(self, settled: Settled) -> Facts: ...


class Laws(Protocol):
    """The law of today, and of every day on which something was decided."""

    @property
    def now(self) -> Jurisdiction: ...

    def of(self, digest: LawDigest) -> Jurisdiction: ...


class Trail(Protocol):
    """The room that keeps entries, and finds them again."""

    async def prepare(self, entry: Entry) -> Prepared: ...

    def prepare_outcome(self, outcome: Outcome) -> tuple[Write, ...]: ...

    async def find(self, entry_id: UUID, *, recorded_at: datetime) -> Entry | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Fan:
    """What a request by mail comes to: an entry, a request to each member, and their count.

    Which member is which number stands here only: the hub hears how many there are.
    """

    identity: Identity
    directory: Directory
    laws: Laws
    trail: Trail
    requests: Requests
    outgoing: Outgoing
    waits: Waits
    zone: ZoneInfo
    now: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]

    async def work(self, mail: Arrived, asked: Requested) -> Bundle:
        """What to commit for a request.

        Raises:
            Forbidden: not from the hub, or not of a flow that this node supplies.
            Unavailable: the database is away, or no key of a member counts now.
        """
        law = self.laws.now
        flow = law.lawbook.flows[mail.flow]
        if not law.is_node or flow.supplier != law.seat or mail.sender != law.lawbook.hub:
            raise Forbidden("expected a request of the hub to the supplier of the flow")
        if asked.ssin is None:
            return Bundle(writes=self._count(mail, 0, about=None))
        question = mail.question(
            consumer=asked.consumer,
            purpose=asked.purpose,
            ssin=asked.ssin,
            about=asked.about,
            zone=self.zone,
            details=asked.details,
        )
        settled = await self.identity.settle(question)
        facts = await self.directory.facts(settled)
        decision = decide(settled, facts, law)
        entry = new_entry(
            question,
            facts,
            decision,
            law=law.lawbook.digest,
            now=self.now(),
            random_bytes=self.random_bytes,
        )
        prepared = await self.trail.prepare(entry)
        found = suppliers(flow, question, facts, law) if isinstance(decision, Grant) else ()
        writes = (*prepared.writes, *self._carried(mail, asked, entry, found, flow=flow))
        return Bundle(writes=writes, mark=prepared.leaf)

    def _carried(
        self,
        mail: Arrived,
        asked: Requested,
        entry: Entry,
        found: Sequence[InstitutionCode],
        *,
        flow: Flow,
    ) -> Iterator[Write]:
        """The outcome of the entry, the mail to each member, and the count to the hub."""
        if not isinstance(entry.decision, Refusal) or entry.decision.reason.told is None:
            yield from self.trail.prepare_outcome(
                Outcome(
                    entry=entry.id,
                    recorded_at=entry.recorded_at,
                    ended_at=self.now(),
                    ending=Ending.FORWARDED if found else Ending.EMPTY,
                    rows=len(found),
                )
            )
        if found:
            yield from self._asks(mail, asked, entry, found, flow=flow)
        yield from self._count(mail, len(found), about=entry.question.ssin)

    def _asks(
        self,
        mail: Arrived,
        asked: Requested,
        entry: Entry,
        found: Sequence[InstitutionCode],
        *,
        flow: Flow,
    ) -> Iterator[Write]:
        decision = entry.decision
        if not isinstance(decision, Grant):
            raise TypeError("expected that only what is granted is carried on")
        due_at = min(asked.due_at, entry.recorded_at + self.waits.answers)
        request = Request(
            ticket=entry.id,
            recorded_at=entry.recorded_at,
            consumer=mail.sender,
            told=mail.ticket,
            flow=mail.flow,
            supplier=None,
            due_at=due_at,
            expected=len(found),
            only=flow.only(asked.details),
        )
        yield self.requests.open(request)
        for number, member in enumerate(found, start=1):
            yield self.requests.part(entry.id, number, member)
            yield from self.outgoing.request(
                To(recipient=member, flow=mail.flow, ticket=str(entry.id), due_at=due_at),
                entry,
                only=request.only,
                ground=decision.ground,
                about=entry.question.about,
                number=number,
                due_at=due_at,
            )

    def _count(self, mail: Arrived, expected: int, *, about: Ssin | None) -> tuple[Write, ...]:
        to = To(recipient=mail.sender, flow=mail.flow, ticket=mail.ticket)
        return self.outgoing.count(to, expected, about=about)
