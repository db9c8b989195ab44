"""Talking to a station in memory, as its hub would over the wire."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from uuid import UUID

import msgspec
from tests.contract.station_house import House, connected

from kruispunt.client import (
    ANSWER_PATH,
    ANSWER_TAG,
    FoundBody,
    LookBody,
    PeriodBody,
    ProblemBody,
    StationReply,
    StationRequest,
    canonical,
)
from kruispunt.station import open_station, read_station
from kruispunt.web import App, HttpReply, SigningKey, sign_request

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
URL = "https://farm.test"
ANN, BOB, NOBODY = "85073003328", "17073003384", "85073003526"


class Clock:
    at = NOW

    def __call__(self) -> datetime:
        return self.at


@asynccontextmanager
async def a_station(house: House, clock: Clock | None = None) -> AsyncGenerator[App]:
    settings = read_station(house.file)
    async with open_station(settings, url=URL, now=clock or Clock(), random_bytes=bytes) as app:
        yield app


def a_question(flow: str = "cow.consult", **changes: object) -> StationRequest:
    deadline_ms = msgspec.convert(changes.pop("deadline_ms", 2000), int)
    return StationRequest(flow=flow, deadline_ms=deadline_ms, looks=(a_look(**changes),))


def a_look(**changes: object) -> LookBody:
    look = LookBody(
        entry=UUID(int=7),
        ssin=ANN,
        period=PeriodBody(begin_date=date(2025, 1, 1), end_date=date(2025, 12, 31)),
        fields=("ssin", "name", "weight", "born", "died", "sold", "legs"),
        clause="01/001.a",
    )
    return msgspec.structs.replace(look, **changes)


def signed(
    key: SigningKey,
    path: str,
    body: bytes,
    *,
    nonce: int = 1,
    tag: str = ANSWER_TAG,
    url: str = URL,
) -> dict[str, str]:
    created = int(NOW.timestamp())
    return sign_request(
        key,
        method="POST",
        target_uri=url + path,
        body=body,
        created=created,
        expires=created + 60,
        nonce=nonce.to_bytes(16, "big"),
        tag=tag,
    )


async def call(app: App, path: str, body: bytes, headers: Mapping[str, str]) -> HttpReply:
    sent: list[Mapping[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Mapping[str, object]) -> None:
        sent.append(message)

    named = {"content-type": "application/json", **headers}
    scope: dict[str, object] = {
        "type": "http",
        "method": "GET" if path == "/health" else "POST",
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
    }
    await app(scope, receive, send)
    status, given = sent[0]["status"], sent[0]["headers"]
    assert isinstance(status, int)
    found = {
        name.decode(): value.decode()
        for name, value in msgspec.convert(given, list[tuple[bytes, bytes]])
    }
    return HttpReply(status=status, headers=found, body=msgspec.convert(sent[1]["body"], bytes))


async def ask(
    app: App, house: House, question: StationRequest | None = None, *, nonce: int = 1
) -> tuple[HttpReply, str]:
    question = question or a_question()
    path, body = ANSWER_PATH + question.flow, canonical(question)
    headers = signed(house.hub_key, path, body, nonce=nonce)
    return await call(app, path, body, headers), headers["signature"]


def found_of(reply: HttpReply) -> list[FoundBody]:
    assert reply.status == 200, reply.body
    return msgspec.json.decode(reply.body, type=StationReply).found


def rows_of(reply: HttpReply) -> list[dict[str, str | int | bool | None]]:
    [found] = found_of(reply)
    return list(found.rows)


def problem_of(reply: HttpReply) -> ProblemBody:
    return msgspec.json.decode(reply.body, type=ProblemBody)


async def looks(house: House) -> list[tuple[object, ...]]:
    async with connected(house.owner_dsn) as connection:
        rows = await connection.fetch(
            "select at, entry, flow, ssin, clause, rows from station.look order by entry"
        )
        return [tuple(row) for row in rows]
