"""Answering over HTTP, thin: a table of routes, limits, problems out, one log line per request."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from typing import Any, Final

import structlog

from kruispunt.vocabulary import NotFound, Problem, TooLarge, Unavailable
from kruispunt.web.arriving import Arriving, HungUp
from kruispunt.web.health import Feel, Health, health_body
from kruispunt.web.log import TellRequest
from kruispunt.web.problems import (
    TooSlow,
    WrongMediaType,
    WrongMethod,
    render,
    render_unknown,
)
from kruispunt.web.reply import HttpReply, json_reply
from kruispunt.web.tracing import Trace, enter, next_step, tell_span

# The three callables of ASGI, as the server hands them to us.
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

HEALTH: Final = "/health"
REST: Final = "**"

_log: Final = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, read whole. Header names are lower case; repeated ones are joined by commas."""

    method: str
    target: str
    """Path and query exactly as they came: what a signature covers behind the public address."""

    argument: str
    """What stands in the path where the template has its parameter; empty without one."""

    headers: Mapping[str, str]
    body: bytes
    trace: Trace
    private: bool = False
    """It came over a unix socket of ours: what a proxy in front says may be believed."""


Handler = Callable[[Request], Awaitable[HttpReply]]
Seal = Callable[[Mapping[str, str], HttpReply], HttpReply]
"""Given the headers of a request and the reply to it, what leaves: signed, perhaps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A method on a path; `template` may hold one parameter, as `/v1/ask/{flow}` does.

    One that ends in `...}` takes the whole rest of the path.
    """

    method: str
    template: str
    handler: Handler
    media_type: str = "application/json"
    other_type: str = ""
    """Another media type that it takes; which one came, its handler sees."""

    max_body: int = 64 * 1024
    at_once: int | None = None
    """Requests of this route in one process; more are told to come back, as beyond `Limits`."""

    apart: bool = False
    """They wait for something to come: they take no place of those that `Limits` counts."""


Observe = Callable[[str, int, float], None]
"""Told of every request: the template of its route, its status, and milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one process: requests at once, seconds for a body to arrive, and connections."""

    at_once: int = 1024
    body_s: float = 10.0
    connections: int = 4096


def _nobody_stays() -> None:
    """Nobody waits here."""


def _unobserved(_template: str, _status: int, _ms: float) -> None:
    """Nobody counts."""


def tell_request(method: str, route: str, status: int, ms: float, trace: str) -> None:
    """Tell the log of a request as of any other event."""
    _log.info("http.request", method=method, route=route, status=status, ms=ms, trace=trace)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """How requests are watched: the share whose spans are told, who counts and who tells them."""

    trace_rate: float = 0.0
    observe: Observe = _unobserved
    tell: TellRequest = tell_request


