"""A circuit at work, in memory and on PostgreSQL: all that a case wants is done, and done once."""

from collections.abc import AsyncGenerator
from uuid import UUID, uuid4

import pytest
from tests.contract.cases_house import (
    LEASE,
    CaseHouse,
    a_declaration,
    in_memory,
    on_postgres,
)
from tests.contract.circuit_house import (
    Circuit,
    a_mail,
    broken,
    busy,
    choice,
    refused,
    silent,
    state_of,
)

from kruispunt.circuits import benefits as b
from kruispunt.client import AnswerContent, CountContent, FailureContent, canonical
from kruispunt.vocabulary import MailKind


@pytest.fixture(params=[in_memory, on_postgres])
async def house(request: pytest.FixtureRequest, empty_database: str) -> AsyncGenerator[CaseHouse]:
    async with request.param(empty_database) as found:
        yield found


@pytest.fixture
def circuit(house: CaseHouse) -> Circuit:
    return Circuit(house=house)


def parties(case: b.Case) -> set[b.Party]:
    return {one.party for one in b.waiting(case)}


async def test_a_declared_risk_asks_all_that_the_gates_allow_and_sends_its_requests(
    circuit: Circuit,
):
    case = await circuit.cases.start(a_declaration())

    await circuit.work()

    state = await state_of(circuit, case)
    flows = [f"flow.{role}" for role in b.Role]
    assert sorted(circuit.network.looks.values()) == sorted([*flows, "flow.unemployment"])
    assert [one.standing for one in state.requests] == [b.Standing.SENT]
    assert state.unemployment.state is b.Replies.ACCEPTED
    assert [type(one.task) for one in circuit.posted.letters.values()] == [b.SendHolderSheet]
    assert parties(state) == {b.Party.INSURED_PERSON, b.Party.EMPLOYER, b.Party.NETWORK}
    assert await circuit.work() == 0


async def test_answers_of_payment_institutions_come_by_mail_and_end_the_request(
    circuit: Circuit,
):
    case = await circuit.cases.start(a_declaration())
    await circuit.work()
    ticket = str(next(iter(circuit.network.tickets)))
    contents = [
        (MailKind.COUNT, CountContent(expected=3)),
        (MailKind.ANSWER, AnswerContent(number=1, rows=({"daily_amount": "45.10"},))),
        (MailKind.FAILURE, FailureContent(missing=2, cause="late")),
        (MailKind.FAILURE, FailureContent(missing=1, cause="failed", number=2)),
        (MailKind.ANSWER, AnswerContent(number=3)),
    ]
    for kind, content in contents:
        circuit.box.put(a_mail(uuid4(), kind=kind, ticket=ticket), canonical(content))

    await circuit.work()

    now = (await state_of(circuit, case)).unemployment
    assert (now.state, now.expected) == (b.Replies.COMPLETE, 3)
    assert [one.refused for one in now.parts] == [False, True, False]
    assert circuit.box.letters == circuit.box.buried == {}


async def test_mail_is_told_once_though_it_is_delivered_again(circuit: Circuit):
    case = await circuit.cases.start(a_declaration())
    await circuit.work()
    ticket = str(next(iter(circuit.network.tickets.values())))
    mail = a_mail(uuid4(), ticket=ticket, kind=MailKind.COUNT)
    before = len(await circuit.cases.events(case))

    for _ in range(3):
        circuit.box.put(mail, canonical(CountContent(expected=1)))
        await circuit.work()

    assert len(await circuit.cases.events(case)) == before + 1
    assert circuit.box.letters == {}


async def test_answers_that_belong_to_no_case_are_kept_for_who_asked_and_hold_nobody_up(
    circuit: Circuit,
):
    case = await circuit.cases.start(a_declaration())
    await circuit.work()
    ticket = str(next(iter(circuit.network.tickets)))
    said = {
        1: (MailKind.COUNT, canonical(CountContent(expected=1))),
        2: (MailKind.ANSWER, canonical(AnswerContent(number=1, rows=({"scale_code": "A"},)))),
        3: (MailKind.FAILURE, canonical(FailureContent(missing=1, cause="late"))),
    }
    for n, (kind, content) in said.items():
        circuit.box.put(a_mail(UUID(int=n), ticket="by hand", kind=kind), content)
    circuit.box.put(a_mail(UUID(int=4), ticket="by hand", kind=MailKind.COUNT), b"{}")
    behind = a_mail(UUID(int=5), ticket=ticket, kind=MailKind.COUNT, person=2)
    circuit.box.put(behind, said[1][1])

    await circuit.work()
    kept = await circuit.house.answers.list(0, 10)

    assert [(one.id.int, one.ticket, one.kind, one.content) for one in kept] == [
        (n, "by hand", *one) for n, one in said.items()
    ]
    assert set(circuit.box.buried) == {UUID(int=4)}
    assert (await state_of(circuit, case)).unemployment.expected == 1


