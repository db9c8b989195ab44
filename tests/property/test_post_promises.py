"""Promises of requests with several answers, for orders and contents that nobody thought of."""

from collections.abc import Mapping
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.circuit_house import Circuit, a_circuit, content_of
from tests.house import a_question
from tests.law.inventing import FIELDS, FUND, NODE
from tests.post_house import ONE, TWO, run

from kruispunt.client import FailureContent
from kruispunt.gateway import told_reply
from kruispunt.vocabulary import Accepted, Mail, MailKind
from kruispunt.web import HttpReply

NEVER_THE_SAME = ("ticket", "receipt")
GRANTED = set(FIELDS[:2])

values = st.none() | st.booleans() | st.integers() | st.text(max_size=9)
names = st.sampled_from([*FIELDS, "ssin", "wage", "insurer"])
rows = st.dictionaries(names, values, max_size=5)
members = st.sampled_from([(), (ONE,), (TWO,), (ONE, TWO)])
steps = st.lists(
    st.tuples(st.sampled_from(["answer", "fail", "again", "carry"]), st.integers(0, 1), rows),
    max_size=10,
)


async def play(circuit: Circuit, what: str, which: int, row: Mapping[str, object]) -> None:
    asks = circuit.asks()
    if what == "carry" or not asks:
        await circuit.carry()
        return
    mail = asks[which % len(asks)]
    number = which % len(asks) + 1
    match what:
        case "answer":
            await circuit.answer(mail, row)
        case "again":
            await circuit.answer(mail, row, mail=900 + number)
        case _:
            failed = FailureContent(missing=1, cause="failed", number=number)
            await circuit.say(mail, MailKind.FAILURE, failed)


@given(paying=members, many=steps)
@settings(max_examples=60, deadline=None)
def test_whatever_members_say_each_answer_is_told_once_and_every_look_has_its_own_entry(
    paying: tuple[Any, ...], many: list[tuple[str, int, dict[str, object]]]
):
    async def told() -> Circuit:
        circuit = a_circuit(*paying)
        await circuit.ask()
        await circuit.carry()
        for step in many:
            await play(circuit, *step)
        await circuit.carry()
        return circuit

    circuit = run(told())

    heard = [one for kind in (MailKind.ANSWER, MailKind.FAILURE) for one in circuit.told(kind)]
    answers = circuit.told(MailKind.ANSWER)
    numbers = [one["number"] for one in heard]
    assert len(numbers) == len(set(map(str, numbers))) <= len(paying)
    assert circuit.told(MailKind.COUNT) == [{"expected": len(paying)}]
    for seat in circuit.seats:
        looks = [entry for entry in seat.entries if entry.repeats is not None]
        assert len(looks) == len(answers)
        assert len(seat.trail.outcomes) == len(seat.entries)


@given(row=rows)
@settings(max_examples=60, deadline=None)
def test_nothing_ungranted_leaves_at_any_hop_and_nothing_at_the_hub_names_who_is_behind_a_node(
    row: dict[str, object],
):
    async def told() -> Circuit:
        circuit = a_circuit(ONE)
        await circuit.ask()
        await circuit.carry()
        await circuit.answer(circuit.asks()[0], row)
        await circuit.carry()
        return circuit

    circuit = run(told())

    for seat in circuit.seats:
        for mail in seat.mails(MailKind.ANSWER):
            for left in rows_of(mail):
                assert set(left) == GRANTED
    kept = " ".join(map(str, [*circuit.hub.entries, *circuit.hub.requests.requests.values()]))
    sent = " ".join(str(content_of(mail)) for mail in circuit.hub.mails())
    assert not any(name in kept + sent for name in (ONE, TWO, FUND))


def rows_of(mail: Mail) -> list[dict[str, object]]:
    found = content_of(mail).get("rows", [])
    assert isinstance(found, list)
    return found


@given(message=st.integers(1, 99), ticket=st.text("abc", max_size=3), again=st.booleans())
@settings(max_examples=40, deadline=None)
def test_a_hidden_refusal_reads_like_a_grant_that_nobody_answers(
    message: int, ticket: str, again: bool
):
    async def heard(at_hub: bool) -> tuple[list[object], list[object], list[object]]:
        """What the node hears, what mail is sent, and how looks end in the tree."""
        circuit = a_circuit(at_hub=at_hub)
        said: list[object] = []
        for nonce in range(1 + again):
            asked = a_question(consumer=NODE, message=message, ticket=ticket, nonce=nonce)
            told = await circuit.hub.hub.serve(asked)
            assert isinstance(told, Accepted)
            said.append(_words(told_reply(told, instance="urn:x")))
        await circuit.carry_from(circuit.hub)
        await circuit.carry_from(circuit.office)
        hub = circuit.hub
        mails = [(m.kind, m.recipient, m.flow, m.person, m.due_at) for m in hub.mails()]
        counts = [content_of(mail) for mail in hub.mails(MailKind.COUNT)]
        return [*said, *counts], list(mails), list(hub.ended)

    hidden, granted = run(heard(at_hub=False)), run(heard(at_hub=True))

    assert hidden == granted


def _words(reply: HttpReply) -> object:
    body = msgspec.json.decode(reply.body, type=dict[str, object])
    for name in NEVER_THE_SAME:
        body.pop(name)
    return reply.status, sorted(reply.headers), list(body.items())
