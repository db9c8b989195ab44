"""A request with several answers, from the insurer to the members that pay, and back."""

from datetime import timedelta
from uuid import UUID

import pytest
from msgspec import structs
from tests.circuit_house import Circuit, a_circuit, a_mail_request, body_of, content_of
from tests.law.inventing import FIELDS, FUND, HUB, NODE, OFFICE, PERSON
from tests.post_house import ONE, TWO

from kruispunt.client import AnswerContent, CountContent, FailureContent
from kruispunt.vocabulary import (
    Accepted,
    AnsweredBefore,
    Forbidden,
    InstitutionCode,
    MailKind,
    Malformed,
    NoAnswer,
    NotFound,
    Reason,
    TooLate,
    Unavailable,
    WrongSignature,
)
from kruispunt.web import HttpReply

ROW = dict.fromkeys(FIELDS, True)
GRANTED = dict.fromkeys(FIELDS[:2], True)


async def asked(*members: InstitutionCode, at_hub: bool = True) -> Circuit:
    circuit = a_circuit(*members, at_hub=at_hub)
    assert isinstance(await circuit.ask(ticket="case 7"), Accepted)
    await circuit.carry()
    return circuit


async def test_two_members_answer_and_the_insurer_hears_the_count_and_both_answers():
    circuit = await asked(ONE, TWO)

    for mail in circuit.asks():
        assert isinstance(await circuit.answer(mail, ROW), HttpReply)
    await circuit.carry()

    assert circuit.told(MailKind.COUNT) == [{"expected": 2}]
    assert circuit.told(MailKind.ANSWER) == [
        {"number": 1, "rows": [GRANTED]},
        {"number": 2, "rows": [GRANTED]},
    ]
    assert {mail.ticket for mail in circuit.node.mails()} == {"case 7"}


async def test_each_seat_has_an_entry_for_the_request_and_one_of_its_own_for_each_answer():
    circuit = await asked(ONE, TWO)

    for mail in circuit.asks():
        await circuit.answer(mail, ROW)
    await circuit.carry()

    for seat in circuit.seats:
        first, *looks = seat.entries
        assert [look.repeats for look in looks] == [first.id, first.id]
        assert {look.question for look in looks} == {first.question}
        assert seat.ended == [("forwarded", 2, ""), ("given", 1, ""), ("given", 1, "")]


async def test_the_mail_to_a_member_says_what_is_granted_and_the_details_and_not_the_insurer():
    circuit = a_circuit(ONE)
    await circuit.ask(details=(("kind", "birth"),))
    (at_hub,) = circuit.hub.mails(MailKind.REQUEST)
    assert (at_hub.recipient, content_of(at_hub)["number"]) == (OFFICE, 1)

    await circuit.carry()

    (mail,) = circuit.asks()
    content = content_of(mail)
    assert (content["ssin"], content["details"]) == (PERSON.digits, {"kind": "birth"})
    assert (content["consumer"], content["fields"]) == (NODE, list(FIELDS[:2]))
    assert FUND not in str(content)
    assert mail.due_at == circuit.clock() + timedelta(days=10)


async def test_where_no_member_pays_the_count_is_none_and_nothing_waits():
    circuit = await asked()

    assert circuit.told() == [{"expected": 0}]
    assert [seat.ended for seat in circuit.seats] == [[("empty", 0, "")]] * 3
    circuit.clock.pass_by(timedelta(days=11))
    assert [await seat.post.sweep() for seat in circuit.seats] == [0, 0, 0]


async def test_a_refusal_of_the_hub_in_words_is_one_of_the_node_and_waits_for_nothing():
    circuit = a_circuit(ONE, filed=False)

    told = await circuit.ask()

    assert isinstance(told, NoAnswer)
    assert told.refusal.reason is Reason.NO_FILE
    assert circuit.node.ended == [("refused-upstream", 0, "no-file")]
    circuit.clock.pass_by(timedelta(days=11))
    assert await circuit.node.post.sweep() == 0
    assert circuit.hub.mails() == []


async def test_the_same_message_again_is_the_same_ticket_and_asks_nobody_twice():
    circuit = a_circuit(ONE)
    first = await circuit.ask(message=9)
    again = await circuit.ask(message=9)
    await circuit.carry()

    assert isinstance(first, Accepted)
    assert isinstance(again, Accepted)
    assert (again.ticket, again.repeated) == (first.ticket, True)
    assert len(circuit.asks()) == 1
    assert circuit.told() == [{"expected": 1}]
    assert [seat.ended[1:] for seat in (circuit.node, circuit.hub)] == [[("forwarded", 0, "")]] * 2


async def test_a_hub_that_went_silent_after_it_accepted_hears_the_same_message_again():
    circuit = a_circuit(ONE)
    circuit.above.silent = Unavailable("away")
    assert isinstance(await circuit.ask(message=9), Unavailable)
    circuit.above.silent = None

    assert isinstance(await circuit.ask(message=9), Accepted)
    await circuit.carry()

    assert len({asked.message_id for asked in circuit.above.asked}) == 1
    assert len(circuit.asks()) == 1
    assert circuit.told() == [{"expected": 1}]
    assert circuit.node.ended[0] == ("forwarded", 1, "")


