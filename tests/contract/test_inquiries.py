"""Inquiries into incomes at work, in memory and on PostgreSQL, beside cases of declared risks."""

from collections.abc import AsyncGenerator
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.contract.cases_house import MOMENT, CaseHouse, a_declaration, in_memory, on_postgres
from tests.contract.circuit_house import Circuit, a_mail, busy, refused, silent
from tests.unit.circuits.reimbursement.inquiring import RULES, a_begin, another_law
from tests.unit.circuits.reimbursement.reimbursing import CEILING, a_notice, an_application

from kruispunt.circuits import CIRCUITS, FiledCases, State, replay
from kruispunt.circuits import benefits as b
from kruispunt.circuits import reimbursement as r
from kruispunt.client import AnswerContent, CountContent, FailureContent, WireSheet, canonical
from kruispunt.postgres import Query
from kruispunt.vocabulary import MailKind, SameMessageOtherContent

ON = date(2031, 3, 5)
FLOW = RULES.flow
ROW: WireSheet = {"daily_amount": "50.00", "seniority_supplement": "1.00"}


@pytest.fixture(params=[in_memory, on_postgres])
async def house(request: pytest.FixtureRequest, empty_database: str) -> AsyncGenerator[CaseHouse]:
    async with request.param(empty_database) as found:
        yield found


@pytest.fixture
def circuit(house: CaseHouse) -> Circuit:
    return Circuit(house=house)


def applied(**changes: Any) -> r.InquiryBegun:
    return a_begin(an_application(on=ON), at=MOMENT, **changes)


async def state_of(circuit: Circuit, case: UUID) -> r.Inquiry:
    filed = await circuit.cases.find(case)
    assert filed
    assert filed.kind == "reimbursement"
    assert isinstance(filed.case, r.Inquiry)
    return filed.case


async def played_again(circuit: Circuit, case: UUID) -> State:
    """The case that its stored events make."""
    events = [one.event for one in await circuit.cases.events(case)]
    return replay(CIRCUITS["reimbursement"], case, events)


def mail(circuit: Circuit, *contents: tuple[MailKind, Any]) -> None:
    """What comes for the last question that was taken."""
    ticket = str(list(circuit.network.tickets.values())[-1])
    for kind, content in contents:
        circuit.box.put(a_mail(uuid4(), kind=kind, ticket=ticket), canonical(content))


async def test_an_application_asks_once_and_its_answers_decide_it(circuit: Circuit):
    case = await circuit.cases.start(applied())
    await circuit.work()
    mail(
        circuit,
        (MailKind.COUNT, CountContent(expected=1)),
        (
            MailKind.ANSWER,
            AnswerContent(number=1, rows=(ROW,)),
        ),
    )

    await circuit.work()

    state = await state_of(circuit, case)
    assert (state.stage, state.ending) == (b.Stage.CLOSED, r.Ending.GRANTED)
    assert list(circuit.network.looks.values()) == [FLOW]
    (asked,) = circuit.network.asked
    assert (asked["purpose"], asked.get("details")) == (r.ON_REQUEST, {})
    assert circuit.posted.letters == circuit.box.letters == circuit.box.buried == {}
    assert await played_again(circuit, case) == state
    assert await circuit.work() == 0


async def test_an_inquiry_is_decided_by_the_law_that_runs_when_its_answers_come(circuit: Circuit):
    """05/022 fn 2: a lawbook that runs later may set other amounts of the same day."""
    circuit.house.inquiry_rules = RULES
    case = await circuit.cases.start(applied())
    await circuit.work()
    circuit.house.inquiry_rules = another_law(ceiling=1_00)
    circuit.born_again()
    count, answer = CountContent(expected=1), AnswerContent(number=1, rows=(ROW,))
    mail(circuit, (MailKind.COUNT, count), (MailKind.ANSWER, answer))

    await circuit.work()

    state = await state_of(circuit, case)
    events = [one.event for one in await circuit.cases.events(case)]
    assert state.ending is r.Ending.NOT_GRANTED
    assert sum(isinstance(one, r.InquiryRulesChanged) for one in events) == 1
    assert await played_again(circuit, case) == state


