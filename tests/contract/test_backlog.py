"""What waits in a store is among the metrics: how much, and of nobody in particular."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest
from tests.contract import cases_house, mailbox_house
from tests.contract.cases_house import MOMENT, CaseHouse, a_declaration
from tests.contract.circuit_house import Circuit, busy
from tests.contract.mailbox_house import MailHouse, a_mail

from kruispunt.circuits import FiledCases
from kruispunt.cli import backlog
from kruispunt.cli.backlog import ACTIONS, CASES, MAIL, MAIL_AGE, Counts, counted
from kruispunt.cli.meters import Meters
from kruispunt.mailbox import Mailboxes
from kruispunt.vocabulary import Unavailable


def some_meters() -> Meters:
    return Meters("NIC", worker="one", now=lambda: MOMENT + timedelta(minutes=1))


def figures(meters: Meters, name: str) -> dict[str, float]:
    """What is told of one metric, by its labels."""
    lines = meters.metrics.text().decode().splitlines()
    found = (line.rpartition(" ") for line in lines if line.startswith(name + "{"))
    own = '{seat="NIC",worker="one"'
    return {
        labels.removeprefix(name + own).strip(",}"): float(value) for labels, _, value in found
    }


async def told(meters: Meters, count: Callable[[], Awaitable[Counts]], *names: str) -> None:
    """Count once, as a process does."""
    async with counted(meters, count, *names):
        for _ in range(1000):
            if all(figures(meters, name) for name in names):
                return
            await asyncio.sleep(0.01)
        raise AssertionError("expected to be counted at once")


@pytest.fixture
async def mail(empty_database: str) -> AsyncGenerator[MailHouse]:
    async with mailbox_house.on_postgres(empty_database) as house:
        yield house


@pytest.fixture
async def cases(empty_database: str) -> AsyncGenerator[CaseHouse]:
    async with cases_house.on_postgres(empty_database) as house:
        yield house


async def test_mail_is_counted_over_all_recipients_and_nobody_is_named(mail: MailHouse):
    await mail.put(
        a_mail(1, person=1), a_mail(2, person=1), a_mail(3, to="BERT"), a_mail(4, to="BERT")
    )
    await mail.store.dead("ANNA", UUID(int=1), "can't be opened", at=MOMENT)
    assert isinstance(mail.store, Mailboxes)
    meters = some_meters()

    await told(meters, backlog.counted_mail(meters, mail.store), MAIL, MAIL_AGE)

    assert figures(meters, MAIL) == {
        'state="waiting"': 2,
        'state="held"': 1,
        'state="dead"': 1,
    }
    assert figures(meters, MAIL_AGE) == {"": 60}
    assert b"ANNA" not in meters.metrics.text()


async def test_open_cases_and_what_they_want_are_counted_by_lane(cases: CaseHouse):
    circuit = Circuit(house=cases)
    await circuit.cases.start(a_declaration())
    circuit.network.first["flow.reference"] = [busy()]
    await circuit.asker.sweep()
    await circuit.asker.do(await circuit.desk.take())
    assert isinstance(cases.store, FiledCases)
    meters = some_meters()

    await told(meters, backlog.counted_cases(cases.store), CASES, ACTIONS)

    assert figures(meters, CASES) == {"": 1}
    assert figures(meters, ACTIONS) == {
        'lane="network",state="undone"': 1,
        'lane="paper",state="undone"': 1,
        'lane="network",state="put-off"': 1,
        'lane="paper",state="put-off"': 0,
    }


async def test_while_the_store_is_away_the_last_count_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(backlog, "COUNT_EVERY_S", 0.01)
    counts = iter([{CASES: {(): 7.0}}])
    asked, thrice = 0, asyncio.Event()

    async def count() -> Counts:
        nonlocal asked
        asked += 1
        if asked == 3:
            thrice.set()
        found = next(counts, None)
        if found is None:
            raise Unavailable("the store is away", retry_after_s=1)
        return found

    meters = some_meters()
    async with counted(meters, count, CASES):
        async with asyncio.timeout(10):
            await thrice.wait()

        assert figures(meters, CASES) == {"": 7}
