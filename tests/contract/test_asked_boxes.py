"""What declarants do with their mail, the case that sent it is told, and told first."""

from collections.abc import AsyncGenerator
from uuid import UUID

import pytest
from tests.contract.cases_house import (
    ACME,
    MOMENT,
    CaseHouse,
    a_declaration,
    of_risk,
    on_postgres,
)
from tests.contract.circuit_house import Circuit

from kruispunt.circuits import FiledCases
from kruispunt.circuits import benefits as b
from kruispunt.cli.asked_boxes import AskedBoxes
from kruispunt.mailbox import Mailboxes
from kruispunt.vocabulary import Unavailable


@pytest.fixture
async def house(empty_database: str) -> AsyncGenerator[CaseHouse]:
    async with on_postgres(empty_database) as house:
        yield house


class Sent:
    """A case whose request lies in the mailbox of its employer."""

    def __init__(self, house: CaseHouse) -> None:
        self.house = house
        self.circuit = Circuit(house=house)

    async def come(self, number: int = 1) -> "Sent":
        self.case = await self.circuit.cases.start(a_declaration(number))
        await self.circuit.work()
        (sending,) = (await self.request()).sent
        self.mail = sending.action
        store = self.house.store
        assert isinstance(store, FiledCases)
        boxes = Mailboxes(database=store.database)
        self.asked = AskedBoxes(boxes=boxes, cases=self.circuit.cases, now=self.house.clock)
        return self

    async def request(self) -> b.Request:
        filed = await self.house.store.find(self.case)
        assert filed
        (request,) = of_risk(filed.case).requests
        return request

    async def lies(self) -> list[UUID]:
        batch = await self.asked.read(ACME, after=0, limit=10, max_bytes=10**6)
        return [one.mail.id for one in batch.letters]


@pytest.fixture
async def sent(house: CaseHouse) -> Sent:
    return await Sent(house).come()


async def test_a_request_that_its_employer_took_is_delivered_in_its_case_and_gone(sent: Sent):
    before = await sent.lies()

    gone = await sent.asked.acknowledge(ACME, [sent.mail])
    again = await sent.asked.acknowledge(ACME, [sent.mail])

    assert before == [sent.mail]
    assert (gone, again) == (1, 0)
    assert [one.arrived for one in (await sent.request()).sent] == [True]
    assert await sent.lies() == []
    events = await sent.circuit.cases.events(sent.case)
    assert sum(isinstance(one.event, b.RequestDelivered) for one in events) == 1


async def test_a_request_that_its_employer_can_t_take_is_asked_on_paper(sent: Sent):
    dead = await sent.asked.dead(ACME, sent.mail, "can't be opened", at=MOMENT)
    again = await sent.asked.dead(ACME, sent.mail, "can't be opened", at=MOMENT)

    first, second = (await sent.request()).sent
    assert (dead, again) == (True, False)
    assert (first.medium, first.arrived) == (b.Medium.ELECTRONIC, False)
    assert second.medium is b.Medium.PAPER_EMPLOYER
    assert await sent.lies() == []


async def test_nobody_tells_a_case_of_mail_that_was_not_sent_to_them(sent: Sent):
    other = "0400000202"
    before = await sent.circuit.cases.events(sent.case)

    gone = await sent.asked.acknowledge(other, [sent.mail, UUID(int=77)])
    dead = await sent.asked.dead(other, sent.mail, "not mine", at=MOMENT)

    assert (gone, dead) == (0, False)
    assert await sent.circuit.cases.events(sent.case) == before
    assert await sent.lies() == [sent.mail]


async def test_mail_stays_where_its_case_can_t_be_told(
    sent: Sent, monkeypatch: pytest.MonkeyPatch
):
    async def away(*_: object, **__: object) -> b.Case:
        raise Unavailable("the store is away", retry_after_s=1)

    monkeypatch.setattr(sent.circuit.cases, "add", away)

    with pytest.raises(Unavailable):
        await sent.asked.acknowledge(ACME, [sent.mail])
    with pytest.raises(Unavailable):
        await sent.asked.dead(ACME, sent.mail, "can't be opened", at=MOMENT)

    assert await sent.lies() == [sent.mail]


async def test_nothing_about_the_person_waits_behind_what_its_employer_can_t_take(sent: Sent):
    await sent.asked.dead(ACME, sent.mail, "can't be opened", at=MOMENT)
    later = await Sent(sent.house).come(2)

    assert await later.lies() == [later.mail]
