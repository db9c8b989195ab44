"""Sets: what travels together is alike, and each question of a set keeps what came of it."""

from datetime import date
from random import Random
from types import SimpleNamespace
from typing import cast

import msgspec
import pytest
from storm.ask import Asker, Sent, Wish, Wishes
from storm.ask_many import SentMany, new_many, read_many

from kruispunt.cli.clock import random_bytes
from kruispunt.cli.compose import House
from kruispunt.client import AskManyRequest
from kruispunt.vocabulary import InstitutionCode, Ssin
from kruispunt.web import Http, HttpReply, make_key

NODE, HUB = InstitutionCode("NODE"), InstitutionCode("HUB")
PERSON = Ssin("85073003328")


def a_wish(*, seat: str = HUB, consumer: str = NODE, flow: str = "work") -> Wish:
    return Wish(
        seat=InstitutionCode(seat),
        consumer=InstitutionCode(consumer),
        flow=flow,
        ssin=PERSON,
        begin=date(2031, 1, 1),
        until=date(2031, 1, 31),
        purpose="why",
    )


class Twin(Asker):
    """Believes what it reads."""

    def prove(self, sent: Sent, reply: HttpReply) -> None:
        """Nothing is doubted."""


def an_asker() -> Asker:
    place = SimpleNamespace(addresses=lambda: {HUB: "http://hub"})
    house = cast("House", SimpleNamespace(place=place))
    asker = Twin(house=house, http=cast("Http", None), kept=[])
    asker.keys[NODE] = make_key(NODE, key_id="NODE/1", random_bytes=random_bytes)
    return asker


def a_set(asker: Asker) -> SentMany:
    return new_many(asker, [a_wish(), a_wish()])


def a_reply(*told: object, status: int = 200) -> HttpReply:
    return HttpReply(status=status, headers={}, body=msgspec.json.encode({"answers": told}))


def problem(status: int) -> dict[str, object]:
    return {"status": status, "problem": {"type": "urn:x", "title": "t", "status": status}}


@pytest.mark.parametrize("one_consumer", [True, False])
def test_what_travels_together_is_for_one_flow_at_one_seat(one_consumer: bool):
    kinds = {
        "data": (a_wish(), a_wish(flow="other"), a_wish(seat="NODE", consumer="A")),
        "empty": (a_wish(), a_wish(seat="NODE", consumer="B")),
    }
    wishes = Wishes(kinds=kinds, chance=Random(1))

    for _ in range(20):
        found = wishes.alike(50, one_consumer=one_consumer)
        assert len(found) == 50
        assert len({(wish.seat, wish.flow) for wish in found}) == 1
        assert not one_consumer or len({wish.consumer for wish in found}) == 1


def test_the_questions_of_a_set_have_one_nonce_and_one_body_and_messages_of_their_own():
    first, second = a_set(an_asker()).questions

    body = msgspec.json.decode(first.body, type=AskManyRequest)
    assert [one.message_id for one in body.questions] == [first.kept.message, second.kept.message]
    assert first.kept.nonce == second.kept.nonce
    assert first.kept.message != second.kept.message
    assert first.kept.many
    assert first.url.startswith("http://hub/v1/ask-many/")


def test_each_question_keeps_its_own_status():
    asker = an_asker()
    many = a_set(asker)

    read_many(asker, many, a_reply(problem(403), problem(503)))

    assert [sent.kept.status for sent in many.questions] == [403, 503]
    assert [sent.kept.faults for sent in many.questions] == [[], []]


def test_a_set_refused_as_a_whole_is_refused_for_each():
    asker = an_asker()
    many = a_set(asker)

    reply = HttpReply(status=401, headers={}, body=b'{"title": "t", "detail": "nonce"}')
    read_many(asker, many, reply)

    assert [sent.kept.status for sent in many.questions] == [401, 401]
    assert all("nonce" in sent.kept.detail for sent in many.questions)


@pytest.mark.parametrize(
    "reply",
    [
        a_reply(problem(403)),
        a_reply(problem(403), {"status": 200}),
        a_reply(problem(403), {"status": 503}),
        HttpReply(status=200, headers={}, body=b"{"),
    ],
)
def test_a_reply_that_does_not_fit_its_set_is_not_believed(reply: HttpReply):
    asker = an_asker()
    many = a_set(asker)

    read_many(asker, many, reply)

    assert any(sent.kept.faults for sent in many.questions)


def test_the_same_bytes_again_are_kept_anew():
    many = a_set(an_asker())
    again = many.again()

    assert [sent.body for sent in again.questions] == [sent.body for sent in many.questions]
    assert all(sent.kept.kind == "replayed" for sent in again.questions)
    assert all(sent.kept.kind == "load" for sent in many.questions)
    assert again.questions[0].kept.message == many.questions[0].kept.message