async def test_an_answer_that_comes_twice_is_done_once_and_acknowledged_twice():
    circuit = await asked(ONE)
    (mail,) = circuit.asks()

    told = [await circuit.answer(mail, ROW, mail=77) for _ in range(2)]
    await circuit.carry()

    assert all(isinstance(one, HttpReply) for one in told)
    assert len(circuit.office.entries) == 2
    assert circuit.told(MailKind.ANSWER) == [{"number": 1, "rows": [GRANTED]}]


async def test_another_answer_of_the_same_number_is_not_wanted():
    circuit = await asked(ONE)
    (mail,) = circuit.asks()
    await circuit.answer(mail, ROW, mail=77)

    assert isinstance(await circuit.answer(mail, mail=78), AnsweredBefore)
    assert isinstance(await circuit.answer(mail, mail=78), AnsweredBefore)


async def test_a_member_that_does_not_answer_is_told_as_one_that_will_not_come():
    circuit = await asked(ONE, TWO)
    first, second = circuit.asks()

    await circuit.answer(first, ROW)
    await circuit.say(
        second, MailKind.FAILURE, FailureContent(missing=1, cause="failed", number=2)
    )
    await circuit.carry()

    assert circuit.told(MailKind.FAILURE) == [{"missing": 1, "cause": "failed", "number": 2}]
    circuit.clock.pass_by(timedelta(days=11))
    assert [await seat.post.sweep() for seat in circuit.seats] == [1, 1, 1]
    await circuit.carry()
    assert len(circuit.told(MailKind.FAILURE)) == 1


async def test_a_request_that_is_a_dead_letter_at_its_member_fails_for_who_waits_once():
    circuit = await asked(ONE, TWO)
    _, second = circuit.asks()
    post = circuit.office.post

    for _ in range(2):
        await post.give_up(second)
    await circuit.carry()

    assert circuit.told(MailKind.FAILURE) == [{"missing": 1, "cause": "failed", "number": 2}]
    assert isinstance(await circuit.answer(second, ROW), AnsweredBefore)


async def test_other_dead_letters_and_requests_that_were_answered_fail_for_nobody():
    circuit = await asked(ONE, TWO)
    first, second = circuit.asks()
    await circuit.answer(first, ROW)
    count = next(mail for mail in circuit.office.mails() if mail.kind is MailKind.COUNT)
    (at_hub,) = circuit.hub.mails(MailKind.REQUEST)
    stranger = structs.replace(second, recipient=FUND)

    for mail in (first, count, stranger):
        await circuit.office.post.give_up(mail)
    await circuit.hub.post.give_up(at_hub)
    await circuit.carry()

    assert circuit.told(MailKind.FAILURE) == []


async def test_a_dead_letter_of_which_nothing_could_be_said_may_be_said_again():
    circuit = await asked(ONE)
    (mail,) = circuit.asks()
    circuit.office.commit.away = True
    with pytest.raises(Unavailable):
        await circuit.office.post.give_up(mail)
    circuit.office.commit.away = False

    await circuit.office.post.give_up(mail)
    await circuit.carry()

    assert len(circuit.told(MailKind.FAILURE)) == 1


async def test_answers_that_are_late_are_missed_once_and_still_passed_on_for_thirty_days():
    circuit = await asked(ONE, TWO)
    first, second = circuit.asks()
    await circuit.answer(first, ROW)
    await circuit.carry()
    circuit.clock.pass_by(timedelta(days=11))

    for _ in range(2):
        for seat in reversed(circuit.seats):
            await seat.post.sweep()
        await circuit.carry()

    assert circuit.told(MailKind.FAILURE) == [{"missing": 1, "cause": "late"}]
    assert isinstance(await circuit.answer(second), HttpReply)
    await circuit.carry()
    assert circuit.told(MailKind.ANSWER)[1:] == [{"number": 2}]


async def test_after_thirty_days_more_an_answer_is_too_late():
    circuit = await asked(ONE)
    circuit.clock.pass_by(timedelta(days=41))

    assert isinstance(await circuit.answer(circuit.asks()[0]), TooLate)


async def test_a_count_that_never_came_ends_the_request_as_failed():
    circuit = a_circuit(ONE)
    await circuit.ask()
    circuit.clock.pass_by(timedelta(days=11))

    await circuit.node.post.sweep()

    assert circuit.told() == [{"missing": 0, "cause": "late"}]
    assert circuit.node.ended == [("failed", 0, "no-answer")]
    await circuit.carry()
    assert circuit.told(MailKind.COUNT) == [{"expected": 1}]
    assert len(circuit.told(MailKind.FAILURE)) == 1


