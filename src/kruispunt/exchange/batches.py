"""A one-time file on its way: each person of a batch decided, recorded, minimised, passed on.

05/022 §7.4: from the members of the supplier's node to the members of the consumer's, by the hub.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import structs

from kruispunt.authorisation import decide_many, present
from kruispunt.exchange.arrived import Arrived, Batch, Listed
from kruispunt.exchange.entry import new_entry
from kruispunt.exchange.fan import Laws, Trail
from kruispunt.exchange.hub import Directory, Identity
from kruispunt.exchange.keep import keep_sheets
from kruispunt.exchange.outgoing import Outgoing, Person, To
from kruispunt.exchange.spent import WHOLE, Came, Passed, Spending, Spent
from kruispunt.law import Flow, Jurisdiction
from kruispunt.postgres import Bundle, Write
from kruispunt.sources import WrongSource
from kruispunt.vocabulary import (
    Ending,
    Entry,
    Facts,
    Forbidden,
    Grant,
    InstitutionCode,
    Malformed,
    Outcome,
    Period,
    Question,
    Refusal,
    Reply,
    SameMessageOtherContent,
    Settled,
    Sheet,
)

BREATH = 50
"""Persons that are decided and written before others get a turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """Where a seat stands on the way of a file. `next` None: each person's own member is next.

    `part`: whose part of the file came, where a node joins the parts of its members.
    """

    next: InstitutionCode | None
    part: InstitutionCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batches:
    """What a batch comes to at a seat: an entry for each person, and the rest of it onward.

    Who is refused goes no further, and is counted. All of a batch is one commit.
    """

    identity: Identity
    directory: Directory
    laws: Laws
    trail: Trail
    spent: Spent
    outgoing: Outgoing
    zone: ZoneInfo
    now: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]

    async def work(self, mail: Arrived, batch: Batch) -> Bundle:
        """What to commit for a batch.

        Raises:
            Forbidden: not from who sends this flow to this seat.
            Malformed: a person whose rows are not as agreed.
            Unavailable: the database is away, or no key of the next one counts now.
        """
        law = self.laws.now
        flow = law.lawbook.flows[mail.flow]
        leg = _leg(mail, batch, flow, law)
        writes = [
            self.spent.spend(one, mail=mail.id, now=self.now())
            for one in spendings(mail, batch, leg)
        ]
        onward: defaultdict[InstitutionCode, list[Person]] = defaultdict(list)
        questions = self._questions(mail, batch, flow)
        for first in range(0, len(questions), BREATH):
            part = batch.persons[first : first + BREATH]
            entries = await self._decided(questions[first : first + BREATH], leg, law)
            for listed, entry in zip(part, entries, strict=True):
                sheets = _kept(listed, entry, flow)
                writes += (await self.trail.prepare(entry)).writes
                writes += self._outcome(entry, sheets)
                if sheets:
                    onward[leg.next or entry.question.consumer].append((listed.ssin, sheets))
            await asyncio.sleep(0)
        for recipient, persons in sorted(onward.items()):
            writes += self._pass_on(mail, batch, recipient, persons)
        passed = sum(map(len, onward.values()))
        batches = batch.batches if leg.part is not None else 0
        counted = self._count(mail, batch, passed)
        writes.append(self.spent.add(replace(counted, batches=batches)))
        return Bundle(writes=tuple(writes))

    async def came(self, mail: Arrived, batch: Batch) -> bool:
        """True where this batch was done before, however long ago.

        Raises:
            SameMessageOtherContent: its id is that of a batch that says something else.
            Unavailable: the database is away.
        """
        found = await self.spent.came(mail.id)
        if found is None:
            return False
        if found != Came(sender=mail.sender, digest=batch.digest):
            raise SameMessageOtherContent("another content was sent before under this id")
        return True

    async def is_sent(self, mail: Arrived, batch: Batch) -> bool:
        """True where this batch is of the file that is being sent here, as far as is known yet.

        Raises:
            Unavailable: the database is away.
        """
        law = self.laws.now
        leg = _leg(mail, batch, law.lawbook.flows[mail.flow], law)
        own = spendings(mail, batch, leg)
        if any([await self.spent.find(one) != one.file for one in own]):
            return False
        return all([not one.batches or await self.spent.count(one) < one.batches for one in own])

    async def _decided(
        self, questions: Sequence[Question], leg: Leg, law: Jurisdiction
    ) -> list[Entry]:
        settled = await self.identity.settle_many(questions)
        facts = await self.directory.facts_many(settled)
        if leg.next is None:
            settled, facts = _of_members(settled, facts, law)
        decisions = decide_many(settled, facts, law)
        return [
            new_entry(
                one.question,
                found,
                decision,
                law=law.lawbook.digest,
                now=self.now(),
                random_bytes=self.random_bytes,
            )
            for one, found, decision in zip(settled, facts, decisions, strict=True)
        ]

    def _questions(self, mail: Arrived, batch: Batch, flow: Flow) -> list[Question]:
        """What the batch tells, as if it had been asked: about the day that the law names."""
        if flow.about is None:
            raise AssertionError("expected a flow that is sent as a file")
        asked = mail.question(
            consumer=batch.consumer,
            purpose=batch.purpose,
            ssin=batch.persons[0].ssin,
            about=Period.through(flow.about, flow.about),
            zone=self.zone,
            file=batch.file,
        )
        return [structs.replace(asked, ssin=one.ssin) for one in batch.persons]

    def _outcome(self, entry: Entry, sheets: Sequence[Sheet]) -> tuple[Write, ...]:
        """Nothing, for a refusal in words: it has none."""
        decision = entry.decision
        if isinstance(decision, Refusal) and decision.reason.told is not None:
            return ()
        return self.trail.prepare_outcome(
            Outcome(
                entry=entry.id,
                recorded_at=entry.recorded_at,
                ended_at=self.now(),
                ending=Ending.GIVEN if sheets else Ending.EMPTY,
                rows=len(sheets),
            )
        )

    def _pass_on(
        self, mail: Arrived, batch: Batch, recipient: InstitutionCode, persons: Sequence[Person]
    ) -> tuple[Write, ...]:
        to = To(recipient=recipient, flow=mail.flow, ticket=mail.ticket)
        return self.outgoing.batch(
            to, persons, file=batch.file, purpose=batch.purpose, consumer=batch.consumer
        )

    def _count(self, mail: Arrived, batch: Batch, passed: int) -> Passed:
        return Passed(
            mail=mail.id,
            flow=mail.flow,
            file=batch.file,
            sender=mail.sender,
            persons=len(batch.persons),
            passed=passed,
            recorded_at=self.now(),
            digest=batch.digest,
        )


