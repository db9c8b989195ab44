"""A door in memory: requests as institutions sign them, and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from tests.house import NOON, Clock, Twin, a_key
from tests.law.inventing import FLOW, FUND, HUB, NODE, OFFICE, PERSON, PURPOSE

from kruispunt.client import (
    ASK_MANY_PATH,
    ASK_PATH,
    ASK_TAG,
    AskManyReply,
    AskReply,
    ProblemBody,
)
from kruispunt.gateway import Door, Entrance, openapi
from kruispunt.law import Lawbook
from kruispunt.vocabulary import InstitutionCode
from kruispunt.web import (
    App,
    Health,
    HttpReply,
    KeyRing,
    Limits,
    Request,
    Trace,
    sign_request,
)

URL: Final = "https://hub.test"
NOW: Final = int(NOON.timestamp())
ZONE: Final = ZoneInfo("Europe/Brussels")
MESSAGES: Final = count(1)
STRANGER: Final = InstitutionCode("stranger")

Json = dict[str, object]


def a_ring(*codes: InstitutionCode) -> KeyRing:
    begin, end = NOON - timedelta(days=1), NOON + timedelta(days=1)
    keys = (a_key(code).public(not_before=begin, not_after=end) for code in codes)
    return KeyRing.holding(keys)


def a_body(**changes: object) -> Json:
    """A body that is in order; a change to None leaves the field out."""
    body: Json = {
        "messageId": f"00000000-0000-4000-8000-{next(MESSAGES):012d}",
        "purpose": PURPOSE,
        "ssin": PERSON.digits,
        "period": {"beginDate": "2031-03-01", "endDate": "2031-03-31"},
    }
    body.update(changes)
    return {name: value for name, value in body.items() if value is not None}


def encoded(body: Json | bytes) -> bytes:
    return body if isinstance(body, bytes) else msgspec.json.encode(body)


def a_request(
    body: Json | bytes | None = None,
    *,
    by: InstitutionCode = NODE,
    flow: str = FLOW,
    created: int = NOW,
    life_s: int = 60,
    nonce: bytes | None = None,
    headers: Mapping[str, str | None] | None = None,
    url: str = URL,
    path: str = ASK_PATH,
) -> Request:
    """A signed request; `headers` change what was signed, None takes a header away."""
    sent, target = encoded(a_body() if body is None else body), path + flow
    signed: dict[str, str | None] = {
        "content-type": "application/json",
        **sign_request(
            a_key(by),
            method="POST",
            target_uri=url + target,
            body=sent,
            created=created,
            expires=created + life_s,
            nonce=next(MESSAGES).to_bytes(16) if nonce is None else nonce,
            tag=ASK_TAG,
        ),
        **(headers or {}),
    }
    return Request(
        method="POST",
        target=target,
        argument=flow,
        headers={name: value for name, value in signed.items() if value is not None},
        body=sent,
        trace=Trace("1" * 32, "2" * 16),
    )


def questions_of(*bodies: Json, **changes: object) -> Json:
    """The bodies of questions as one body: what each has of its own, and what is common."""
    common = {"purpose": PURPOSE, **changes}
    own = [{name: body[name] for name in body if name not in common} for body in bodies]
    return {**common, "questions": own}


def a_request_of_many(body: Json | bytes, **changed: Any) -> Request:
    return a_request(body, path=ASK_MANY_PATH, **changed)


def an_entrance(lawbook: Lawbook, clock: Clock | None = None) -> Entrance:
    return Entrance(
        base_url=URL,
        ring=a_ring(NODE, OFFICE, FUND, STRANGER),
        lawbook=lawbook,
        offered=frozenset({FLOW}),
        zone=ZONE,
        now=clock or Clock(),
    )


async def healthy() -> Health:
    return Health.UP


def a_door(twin: Twin) -> Door:
    lawbook = twin.laws.now.lawbook
    return Door(
        entrance=an_entrance(lawbook, twin.clock),
        waist=twin.hub,
        key=a_key(HUB),
        openapi=msgspec.json.encode(openapi(lawbook, base_url=URL)),
        now=twin.clock,
        random_bytes=Random(2).randbytes,
        health=healthy,
        limits=Limits(),
    )


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What the caller hears."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def problem(self) -> ProblemBody:
        assert self.headers["content-type"] == "application/problem+json"
        return msgspec.json.decode(self.body, type=ProblemBody)

    @property
    def answer(self) -> AskReply:
        assert self.status == 200, self.body
        return msgspec.json.decode(self.body, type=AskReply)

    @property
    def answers(self) -> AskManyReply:
        assert self.status == 200, self.body
        return msgspec.json.decode(self.body, type=AskManyReply)

    @property
    def each(self) -> list[Json]:
        """What each question of many is told, as it was written."""
        assert self.status == 200, self.body
        return msgspec.json.decode(self.body, type=dict[str, list[Json]])["answers"]

    @property
    def named(self) -> list[str]:
        """The fields that the problem's issues name."""
        return [issue.name for issue in self.problem.issues]


def heard(reply: HttpReply) -> Heard:
    return Heard(status=reply.status, headers=dict(reply.headers), body=reply.body)


async def call(app: App, request: Request) -> Heard:
    """One request through the whole door: routes, limits, seal."""
    sent: list[Mapping[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": request.body, "more_body": False}

    async def send(message: Mapping[str, object]) -> None:
        sent.append(message)

    scope: dict[str, object] = {
        "type": "http",
        "method": request.method,
        "raw_path": request.target.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in request.headers.items()],
    }
    await app(scope, receive, send)
    pairs = msgspec.convert(sent[0]["headers"], list[tuple[bytes, bytes]])
    return Heard(
        status=msgspec.convert(sent[0]["status"], int),
        headers={name.decode(): value.decode() for name, value in pairs},
        body=msgspec.convert(sent[1]["body"], bytes),
    )


def without(body: bytes, *names: str) -> Json:
    """A body without members that are never the same twice."""
    found = msgspec.json.decode(body, type=Json)
    return {name: value for name, value in found.items() if name not in names}
