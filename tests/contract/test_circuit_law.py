"""The law changes while cases run: each question by the law of its own moment (05/022)."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace
from tests.contract.cases_house import (
    RULES,
    a_declaration,
    in_memory,
    on_postgres,
    reference,
)
from tests.contract.circuit_house import Circuit, state_of

from kruispunt.circuits import CIRCUITS, replay
from kruispunt.circuits import benefits as b
from kruispunt.circuits.circuit import Action, Event, State
from kruispunt.circuits.declared_risk import DeclaredRisk
from kruispunt.vocabulary import FlowId, LawDigest


@pytest.fixture(params=[in_memory, on_postgres])
async def circuit(request: pytest.FixtureRequest, empty_database: str) -> AsyncGenerator[Circuit]:
    async with request.param(empty_database) as house:
        yield Circuit(house=house)


def another_law(**changes: Any) -> b.Rules:
    """The law after a change: other flows, and whatever else is said."""
    flows = {role: FlowId(f"flow.{role}") for role in b.Role}
    known = {"law": LawDigest("another law"), "flows": flows | {b.Role.UAM: FlowId("new.uam")}}
    return replace(RULES, **{**known, **changes})


async def test_a_question_follows_the_law_of_its_own_moment_and_what_was_decided_stands(
    circuit: Circuit,
):
    """05/022: the law changes while answers are out; who is asked next is asked under the new."""
    case = await circuit.cases.start(a_declaration())
    await circuit.house.answer(case, reference())
    before = await state_of(circuit, case)
    circuit.house.rules = another_law()
    circuit.born_again()
    untouched = await state_of(circuit, case)
    for role in (b.Role.DIMONA, b.Role.ROUTING, b.Role.PERSONNEL, b.Role.EMPLOYER):
        await circuit.house.answer(case, *circuit.network.rows[role], role=role)

    after = await state_of(circuit, case)
    events = [one.event for one in await circuit.cases.events(case)]

    assert untouched == before
    (changed,) = (one for one in events if isinstance(one, b.RulesChanged))
    assert changed.rules == after.rules == another_law()
    assert after.consultations.keys() >= before.consultations.keys()
    asked = before.consultations.items()
    assert all(after.consultations[role].asked == one.asked for role, one in asked)
    wanted = {one.role: one.flow for one in await consults(circuit, after)}
    assert wanted[b.Role.DIMONA] == "flow.dimona"
    assert wanted[b.Role.UAM] == "new.uam"
    assert replay(CIRCUITS["benefits"], case, events) == after


async def consults(circuit: Circuit, case: b.Case) -> list[b.Consult]:
    """What was wanted of each consultation that a case asked."""
    found = [
        await circuit.house.store.action(one.asked[-1]) for one in case.consultations.values()
    ]
    return [one.task for one in found if one and isinstance(one.task, b.Consult)]


async def test_a_case_is_told_of_a_law_once_and_not_by_what_changes_nothing(circuit: Circuit):
    case = await circuit.cases.start(a_declaration())
    await circuit.house.answer(case, reference())
    circuit.house.rules = another_law()
    old = b.DeadlinePassed(id=uuid4(), at=circuit.house.clock(), deadline=uuid4())

    await circuit.cases.add(case, old)
    quiet = await circuit.cases.events(case)
    for role in (b.Role.DIMONA, b.Role.ROUTING):
        await circuit.house.answer(case, *circuit.network.rows[role], role=role)
    circuit.house.rules = None
    await circuit.house.answer(
        case, *circuit.network.rows[b.Role.PERSONNEL], role=b.Role.PERSONNEL
    )

    events = [one.event for one in await circuit.cases.events(case)]
    assert not any(isinstance(one.event, b.RulesChanged) for one in quiet)
    assert sum(isinstance(one, b.RulesChanged) for one in events) == 1
    assert (await state_of(circuit, case)).rules == another_law()


class Asks(DeclaredRisk):
    """Cases that ask once more as soon as they hear of a law."""

    def advance(self, state: State, event: Event) -> tuple[State, tuple[Action, ...]]:
        after, actions = super().advance(state, event)
        if not isinstance(event, b.RulesChanged):
            return after, actions
        _, first = super().advance(b.Case(id=state.id), a_declaration())
        return after, (*actions, *(one for one in first if isinstance(one, b.Consult)))


async def test_what_a_case_wants_of_a_new_law_is_done_too(
    circuit: Circuit, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(CIRCUITS, "benefits", Asks())
    case = await circuit.cases.start(a_declaration())
    before = circuit.desk.lying
    circuit.house.rules = another_law()

    await circuit.cases.add(case, b.PersonMoved(id=uuid4(), at=circuit.house.clock()))

    assert circuit.desk.lying == before + 1


async def test_a_deadline_that_comes_after_a_change_of_law_waits_as_the_new_law_says(
    circuit: Circuit,
):
    case = await circuit.cases.start(a_declaration())
    await circuit.work()
    delays = replace(RULES.delays, declaration_days=40)
    circuit.house.rules = another_law(delays=delays)

    circuit.house.clock.put_on(days=15)
    await circuit.work()

    state = await state_of(circuit, case)
    (request,) = state.requests
    assert request.reminders == 1
    assert request.deadline
    due_at = state.deadlines[request.deadline].due_at
    assert due_at == circuit.house.clock() + timedelta(days=40)
