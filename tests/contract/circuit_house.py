"""A circuit under test: cases on a store, and a network that says what it is told to say."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Unpack
from uuid import UUID, uuid4

from tests.contract.cases_house import ACME, LEASE, MOMENT, PERSON, CaseHouse, of_risk, reference

from kruispunt.circuits import Asking, Desk, Executor, Inbox, Lane, Sent, Wanted, one_shot
from kruispunt.circuits import benefits as b
from kruispunt.client import (
    Asked,
    AskFailed,
    AskRefused,
    AskReply,
    Fault,
    GroundBody,
    Opened,
    Polled,
    ProblemBody,
    ReceiptBody,
)
from kruispunt.vocabulary import FlowId, KeyId, Mail, MailKind

Row = dict[str, Any]


def dimona() -> Row:
    return {"employer_cbe": ACME, "service_begin_date": "2015-01-01"}


def choice(channel: str = "ELECTRONIC") -> Row:
    return {
        "employer_cbe": ACME,
        "destination_cbe": ACME,
        "channel": channel,
        "request_scope": "ALL",
        "valid_from": "2010-01-01",
    }


def employment(q: str = "19.00", s: str = "38.00") -> Row:
    return {
        "cbe_number": ACME,
        "employment_begin_date": "2015-01-01",
        "mean_weekly_hours_reference_s": s,
        "mean_weekly_hours_worker_q": q,
    }


def an_answer(*rows: Row) -> AskReply:
    """An answer of the network; its proof was believed before."""
    entry = uuid4()
    receipt = ReceiptBody(
        entry=entry,
        recorded_at=MOMENT,
        leaf=b"",
        index=0,
        size=1,
        path=(),
        root=b"",
        origin="",
        key_id="",
        signature=b"",
    )
    return AskReply(
        ticket=entry,
        outcome="given" if rows else "empty",
        rows=list(rows),
        fields=[],
        withheld=[],
        ground=GroundBody(clause="", deliberation="", paragraph=""),
        receipt=receipt,
        repeated=False,
    )


@dataclass(frozen=True)
class Accepted:
    ticket: UUID


@dataclass
class Says:
    """A network that answers every question about the ordinary part-time worker.

    `first`: what it says to a flow before that, one after the other. `looks`: every question that
    it decided, by message id: a repeated one is not a new look.
    """

    rows: dict[b.Role, Sequence[Row]] = field(
        default_factory=lambda: {
            b.Role.REFERENCE: [reference(unemployed=True)],
            b.Role.DIMONA: [dimona()],
            b.Role.EMPLOYMENT: [employment()],
            b.Role.ROUTING: [choice()],
            b.Role.UAM: [{"cbe_number": ACME, "email": "asr@acme.example"}],
            b.Role.PERSONNEL: [{"ssin": PERSON.digits, "last_name": "Janssens"}],
            b.Role.EMPLOYER: [{"cbe_number": ACME, "denomination": "Acme", "address": "Gent"}],
        }
    )
    first: defaultdict[str, list[Exception]] = field(default_factory=lambda: defaultdict(list))
    looks: dict[UUID, str] = field(default_factory=dict[UUID, str])
    asked: list[Asked] = field(default_factory=list[Asked])
    tickets: dict[UUID, UUID] = field(default_factory=dict[UUID, UUID])

    async def ask(self, flow: str, **asked: Unpack[Asked]) -> AskReply:
        self._hear(flow, asked)
        return an_answer(*self.rows[b.Role(flow.removeprefix("flow."))])

    async def request(self, flow: str, **asked: Unpack[Asked]) -> Accepted:
        self._hear(flow, asked)
        return Accepted(self.tickets.setdefault(_id(asked), uuid4()))

    def _hear(self, flow: str, asked: Asked) -> None:
        self.asked.append(asked)
        said = self.first[flow]
        if said:
            raise said.pop(0)
        assert self.looks.setdefault(_id(asked), flow) == flow


def _id(asked: Asked) -> UUID:
    found = asked.get("message_id")
    assert found, "a circuit asks under ids of its own"
    return found


def silent() -> AskFailed:
    return AskFailed(Fault.SILENT, "no answer")


def busy(status: int = 503) -> AskFailed:
    return AskFailed(Fault.PROBLEM, problem=ProblemBody(status=status, type="urn:x:busy"))


def broken() -> AskFailed:
    return AskFailed(Fault.NOT_PROVEN, "not signed")


def refused(reason: str, successor: str | None = None) -> AskRefused:
    return AskRefused(ProblemBody(status=403, reason=reason, replaced_by=successor))


@dataclass
class Posted:
    """Sends by noting it; what stands is not made again. It may be told to fail."""

    house: CaseHouse
    letters: dict[UUID, Wanted] = field(default_factory=dict[UUID, Wanted])

    async def send(self, wanted: Wanted, case: b.Case) -> Sent:
        assert case.stage is b.Stage.OPEN
        task, now = wanted.task, self.house.clock()
        if isinstance(task, b.SendRequest) and task.medium is b.Medium.ELECTRONIC:
            return Sent(mail=(a_mail(task.id, kind=MailKind.REQUEST, to=task.to.mailbox or ""),))
        self.letters.setdefault(task.id, wanted)
        made = b.HolderSheetSent if isinstance(task, b.SendHolderSheet) else b.LetterSent
        return Sent(event=made(id=UUID(int=task.id.int ^ 1), at=now, action=task.id))


def a_mail(
    mail: UUID,
    *,
    kind: MailKind = MailKind.ANSWER,
    to: str = "CM",
    ticket: str = "",
    person: int = 1,
) -> Mail:
    return Mail(
        id=mail,
        recipient=to,
        kind=kind,
        flow=FlowId("flow.unemployment"),
        ticket=ticket,
        person=person.to_bytes(16, "big"),
        sealed=b"sealed",
        sealed_for=KeyId(f"{to}/1"),
        sent_at=MOMENT,
    )


@dataclass
class Box:
    """A mailbox at the node: mail stands until it is acknowledged or dead."""

    letters: dict[UUID, Opened] = field(default_factory=dict[UUID, Opened])
    buried: dict[UUID, str] = field(default_factory=dict[UUID, str])

    def put(self, mail: Mail, content: bytes | None) -> None:
        self.letters[mail.id] = Opened(position=len(self.letters) + 1, mail=mail, content=content)

    async def poll(self, *, after: int = 0, limit: int = 100, wait_s: int = 0) -> Polled:
        held = {self.letters[one].mail.person for one in self.buried if one in self.letters}
        found = [
            one
            for one in self.letters.values()
            if one.position > after
            and one.mail.id not in self.buried
            and one.mail.person not in held
        ]
        if not found and wait_s:
            await asyncio.sleep(0.01)
        return Polled(letters=tuple(found[:limit]))

    async def acknowledge(self, ids: Sequence[UUID]) -> int:
        return sum(self.letters.pop(one, None) is not None for one in ids)

    async def dead(self, mail: UUID, reason: str) -> bool:
        self.buried[mail] = reason
        return True


@dataclass(kw_only=True)
class Circuit:
    """One process that runs the circuit on a house's store, until it is killed."""

    house: CaseHouse
    network: Says = field(default_factory=Says)
    box: Box = field(default_factory=Box)
    posted: Posted = field(init=False)

    def __post_init__(self) -> None:
        self.posted = Posted(self.house)
        self.born_again()

    def born_again(self) -> None:
        """Another process in the place of this one: it knows what the store knows."""
        self.desk = Desk()
        self.cases = self.house.a_process(self.desk)
        self.asker = self._executor(Lane.NETWORK, self.desk)
        self.printer = self._executor(Lane.PAPER, Desk())
        self.inbox = Inbox(
            mailbox=self.box,
            cases=self.cases,
            answers=self.house.answers,
            now=self.house.clock,
            shelf=one_shot.Shelf(folder=Path("/no/shelf/here")),
        )

    def _executor(self, lane: Lane, desk: Desk) -> Executor:
        return Executor(
            cases=self.cases,
            desk=desk,
            lane=lane,
            asking=Asking(network=self.network, now=self.house.clock),
            sender=self.posted,
            now=self.house.clock,
            lease=LEASE,
        )

    async def work(self, *, printing: bool = True) -> int:
        """Do all that lies there or is due, and what follows from that; how much it was."""
        hands = (self.asker, self.printer) if printing else (self.asker,)
        done = 0
        while True:
            found = sum([await one.sweep() for one in hands])
            found += self.desk.lying
            for executor in hands:
                while executor.desk.lying:
                    await executor.do(await executor.desk.take())
            found += await self.asker.deadlines() + await self.inbox.once()
            if not found:
                return done
            done += found


async def state_of(circuit: Circuit, case: UUID) -> b.Case:
    filed = await circuit.cases.find(case)
    assert filed
    return of_risk(filed.case)