async def test_of_an_answer_no_field_is_stored_that_no_rule_looks_at(circuit: Circuit):
    case = await circuit.cases.start(applied())
    await circuit.work()
    mail(
        circuit,
        (
            MailKind.ANSWER,
            AnswerContent(number=1, rows=(ROW,)),
        ),
    )

    await circuit.work()

    events = [one.event for one in await circuit.cases.events(case)]
    (answer,) = (one for one in events if isinstance(one, b.UnemploymentAnswered))
    assert {name for row in answer.rows for name in row} <= {*r.NEEDED}


async def test_kinds_of_cases_stand_beside_each_other(circuit: Circuit):
    risk = await circuit.cases.start(a_declaration(number=2))
    inquiry = await circuit.cases.start(applied())

    await circuit.work()

    kinds = {one.case.id: one.kind for one in await circuit.cases.list()}
    assert kinds == {risk: "benefits", inquiry: "reimbursement"}
    with pytest.raises(SameMessageOtherContent):
        await circuit.cases.start(a_declaration(number=1))


async def test_the_same_application_again_is_the_same_case_whatever_the_moment(circuit: Circuit):
    first = await circuit.cases.start(applied())
    await circuit.work()
    circuit.house.clock.put_on(hours=3)

    again = await circuit.cases.start(applied(rules=RULES))

    assert again == first
    assert await circuit.work() == 0
    with pytest.raises(SameMessageOtherContent):
        await circuit.cases.start(a_begin(an_application(on=ON, incomes=(1,)), at=MOMENT))


async def test_who_is_away_is_asked_later_under_the_same_id(circuit: Circuit):
    circuit.network.first[FLOW] = [silent(), busy(503), busy(429)]
    case = await circuit.cases.start(applied())

    for _ in range(4):
        await circuit.work()
        circuit.house.clock.put_on(seconds=10)

    assert len({one.get("message_id") for one in circuit.network.asked}) == 1
    assert (await state_of(circuit, case)).ticket


async def test_answers_that_never_come_leave_an_application_to_proof_on_paper(circuit: Circuit):
    case = await circuit.cases.start(applied())
    await circuit.work()
    mail(
        circuit,
        (MailKind.COUNT, CountContent(expected=2)),
        (MailKind.FAILURE, FailureContent(missing=2, cause="late")),
    )
    await circuit.work()
    state = await state_of(circuit, case)
    assert state.proof

    proved = r.IncomeProved(
        id=uuid4(),
        at=circuit.house.clock(),
        action=state.proof,
        unemployment=r.Income(taxed_cents=CEILING),
    )
    await circuit.cases.add(case, proved)

    assert (await state_of(circuit, case)).ending is r.Ending.NOT_GRANTED


async def test_a_deadline_of_an_inquiry_comes_though_nobody_acts(circuit: Circuit):
    case = await circuit.cases.start(a_begin(a_notice(on=ON), at=MOMENT))
    await circuit.work()
    assert [one["purpose"] for one in circuit.network.asked] == [r.EX_OFFICIO]
    for _ in range(2):
        circuit.house.clock.put_on(days=31)
        await circuit.work()

    assert (await state_of(circuit, case)).ending is r.Ending.UNANSWERED
    assert await played_again(circuit, case) == await state_of(circuit, case)


async def test_who_is_not_our_member_ends_the_inquiry(circuit: Circuit):
    circuit.network.first[FLOW] = [refused("no-file")]

    case = await circuit.cases.start(applied())
    await circuit.work()

    assert (await state_of(circuit, case)).ending is r.Ending.REFUSED
    assert circuit.network.looks == {}


async def test_a_state_of_another_release_is_played_again_from_its_events(circuit: Circuit):
    case = await circuit.cases.start(applied())
    await circuit.work()
    state = await state_of(circuit, case)
    store = circuit.house.store
    if not isinstance(store, FiledCases):
        return

    await store.database.execute(Query(name="x", sql="update circuits.case_ set state = ''"))

    assert await state_of(circuit, case) == state
