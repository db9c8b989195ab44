"""The thin application: routes, limits, and one place where problems are told."""

import asyncio
import random
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
import structlog
from structlog.testing import LogCapture
from tests.unit.web.givens import NOON, NOW, a_key, a_request, a_ring

from kruispunt.vocabulary import Forbidden
from kruispunt.web import (
    App,
    Health,
    HttpReply,
    Limits,
    Request,
    Route,
    json_reply,
    signed_replies,
    verify_reply,
)

JSON = (("content-type", "application/json"),)
dice = random.Random(2).randbytes


@dataclass
class Caller:
    """The other side of ASGI, in memory."""

    messages: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""

    async def receive(self) -> MutableMapping[str, Any]:
        if self.messages:
            return self.messages.pop(0)
        await asyncio.Event().wait()
        raise AssertionError

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            assert not self.status
            self.status = message["status"]
            self.headers = {k.decode(): v.decode() for k, v in message["headers"]}
        else:
            self.body += message["body"]

    @property
    def told(self) -> dict[str, Any]:
        return msgspec.json.decode(self.body)


async def call(
    app: App,
    path: str = "/v1/ask/some.flow",
    *,
    method: str = "POST",
    headers: Iterable[tuple[str, str]] = JSON,
    parts: Iterable[bytes] = (b"{}",),
    ending: str = "whole",
    query: bytes = b"",
) -> Caller:
    chunks = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    if ending == "whole":
        chunks[-1]["more_body"] = False
    if ending == "hung up":
        chunks.append({"type": "http.disconnect"})
    caller = Caller(messages=chunks)
    scope = {
        "type": "http",
        "method": method,
        "raw_path": path.encode(),
        "query_string": query,
        "headers": [(k.encode(), v.encode()) for k, v in headers],
    }
    await app(scope, caller.receive, caller.send)
    return caller


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> LogCapture:
    capture = LogCapture()
    logger = structlog.wrap_logger(structlog.PrintLogger(), processors=[capture])
    monkeypatch.setattr("kruispunt.web.asgi._log", logger)
    return capture


async def echo(request: Request) -> HttpReply:
    return json_reply(msgspec.json.encode([request.argument, request.target, len(request.body)]))


async def refuse(_request: Request) -> HttpReply:
    raise Forbidden("not for you", retry_after_s=3)


async def stumble(_request: Request) -> HttpReply:
    raise KeyError("a secret")


async def well() -> Health:
    return Health.UP


async def ill() -> Health:
    return Health.DOWN


def an_app(**settings: Any) -> App:
    routes = [
        Route(method="POST", template="/v1/ask/{flow}", handler=echo, max_body=100),
        Route(method="GET", template="/v1/ask/{flow}", handler=echo),
        Route(method="GET", template="/v1/flows", handler=echo),
        Route(method="POST", template="/refuse", handler=refuse),
        Route(method="POST", template="/stumble", handler=stumble),
    ]
    return App(routes, random_bytes=dice, **settings)


async def test_a_path_leads_to_its_handler_with_its_parameter():
    asked = await call(an_app(), parts=[b"{", b"", b"}"])
    listed = await call(an_app(), "/v1/flows", method="GET", query=b"page=2")

    assert (asked.status, asked.told) == (200, ["some.flow", "/v1/ask/some.flow", 2])
    assert asked.headers["content-length"] == str(len(asked.body))
    assert asked.headers["cache-control"] == "no-store"
    assert listed.told == ["", "/v1/flows?page=2", 0]


@pytest.mark.parametrize("path", ["/", "/v1/ask/", "/v1/ask/a/b", "/v1", "/v1/ask%2fa", "//", "*"])
async def test_no_other_path_leads_anywhere(path: str):
    caller = await call(an_app(), path)

    assert caller.status == 404
    assert caller.told["type"] == "urn:problem-type:belgif:resourceNotFound"


async def test_another_method_is_told_which_there_are():
    caller = await call(an_app(), method="PUT")

    assert caller.status == 405
    assert caller.headers["allow"] == "GET, POST"


@pytest.mark.parametrize("given", ["", "text/plain", "application/jsonx", "application/xml"])
async def test_another_media_type_is_refused(given: str):
    headers = [("content-type", given)] if given else []

    caller = await call(an_app(), headers=headers)

    assert caller.status == 415
    assert caller.told["type"] == "urn:problem-type:kruispunt:unsupportedMediaType"


async def test_a_media_type_may_name_its_character_set():
    caller = await call(an_app(), headers=[("content-type", "Application/JSON; charset=utf-8")])

    assert caller.status == 200


