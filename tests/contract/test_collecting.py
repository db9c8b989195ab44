"""Requests collected from a mailbox: a look written, an answer sent once, a letter buried."""

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from tests.contract.collecting_house import (
    ANN,
    ASK,
    BEGINS,
    BEGUN,
    BOB,
    ENTRY,
    FILE,
    FLOW,
    NOBODY,
    NOW,
    Box,
)
from tests.contract.station_house import House, a_house, connected

from kruispunt.client import AnswerContent, AskFailed, Fault, ProblemBody
from kruispunt.station import Collector, Log, Look, open_collector, read_keys, read_station
from kruispunt.vocabulary import FlowId, KeyId, Mail, MailKind, MessageInFlight, Unavailable
from kruispunt.web import open_sealed


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    with a_house(tmp_path, database_url, now=NOW) as house:
        house.file.write_text(FILE, "utf-8")
        yield house


@asynccontextmanager
async def a_collector(house: House, box: Box) -> AsyncGenerator[Collector]:
    settings = read_station(house.file, institution="FARM")
    keys = read_keys(settings, now=lambda: NOW)
    async with open_collector(settings, keys=keys, mailbox=box, now=lambda: NOW) as collector:
        yield collector


def answer_of(house: House, mail: Mail) -> AnswerContent:
    """What the node reads: only its key opens it."""

    class Node:
        def opening(self, key_id: KeyId, /):
            return house.hub_key if key_id == house.hub_key.key_id else None

    content = open_sealed(Node(), mail.sealed, key_id=mail.sealed_for)
    return msgspec.json.decode(content, type=AnswerContent)


async def looks(house: House) -> list[tuple[object, ...]]:
    async with connected(house.owner_dsn) as connection:
        rows = await connection.fetch(
            "select entry, flow, ssin, clause, rows from station.look order by at, ssin"
        )
        return [tuple(row) for row in rows]


def a_refusal(status: int, *, kind: str = "about:blank") -> AskFailed:
    return AskFailed(Fault.PROBLEM, problem=ProblemBody(status=status, type=kind))


IN_FLIGHT = a_refusal(409, kind=MessageInFlight.type)


async def test_a_request_is_answered_with_exactly_its_fields_for_the_node_alone(house: House):
    box = Box()
    box.put(1)

    async with a_collector(house, box) as collector:
        done = await collector.round()

    [mail] = box.sent.values()
    assert (done.answered, done.dead, done.waiting) == (1, 0, 0)
    assert (mail.recipient, mail.kind, mail.ticket) == ("HUB", MailKind.ANSWER, str(ENTRY))
    assert answer_of(house, mail) == AnswerContent(
        number=2,
        rows=(
            {
                "ssin": ANN,
                "cows": [
                    {"name": "Bella", "weight": "612.50"},
                    {"name": "Clara", "weight": "580.00"},
                ],
            },
        ),
    )
    assert box.letters == []


async def test_the_look_is_in_the_log_before_the_answer_is_sent_and_holds_no_content(house: House):
    at_sending: list[list[tuple[object, ...]]] = []

    class Watching(Box):
        async def send(self, mail: Mail) -> None:
            at_sending.append(await looks(house))

    box = Watching()
    box.put(1)
    async with a_collector(house, box) as collector:
        await collector.round()

    assert at_sending == [[(ENTRY, FLOW, int(ANN), "31-007.cow", 1)]]


async def test_nothing_is_sent_where_the_look_can_not_be_written(house: House):
    box = Box()
    box.put(1)

    async with a_collector(house, box) as collector:
        async with connected(house.owner_dsn) as connection:
            await connection.execute("alter table station.mail rename to gone")
        with pytest.raises(Exception, match=r"station\.mail"):
            await collector.round()

    assert box.sent == {}
    assert len(box.letters) == 1


