"""Asking the station of a source: signed, within a deadline, and believing nothing unproven."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Final, Protocol

from kruispunt.client import ANSWER_PATH, ANSWER_TAG
from kruispunt.postgres import Coalesced
from kruispunt.sources.fault import BUSY, Cause, SilentSource, WrongSource, failure
from kruispunt.sources.lane import Lane, Patience
from kruispunt.sources.looks import Look, Rows, read_found, write_request
from kruispunt.vocabulary import (
    Decision,
    FlowId,
    Grant,
    InstitutionCode,
    Recorded,
    Reply,
    Ssin,
)
from kruispunt.web import (
    HttpReply,
    HttpSilent,
    HttpTooLarge,
    HttpWrong,
    ReplyNotProven,
    Ring,
    Signer,
    sign_request,
    traceparent,
    verify_reply,
)

TOGETHER: Final = 32
"""Looks that travel in one call at most."""

CALLS: Final = 4
"""Calls under way at one flow; what comes meanwhile travels together in the next one."""

PERHAPS_OF_ONE: Final = (Cause.TOO_LARGE, Cause.WRONG_STATUS)
"""Faults of a whole call that one of its looks may have caused, or their number."""

NONCE_BYTES: Final = 16
LEAST_S: Final = 0.005
"""With less time left after waiting for a turn, no station can answer: it is not asked."""

GRACE_S: Final = 30
"""A signature outlives its deadline by this much, for clocks that do not agree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StationRoute:
    """Where a flow is answered, and whose signature must stand under the answer."""

    supplier: InstitutionCode
    url: str
    """Address of the station, without a path and without a slash at its end."""

    max_rows: int
    max_bytes: int = 8 * 1024 * 1024


@dataclass(slots=True)
class _Asked:
    """A look on its way. `call` is that with which it left last; None: it is still here."""

    look: Look
    call: object | None = None


@dataclass(frozen=True, slots=True)
class _Way:
    """How the looks at one flow get to its station."""

    lane: Lane
    calls: Coalesced[_Asked, Rows | Cause]


class Caller(Protocol):
    """What calls other servers: `web.Http`, or a twin of it."""

    async def post(
        self,
        url: str,
        *,
        body: bytes,
        headers: Mapping[str, str],
        timeout_s: float,
        max_bytes: int,
    ) -> HttpReply: ...


