"""Asking the station of a source: signed, within a deadline, and believing nothing unproven."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Final, Protocol

import msgspec

from kruispunt.client import (
    ANSWER_PATH,
    ANSWER_TAG,
    PeriodBody,
    ProblemBody,
    StationReply,
    StationRequest,
    canonical,
)
from kruispunt.sources.fault import BUSY, Cause, SilentSource, WrongSource
from kruispunt.sources.lane import Lane, Patience
from kruispunt.sources.person import reply_about
from kruispunt.vocabulary import (
    OWN,
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
    HttpWrong,
    ReplyNotProven,
    Ring,
    Signer,
    sign_request,
    traceparent,
    verify_reply,
)

TOO_MANY_ROWS: Final = OWN + "tooManyRows"
NONCE_BYTES: Final = 16
LEAST_S: Final = 0.005
"""With less time left after waiting for a turn, no station can answer: it is not asked."""

GRACE_S: Final = 30
"""A signature outlives its deadline by this much, for clocks that do not agree."""

_read_reply: Final = msgspec.json.Decoder(StationReply).decode
_read_problem: Final = msgspec.json.Decoder(ProblemBody).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class StationRoute:
    """Where a flow is answered, and whose signature must stand under the answer."""

    supplier: InstitutionCode
    url: str
    """Address of the station, without a path and without a slash at its end."""

    max_rows: int
    max_bytes: int = 8 * 1024 * 1024


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
    """The stations of a hub's sources. One lane per supplier: a slow one slows no other."""

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
        self._routes = routes
        self._now = now
        self._random_bytes = random_bytes
        suppliers = {route.supplier for route in routes.values()}
        self._lanes = {
            supplier: Lane(patience=patience or Patience(), clock=clock) for supplier in suppliers
        }

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
        route = self._routes.get(recorded.entry.question.flow)
        if route is None:
            raise SilentSource(Cause.NO_ROUTE)
        lane = self._lanes[route.supplier]
        until = asyncio.get_running_loop().time() + timeout_s

        async def ask() -> Reply:
            left_s = until - asyncio.get_running_loop().time()
            if left_s < LEAST_S:
                raise SilentSource(Cause.CROWDED)
            return await self._ask(recorded, route, timeout_s=left_s)

        return await lane.take(ask, timeout_s=timeout_s)

    async def _ask(
        self, recorded: Recorded[Grant], route: StationRoute, *, timeout_s: float
    ) -> Reply:
        question = recorded.entry.question
        body = canonical(_request(recorded, timeout_s=timeout_s))
        url = f"{route.url}{ANSWER_PATH}{question.flow}"
        headers = self._signed(url, body, timeout_s=timeout_s)
        reply = await self._post(route, url=url, body=body, headers=headers, timeout_s=timeout_s)
        _check_status(reply)
        self._prove(reply, route, request_signature=headers["signature"])
        return _parse(reply.body, ssin=question.ssin, max_rows=route.max_rows)

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
                headers={**headers, **_traced(), "content-type": "application/json"},
                timeout_s=timeout_s,
                max_bytes=route.max_bytes,
            )
        except HttpSilent:
            raise SilentSource(Cause.NO_ANSWER) from None
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


def _traced() -> dict[str, str]:
    trace = traceparent()
    return {} if trace is None else {"traceparent": trace}


def _request(recorded: Recorded[Grant], *, timeout_s: float) -> StationRequest:
    question = recorded.entry.question
    return StationRequest(
        entry=recorded.entry.id,
        flow=question.flow,
        ssin=question.ssin.digits,
        period=PeriodBody.of(recorded.decision.about or question.about),
        fields=recorded.decision.fields,
        clause=recorded.decision.ground.clause,
        deadline_ms=max(1, int(timeout_s * 1000)),
    )


def _check_status(reply: HttpReply) -> None:
    """Problems need no proof: nothing of theirs is passed on, and anyone can keep silent."""
    if reply.status == 200:
        return
    if reply.status in BUSY:
        raise SilentSource(Cause.BUSY)
    try:
        problem = _read_problem(reply.body).type
    except msgspec.DecodeError:
        problem = ""
    raise WrongSource(Cause.TOO_MANY_ROWS if problem == TOO_MANY_ROWS else Cause.WRONG_STATUS)


def _parse(body: bytes, *, ssin: Ssin, max_rows: int) -> Reply:
    try:
        reply = _read_reply(body)
    except msgspec.ValidationError:
        raise WrongSource(Cause.WRONG_SHAPE) from None
    except (msgspec.DecodeError, RecursionError):
        raise WrongSource(Cause.NOT_JSON) from None
    if reply.ssin != ssin.digits:
        raise WrongSource(Cause.OTHER_PERSON)
    if len(reply.rows) > max_rows:
        raise WrongSource(Cause.TOO_MANY_ROWS)
    return reply_about(ssin, reply.rows)
