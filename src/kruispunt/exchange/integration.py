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
    clause_of,
    decides_alone,
    joins_days_of_many,
    lines_named,
    named,
    own_of,
    primary,
)
from kruispunt.exchange.hub import Directory, Identity, Laws
from kruispunt.exchange.ledger import Earlier, Ledger
from kruispunt.exchange.onward import Above
from kruispunt.exchange.owed import Debts, tell_above
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
    Question,
    Recorded,
    Refusal,
    Settled,
    Ssin,
)

Change = DirectoryLine | Removal


class Files(Debts, Protocol):
    """The lines of this seat. What is changed for an entry stands in the trail with it."""

    async def take(
        self,
        ssin: Ssin,
        changes: Sequence[Change],
        *,
        once: UUID,
        entry: Entry,
        check: Check = unchecked,
        owed: LinesAsked | None = None,
    ) -> bool:
        """Make all changes, or none; False: done before.

        `owed`: what the hub above has to hear of them. It stands with them, until it is settled.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Integrated:
    """What came of it: the asker's own lines that share a day with the period, as they stand now.

    At a node those of the member that asks, and what of them stands at the hub (`member` None).
    """

    answer: Answer
    lines: tuple[DirectoryLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """Who may bring which lines is the law's; at a node a line stands there first, then above.

    `above` None: this is the hub.
    """

    identity: Identity
    directory: Directory
    laws: Laws
    ledger: Ledger
    files: Files
    above: Above | None = None

    async def do(self, question: Question, asked: LinesAsked) -> Integrated | NoAnswer:
        """Do what is asked, if the law says so, and tell the asker's own lines.

        The entry stands before a line changes. The same message again is recorded again and
        tells the lines as they stand then; what it asked is never done a second time. Who lists
        or takes without a line of its own has no file, and hears so as of an unknown number.

        Raises:
            Malformed: a line that is longer than the law has it, alone or with what it joins.
            WrongSignature, SameMessageOtherContent, MessageInFlight: as the waist.
            SourceSilent, SourceWrong: the hub above did not take it yet. What stands here comes
                there later; asking again is safe.
            Unavailable: the trail or the directory can't be written now; asking again is safe.
        """
        law = self.laws.now
        clause = clause_of(question, law)
        asked = named(asked, clause)
        check_length(asked, question.about, clause)
        settled = await self.identity.settle(question)
        facts = await self._facts(settled, asked, clause, law)
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

    async def _facts(
        self, settled: Settled, asked: LinesAsked, clause: Clause | None, law: Jurisdiction
    ) -> Facts:
        lines = lines_named(settled, asked, clause, law)
        if decides_alone(lines, asked, clause):
            return Facts(number=settled.number, lines=lines)
        return await self.directory.facts(settled)

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
        fresh = True
        if asked.act is not Act.LIST:
            changes = changes_of(question, asked, before, member)
            check = (
                unchecked if joins_days_of_many(clause, law) else _as_law_has_it(changes, clause)
            )
            fresh = await self.files.take(
                question.ssin,
                changes,
                once=entry.ticket,
                entry=entry,
                check=check,
                owed=None if self.above is None else asked,
            )
        above: Sequence[DirectoryLine] = ()
        if self.above is not None:
            above = await tell_above(
                entry, asked, law=law, above=self.above, files=self.files, again=not fresh
            )
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
