"""A thousand persons in one signed request: each is told what it would be told alone."""

import asyncio
import json
import os
import subprocess
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec
import pytest
from tests.acceptance.standing import (
    House,
    Json,
    Sent,
    a_message,
    holds_a_number,
    kruispunt,
    now,
    problem_of,
)
from tests.acceptance.test_operation import metrics

from kruispunt.client import (
    ASK_MANY_PATH,
    AskedAbout,
    AskFailed,
    AskRefused,
    AskReply,
    SyncClient,
    Told,
)
from kruispunt.vocabulary import Ssin, check_digits
from kruispunt.web import KeyRingFile

FLOW: Final = "employment.consult"
PURPOSE: Final = "asr-benefits"
BEGIN, UNTIL = date(2026, 1, 1), date(2026, 1, 31)
AT_ONCE: Final = 32
REQUIRED: Final = ("messageId", "ssin", "period")
ANSWERED, WRONG, REFUSED = 0, 2, 3


def made_up(many: int) -> list[Ssin]:
    """Numbers that fit, of nobody."""
    heads = range(850730_800, 850730_800 + many)
    return [Ssin(f"{head:09d}{check_digits(head):02d}") for head in heads]


async def a_thousand(house: House) -> list[AskedAbout]:
    """The people of the country, and some whom nobody knows."""
    rows = await house.fetch(house.hub, "select ssin from identity.number order by ssin limit 950")
    known = [Ssin(f"{msgspec.convert(row['ssin'], int):011d}") for row in rows]
    people = [*known, *made_up(1000 - len(known))]
    return [about(one) for one in people]


def about(ssin: Ssin) -> AskedAbout:
    return {"ssin": ssin, "begin": BEGIN, "until": UNTIL, "message_id": a_message()}


async def alone(house: House, asked: Sequence[AskedAbout]) -> list[Told]:
    turns = asyncio.Semaphore(AT_ONCE)
    async with house.client() as client:

        async def ask(one: AskedAbout) -> Told:
            async with turns:
                try:
                    return await client.ask(FLOW, **{**one, "purpose": PURPOSE})
                except (AskRefused, AskFailed) as told:
                    return told

        return await asyncio.gather(*map(ask, asked))


def heard(told: Told) -> tuple[object, ...]:
    """All that is told but ids and proofs."""
    match told:
        case AskReply():
            words = (told.outcome, told.rows, told.fields, told.withheld, told.ground, told.period)
            return (*words, told.repeated)
        case AskRefused(problem=problem):
            told_ = (problem.type, problem.title, problem.status, problem.detail, problem.issues)
            return (*told_, problem.reason, problem.repeated, problem.replaced_by)
        case AskFailed():
            return (told.fault, told.problem)


async def test_a_thousand_persons_together_are_told_what_each_is_told_alone(house: House):
    asked = await a_thousand(house)
    async with house.client() as client:
        together = await client.ask_many(FLOW, asked, purpose=PURPOSE)

    fresh: list[AskedAbout] = [{**one, "message_id": a_message()} for one in asked]
    one_by_one = await alone(house, fresh)

    assert [heard(one) for one in together] == [heard(one) for one in one_by_one]
    kinds = Counter(type(one) for one in together)
    assert kinds[AskReply] > 100
    assert kinds[AskRefused] > 100
    assert kinds[AskFailed] == 0
    reasons = {one.reason for one in together if isinstance(one, AskRefused)}
    assert reasons >= {"no-file"}
    assert {heard(one) for one in together[950:]} == {
        heard(one) for one in together if isinstance(one, AskRefused) and one.reason == "no-file"
    }


async def test_each_question_of_a_set_has_its_own_entry_and_receipt(house: House):
    asked = [about(one) for one in made_up(40)]
    before = await house.entries(house.node)

    async with house.client() as client:
        told = await client.ask_many(FLOW, asked, purpose=PURPOSE)

    tickets = {one.problem.ticket for one in told if isinstance(one, AskRefused)}
    assert await house.entries(house.node) == before + 40
    assert len(tickets) == 40


async def test_a_set_that_comes_again_is_told_the_same_and_marked(house: House):
    asked = [about(house.persons["full-time"].ssin), *(about(one) for one in made_up(3))]

    async with house.client() as client:
        first = await client.ask_many(FLOW, asked, purpose=PURPOSE)
        second = await client.ask_many(FLOW, asked, purpose=PURPOSE)
        third = await client.ask(FLOW, **{**asked[0], "purpose": PURPOSE})

    def marks(told: Sequence[Told]) -> list[bool]:
        return [
            one.repeated if isinstance(one, AskReply) else one.problem.repeated
            for one in told
            if isinstance(one, AskReply | AskRefused)
        ]

    assert (marks(first), marks(second)) == ([False] * 4, [True] * 4)
    assert isinstance(first[0], AskReply)
    assert (third.repeated, third.ticket) == (True, first[0].ticket)


def test_a_program_without_an_event_loop_asks_about_many(house: House):
    home = house.place.home(house.insurer)
    with SyncClient(
        house.url(house.node),
        hub=house.node,
        key=house.key(house.insurer),
        ring=KeyRingFile.open(home.ring),
        now=now,
        random_bytes=os.urandom,
    ) as client:
        told = client.ask_many(FLOW, [about(one) for one in made_up(3)], purpose=PURPOSE)

    assert [type(one) for one in told] == [AskRefused] * 3


def a_set(house: House, many: int = 2) -> Json:
    bodies = [house.body() for _ in range(many)]
    own = [{name: body[name] for name in body if name != "purpose"} for body in bodies]
    return {"purpose": PURPOSE, "questions": own}


