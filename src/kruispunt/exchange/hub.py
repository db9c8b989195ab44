"""The waist: one question in, one answer out, through the rooms in the order of the law."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from kruispunt.authorisation import decide, decide_many
from kruispunt.exchange.fan import Laws
from kruispunt.exchange.keep import keep
from kruispunt.exchange.ledger import Earlier, Ledger
from kruispunt.exchange.part import (
    Told,
    Turns,
    check_one_request,
    note_part,
    parts,
    rounds,
    told_of,
)
from kruispunt.law import Flow, Jurisdiction, Supply
from kruispunt.sources import RefusedUpstream, SilentSource, WrongSource
from kruispunt.vocabulary import (
    Accepted,
    Answer,
    Decision,
    Ending,
    Facts,
    Grant,
    Ground,
    LawDigest,
    NoAnswer,
    Problem,
    Question,
    Recorded,
    Refusal,
    Reply,
    Settled,
    Unavailable,
)

Decided = tuple[Facts, Decision]


class Identity(Protocol):
    """Settles the status of a number, by the same query whatever comes out."""

    async def settle(self, question: Question) -> Settled: ...

    async def settle_many(self, questions: Sequence[Question]) -> list[Settled]: ...


class Directory(Protocol):
    """Brings the lines that the controls of a question name, and none other."""

    async def facts(self, settled: Settled) -> Facts: ...

    async def facts_many(self, settled: Sequence[Settled]) -> list[Facts]: ...


class Sources(Protocol):
    """Asks a supplier. Takes only a grant that stands in the trail."""

    async def fetch(self, recorded: Recorded[Grant], *, timeout_s: float) -> Reply: ...

    async def blank(self, recorded: Recorded[Decision], *, timeout_s: float) -> None:
        """Ask the supplier of the question's flow about nobody. Raises what `fetch` raises."""
        ...

    async def forward(self, recorded: Recorded[Grant], *, timeout_s: float) -> None:
        """Carry a question on whose answers come by mail. Again is safe; raises as `fetch`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """The rooms that one question passes through, in the order in which it passes them.

    A hub and a node are the same: they differ in the jurisdiction, and in whom they ask.
    """

    identity: Identity
    directory: Directory
    laws: Laws
    ledger: Ledger
    sources: Sources
    turns: Turns = field(default_factory=Turns)
    """For questions of sets."""

    by_mail: bool = False
    """True where the ledger has a desk, so that what is accepted is carried on."""

    async def serve(self, question: Question) -> Answer | Accepted | NoAnswer:
        """Answer with exactly the fields granted, or say why not; or that answers come by mail.

        The decision is recorded before any source is asked: there is never a look without an
        entry in the trail. If the trail can't be written, nothing is asked. A message seen before
        gets its first decision again, under the law and facts of then.

        Raises:
            WrongSignature: the nonce was used before.
            SameMessageOtherContent, MessageInFlight: nothing was asked.
            SourceSilent, SourceWrong: the source did not answer as agreed; asking again is safe.
            Unavailable: the trail or the database can't be written now; nothing was asked.
        """
        settled = await self.identity.settle(question)
        facts = await self.directory.facts(settled)
        law = self.laws.now
        decision = decide(settled, facts, law)
        recorded = await self.ledger.record(question, facts, decision, law=law.lawbook.digest)
        return await self._follow(recorded, question)

    async def serve_many(self, questions: Sequence[Question]) -> list[Told]:
        """As `serve`, for all questions of one request, in their order: each is told its own.

        Each question has an entry, a message id and a receipt of its own; their nonce is claimed
        once for all. A question that fails is told its problem, and the others are told as if it
        had not been there. Only what is claimed before any of them is raised.

        Raises:
            WrongSignature: the nonce was used before; nothing was asked.
            Unavailable: the claim can't be written now; nothing was asked.
            ValueError: not the questions of one request.
        """
        check_one_request(questions)
        told: list[Told] = []
        if questions:
            await self.ledger.claim(questions[0])
        for part in parts(questions):
            # The one way to hear of any fault of a part without ending the set.
            (came,) = await asyncio.gather(self._serve_part(part), return_exceptions=True)
            told += came if isinstance(came, list) else [told_of(came)] * len(part)
        return told

    async def _serve_part(self, questions: Sequence[Question]) -> list[Told]:
        law = self.laws.now
        decided = await self._decide_part(questions, law)
        told: dict[int, Told] = {}
        for places in rounds(questions):
            looks = (
                self._take_turn(questions[n], decided[n], law=law.lawbook.digest) for n in places
            )
            came = await asyncio.gather(*looks, return_exceptions=True)
            told.update(zip(places, map(told_of, came), strict=True))
        return [told[place] for place in range(len(questions))]

    async def _decide_part(
        self, questions: Sequence[Question], law: Jurisdiction
    ) -> list[Decided | Exception]:
        """Decide together; where that fails, one by one, so that whose data fail fails alone.

        Raises:
            Unavailable: the database is away, for all of them.
        """
        came = await self._decide_together(questions, law)
        if isinstance(came, list):
            return [*came]
        note_part(came, len(questions))
        decided: list[Decided | Exception] = []
        for question in questions:
            alone = await self._decide_together([question], law)
            decided += alone if isinstance(alone, list) else [alone]
        return decided

    async def _decide_together(
        self, questions: Sequence[Question], law: Jurisdiction
    ) -> list[Decided] | Exception:
        """What the law says of each, or the fault for which that can't be said of them together.

        Raises:
            Unavailable: the database is away.
        """
        # The one way to hear of any fault without ending the set.
        (came,) = await asyncio.gather(self._decide(questions, law), return_exceptions=True)
        if isinstance(came, Unavailable) or not isinstance(came, list | Exception):
            raise came
        return came

    async def _decide(self, questions: Sequence[Question], law: Jurisdiction) -> list[Decided]:
        settled = await self.identity.settle_many(questions)
        facts = await self.directory.facts_many(settled)
        return list(zip(facts, decide_many(settled, facts, law), strict=True))

    async def _take_turn(
        self, question: Question, decided: Decided | Exception, *, law: LawDigest
    ) -> Answer | Accepted | NoAnswer:
        if isinstance(decided, Exception):
            raise decided
        facts, decision = decided
        async with self.turns.at(question.flow):
            recorded = await self.ledger.record(question, facts, decision, law=law, claimed=True)
            return await self._follow(recorded, question)

    async def _again(self, earlier: Earlier, question: Question) -> Recorded[Decision]:
        """Record the same message once more: first decision, first law, an entry of its own."""
        settled = Settled(question=earlier.question, number=earlier.facts.number)
        decision = decide(settled, earlier.facts, self.laws.of(earlier.law))
        return await self.ledger.record_again(earlier, question, decision)

    async def _follow(
        self, recorded: Recorded[Decision] | Earlier, question: Question
    ) -> Answer | Accepted | NoAnswer:
        if isinstance(recorded, Earlier):
            recorded = await self._again(recorded, question)
        match recorded.decision:
            case Grant(ground=ground) if self._is_by_mail(recorded):
                return await self._carry_on(recorded.granted()) or self._accept(recorded, ground)
            case Grant():
                return await self._ask(recorded.granted())
            case Refusal(reason=reason, ground=Ground() as ground) if (
                reason.told is None and self._is_by_mail(recorded)
            ):
                return self._accept(recorded, ground)
            case Refusal(reason=reason) as refusal if reason.told is None:
                return await self._hide(recorded, refusal)
            case Refusal() as refusal:
                self.ledger.close(recorded)
                return _refused(recorded, refusal)

    async def _hide(self, recorded: Recorded[Decision], refusal: Refusal) -> Answer | NoAnswer:
        """A refusal tells nothing: "no data" costs a look, fails and ends as looks do."""
        try:
            await self.sources.blank(recorded, timeout_s=self._flow(recorded).limits.timeout_s)
        except BaseException as error:
            self._failed(recorded, error)
            raise
        self.ledger.ended(recorded, Ending.EMPTY)
        return _refused(recorded, refusal)

    def _is_by_mail(self, recorded: Recorded[Decision]) -> bool:
        entry = recorded.entry
        flow = self.laws.of(entry.lawbook).lawbook.flows.get(entry.question.flow)
        found = flow is not None and flow.supply is Supply.BY_DIRECTORY
        assert self.by_mail or not found, "a flow answered by mail, at a seat without a desk"
        return found

    def _accept(self, recorded: Recorded[Decision], ground: Ground) -> Accepted:
        """What carries it on stands beside its entry; how many answers come is told by mail.

        A supplier's failed control is accepted as a grant is: the mail says that none will come.
        """
        entry, decision = recorded.entry, recorded.decision
        repeated = entry.repeats is not None
        if repeated:
            self.ledger.ended(recorded, Ending.FORWARDED)
        else:
            self.ledger.close(recorded)
        return Accepted(
            ticket=entry.ticket,
            ground=ground,
            receipt=recorded.receipt,
            repeated=repeated,
            about=decision.about,
        )

    async def _carry_on(self, recorded: Recorded[Grant]) -> NoAnswer | None:
        """Hand the question to who carries it on; what the hub above refuses is refused.

        Where that fails, nobody knows how far it got: the message may come again, and else the
        request says so itself when its time is over.
        """
        try:
            timeout_s = self._flow(recorded).limits.timeout_s
            await self.sources.forward(recorded, timeout_s=timeout_s)
        except RefusedUpstream as refused:
            return self._refused_upstream(recorded, refused)
        except BaseException as error:
            if recorded.entry.repeats is not None:
                self._failed(recorded, error)
            else:
                self.ledger.close(recorded)
            if isinstance(error, Problem):
                error.ticket = recorded.entry.ticket
            raise
        return None

    def _refused_upstream(self, recorded: Recorded[Grant], refused: RefusedUpstream) -> NoAnswer:
        refusal = refused.refusal
        self.ledger.ended(recorded, Ending.REFUSED_UPSTREAM, cause=refusal.reason.value)
        entry = recorded.entry
        return NoAnswer(
            ticket=entry.ticket,
            refusal=refusal,
            receipt=recorded.receipt,
            repeated=entry.repeats is not None,
        )

    async def _ask(self, recorded: Recorded[Grant]) -> Answer | NoAnswer:
        question, grant = recorded.entry.question, recorded.decision
        flow = self._flow(recorded)
        try:
            reply = await self.sources.fetch(recorded, timeout_s=flow.limits.timeout_s)
            rows = keep(reply, question=question, flow=flow, fields=grant.fields)
        except RefusedUpstream as refused:
            return self._refused_upstream(recorded, refused)
        except BaseException as error:
            self._failed(recorded, error)
            raise
        ending = Ending.GIVEN if rows else Ending.EMPTY
        self.ledger.ended(recorded, ending, rows=len(rows))
        return Answer(
            ticket=recorded.entry.ticket,
            ground=grant.ground,
            rows=rows,
            receipt=recorded.receipt,
            repeated=recorded.entry.repeats is not None,
            about=grant.about,
        )

    def _failed(self, recorded: Recorded[Decision], error: BaseException) -> None:
        """Write how a look ended of which nothing came, whether it was at someone or at nobody."""
        match error:
            case SilentSource() | WrongSource():
                self.ledger.ended(recorded, Ending.FAILED, cause=error.cause)
                error.ticket = recorded.entry.ticket
            case asyncio.CancelledError():
                self.ledger.ended(recorded, Ending.CANCELLED)
            case _:
                self.ledger.ended(recorded, Ending.FAILED, cause="internal")

    def _flow(self, recorded: Recorded[Decision]) -> Flow:
        entry = recorded.entry
        return self.laws.of(entry.lawbook).lawbook.flows[entry.question.flow]


def _refused(recorded: Recorded[Decision], refusal: Refusal) -> Answer | NoAnswer:
    """What the consumer gets for a refusal: words, or an empty answer where words would tell."""
    entry, receipt = recorded.entry, recorded.receipt
    repeated = entry.repeats is not None
    if refusal.reason.told is None and refusal.ground is not None:
        # A refusal tells nothing: a failed control at the supplier reads like "no data".
        return Answer(
            ticket=entry.ticket,
            ground=refusal.ground,
            rows=(),
            receipt=receipt,
            repeated=repeated,
            about=refusal.about,
        )
    return NoAnswer(ticket=entry.ticket, refusal=refusal, receipt=receipt, repeated=repeated)