async def test_an_answer_before_the_count_is_passed_on():
    circuit = a_circuit(ONE)
    await circuit.ask()
    (request,) = circuit.hub.mails()
    await circuit.deliver(request, circuit.hub, circuit.office)
    await circuit.answer(circuit.asks()[0], ROW)
    count, answer = (mail for mail in circuit.office.mails() if mail.recipient == HUB)

    for mail in (answer, count):
        assert isinstance(await circuit.deliver(mail, circuit.office, circuit.hub), HttpReply)

    assert [mail.kind for mail in circuit.hub.mails()[1:]] == [MailKind.ANSWER, MailKind.COUNT]
    assert circuit.hub.ended == [("forwarded", 1, ""), ("given", 1, "")]


async def test_mail_of_another_than_was_asked_is_not_taken():
    circuit = await asked(ONE, TWO)
    first, second = circuit.asks()

    told = [
        await circuit.say(first, MailKind.ANSWER, content_for(1), by=TWO),
        await circuit.say(first, MailKind.ANSWER, content_for(2), by=ONE),
        await circuit.say(first, MailKind.COUNT, CountContent(expected=9), by=ONE),
        await circuit.say(second, MailKind.ANSWER, content_for(3), by=TWO),
    ]

    assert [type(one) for one in told] == [Forbidden] * 4
    assert len(circuit.office.entries) == 1


def content_for(number: int) -> AnswerContent:
    return AnswerContent(number=number)


async def test_only_the_hub_asks_by_mail_and_only_the_supplier_of_the_flow():
    circuit = a_circuit(ONE)
    await circuit.ask()
    (request,) = circuit.hub.mails()

    by_node = a_mail_request(body_of(request), by=NODE, clock=circuit.clock)

    assert isinstance(await circuit.office.take(by_node), Forbidden)
    assert circuit.office.entries == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"ticket": str(UUID(int=3))}, NotFound),
        ({"ticket": "no ticket of ours"}, NotFound),
        ({"flow": "other"}, NotFound),
        ({"sealed": b"for somebody else: {}"}, Malformed),
        ({"sealed_for": "pays-one/1"}, Malformed),
        ({"sealed": b'for office: {"number":1,"insurer":"fund"}'}, Malformed),
        ({"kind": MailKind.COUNT}, Malformed),
    ],
    ids=str,
)
async def test_mail_that_can_not_be_taken_says_why_and_does_nothing(
    change: dict[str, object], problem: type[Exception]
):
    circuit = await asked(ONE)
    (mail,) = circuit.asks()
    sealed = b'for office: {"number":1}'
    body = structs.replace(
        body_of(mail), kind=MailKind.ANSWER, sealed=sealed, sealed_for="office/1"
    )

    told = await circuit.office.take(
        a_mail_request(structs.replace(body, **change), by=ONE, clock=circuit.clock)
    )

    assert type(told) is problem
    assert len(circuit.office.entries) == 1


async def test_rows_that_are_not_as_agreed_are_refused_and_may_be_mended():
    circuit = await asked(ONE)
    (mail,) = circuit.asks()

    told = await circuit.answer(mail, {FIELDS[0]: "yes"})

    assert isinstance(told, Malformed)
    assert "wrong-type" in told.detail
    assert isinstance(await circuit.answer(mail, ROW), HttpReply)


async def test_a_nonce_is_used_once():
    circuit = a_circuit(ONE)
    await circuit.ask()
    (request,) = circuit.hub.mails()

    told = [
        await circuit.office.take(
            a_mail_request(body_of(request), by=HUB, clock=circuit.clock, nonce=5)
        )
        for _ in range(2)
    ]

    assert isinstance(told[0], HttpReply)
    assert isinstance(told[1], WrongSignature)


async def test_while_the_database_is_away_nothing_is_done_and_the_mail_may_come_again():
    circuit = await asked(ONE)
    (mail,) = circuit.asks()
    circuit.office.commit.away = True

    assert isinstance(await circuit.answer(mail, ROW, mail=77), Unavailable)
    assert len(circuit.office.entries) == 1
    circuit.office.commit.away = False
    assert isinstance(await circuit.answer(mail, ROW, mail=77), HttpReply)
    assert len(circuit.office.entries) == 2


async def test_a_hidden_refusal_asks_about_nobody_and_is_answered_that_none_will_come():
    circuit = await asked(ONE, at_hub=False)

    (request,) = circuit.hub.mails(MailKind.REQUEST)
    content = content_of(request)
    assert content["blank"] is True
    assert "ssin" not in content
    assert PERSON.digits not in str(content)
    assert circuit.office.entries == []
    assert circuit.told() == [{"expected": 0}]
    assert [seat.ended for seat in (circuit.node, circuit.hub)] == [[("empty", 0, "")]] * 2


async def test_nothing_at_the_hub_names_a_member_or_the_insurer():
    circuit = await asked(ONE, TWO)
    for mail in circuit.asks():
        await circuit.answer(mail, ROW)
    await circuit.carry()

    kept = [
        *map(str, circuit.hub.entries),
        *map(str, circuit.hub.boxes.mails),
        *map(str, circuit.hub.requests.requests.values()),
        *map(str, circuit.hub.requests.said),
    ]
    assert not any(name in text for text in kept for name in (ONE, TWO, FUND))
    assert circuit.hub.requests.parts == {}