async def test_a_kept_answer_is_kept_once_until_it_is_taken_or_old(circuit: Circuit):
    answers, clock = circuit.house.answers, circuit.house.clock
    content = canonical(CountContent(expected=2))
    for n in (1, 1, 2, 3):
        clock.put_on(hours=1)
        circuit.box.put(a_mail(UUID(int=n), ticket=str(n), kind=MailKind.COUNT), content)
        await circuit.work()
    first, *_ = await answers.list(0, 1)

    after = [one.id.int for one in await answers.list(first.position, 10)]
    taken = await answers.take([UUID(int=2), UUID(int=9)])
    await answers.forget(clock())

    assert after == [2, 3]
    assert taken == 1
    assert [one.id.int for one in await answers.list(0, 10)] == [3]


async def test_mail_that_no_case_can_take_is_a_dead_letter_and_holds_up_its_person_alone(
    circuit: Circuit,
):
    case = await circuit.cases.start(a_declaration())
    await circuit.work()
    ticket = str(next(iter(circuit.network.tickets)))
    count = canonical(CountContent(expected=1))
    wrong = [
        a_mail(UUID(int=1), ticket="nobody's", kind=MailKind.REQUEST, person=1),
        a_mail(UUID(int=2), ticket=ticket, kind=MailKind.COUNT, person=2),
        a_mail(UUID(int=3), ticket=ticket, kind=MailKind.COUNT, person=3),
        a_mail(UUID(int=4), ticket=ticket, kind=MailKind.REQUEST, person=4),
    ]
    for mail, content in zip(wrong, [count, None, b'{"expected":-1}', count], strict=True):
        circuit.box.put(mail, content)
    behind = a_mail(UUID(int=5), ticket=ticket, kind=MailKind.COUNT, person=1)
    circuit.box.put(behind, count)
    circuit.box.put(a_mail(UUID(int=6), ticket=ticket, kind=MailKind.COUNT, person=6), count)

    await circuit.work()

    assert set(circuit.box.buried) == {mail.id for mail in wrong}
    assert UUID(int=5) in circuit.box.letters
    assert UUID(int=6) not in circuit.box.letters
    assert (await state_of(circuit, case)).unemployment.expected == 1


async def test_who_is_away_is_asked_later_under_the_same_id(circuit: Circuit):
    circuit.network.first["flow.reference"] = [silent(), busy(503), busy(429)]
    case = await circuit.cases.start(a_declaration())

    for _ in range(4):
        await circuit.work()
        circuit.house.clock.put_on(seconds=10)

    asked = {one.get("message_id") for one in circuit.network.asked[:4]}
    assert len(asked) == 1
    assert parties(await state_of(circuit, case)) >= {b.Party.EMPLOYER}
    what = [b.tag_of(one.event) for one in await circuit.cases.events(case)]
    assert "consultation-failed" not in what


async def test_who_can_t_be_believed_is_asked_again_by_the_case_until_a_clerk_must(
    circuit: Circuit,
):
    circuit.network.first["flow.routing"] = [broken() for _ in range(3)]
    case = await circuit.cases.start(a_declaration())

    for _ in range(4):
        await circuit.work()
        circuit.house.clock.put_on(minutes=6)

    failed = [
        one.event
        for one in await circuit.cases.events(case)
        if isinstance(one.event, b.ConsultationFailed)
    ]
    assert len(failed) == 3
    assert b.Party.CLERK in parties(await state_of(circuit, case))