class App:
    """What one door answers; our `Server` asks it, or any other that speaks ASGI."""

    def __init__(
        self,
        routes: Iterable[Route],
        *,
        random_bytes: Callable[[int], bytes],
        health: Feel | None = None,
        seal: Seal | None = None,
        limits: Limits | None = None,
        watched: Watched | None = None,
        leave: Callable[[], None] = _nobody_stays,
    ) -> None:
        """`seal` is given every reply before it leaves, problems too: it may sign it.

        `leave` is called once, as the server begins to end: who waits should be answered then.
        """
        own = () if health is None else (_health_route(health),)
        self._table = _table((*routes, *own))
        self._rests = [path.removesuffix(REST) for path in self._table if path.endswith(REST)]
        self._inside = [path.split("/*/") for path in self._table if "/*/" in path]
        self.feel = health
        self._random_bytes = random_bytes
        self._seal = seal
        self.limits = limits or Limits()
        self._watched = watched or Watched()
        self.leave = leave
        self._busy = 0
        self._busy_at = Counter[str]()

    async def respond(self, arriving: Arriving) -> HttpReply | None:
        """The reply as it leaves, a problem too; None where nobody is left to answer."""
        began = time.monotonic()
        trace = next_step(
            arriving.headers.get("traceparent"),
            random_bytes=self._random_bytes,
            rate=self._watched.trace_rate,
        )
        enter(trace)
        found = self._find(arriving.target.partition("?")[0])
        place = 0 if found.apart(arriving.method) else 1
        self._busy += place
        self._busy_at[found.template] += 1
        try:
            reply = await self._answer(found, arriving, trace)
            if reply is not None and self._seal is not None:
                reply = self._seal(arriving.headers, reply)
        finally:
            self._busy -= place
            self._busy_at[found.template] -= 1
        self._tell(found.template, arriving.method, reply, trace, began=began)
        return reply

    def _tell(
        self, route: str, method: str, reply: HttpReply | None, trace: Trace, *, began: float
    ) -> None:
        status = 499 if reply is None else reply.status
        ms = (time.monotonic() - began) * 1000
        self._watched.observe(route, status, ms)
        tell_span(trace, route, ms)
        self._watched.tell(method, route, status, round(ms, 2), trace.trace_id)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The same as an ASGI application, for any server that speaks it."""
        if scope["type"] != "http":
            raise ValueError("expected http, and no other protocol")
        target: bytes = scope["raw_path"]
        if scope["query_string"]:
            target += b"?" + scope["query_string"]
        arriving = Arriving(
            method=scope["method"],
            target=target.decode("latin-1"),
            headers=_headers(scope["headers"]),
        )
        filling = asyncio.create_task(_fill(arriving, receive))
        try:
            reply = await self.respond(arriving)
        finally:
            filling.cancel()
        if reply is not None:
            await _send(reply, send)

    def _find(self, path: str) -> "_Found":
        methods = self._table.get(path)
        if methods is not None:
            return _Found(path, methods, "")
        head, _, argument = path.rpartition("/")
        methods = self._table.get(f"{head}/*") if argument else None
        if methods is None:
            return self._find_inside(path) or self._find_rest(path)
        return _Found(next(iter(methods.values())).template, methods, argument)

    def _find_inside(self, path: str) -> "_Found | None":
        for head, tail in self._inside:
            argument = path[len(head) + 1 : -len(tail) - 1]
            if path == f"{head}/{argument}/{tail}" and argument and "/" not in argument:
                methods = self._table[f"{head}/*/{tail}"]
                return _Found(next(iter(methods.values())).template, methods, argument)
        return None

    def _find_rest(self, path: str) -> "_Found":
        for rest in self._rests:
            if path.startswith(rest) and path != rest:
                methods = self._table[rest + REST]
                template = next(iter(methods.values())).template
                return _Found(template, methods, path.removeprefix(rest))
        return _NOWHERE

    async def _answer(self, found: "_Found", arriving: Arriving, trace: Trace) -> HttpReply | None:
        """The reply of the handler, or the problem that was met."""
        try:
            route = self._admit(found, arriving.method)
            request = Request(
                method=route.method,
                target=arriving.target,
                argument=found.argument,
                headers=arriving.headers,
                body=await self._body(route, arriving),
                trace=trace,
                private=arriving.private,
            )
            return await route.handler(request)
        except HungUp:
            return None
        except Problem as problem:
            reply = render(problem, instance=trace.urn)
            if isinstance(problem, WrongMethod):
                allowed = {"allow": ", ".join(sorted(found.methods))}
                return replace(reply, headers={**reply.headers, **allowed})
            return reply
        except Exception:  # noqa: BLE001 - the door: what nobody expected is told here, once
            _log.exception("http.fault", trace=trace.trace_id)
            return render_unknown(instance=trace.urn)

    def _admit(self, found: "_Found", method: str) -> Route:
        route = found.methods.get(method)
        if not found.methods:
            raise NotFound("no such resource")
        if route is None:
            raise WrongMethod(f"expected {', '.join(sorted(found.methods))}")
        if self._busy > self.limits.at_once and found.template != HEALTH:
            raise Unavailable("too many requests at once", retry_after_s=1)
        if route.at_once is not None and self._busy_at[found.template] > route.at_once:
            raise Unavailable("too many requests of this kind at once", retry_after_s=1)
        return route

    async def _body(self, route: Route, arriving: Arriving) -> bytes:
        """The body within the route's limits; what has no body to expect is not read."""
        if route.method in _WITHOUT_BODY:
            arriving.drop()
            return b""
        given = arriving.headers.get("content-type", "")
        if given != route.media_type and _media_type(given) not in _types(route):
            raise WrongMediaType(f"expected {' or '.join(_types(route))}")
        length = arriving.headers.get("content-length", "")
        if length.isdecimal() and int(length) > route.max_body:
            raise TooLarge(f"expected at most {route.max_body} bytes")
        if arriving.is_whole:  # No clock for what waits for nothing.
            body = await arriving.read(route.max_body)
        else:
            try:
                async with asyncio.timeout(self.limits.body_s):
                    body = await arriving.read(route.max_body)
            except TimeoutError:
                raise TooSlow(f"expected the body within {self.limits.body_s:g} s") from None
        if len(body) > route.max_body:
            raise TooLarge(f"expected at most {route.max_body} bytes")
        return body


