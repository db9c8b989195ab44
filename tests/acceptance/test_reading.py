"""Reading the trail over HTTP: a person by the portal, an officer, a supervisor, and others."""

import csv
import io
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final

import pytest
from tests.acceptance.standing import House, Sent, kruispunt, now, problem_of
from tests.acceptance.test_asking_commands import ask

from kruispunt.cli.clock import random_bytes
from kruispunt.client import (
    READ_PATH,
    READ_TAG,
    AskFailed,
    PeriodBody,
    ReadReply,
    ReadRequest,
    TrailClient,
)
from kruispunt.law import Reads
from kruispunt.vocabulary import InstitutionCode
from kruispunt.web import Http, HttpReply, KeyRingFile

STORY: Final = "full-time"


def portal(house: House) -> InstitutionCode:
    return house.network.readers[0]


def supervisor(house: House) -> InstitutionCode:
    return house.network.readers[1]


@asynccontextmanager
async def reader_of(
    house: House, seat: InstitutionCode, *, by: InstitutionCode
) -> AsyncGenerator[TrailClient]:
    async with await Http.open() as http:
        yield TrailClient(
            url=house.url(seat),
            seat=seat,
            http=http,
            key=house.key(by),
            ring=KeyRingFile.open(house.place.home(by).ring),
            now=now,
            random_bytes=random_bytes,
        )


def today() -> PeriodBody:
    day = datetime.now(UTC).date()
    return PeriodBody(begin_date=day, end_date=day)


def about(house: House, *, limit: int = 500) -> ReadRequest:
    digits = house.persons[STORY].ssin.digits
    return ReadRequest(role="citizen", user="anna", ssin=digits, limit=limit)


def officer() -> ReadRequest:
    return ReadRequest(role="security-officer", user="kim", period=today(), limit=500)


async def read(
    house: House, seat: InstitutionCode, *, by: InstitutionCode, reads: Reads, request: ReadRequest
) -> list[ReadReply]:
    async with reader_of(house, seat, by=by) as client:
        return [page async for page in client.pages(reads.value, request)]


async def test_a_person_sees_every_look_page_by_page_through_the_portal(house: House):
    for _ in range(3):
        ask(house, STORY)

    small = await read(
        house,
        house.node,
        by=portal(house),
        reads=Reads.PERSON,
        request=about(house, limit=2),
    )

    entries = [entry for page in small for entry in page.entries]
    rows = await house.fetch(
        house.node,
        "select count(*) as n from audit.decision where ssin = $1",
        house.persons[STORY].ssin.number,
    )
    assert len(small) > 1
    assert len({one.ticket for one in entries}) == len(entries) == rows[0]["n"]
    assert {one.ssin for one in entries} == {house.persons[STORY].ssin.digits}
    assert all(one.facts is None for one in entries)
    assert small[0].entry in {one.entry for one in small[0].readings}


async def test_a_persons_page_joins_node_and_hub(house: House):
    answer = json.loads(ask(house, STORY, "--json").stdout)

    told = kruispunt(
        *("audit", "person", "--ssin", "-", "--json", "--state", str(house.place.state)),
        stdin=house.persons[STORY].ssin.digits + "\n",
    )

    assert told.returncode == 0, told.stderr
    page = json.loads(told.stdout)
    look = next(one for one in page["looks"] if one["entry"]["ticket"] == answer["ticket"])
    (below,) = look["below"]
    assert (look["trail"], below["trail"]) == (house.node, house.hub)
    assert (look["entry"]["consumer"], below["entry"]["consumer"]) == (house.insurer, house.node)
    assert below["entry"]["messageId"] == answer["ticket"]
    tickets = [one["entry"]["ticket"] for one in page["looks"]]
    assert below["entry"]["ticket"] not in tickets, "the hub's entry stands once"
    seats = {house.hub, *(node.institution for node in house.network.nodes)}
    assert {*page["readings"]} == seats


async def test_a_persons_page_is_a_page_of_words_too(house: House):
    ask(house, STORY)

    told = kruispunt(
        *("audit", "person", "--ssin", "-", "--state", str(house.place.state)),
        stdin=house.persons[STORY].ssin.digits + "\n",
    )

    assert told.returncode == 0, told.stderr
    assert f"{house.node}: {house.insurer} asked" in told.stdout
    assert "  ↳ " in told.stdout
    assert "the trail itself" in told.stdout


async def test_an_officer_sees_the_own_institution_alone(house: House):
    ask(house, STORY)

    pages = await read(
        house, house.node, by=house.insurer, reads=Reads.INSTITUTION, request=officer()
    )

    consumers = {one.consumer for page in pages for one in page.entries}
    assert consumers == {house.insurer}
    endings = {one.ending for page in pages for one in page.entries}
    assert endings <= {"given", None}
    assert all(one.facts is None for page in pages for one in page.entries)


async def test_the_supervisor_sees_all_and_is_seen(house: House):
    ask(house, STORY)
    request = ReadRequest(role="auditor", user="inspector", period=today(), limit=500)

    pages = await read(house, house.node, by=supervisor(house), reads=Reads.ALL, request=request)
    after = await read(house, house.node, by=supervisor(house), reads=Reads.ALL, request=request)

    assert any(one.facts is not None for page in pages for one in page.entries)
    assert pages[0].entry in {one.entry for one in after[0].readings}