def spendings(mail: Arrived, batch: Batch, leg: Leg) -> list[Spending]:
    """R-ONCE: one file as a whole; and of each member one part of it."""
    own = [Spending(flow=mail.flow, sender=WHOLE, file=batch.file)]
    if leg.part is not None and batch.part is not None:
        part = Spending(flow=mail.flow, sender=leg.part, file=batch.part, batches=batch.batches)
        own.append(part)
    return own


def _leg(mail: Arrived, batch: Batch, flow: Flow, law: Jurisdiction) -> Leg:
    """The leg that ends here.

    Raises:
        Forbidden: such a file does not come this way, or not from this sender.
        Malformed: a member's part that does not say which.
    """
    hub, institutions = law.lawbook.hub, law.lawbook.institutions
    sender = institutions.get(mail.sender)
    if not law.is_node and mail.sender == flow.supplier:
        return Leg(next=batch.consumer)
    if law.is_node and mail.sender == hub and law.seat == batch.consumer:
        return Leg(next=None)
    behind = sender is not None and sender.active and sender.node == law.seat
    if law.is_node and law.seat == flow.supplier and behind:
        if batch.part is None or not batch.batches:
            raise Malformed("expected which part of the file it is, and in how many batches")
        return Leg(next=hub, part=mail.sender)
    raise Forbidden("expected a file on its way from its supplier")


def _of_members(
    settled: Sequence[Settled], facts: Sequence[Facts], law: Jurisdiction
) -> tuple[list[Settled], list[Facts]]:
    """The same questions, each in the name of the member that knows the person now."""
    whose: list[Settled] = []
    known: list[Facts] = []
    for one, found in zip(settled, facts, strict=True):
        member, own = present(one.question, found, law)
        if member is not None:
            question = structs.replace(one.question, consumer=member)
            whose.append(structs.replace(one, question=question))
        else:
            whose.append(one)
        known.append(own)
    return whose, known


def _kept(listed: Listed, entry: Entry, flow: Flow) -> tuple[Sheet, ...]:
    """Exactly the granted fields; nothing for who is refused.

    Raises:
        Malformed: rows that are not as agreed.
    """
    decision = entry.decision
    if not isinstance(decision, Grant):
        return ()
    reply = Reply(ssin=listed.ssin, rows=listed.rows)
    try:
        return keep_sheets(reply, question=entry.question, flow=flow, fields=decision.fields)
    except WrongSource as wrong:
        raise Malformed(f"a person of the batch is not as agreed: {wrong.cause}") from None