@dataclass(frozen=True, slots=True)
class _Found:
    """What stands at a path: its template for the log, its methods, its parameter."""

    template: str
    methods: Mapping[str, Route]
    argument: str

    def apart(self, method: str) -> bool:
        """True where this request takes no place of the others."""
        route = self.methods.get(method)
        return route is not None and route.apart


_NOWHERE: Final = _Found("-", {}, "")
_WITHOUT_BODY: Final = frozenset(("GET", "HEAD", "DELETE"))


def _health_route(feel: Feel) -> Route:
    async def tell(_request: Request) -> HttpReply:
        found = await feel()
        state = found if isinstance(found, Health) else found.status
        return json_reply(health_body(found), status=503 if state is Health.DOWN else 200)

    return Route(method="GET", template=HEALTH, handler=tell)


def _table(routes: Iterable[Route]) -> Mapping[str, Mapping[str, Route]]:
    """Routes by path, then by method; `*` stands where a path has its parameter."""
    table: dict[str, dict[str, Route]] = {}
    for route in routes:
        head, _, last = route.template.rpartition("/")
        path = f"{head}/*" if last.startswith("{") else route.template
        path = f"{head}/{REST}" if last.endswith("...}") else path
        if head.count("{") == 1 and "{" not in last:
            path = f"{head.partition('{')[0]}*{head.partition('}')[2]}/{last}"
        methods = table.setdefault(path, {})
        if "{" in path or route.method in methods:
            raise ValueError(f"{route.method} {route.template}: two parameters, or twice the same")
        methods[route.method] = route
    return table


def _headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name_bytes, value_bytes in raw:
        name, value = name_bytes.decode("latin-1"), value_bytes.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


async def _fill(arriving: Arriving, receive: Receive) -> None:
    while True:
        message = await receive()
        if message["type"] != "http.request":
            arriving.broke(HungUp())
            return
        arriving.came(message.get("body", b""))
        if not message.get("more_body", False):
            arriving.ended()
            return


def _types(route: Route) -> tuple[str, ...]:
    return (route.media_type, route.other_type) if route.other_type else (route.media_type,)


async def _send(reply: HttpReply, send: Send) -> None:
    headers = [(name.encode(), value.encode("latin-1")) for name, value in reply.headers.items()]
    if reply.parts is None:
        headers.append((b"content-length", b"%d" % len(reply.body)))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    part, parts = reply.body, reply.parts
    try:
        while parts is not None:
            await send({"type": "http.response.body", "body": part, "more_body": True})
            found = await parts.next()
            if found is None:
                part, parts = b"", None
            else:
                part = found
    finally:
        if reply.parts is not None:
            await reply.parts.close()
    await send({"type": "http.response.body", "body": part})


def _media_type(value: str) -> str:
    """The media type without its parameters."""
    return value.partition(";")[0].strip().lower()
