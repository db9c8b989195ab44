"""Two processes on one store: what one has at hand of a case is never a reason to do nothing."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from tests.contract.cases_house import (
    LEASE,
    MOMENT,
    a_declaration,
    in_memory,
    on_postgres,
    reference,
)
from tests.contract.circuit_house import Circuit, state_of

from kruispunt.circuits import Desk, Lane, event_id
from kruispunt.circuits import benefits as b


@pytest.fixture(params=[in_memory, on_postgres])
async def circuit(request: pytest.FixtureRequest, empty_database: str) -> AsyncGenerator[Circuit]:
    async with request.param(empty_database) as house:
        yield Circuit(house=house)


async def test_what_another_wanted_asked_before_it_died_is_asked(circuit: Circuit):
    case = await circuit.cases.start(a_declaration())
    while circuit.desk.lying:
        await circuit.desk.take()
    event = await answered(circuit, case)
    await circuit.house.a_process(Desk()).add(case, event, done=event.action)

    circuit.house.clock.put_on(seconds=LEASE.total_seconds())
    await circuit.work()

    asked = sorted(["flow.reference", *circuit.network.looks.values()])
    assert asked == sorted(["flow.unemployment", *(f"flow.{role}" for role in b.Role)])
    assert [one.standing for one in (await state_of(circuit, case)).requests] == [b.Standing.SENT]


async def test_a_deadline_that_another_process_set_passes_here(circuit: Circuit):
    case, key = await a_case_with_a_deadline_set_elsewhere(circuit)
    passed = b.DeadlinePassed(
        id=event_id(key, "passed"), at=circuit.house.clock() + timedelta(days=30), deadline=key
    )

    await circuit.cases.add(case, passed)

    events = [one.event for one in await circuit.cases.events(case)]
    assert passed in events
    assert key not in (await state_of(circuit, case)).deadlines


async def test_what_is_nothing_to_the_case_as_it_stands_is_nothing_and_ends_its_action(
    circuit: Circuit,
):
    case, _key = await a_case_with_a_deadline_set_elsewhere(circuit)
    stands = await circuit.cases.find(case)
    (sheet,) = await circuit.house.store.take(Lane.PAPER, MOMENT, MOMENT + LEASE, 1)
    early = b.DeadlinePassed(id=uuid4(), at=circuit.house.clock(), deadline=uuid4())

    told = await circuit.cases.add(case, early, done=sheet.task.id)

    assert stands
    assert told == stands.case
    assert await circuit.cases.at_hand(case) == stands
    doing = await circuit.house.store.action(sheet.task.id)
    assert doing
    assert doing.done_at


async def test_what_another_process_did_is_read_once_it_is_heard(circuit: Circuit):
    case, _key = await a_case_with_a_deadline_set_elsewhere(circuit)
    before = await circuit.cases.at_hand(case)

    circuit.cases.followers.heard(case)

    stands = await circuit.cases.find(case)
    assert before
    assert stands
    assert before.version < stands.version
    assert await circuit.cases.at_hand(case) == stands


async def test_what_this_process_did_stays_at_hand_when_it_is_heard(circuit: Circuit):
    case = await circuit.cases.start(a_declaration())
    await circuit.cases.add(case, await answered(circuit, case))
    kept = await circuit.cases.at_hand(case)

    circuit.cases.followers.heard(case)
    assert await circuit.cases.at_hand(case) is kept


async def a_case_with_a_deadline_set_elsewhere(circuit: Circuit) -> tuple[UUID, UUID]:
    """One that this process has at hand, without what another added since."""
    case = await circuit.cases.start(a_declaration())
    before = (await state_of(circuit, case)).deadlines
    await circuit.house.a_process().add(case, await answered(circuit, case))
    (key, *_) = (await state_of(circuit, case)).deadlines.keys() - before.keys()
    return case, key


async def answered(circuit: Circuit, case: UUID) -> b.ConsultationAnswered:
    action = await circuit.house.asked(case)
    return b.ConsultationAnswered(
        id=uuid4(), at=circuit.house.clock(), action=action, rows=(reference(unemployed=True),)
    )
