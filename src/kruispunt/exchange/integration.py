"""Lines come into the directory and leave it: decided and recorded first, then done, once."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from kruispunt.authorisation import decide
from kruispunt.directory import Check, Removal, unchecked
from kruispunt.exchange.bringing import (
    as_rows,
    changes_of,
    check_joined,
    check_length,
    joins_days_of_many,
    named,
    own_of,
    primary,
    qualities_named,
)
from kruispunt.exchange.hub import Identity, Laws
from kruispunt.exchange.ledger import Earlier, Ledger
from kruispunt.exchange.onward import Above, Onward
from kruispunt.law import Clause, Jurisdiction
from kruispunt.sources import RefusedUpstream, SilentSource, WrongSource
from kruispunt.vocabulary import (
    Act,
    Answer,
    Decision,
    DirectoryLine,
    Ending,
    Entry,
    Facts,
    Grant,
    LinesAsked,
    Malformed,
    NoAnswer,
    Quality,
    Question,
    Recorded,
    Refusal,
    Sector,
    Settled,
    Ssin,
)

Change = DirectoryLine | Removal


class Files(Protocol):
    """The lines of this seat. What is changed for an entry stands in the trail with it."""

    async def list(self, ssin: Ssin) -> Sequence[DirectoryLine]: ...

    async def take(
        self,
        ssin: Ssin,
        changes: Sequence[Change],
        *,
        once: UUID,
        entry: Entry,
        check: Check = unchecked,
    ) -> bool: ...

    async def undo(self, ssin: Ssin, *, once: UUID, entry: Entry) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Integrated:
    """What came of it: the asker's own lines that share a day with the period, as they stand now.

    At a node those of the member that asks, and what of them stands at the hub (`member` None).
    """

    answer: Answer
    lines: tuple[DirectoryLine, ...]

    @property
    def ticket(self) -> UUID:
        """The entry."""
        return self.answer.ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """Who may bring which lines is the law's; at a node a line stands there first, then above.

    `above` None: this is the hub.
    """

    identity: Identity
    laws: Laws
    ledger: Ledger
    files: Files
    above: Above | None = None

    async def integrate(self, question: Question, quality: Quality) -> Integrated | NoAnswer:
        """A line in this quality stands from now on; the lines that overlap it are told."""
        return await self.do(question, LinesAsked(act=Act.INTEGRATE, quality=quality))

    async def disintegrate(self, question: Question, quality: Quality) -> Integrated | NoAnswer:
        """No line in this quality stands in the period any more; those that still do are told."""
        return await self.do(question, LinesAsked(act=Act.REMOVE, quality=quality))

    async def lines(
        self, question: Question, *, sector: Sector | None, quality: Quality | None
    ) -> Integrated | NoAnswer:
        """The asker's own lines that share a day with the period."""
        asked = LinesAsked(act=Act.LIST, sector=sector, quality=quality)
        return await self.do(question, asked)

    async def do(self, question: Question, asked: LinesAsked) -> Integrated | NoAnswer:
        """Do what is asked, if the law says so, and tell the asker's own lines.

        The entry stands before a line changes. The same message again is recorded again and
        tells the lines as they stand then; what it asked is never done a second time.

        Raises:
            Malformed: a line that is longer than the law has it, alone or with what it joins.
            WrongSignature, SameMessageOtherContent, MessageInFlight: as the waist.
            SourceSilent, SourceWrong: the hub above did not take it; asking again is safe.
            Unavailable: the trail or the directory can't be written now; asking again is safe.
        """
        law = self.laws.now
        clause = clause_of(question, law)
        asked = named(asked, clause)
        check_length(asked, question.about, clause)
        settled = await self.identity.settle(question)
        facts = Facts(number=settled.number, lines=lines_named(settled, asked, clause, law))
        decision = decide(settled, facts, law)
        recorded = await self.ledger.record(question, facts, decision, law=law.lawbook.digest)
        if isinstance(recorded, Earlier):
            recorded = await self._again(recorded, question)
        match recorded.decision:
            case Grant():
                return await self._do(recorded.granted(), asked)
            case Refusal() as refusal:
                self.ledger.close(recorded)
                return _refused(recorded, refusal)

    async def _again(self, earlier: Earlier, question: Question) -> Recorded[Decision]:
        settled = Settled(question=earlier.question, number=earlier.facts.number)
        decision = decide(settled, earlier.facts, self.laws.of(earlier.law))
        return await self.ledger.record_again(earlier, question, decision)

    async def _do(self, recorded: Recorded[Grant], asked: LinesAsked) -> Integrated | NoAnswer:
        try:
            lines = await self._done(recorded, asked)
        except RefusedUpstream as refused:
            refusal = refused.refusal
            cause = refusal.reason.value
            self.ledger.ended(recorded, Ending.REFUSED_UPSTREAM, cause=cause)
            return _refused(recorded, refusal)
        except BaseException as error:
            self._failed(recorded, error)
            raise
        entry, grant = recorded.entry, recorded.decision
        rows = as_rows(lines, member=self.laws.now.lines_of(entry.question.consumer))
        ending = Ending.GIVEN if rows else Ending.EMPTY
        self.ledger.ended(recorded, ending, rows=len(rows))
        answer = Answer(
            ticket=entry.ticket,
            ground=grant.ground,
            rows=rows,
            receipt=recorded.receipt,
            repeated=entry.repeats is not None,
        )
        return Integrated(answer=answer, lines=lines)

    async def _done(
        self, recorded: Recorded[Grant], asked: LinesAsked
    ) -> tuple[DirectoryLine, ...]:
        """What is asked is done here, and then above."""
        entry = recorded.entry
        law = self.laws.of(entry.lawbook)
        question, clause = entry.question, clause_of(entry.question, law)
        member = law.lines_of(question.consumer)
        before = own_of(await self.files.list(question.ssin), clause, member)
        if asked.act is not Act.LIST:
            changes = changes_of(question, asked, before, member)
            check = (
                unchecked if joins_days_of_many(clause, law) else _as_law_has_it(changes, clause)
            )
            await self.files.take(
                question.ssin, changes, once=entry.ticket, entry=entry, check=check
            )
        above: Sequence[DirectoryLine] = ()
        if self.above is not None:
            onward = Onward(above=self.above, entry=entry, clause=clause)
            try:
                above = await onward.send(asked, lambda: self.files.list(question.ssin))
            except RefusedUpstream:
                # What the hub above refuses stands here no more; that is written down as well.
                await self.files.undo(question.ssin, once=entry.ticket, entry=entry)
                raise
        after = own_of(await self.files.list(question.ssin), clause, member)
        told = [line for line in (*after, *primary(above, after)) if _is_told(line, asked)]
        return tuple(line for line in told if line.period.overlaps(question.about))

    def _failed(self, recorded: Recorded[Decision], error: BaseException) -> None:
        match error:
            case SilentSource() | WrongSource():
                self.ledger.ended(recorded, Ending.FAILED, cause=error.cause)
                error.ticket = recorded.entry.ticket
            case Malformed():
                self.ledger.ended(recorded, Ending.FAILED, cause="too-long")
            case asyncio.CancelledError():
                self.ledger.ended(recorded, Ending.CANCELLED)
            case _:
                self.ledger.ended(recorded, Ending.FAILED, cause="internal")


