"""Questions of the benchmark are true ones, and forgeries are false in one thing each."""

from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest
from bench.asks import Builder, Chance, Door, Person, signed, written
from bench.forge import forgeries
from bench.load import read_requests, whole, write_requests

from kruispunt.client import ASK_TAG, AskRequest
from kruispunt.vocabulary import FlowId, InstitutionCode, NotAuthenticated, Proof, Ssin
from kruispunt.web import KeyRing, make_key, verify_request

NOW = datetime(2031, 6, 1, tzinfo=UTC)
PERSON = Person(ssin=Ssin("85073003328"), member=InstitutionCode("CM"))


class Counting:
    """Chance that never gives the same bytes twice."""

    def __init__(self) -> None:
        self.n = 0

    def __call__(self, size: int) -> bytes:
        self.n += 1
        return self.n.to_bytes(size)


def a_chance() -> Chance:
    return Chance(now=lambda: NOW, random_bytes=Counting())


KEY = make_key("NIC", key_id="NIC/1", random_bytes=lambda size: b"k" * size)
DOOR = Door.of_seat("http://127.0.0.1:8080", FlowId("employment.consult"), KEY)


def a_builder(chance: Chance) -> Builder:
    return Builder(purpose="asr-benefits", today=date(2031, 6, 1), chance=chance)


def received(request: bytes) -> tuple[dict[str, str], bytes, str]:
    """Headers, body and path, as a server reads them."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode("ascii").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert int(headers["content-length"]) == len(body)
    return headers, body, first.split()[1]


def proven(request: bytes) -> Proof:
    """What the hub's gateway does first.

    Raises:
        NotAuthenticated: the request is not proven.
    """
    headers, body, path = received(request)
    public = KEY.public(not_before=NOW.replace(year=2030), not_after=NOW.replace(year=2032))
    _, proof = verify_request(
        method="POST",
        target_uri=DOOR.url + path,
        headers=headers,
        body=body,
        ring=KeyRing.holding([public]),
        now=int(NOW.timestamp()),
        tag=ASK_TAG,
    )
    return proof


def test_a_built_question_is_proven_and_asks_what_it_should():
    chance = a_chance()
    body = a_builder(chance).ask(PERSON)

    request = written(DOOR, body, signed(DOOR, body, chance))

    assert proven(request).key_id == "NIC/1"
    asked = msgspec.json.decode(received(request)[1], type=AskRequest)
    assert (asked.ssin, asked.purpose) == (PERSON.ssin.digits, "asr-benefits")
    assert (asked.period.begin_date, asked.period.end_date) == (date(2031, 4, 2), date(2031, 6, 1))


def test_no_two_questions_share_a_message_id_or_a_nonce():
    chance = a_chance()
    builder = a_builder(chance)

    bodies = [builder.ask(PERSON) for _ in range(3)]
    proofs = [proven(written(DOOR, body, signed(DOOR, body, chance))) for body in bodies]

    assert len(set(bodies)) == 3
    assert len({proof.nonce for proof in proofs}) == 3


def test_every_forgery_is_refused_though_the_true_question_is_not():
    chance = a_chance()
    body = a_builder(chance).ask(PERSON)
    proven(written(DOOR, body, signed(DOOR, body, chance)))

    kinds = forgeries(DOOR, body, chance)

    assert len(kinds) >= 9
    for forged in kinds.values():
        with pytest.raises(NotAuthenticated):
            proven(forged)


def test_requests_are_read_back_as_they_were_written(tmp_path: Path):
    requests = [b"", b"one", b"\x00" * 300]

    write_requests(tmp_path / "requests", requests)

    assert read_requests(tmp_path / "requests") == requests


def test_an_answer_is_whole_when_its_body_is_there_and_no_sooner():
    answer = b"HTTP/1.1 200 OK\r\ncontent-type: a\r\nContent-Length: 3\r\n\r\nabc"

    found = [whole(answer[:n]) for n in range(len(answer))]

    assert not any(found)
    assert whole(answer + b"HTTP/1.1 200") == len(answer)