@pytest.mark.parametrize(
    ("by", "reads", "role"),
    [
        ("insurer", Reads.PERSON, "citizen"),
        ("insurer", Reads.ALL, "auditor"),
        ("portal", Reads.ALL, "auditor"),
        ("supervisor", Reads.PERSON, "citizen"),
    ],
)
async def test_who_has_no_leave_is_refused_and_written_down(
    house: House, by: str, reads: Reads, role: str
):
    code = {"insurer": house.insurer, "portal": portal(house), "supervisor": supervisor(house)}[by]
    digits = house.persons[STORY].ssin.digits
    request = ReadRequest(role=role, user="x", ssin=digits, period=today())
    before = await house.fetch(house.node, "select count(*) as n from audit.reading")

    with pytest.raises(AskFailed) as failed:
        await read(house, house.node, by=code, reads=reads, request=request)

    assert failed.value.problem is not None
    assert failed.value.problem.status == 403
    after = await house.fetch(house.node, "select count(*) as n from audit.reading")
    assert int(str(after[0]["n"])) == int(str(before[0]["n"])) + 1


async def test_a_page_comes_as_csv(house: House):
    ask(house, STORY)

    async with reader_of(house, house.node, by=portal(house)) as client:
        whole = await client.send("person", about(house), accept="text/csv")
        short = await client.send("person", about(house, limit=1), accept="text/csv")

    lines, cut = rows_of(whole), rows_of(short)
    assert whole.headers["content-type"] == "text/csv; charset=utf-8"
    assert {"entry", "reading"} <= {one["line"] for one in lines}
    assert lines[0]["line"] == "entry"
    assert lines[0]["ssin"] == house.persons[STORY].ssin.digits
    assert [one["line"] for one in cut] == ["reading", "next"], "this very reading is the latest"
    assert cut[-1]["cursor"]


def rows_of(reply: HttpReply) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(reply.body.decode(), newline="")))


@pytest.mark.parametrize(
    ("path", "change", "field"),
    [
        ("person", {"ssin": None}, "ssin"),
        ("person", {"ssin": "00000000000"}, "ssin"),
        ("person", {"consumer": "X"}, "consumer"),
        ("person", {"cursor": "nonsense"}, "cursor"),
        ("institution", {}, "period"),
        ("all", {"period": {"beginDate": "2020-01-01", "endDate": "2020-02-01"}}, "period"),
        ("all", {"limit": 100_000}, "limit"),
        ("all", {"colour": "red"}, "colour"),
    ],
)
async def test_what_is_not_in_order_is_told_field_by_field(
    house: House, path: str, change: dict[str, object], field: str
):
    body: dict[str, object] = {
        "role": "citizen",
        "user": "x",
        "ssin": house.persons[STORY].ssin.digits,
        **change,
    }
    sent = signed(house, path, {name: value for name, value in body.items() if value is not None})

    problem = problem_of(await house.ask_raw(sent))

    assert problem.status == 400
    assert [one.name for one in problem.issues] == [field]


def signed(house: House, path: str, body: dict[str, object], *, tag: str = READ_TAG) -> Sent:
    key = house.key(portal(house))
    return house.request(body, path=READ_PATH + path, key=key, tag=tag)


async def test_a_signature_counts_once_and_for_reading_only(house: House):
    body: dict[str, object] = {
        "role": "citizen",
        "user": "x",
        "ssin": house.persons[STORY].ssin.digits,
    }
    sent = signed(house, "person", body)
    first = await house.ask_raw(sent)
    again = await house.ask_raw(sent)
    other = await house.ask_raw(signed(house, "person", body, tag="kruispunt-ask"))

    assert first.status == 200
    assert (again.status, other.status) == (401, 401)


async def test_a_trail_that_was_read_is_sound_and_decides_the_same_again(house: House):
    ask(house, STORY)
    await read(house, house.node, by=portal(house), reads=Reads.PERSON, request=about(house))

    for code in (house.hub, house.node):
        told = kruispunt(
            "audit", "replay", "--at", code, "--json", "--state", str(house.place.state)
        )
        assert told.returncode == 0, told.stdout + told.stderr
        found = json.loads(told.stdout)
        assert found["entries"] == found["replayed"] == await house.entries(code)


async def test_a_decision_changed_in_the_house_is_named_by_replay(house: House):
    ask(house, STORY)
    state = ("--state", str(house.place.state))
    (row,) = await house.fetch(
        house.hub,
        "update audit.decision set reason = 4 where id = (select id from audit.decision"
        " where reason = 0 order by id desc limit 1) returning id",
    )

    told = kruispunt("audit", "replay", "--json", *state)
    await house.fetch(house.hub, "update audit.decision set reason = 0 where id = $1", row["id"])

    assert told.returncode == 3
    (one,) = json.loads(told.stdout)["differences"]
    assert (one["entry"], one["stands"], one["again"]) == (str(row["id"]), "no-file", "granted")