def request(house: House, body: Json | bytes, flow: str = FLOW) -> Sent:
    return house.request(body, path=ASK_MANY_PATH + flow)


async def test_a_replayed_request_is_refused_whole(house: House):
    sent = request(house, a_set(house))
    first = await house.ask_raw(sent)
    before = await house.entries(house.node)

    replayed = await house.ask_raw(sent)

    assert (first.status, replayed.status) == (200, 401)
    assert "nonce" in problem_of(replayed).detail
    assert await house.entries(house.node) == before


MALFORMED: Final[list[tuple[Json, int, list[str]]]] = [
    ({"questions": []}, 400, ["questions"]),
    ({"questions": [{}]}, 400, [f"questions[0].{name}" for name in REQUIRED]),
    ({"purpose": "curiosity"}, 400, ["purpose"]),
    ({"user": "x" * 600_000}, 413, []),
]


@pytest.mark.parametrize(("change", "status", "names"), MALFORMED)
async def test_a_malformed_request_is_one_problem_and_nothing_is_asked(
    house: House, change: Json, status: int, names: list[str]
):
    before = await house.entries(house.node)

    reply = await house.ask_raw(request(house, a_set(house) | change))

    found = problem_of(reply)
    assert (reply.status, [one.name for one in found.issues]) == (status, names)
    assert await house.entries(house.node) == before


async def test_one_wrong_number_among_many_is_named_by_its_place_and_nothing_is_asked(
    house: House,
):
    body = a_set(house, 3)
    questions = msgspec.convert(body["questions"], list[Json])
    questions[2]["ssin"] = "85073003329"
    body["questions"] = questions
    before = await house.entries(house.node)

    reply = await house.ask_raw(request(house, body))

    assert (reply.status, problem_of(reply).issues[0].name) == (400, "questions[2].ssin")
    assert not holds_a_number(reply.body.decode())
    assert await house.entries(house.node) == before


async def test_requests_of_many_are_counted_by_their_route(house: House):
    await house.ask_raw(request(house, a_set(house)))

    text = await metrics(house, f"{house.node.lower()}-1")

    counted = [line for line in text.splitlines() if line.startswith("kruispunt_requests_total")]
    assert any("/v1/ask-many/{flow}" in line and '"200"' in line for line in counted)


async def test_more_than_a_thousand_are_refused_whole(house: House):
    one = a_set(house, 1)["questions"]
    body: Json = {"purpose": PURPOSE, "questions": msgspec.convert(one, list[Json]) * 1001}

    reply = await house.ask_raw(request(house, body))

    assert (reply.status, problem_of(reply).issues[0].name) == (400, "questions")


def ask_file(
    house: House, text: str, *more: str, purpose: str = PURPOSE
) -> subprocess.CompletedProcess[str]:
    words = ["ask", FLOW, "--as", house.insurer, "--purpose", purpose, "--file", "-"]
    return kruispunt(*words, "--state", str(house.place.state), *more, stdin=text)


def test_a_file_is_asked_and_every_line_is_told(house: House):
    known, nobody = house.persons["full-time"], made_up(1)[0]
    text = "ssin;beginDate;endDate;ticket\n"
    for one in (known.ssin, nobody):
        text += f"{one.digits};{known.begin};{known.until};mine\n"

    told = ask_file(house, text, "--json")

    lines = [json.loads(line) for line in told.stdout.splitlines()]
    assert told.returncode == REFUSED, told.stderr
    assert [(line["line"], line["status"]) for line in lines] == [(2, 200), (3, 403)]
    assert lines[0]["answer"]["rows"]
    assert lines[1]["problem"]["reason"] == "no-file"
    assert "2 asked" in told.stderr
    assert "1 given, 0 empty, 1 refused, 0 failed" in told.stderr


def test_lines_of_json_with_a_common_period_are_asked_too(house: House):
    person = house.persons["full-time"]
    message = str(a_message())
    text = json.dumps({"ssin": person.ssin.digits, "messageId": message}) + "\n\n"

    told = ask_file(house, text, "--from", f"{person.begin}", "--until", f"{person.until}")

    assert told.returncode == ANSWERED, told.stderr
    assert told.stdout.startswith("1 asked in ")
    assert "1 given" in told.stdout


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no question"),
        ("name\nx\n", "line 1: expected a header with ssin"),
        ("ssin,beginDate\n85073003329,2026-01-01\n", "line 2: ssin"),
        ("ssin,beginDate\n85073003328,2026-01-01\n85073003328,x\n", "line 3: period.beginDate"),
        ("ssin\n85073003328\n", "line 2: expected a period"),
        ('{"ssin":"85073003328","more":1}\n', "line 1: more"),
        ('{"ssin":\n', "line 1"),
    ],
)
async def test_a_file_with_a_wrong_line_is_exit_2_and_nothing_is_asked(
    house: House, text: str, words: str
):
    before = await house.entries(house.node)

    told = await asyncio.to_thread(ask_file, house, text)

    assert (told.returncode, words in told.stderr) == (WRONG, True), told.stderr
    assert not holds_a_number(told.stderr + told.stdout)
    assert "Traceback" not in told.stderr
    assert await house.entries(house.node) == before


def test_a_purpose_that_nobody_knows_is_exit_2(house: House):
    text = f"ssin,beginDate\n{made_up(1)[0].digits},2026-01-01\n"

    told = ask_file(house, text, "--json", purpose="curiosity")

    assert told.returncode == WRONG
    assert json.loads(told.stdout)["status"] == 400