def _as_law_has_it(changes: Sequence[Change], clause: Clause | None) -> Check:
    def check(stands: frozenset[DirectoryLine]) -> None:
        for change in changes:
            check_joined(change, stands, clause)

    return check


def clause_of(question: Question, law: Jurisdiction) -> Clause | None:
    """The clause under which a question about lines is asked, where one is in force."""
    return law.in_force(
        consumer=question.consumer,
        flow=question.flow,
        purpose=question.purpose,
        asked_on=question.asked_on,
    )


def lines_named(
    settled: Settled, asked: LinesAsked, clause: Clause | None, law: Jurisdiction
) -> tuple[DirectoryLine, ...]:
    """The facts: a line for each quality that is named, as it is asked to come or go."""
    question = settled.question
    if asked.sector is None:
        return ()
    return tuple(
        DirectoryLine(
            ssin=settled.current,
            sector=asked.sector,
            quality=quality,
            period=question.about,
            phase=asked.phase or 0,
            member=law.lines_of(question.consumer),
        )
        for quality in qualities_named(asked, clause)
    )


def _is_told(line: DirectoryLine, asked: LinesAsked) -> bool:
    return asked.act is not Act.LIST or (
        asked.sector in (None, line.sector) and asked.quality in (None, line.quality)
    )


def _refused(recorded: Recorded[Decision], refusal: Refusal) -> NoAnswer:
    entry = recorded.entry
    return NoAnswer(
        ticket=entry.ticket,
        refusal=refusal,
        receipt=recorded.receipt,
        repeated=entry.repeats is not None,
    )
