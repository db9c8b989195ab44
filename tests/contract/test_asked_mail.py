"""Mail to declarants and the cases that sent it: what becomes of one is told to the other."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest
from tests.contract.cases_house import MOMENT, CaseHouse, a_declaration, of_risk
from tests.contract.circuit_house import Circuit

from kruispunt.circuits import Change, MemoryFiledCases
from kruispunt.circuits import benefits as b
from kruispunt.circuits.circuit import Event, State
from kruispunt.cli import dead_requests
from kruispunt.cli.asked_boxes import AskedBoxes
from kruispunt.cli.dead_requests import DeadRequests
from kruispunt.mailbox import DeadLetter, MemoryMailboxes
from kruispunt.vocabulary import FlowId, MailKind, Ssin, Unavailable, check_digits


@dataclass(kw_only=True)
class Slow(MemoryFiledCases):
    """Counts how many changes are being written at once."""

    writing: int = 0
    most: int = 0

    async def write(self, change: Change) -> bool:
        self.writing += 1
        self.most = max(self.most, self.writing)
        await asyncio.sleep(0)
        self.writing -= 1
        return await super().write(change)


@dataclass
class Buried:
    """Dead letters, however they died."""

    letters: list[DeadLetter] = field(default_factory=list[DeadLetter])

    async def dead_requests(
        self, after: DeadLetter | None = None, *, limit: int = 100
    ) -> list[DeadLetter]:
        first = self.letters.index(after) + 1 if after else 0
        asked = [one for one in self.letters[first:] if one.kind is MailKind.REQUEST]
        return asked[:limit]


ENOUGH = 3
"""The first fails, the second tells, the third comes after it."""


@dataclass
class Faulty(Buried):
    """Fails that often first."""

    faults: list[Exception] = field(default_factory=list[Exception])
    looks: int = 0
    looked: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once a look after the faults is over."""

    async def dead_requests(
        self, after: DeadLetter | None = None, *, limit: int = 100
    ) -> list[DeadLetter]:
        self.looks += after is None
        if self.faults:
            raise self.faults.pop()
        if self.looks >= ENOUGH:
            self.looked.set()
        return await Buried.dead_requests(self, after, limit=limit)


def a_dead_letter(mail: UUID, kind: MailKind = MailKind.REQUEST) -> DeadLetter:
    return DeadLetter(
        recipient="0400000101",
        id=mail,
        kind=kind,
        flow=FlowId("send-request"),
        ticket="",
        sent_at=MOMENT,
        died_at=MOMENT + timedelta(days=31),
        reason="not fetched in time",
        whole=False,
    )


async def asked(circuit: Circuit, many: int) -> dict[UUID, UUID]:
    """The sendings of so many cases, each by its case."""
    found: dict[UUID, UUID] = {}
    for number in range(1, many + 1):
        head = 10101000 + number
        person = Ssin(f"0{head}{check_digits(head):02d}")
        case = await circuit.cases.start(a_declaration(number, person=person))
        await circuit.work()
        filed = await circuit.cases.find(case)
        assert filed
        found[case] = of_risk(filed.case).requests[0].sent[0].action
    return found


async def arrivals(circuit: Circuit, cases: Sequence[UUID]) -> list[bool | None]:
    filed = [await circuit.cases.find(case) for case in cases]
    return [of_risk(one.case).requests[0].sent[0].arrived for one in filed if one]


async def test_deliveries_that_are_acknowledged_together_are_told_together():
    store = Slow()
    circuit = Circuit(house=CaseHouse(store=store))
    sent = await asked(circuit, 3)
    boxes = AskedBoxes(boxes=MemoryMailboxes(), cases=circuit.cases, now=circuit.house.clock)
    store.most = 0

    await boxes.acknowledge("0400000101", list(sent.values()))

    assert await arrivals(circuit, list(sent)) == [True] * 3
    assert store.most == 3


@pytest.mark.parametrize(("kind", "arrived"), [(MailKind.REQUEST, False), (MailKind.COUNT, None)])
async def test_a_request_that_nobody_fetched_goes_another_way(
    kind: MailKind, arrived: bool | None
):
    """05/022 §5(4): on paper, where the electronic way failed."""
    circuit = Circuit(house=CaseHouse(store=MemoryFiledCases()))
    sent = await asked(circuit, 1)
    (case, mail), letters = next(iter(sent.items())), list(circuit.posted.letters)
    boxes = Buried([a_dead_letter(UUID(int=1)), a_dead_letter(mail, kind)])
    dead = DeadRequests(boxes=boxes, cases=circuit.cases, now=circuit.house.clock)

    for _ in range(2):
        await dead.once()
        await circuit.work()

    assert await arrivals(circuit, [case]) == [arrived]
    again = [one for one in circuit.posted.letters if one not in letters]
    assert len(again) == (arrived is False)
    events = await circuit.cases.events(case)
    told = [one for one in events if isinstance(one.event, b.RequestDead)]
    assert len(told) == (arrived is False)


@pytest.mark.parametrize("fault", [Unavailable("too many"), RuntimeError()], ids=repr)
async def test_a_dead_request_that_can_t_be_told_holds_no_other_up_and_ends_nothing(
    fault: Exception, monkeypatch: pytest.MonkeyPatch
):
    circuit = Circuit(house=CaseHouse(store=MemoryFiledCases()))
    sent = await asked(circuit, 2)
    boxes = Faulty([a_dead_letter(mail) for mail in sent.values()], faults=[fault])
    dead = DeadRequests(boxes=boxes, cases=circuit.cases, now=circuit.house.clock)
    first, add = next(iter(sent)), circuit.cases.add

    async def can_t(case: UUID, event: Event) -> State:
        if case == first:
            raise fault
        return await add(case, event)

    monkeypatch.setattr(circuit.cases, "add", can_t)
    monkeypatch.setattr(dead_requests, "LOOK_EVERY_S", 0.01)
    looking = asyncio.create_task(dead.forever())
    await asyncio.wait_for(boxes.looked.wait(), timeout=20)
    looking.cancel()

    assert await arrivals(circuit, list(sent)) == [None, False]


async def test_however_many_requests_died_each_case_hears_of_its_own():
    circuit = Circuit(house=CaseHouse(store=MemoryFiledCases()))
    sent = await asked(circuit, 3)
    letters = [a_dead_letter(UUID(int=n)) for n in range(1, 6)]
    boxes = Buried([*letters, *map(a_dead_letter, sent.values())])
    dead = DeadRequests(boxes=boxes, cases=circuit.cases, now=circuit.house.clock, most=2)

    await dead.once()

    assert await arrivals(circuit, list(sent)) == [False] * 3