async def test_a_node_that_is_away_too_long_leaves_the_case_with_a_deadline(circuit: Circuit):
    circuit.network.first["flow.dimona"] = [busy() for _ in range(1000)]
    case = await circuit.cases.start(a_declaration())

    for _ in range(60):
        await circuit.work()
        circuit.house.clock.put_on(minutes=1)

    state = await state_of(circuit, case)
    assert state.consultations[b.Role.DIMONA].progress is b.Progress.STUCK
    assert await circuit.work() == 0
    stuck = len(circuit.network.asked)
    circuit.house.clock.put_on(minutes=10)
    await circuit.work()
    assert len(circuit.network.asked) == stuck


async def test_a_refusal_in_words_is_told_to_the_case(circuit: Circuit):
    circuit.network.first["flow.reference"] = [refused("no-file")]

    case = await circuit.cases.start(a_declaration())
    await circuit.work()

    state = await state_of(circuit, case)
    assert (state.stage, state.ending) == (b.Stage.CLOSED, b.Ending.REFUSED)
    assert list(circuit.network.looks) == []


async def test_a_case_that_was_withdrawn_asks_and_sends_nothing_more(circuit: Circuit):
    circuit.network.first["flow.reference"] = [busy()]
    case = await circuit.cases.start(a_declaration())
    await circuit.asker.do(await circuit.desk.take())

    await circuit.cases.add(case, b.CaseWithdrawn(id=uuid4(), at=circuit.house.clock()))
    circuit.house.clock.put_on(seconds=10)
    await circuit.work()

    assert len(circuit.network.asked) == 1
    assert circuit.posted.letters == {}


async def test_a_case_that_ended_before_its_first_question_went_out_asks_nothing(
    circuit: Circuit,
):
    """P-WHO, 05/022 §11: nothing is asked of another insurer's member."""
    case = await circuit.cases.start(a_declaration())
    assert circuit.desk.lying == 1

    await circuit.cases.add(case, b.PersonMoved(id=uuid4(), at=circuit.house.clock()))
    await circuit.work()

    assert circuit.network.asked == []
    assert circuit.posted.letters == {}


async def test_an_employer_that_declared_before_the_printer_came_gets_no_letter(
    circuit: Circuit,
):
    """R-SPONTANEOUS, 05/022 §4: who declared is not asked."""
    circuit.network.rows[b.Role.ROUTING] = [choice("PAPER")]
    case = await circuit.cases.start(a_declaration())
    await circuit.work(printing=False)
    (request,) = (await state_of(circuit, case)).requests
    assert request.standing is b.Standing.SENT

    declared = b.DeclarationReceived(
        id=uuid4(),
        at=circuit.house.clock(),
        request=request.id,
        employer=request.employer,
        means=b.Means.ONLINE,
    )
    await circuit.cases.add(case, declared)
    await circuit.work()

    assert [type(one.task) for one in circuit.posted.letters.values()] == [b.SendHolderSheet]


async def test_a_letter_that_was_followed_by_its_reminder_is_not_sent_too(circuit: Circuit):
    circuit.network.rows[b.Role.ROUTING] = [choice("PAPER")]
    await circuit.cases.start(a_declaration())
    await circuit.work(printing=False)
    circuit.house.clock.put_on(days=15)
    await circuit.work(printing=False)

    await circuit.work()

    sent = [one.task for one in circuit.posted.letters.values()]
    assert [one.reminder for one in sent if isinstance(one, b.SendRequest)] == [True]


async def test_a_deadline_that_comes_reminds_and_then_asks_a_clerk(circuit: Circuit):
    circuit.network.rows[b.Role.ROUTING] = [choice("PAPER")]
    case = await circuit.cases.start(a_declaration())

    for _ in range(4):
        await circuit.work()
        circuit.house.clock.put_on(days=15)

    state = await state_of(circuit, case)
    sent = [w.task for w in circuit.posted.letters.values()]
    reminders = [one.reminder for one in sent if isinstance(one, b.SendRequest)]
    assert reminders == [False, True]
    assert [one.standing for one in state.requests] == [b.Standing.STUCK]
    assert parties(state) >= {b.Party.CLERK}


async def test_what_a_dead_process_had_is_done_when_its_lease_ends(circuit: Circuit):
    case = await circuit.cases.start(a_declaration())
    circuit.born_again()

    await circuit.work()
    assert list(circuit.network.looks) == []
    circuit.house.clock.put_on(seconds=LEASE.total_seconds())
    await circuit.work()

    assert len(circuit.network.looks) == 8
    assert [one.standing for one in (await state_of(circuit, case)).requests] == [b.Standing.SENT]