class Stations:
    """The stations of a hub's sources. One lane per supplier: a slow one slows no other.

    Looks at one flow that come while its calls are under way wait for the next one, and travel
    in it together; alone, a look leaves at once. The station answers them together, so one that
    takes long makes those wait that left with it, each for as long as its own limit. A look that
    has to be asked again, with fewer others, stands in the station's log each time.
    """

    def __init__(
        self,
        *,
        http: Caller,
        key: Signer,
        ring: Ring,
        routes: Mapping[FlowId, StationRoute],
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
        patience: Patience | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._http = http
        self._key = key
        self._ring = ring
        self._now = now
        self._random_bytes = random_bytes
        suppliers = {route.supplier for route in routes.values()}
        lanes = {
            supplier: Lane(patience=patience or Patience(), clock=clock) for supplier in suppliers
        }
        self._lanes = lanes
        self._ways = {
            flow: _Way(lane=lanes[route.supplier], calls=self._calls(flow, route))
            for flow, route in routes.items()
        }

    def _calls(self, flow: FlowId, route: StationRoute) -> Coalesced[_Asked, Rows | Cause]:
        async def many(asked: Sequence[_Asked]) -> Sequence[Rows | Cause]:
            found = await self._call(flow, route, asked)
            if len(asked) == 1 or found[0] not in PERHAPS_OF_ONE:
                return found
            # One of them may be at fault, or all together too much: by halves, each gets its own.
            half = len(asked) // 2
            return [*await many(asked[:half]), *await many(asked[half:])]

        async def one(asked: _Asked) -> Rows | Cause:
            return (await self._call(flow, route, (asked,)))[0]

        return Coalesced(one=one, many=many, max_batch=TOGETHER, in_flight=CALLS)

    @property
    def suppliers(self) -> tuple[InstitutionCode, ...]:
        """Whose stations these are."""
        return tuple(self._lanes)

    @property
    def resting(self) -> tuple[str, ...]:
        """Suppliers that were silent too often lately, and are left alone for a moment."""
        return tuple(supplier for supplier, lane in self._lanes.items() if lane.resting)

    async def fetch(self, recorded: Recorded[Grant], *, timeout_s: float) -> Reply:
        """Ask the source for the granted fields. The entry already stands in the trail.

        The reply is proven, of the agreed shape and about this person; the types of its values
        and the fields in it are still to be checked.

        Raises:
            SilentSource: no answer in time, or not asked since crowded, resting or not known.
            WrongSource: an answer that is not as agreed; the cause says how.
        """
        ssin = recorded.entry.question.ssin
        rows = await self._look(recorded, ssin=ssin, timeout_s=timeout_s)
        return Reply(ssin=ssin, rows=rows)

    async def blank(self, recorded: Recorded[Decision], *, timeout_s: float) -> None:
        """Ask the source about nobody: it takes as long, and fails as often, as `fetch` does.

        No number leaves. Raises what `fetch` raises.
        """
        await self._look(recorded, ssin=None, timeout_s=timeout_s)

    async def _look(
        self, recorded: Recorded[Decision], *, ssin: Ssin | None, timeout_s: float
    ) -> Rows:
        way = self._ways.get(recorded.entry.question.flow)
        if way is None:
            raise SilentSource(Cause.NO_ROUTE)
        until = asyncio.get_running_loop().time() + timeout_s
        asked = _Asked(Look.of(recorded, ssin=ssin, until=until, trace=traceparent()))

        async def ask() -> Rows:
            found = await way.calls.get(asked)
            if isinstance(found, Cause):
                raise failure(found)
            return found

        return await way.lane.take(ask, timeout_s=timeout_s, call=lambda: asked.call)

    async def _call(
        self, flow: FlowId, route: StationRoute, asked: Sequence[_Asked]
    ) -> Sequence[Rows | Cause]:
        """One signed call for these looks; where it fails as a whole, each has its cause."""
        looks = [one.look for one in asked]
        left_s = max(look.until for look in looks) - asyncio.get_running_loop().time()
        if left_s < LEAST_S:
            return [Cause.CROWDED] * len(looks)
        call = object()
        for one in asked:
            one.call = call
        body = write_request(flow, looks, timeout_s=left_s)
        url = f"{route.url}{ANSWER_PATH}{flow}"
        headers = self._signed(url, body, timeout_s=left_s)
        try:
            reply = await self._post(
                route, url=url, body=body, headers=headers | _traced(looks[0]), timeout_s=left_s
            )
            _check_status(reply)
            self._prove(reply, route, request_signature=headers["signature"])
            return read_found(reply.body, looks, max_rows=route.max_rows)
        except (SilentSource, WrongSource) as problem:
            return [problem.cause] * len(looks)

    def _signed(self, url: str, body: bytes, *, timeout_s: float) -> dict[str, str]:
        created = int(self._now().timestamp())
        return sign_request(
            self._key,
            method="POST",
            target_uri=url,
            body=body,
            created=created,
            expires=created + int(timeout_s) + GRACE_S,
            nonce=self._random_bytes(NONCE_BYTES),
            tag=ANSWER_TAG,
        )

    async def _post(
        self,
        route: StationRoute,
        *,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        timeout_s: float,
    ) -> HttpReply:
        try:
            return await self._http.post(
                url,
                body=body,
                headers={**headers, "content-type": "application/json"},
                timeout_s=timeout_s,
                max_bytes=route.max_bytes,
            )
        except HttpSilent:
            raise SilentSource(Cause.NO_ANSWER) from None
        except HttpTooLarge:
            raise WrongSource(Cause.TOO_LARGE) from None
        except HttpWrong:
            raise WrongSource(Cause.UNREADABLE) from None

    def _prove(self, reply: HttpReply, route: StationRoute, *, request_signature: str) -> None:
        if "signature" not in reply.headers:
            raise WrongSource(Cause.UNSIGNED)
        try:
            verify_reply(
                status=reply.status,
                headers=reply.headers,
                body=reply.body,
                request_signature=request_signature,
                ring=self._ring,
                now=int(self._now().timestamp()),
                signer=route.supplier,
            )
        except ReplyNotProven:
            raise WrongSource(Cause.WRONGLY_BOUND) from None


def _traced(look: Look) -> dict[str, str]:
    return {} if look.trace is None else {"traceparent": look.trace}


def _check_status(reply: HttpReply) -> None:
    """Problems need no proof: nothing of theirs is passed on, and anyone can keep silent."""
    if reply.status in BUSY:
        raise SilentSource(Cause.BUSY)
    if reply.status != 200:
        raise WrongSource(Cause.WRONG_STATUS)