async def test_a_body_beyond_the_limit_is_refused_whether_or_not_it_says_so():
    told = await call(an_app(), headers=[*JSON, ("content-length", "101")], ending="never")
    untold = await call(an_app(), parts=[b"x" * 60, b"x" * 41], ending="never")
    fits = await call(an_app(), parts=[b"x" * 60, b"x" * 40])

    assert (told.status, untold.status, fits.status) == (413, 413, 200)
    assert told.told["type"] == "urn:problem-type:belgif:payloadTooLarge"


async def test_a_body_that_does_not_come_is_not_waited_for_longer_than_the_limit():
    caller = await call(an_app(limits=Limits(body_s=0.01)), ending="never")

    assert caller.status == 408


async def test_nobody_is_answered_who_hung_up(log: LogCapture):
    caller = await call(an_app(), ending="hung up")

    assert caller.status == 0
    assert log.entries[0]["status"] == 499


async def test_a_problem_is_told_with_the_trace_under_which_it_is_logged():
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"

    caller = await call(an_app(), "/refuse", headers=[*JSON, ("traceparent", trace)])

    assert caller.status == 403
    assert caller.told["instance"] == "urn:uuid:0af76519-16cd-43dd-8448-eb211c80319c"
    assert caller.headers["retry-after"] == "3"


async def test_a_fault_tells_nothing_to_the_caller_and_everything_to_the_log(log: LogCapture):
    caller = await call(an_app(), "/stumble")

    assert caller.status == 500
    assert b"secret" not in caller.body
    assert "detail" not in caller.told
    assert [line["event"] for line in log.entries] == ["http.fault", "http.request"]
    assert log.entries[0]["exc_info"]


async def test_the_log_names_the_route_and_never_the_path(log: LogCapture):
    await call(an_app(), "/v1/ask/85073003328")
    await call(an_app(), "/people/85073003328")

    assert [line["route"] for line in log.entries] == ["/v1/ask/{flow}", "-"]
    assert "85073003328" not in str(log.entries)


async def test_health_is_told_even_when_there_is_no_room_for_anything_else():
    crowded = Limits(at_once=0)

    up = await call(an_app(health=well, limits=crowded), "/health", method="GET")
    down = await call(an_app(health=ill), "/health", method="GET")
    asked = await call(an_app(health=well, limits=crowded))

    assert (up.status, up.told) == (200, {"status": "UP"})
    assert (down.status, down.told) == (503, {"status": "DOWN"})
    assert (asked.status, asked.headers["retry-after"]) == (503, "1")


async def test_a_place_is_free_again_after_every_request():
    app = an_app(limits=Limits(at_once=1))
    paths = ("/v1/ask/a", "/stumble", "/refuse", "/nowhere", "/v1/ask/b")

    statuses = [(await call(app, path)).status for path in paths]

    assert statuses == [200, 500, 403, 404, 200]


async def test_repeated_headers_are_joined_so_that_none_hides_another():
    seen: list[Mapping[str, str]] = []

    async def look(request: Request) -> HttpReply:
        seen.append(request.headers)
        return json_reply(b"{}")

    app = App([Route(method="POST", template="/x", handler=look)], random_bytes=dice)
    await call(app, "/x", headers=[*JSON, ("signature", "a"), ("signature", "b")])

    assert seen[0]["signature"] == "a, b"


@pytest.mark.parametrize("path", ["/v1/ask/a", "/refuse", "/stumble", "/nowhere"])
async def test_every_reply_to_a_signed_request_is_signed(path: str):
    bound = a_request(a_key()).headers["signature"]
    app = an_app(seal=signed_replies(a_key("H"), now=lambda: NOON))

    caller = await call(app, path, headers=[*JSON, ("signature", bound)])
    unsigned = await call(app, path)
    bent = await call(app, path, headers=[*JSON, ("signature", "kruispunt=::")])

    verify_reply(
        status=caller.status,
        headers=caller.headers,
        body=caller.body,
        request_signature=bound,
        ring=a_ring(a_key("H")),
        now=NOW,
        signer=a_key("H").institution,
    )
    assert "signature" not in unsigned.headers
    assert "signature" not in bent.headers


def test_two_handlers_for_one_thing_stop_the_program():
    route = Route(method="GET", template="/a/{b}", handler=echo)

    with pytest.raises(ValueError, match="twice the same"):
        App([route, Route(method="GET", template="/a/{c}", handler=echo)], random_bytes=dice)
    with pytest.raises(ValueError, match="two parameters"):
        App([Route(method="GET", template="/{a}/{b}", handler=echo)], random_bytes=dice)
