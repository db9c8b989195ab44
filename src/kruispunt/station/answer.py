"""A station's whole life: prove the hub, read one person's rows, write the look, then answer."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from kruispunt.client import (
    ANSWER_PATH,
    ANSWER_TAG,
    INVALID_INPUT,
    Reader,
    StationReply,
    StationRequest,
    canonical,
    read_period,
    read_ssin,
)
from kruispunt.station.log import Log, Look
from kruispunt.station.nonces import Nonces
from kruispunt.station.source import Found, Source, TooManyRows
from kruispunt.vocabulary import (
    ClauseId,
    FlowId,
    InstitutionCode,
    Issue,
    Malformed,
    NotFound,
    Proof,
    Ssin,
    Unavailable,
    WrongSignature,
)
from kruispunt.web import HttpReply, Request, Ring, Route, json_reply, verify_request

_reader: Final = Reader(StationRequest)


class Station:
    """Answers one hub's questions from one institution's own tables.

    `url` is the address under which the hub knows this station; only keys of `hub` count.
    """

    def __init__(
        self,
        *,
        hub: InstitutionCode,
        url: str,
        ring: Ring,
        sources: Mapping[FlowId, Source],
        log: Log,
        now: Callable[[], datetime],
    ) -> None:
        self._hub = hub
        self._url = url
        self._ring = ring
        self._sources = sources
        self._log = log
        self._now = now
        self._nonces = Nonces()

    @property
    def route(self) -> Route:
        """Where questions come in."""
        return Route(method="POST", template=f"{ANSWER_PATH}{{flow}}", handler=self.answer)

    async def answer(self, request: Request) -> HttpReply:
        """Answer with exactly the fields that were asked for, after the look is durable.

        Raises:
            NotAuthenticated: not signed by the hub, or signed for another question or moment.
            NotFound: this station does not answer the flow.
            Malformed: the question can't be read, or asks for a field that is not there.
            TooManyRows: more rows than an answer may hold; the look is written all the same.
            Unavailable: tables or log can't be reached in time; nothing was given.
        """
        proof = self._prove(request)
        source = self._sources.get(FlowId(request.argument))
        if source is None:
            raise NotFound("this station does not answer the flow")
        asked = _reader.read(request.body)
        _check(asked, source)
        ssin, about = read_ssin(asked.ssin), read_period(asked.period)
        try:
            async with asyncio.timeout(asked.deadline_ms / 1000):
                found = await source.rows(ssin, about)
        except TimeoutError:
            raise Unavailable("the tables did not answer in time", retry_after_s=1) from None
        except TooManyRows:
            await self._write(asked, proof, ssin=ssin, rows=None)
            raise
        body = _body(asked, source, found)
        await self._write(asked, proof, ssin=ssin, rows=len(found))
        return json_reply(body)

    def _prove(self, request: Request) -> Proof:
        now = int(self._now().timestamp())
        key, proof = verify_request(
            method=request.method,
            target_uri=self._url + request.target,
            headers=request.headers,
            body=request.body,
            ring=self._ring,
            now=now,
            tag=ANSWER_TAG,
        )
        if key.institution != self._hub:
            raise WrongSignature("keyid: not a key of the hub of this station")
        if not self._nonces.claim(proof.nonce, expires=proof.expires, now=now):
            raise WrongSignature("the nonce was used before")
        return proof

    async def _write(
        self, asked: StationRequest, proof: Proof, *, ssin: Ssin, rows: int | None
    ) -> None:
        look = Look(
            at=self._now(),
            entry=asked.entry,
            flow=FlowId(asked.flow),
            ssin=ssin,
            clause=ClauseId(asked.clause),
            rows=rows,
        )
        await self._log.write(look, proof)


def _check(asked: StationRequest, source: Source) -> None:
    """A question stands under its own flow, and asks only for columns that are there."""
    issues: list[Issue] = []
    if asked.flow != source.flow:
        detail = "expected the flow of the path"
        issues.append(Issue(type=INVALID_INPUT, where="body", name="flow", detail=detail))
    for place in source.offer.missing(asked.fields):
        name, detail = f"fields[{place}]", "this station does not give the field"
        issues.append(Issue(type=INVALID_INPUT, where="body", name=name, detail=detail))
    if issues:
        raise Malformed("the question does not fit this station", issues=issues)


def _body(asked: StationRequest, source: Source, found: Found) -> bytes:
    rows = source.offer.given(found, asked.fields)
    return canonical(StationReply(ssin=asked.ssin, rows=rows))