async def test_nothing_is_sent_while_the_log_is_away_and_the_request_comes_again(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    async def away(_log: Log, _mail: UUID, _look: Look) -> None:
        raise Unavailable("the log is away", retry_after_s=1)

    box = Box()
    box.put(1)
    async with a_collector(house, box) as collector:
        with monkeypatch.context() as patch:
            patch.setattr(Log, "write_mail", away)
            first = await collector.round()
        second = await collector.round()

    assert (first.answered, first.waiting) == (0, 1)
    assert (second.answered, len(box.sent)) == (1, 1)


async def test_mail_that_comes_again_is_answered_alike_under_one_id_with_one_look(house: House):
    box = Box(forgets=True)
    box.put(1)

    async with a_collector(house, box) as collector:
        await collector.round()
        await collector.round()
    [first] = box.sent.values()
    assert box.sendings == 1
    async with a_collector(house, box) as another:
        await another.round()

    [again] = box.sent.values()
    assert box.sendings == 2
    assert first.id == again.id
    assert answer_of(house, first) == answer_of(house, again)
    assert len(await looks(house)) == 1


async def test_two_requests_get_answers_of_their_own(house: House):
    box = Box()
    box.put(1)
    box.put(2, msgspec.structs.replace(ASK, ssin=BOB, number=1), person=b"bob")

    async with a_collector(house, box) as collector:
        done = await collector.round()

    assert done.answered == len(box.sent) == 2
    assert len(await looks(house)) == 2
    assert {answer_of(house, mail).number for mail in box.sent.values()} == {1, 2}


async def test_who_has_nothing_here_gets_an_answer_without_rows(house: House):
    box = Box()
    box.put(1, msgspec.structs.replace(ASK, ssin="85073003427"))
    box.put(2, msgspec.structs.replace(ASK, ssin=None, blank=True))

    async with a_collector(house, box) as collector:
        await collector.round()

    assert [answer_of(house, mail).rows for mail in box.sent.values()] == [(), ()]
    assert [row[2:] for row in await looks(house)] == [
        (85073003427, "31-007.cow", 0),
        (None, "31-007.cow", 0),
    ]


async def test_the_select_begins_at_the_day_that_a_detail_tells_not_at_the_days_granted(
    house: House,
):
    """05/022 §37-38: an insurer's file may begin after the risk; amounts go by the risk."""
    box = Box()
    box.put(1, msgspec.structs.replace(BEGUN, details={"risk": "2025-11-03"}), flow=BEGINS)
    box.put(2, BEGUN, flow=BEGINS)

    async with a_collector(house, box) as collector:
        await collector.round()

    told = [answer_of(house, mail).rows for mail in box.sent.values()]
    assert told == [({"day": "2025-11-03"},), ({"day": "2026-01-01"},)]


WRONG: list[tuple[str, Callable[[Box], UUID]]] = [
    ("can't be opened", lambda box: box.put(1, None)),
    ("can't be read", lambda box: box.put(1, b"{}")),
    ("can't be read", lambda box: box.put(1, ticket="no entry")),
    (
        "can't be read",
        lambda box: box.put(1, msgspec.structs.replace(ASK, ssin=NOBODY[:-1] + "1")),
    ),
    (
        "can't be read",
        lambda box: box.put(
            1, msgspec.structs.replace(BEGUN, details={"risk": "soon"}), flow=BEGINS
        ),
    ),
    ("no such mail", lambda box: box.put(1, flow=FlowId("dog.consult"))),
    ("no such mail", lambda box: box.put(1, kind=MailKind.COUNT)),
    ("does not give", lambda box: box.put(1, msgspec.structs.replace(ASK, fields=("tail",)))),
    (
        "every name",
        lambda box: box.put(1, msgspec.structs.replace(ASK, fields=("cows", "cows.x"))),
    ),
    (
        "select-failed",
        lambda box: box.put(
            1, msgspec.structs.replace(ASK, ssin=BOB, fields=("odd",)), flow=FlowId("cow.odd")
        ),
    ),
]


@pytest.mark.parametrize(
    ("reason", "put"), WRONG, ids=lambda one: one if isinstance(one, str) else ""
)
async def test_what_can_never_be_answered_is_a_dead_letter_and_others_go_on(
    house: House, reason: str, put: Callable[[Box], UUID]
):
    box = Box()
    wrong = put(box)
    behind = box.put(2)
    box.put(3, person=b"bob")

    async with a_collector(house, box) as collector:
        done = await collector.round()

    assert list(box.buried) == [wrong]
    assert reason in box.buried[wrong]
    assert ANN not in box.buried[wrong]
    assert BOB not in box.buried[wrong]
    assert (done.answered, done.dead, done.waiting) == (1, 1, 1)
    assert {letter.mail.id for letter in box.letters} == {wrong, behind}


async def test_a_look_whose_select_failed_is_in_the_log_too(house: House):
    box = Box()
    box.put(1, msgspec.structs.replace(ASK, ssin=BOB, fields=("odd",)), flow=FlowId("cow.odd"))

    async with a_collector(house, box) as collector:
        await collector.round()

    assert await looks(house) == [(ENTRY, "cow.odd", int(BOB), "31-007.cow", None)]


@pytest.mark.parametrize(
    "refusal", [AskFailed(Fault.SILENT), a_refusal(503), a_refusal(401), IN_FLIGHT]
)
async def test_while_the_node_does_not_take_answers_requests_wait(
    house: House, refusal: AskFailed
):
    box = Box(refuses=refusal)
    box.put(1)
    box.put(2)

    async with a_collector(house, box) as collector:
        first = await collector.round()
        box.refuses = None
        second = await collector.round()

    assert (first.answered, first.dead, first.waiting) == (0, 0, 2)
    assert (second.answered, box.buried, box.letters) == (2, {}, [])
    assert len(await looks(house)) == 2


async def test_an_answer_that_the_node_will_never_take_buries_its_request(house: House):
    box = Box(refuses=a_refusal(410))
    wrong = box.put(1)

    async with a_collector(house, box) as collector:
        await collector.round()

    assert box.buried == {wrong: "the node does not take the answer: 410"}
