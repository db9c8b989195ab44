"""Passing on: what a supplier says of a request goes to who waits for it, decided once more."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from kruispunt.authorisation import decide
from kruispunt.exchange.arrived import Answered, Arrived, Counted, Failed, Late
from kruispunt.exchange.fan import Laws, Trail
from kruispunt.exchange.keep import keep_sheets
from kruispunt.exchange.outgoing import Outgoing, To
from kruispunt.exchange.request import Request, Requests, Said, Waits, asked_fields
from kruispunt.exchange.ticket import new_ticket
from kruispunt.postgres import Bundle, Write
from kruispunt.sources import WrongSource
from kruispunt.vocabulary import (
    Decision,
    Ending,
    Entry,
    Forbidden,
    Grant,
    Malformed,
    NotFound,
    Outcome,
    Refusal,
    Reply,
    Settled,
    Sheet,
    TooLate,
    Unavailable,
)

NO_ANSWER = "no-answer"
"""Cause in the outcome of a request of which nobody said how many answers would come."""

AT_HAND: Final = timedelta(minutes=1)
MOST_AT_HAND: Final = 1024
"""First entries that are not read again: the count and the answers of a request come together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """A request that somebody waits for, with the entry under which it was opened."""

    request: Request
    first: Entry
    decision: Decision

    @property
    def to(self) -> To:
        return To.consumer_of(self.request)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """What an answer, a count or a failure comes to at a seat that waits for it.

    An answer is a look of its own: an entry that repeats the first one, decided again from its
    facts and under its law, and of the rows exactly the granted fields.
    """

    laws: Laws
    trail: Trail
    requests: Requests
    outgoing: Outgoing
    waits: Waits
    now: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]
    _read: OrderedDict[UUID, tuple[datetime, Entry]] = field(
        default_factory=OrderedDict[UUID, tuple[datetime, Entry]], init=False
    )

    async def work(self, mail: Arrived, said: Counted | Answered | Failed | Late) -> Bundle:
        """What to commit for it.

        Raises:
            NotFound: no such request waits here.
            Forbidden: not from who was asked for this, or nothing may come.
            TooLate: nobody waits any more.
            Malformed: another flow, a number that was not asked, rows that are not as agreed.
            Unavailable: the database is away.
        """
        matter = await self._matter(mail)
        match said:
            case Counted(expected=expected):
                return self._counted(matter, expected)
            case Answered(number=number, rows=rows):
                self._check_number(matter, number)
                return await self._answered(matter, number, rows=self._kept(matter, rows))
            case Failed(number=number):
                self._check_number(matter, number)
                return self._failed(matter, number)
            case Late(missing=missing):
                return self.late(matter, missing)

    async def given_up(self, said: Said) -> Bundle:
        """What to commit where a member that was asked can't answer.

        Raises:
            NotFound, Unavailable: as `work`.
        """
        return self._failed(await self.of(await self._request(said.ticket)), said.place)

    async def of(self, request: Request) -> Matter:
        """The matter of a request.

        Raises:
            Unavailable: its entry can't be read now.
        """
        first = await self._first(request)
        facts = first.facts
        settled = Settled(question=first.question, number=facts.number)
        decision = decide(settled, facts, self.laws.of(first.lawbook))
        return Matter(request=request, first=first, decision=decision)

    async def _first(self, request: Request) -> Entry:
        """The entry under which a request was opened. It never changes: read once in a minute."""
        now, known = self.now(), self._read
        while known and (len(known) > MOST_AT_HAND or next(iter(known.values()))[0] <= now):
            known.popitem(last=False)
        if request.ticket in known:
            return known[request.ticket][1]
        first = await self.trail.find(request.ticket, recorded_at=request.recorded_at)
        if first is None:
            raise Unavailable("the first entry of this request can't be read now")
        known[request.ticket] = (now + AT_HAND, first)
        return first

    def late(self, matter: Matter, missing: int) -> Bundle:
        """Say once that the time is over. Answers that come later are still passed on."""
        ticket, writes = matter.request.ticket, list[Write]()
        if matter.request.expected is None:
            writes += self._ended(matter.first, Ending.FAILED, cause=NO_ANSWER)
        writes += self.outgoing.failure(
            matter.to, missing, "late", about=matter.first.question.ssin
        )
        return Bundle(writes=(self.requests.settle(ticket, self.now()), *writes))

    async def _matter(self, mail: Arrived) -> Matter:
        request = await self._request(mail.ticket)
        if not await self._was_asked(mail, request):
            raise Forbidden("expected mail of who was asked")
        if mail.flow != request.flow:
            raise Malformed("expected the flow of the request")
        if self.now() > request.due_at + self.waits.late:
            raise TooLate("nobody waits for this any more")
        return await self.of(request)

    async def _request(self, ticket: str) -> Request:
        try:
            request = await self.requests.find(UUID(ticket))
        except ValueError:
            request = None
        if request is None:
            raise NotFound("no request of this ticket waits here")
        return request

    async def _was_asked(self, mail: Arrived, request: Request) -> bool:
        """True where this sender may say this of the request."""
        if request.supplier is not None:
            return mail.sender == request.supplier
        place = mail.said.place
        return place > 0 and mail.sender == await self.requests.supplier_of(request.ticket, place)

    def _check_number(self, matter: Matter, number: int) -> None:
        expected = matter.request.expected
        if not isinstance(matter.decision, Grant):
            raise Forbidden("no answer is waited for")
        if expected is not None and number > expected:
            raise Malformed(f"expected a number up to {expected}")

    def _counted(self, matter: Matter, expected: int) -> Bundle:
        if expected and isinstance(matter.decision, Refusal):
            raise Forbidden("no answer is waited for")
        ending = Ending.FORWARDED if expected else Ending.EMPTY
        return Bundle(
            writes=(
                self.requests.count(matter.request.ticket, expected),
                *self._ended(matter.first, ending, rows=expected),
                *self.outgoing.count(matter.to, expected, about=matter.first.question.ssin),
            )
        )

    def _kept(self, matter: Matter, rows: tuple[Mapping[str, object], ...]) -> tuple[Sheet, ...]:
        question, ground = matter.first.question, matter.decision.ground
        flow = self.laws.of(matter.first.lawbook).lawbook.flows[question.flow]
        fields = () if ground is None else asked_fields(ground, matter.request.only)
        reply = Reply(ssin=question.ssin, rows=rows)
        try:
            return keep_sheets(reply, question=question, flow=flow, fields=fields)
        except WrongSource as wrong:
            raise Malformed(f"the answer is not as agreed: {wrong.cause}") from None

    async def _answered(self, matter: Matter, number: int, *, rows: tuple[Sheet, ...]) -> Bundle:
        decision = matter.decision
        prepared = await self.trail.prepare(self._entry(matter))
        ending = Ending.GIVEN if rows else Ending.EMPTY
        answer = self.outgoing.answer(
            matter.to,
            number,
            rows,
            about=matter.first.question.ssin,
            days=decision.about,
        )
        ended = self._ended(prepared.entry, ending, rows=len(rows))
        return Bundle(writes=(*prepared.writes, *ended, *answer), mark=prepared.leaf)

    def _failed(self, matter: Matter, number: int) -> Bundle:
        ssin = matter.first.question.ssin
        return Bundle(
            writes=self.outgoing.failure(matter.to, 1, "failed", about=ssin, number=number)
        )

    def _entry(self, matter: Matter) -> Entry:
        """An entry of its own for one answer: first question, first facts, first law."""
        now, first = self.now(), matter.first
        return Entry(
            id=new_ticket(now, self.random_bytes),
            recorded_at=now,
            question=first.question,
            facts=first.facts,
            decision=matter.decision,
            lawbook=first.lawbook,
            repeats=first.id,
        )

    def _ended(
        self, entry: Entry, ending: Ending, *, rows: int = 0, cause: str = ""
    ) -> tuple[Write, ...]:
        return self.trail.prepare_outcome(
            Outcome(
                entry=entry.id,
                recorded_at=entry.recorded_at,
                ended_at=self.now(),
                ending=ending,
                rows=rows,
                cause=cause,
            )
        )
