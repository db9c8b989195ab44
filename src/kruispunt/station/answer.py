"""A station's whole life: prove the hub, read the rows, write the looks, then answer."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from kruispunt.client import (
    ANSWER_PATH,
    ANSWER_TAG,
    INVALID_INPUT,
    FoundBody,
    LookBody,
    LookFault,
    Reader,
    StationReply,
    StationRequest,
    canonical,
    read_period,
    read_ssin,
)
from kruispunt.station.log import Log, Look
from kruispunt.station.nonces import Nonces
from kruispunt.station.source import Found, Key, Source
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

MAX_BODY: Final = 1024 * 1024
"""Room for as many looks as may travel together, each with every field of a long flow."""

_reader: Final = Reader(StationRequest)


class Station:
    """Answers one hub's looks from one institution's own tables.

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
        """Where looks come in."""
        return Route(
            method="POST",
            template=f"{ANSWER_PATH}{{flow}}",
            handler=self.answer,
            max_body=MAX_BODY,
        )

    async def answer(self, request: Request) -> HttpReply:
        """Answer each look with exactly its fields, after all of them are durable.

        A look that fails, for more rows than an answer may hold or a row that does not fit the
        select, says so in its own place and is written down all the same; the others are given.

        Raises:
            NotAuthenticated: not signed by the hub, or signed for another question or moment.
            NotFound: this station does not answer the flow.
            Malformed: the looks can't be read.
            Unavailable: tables or log can't be reached in time; nothing was given.
        """
        proof = self._prove(request)
        source = self._sources.get(FlowId(request.argument))
        if source is None:
            raise NotFound("this station does not answer the flow")
        asked = _reader.read(request.body)
        _check_flow(asked, source)
        people, keys = _read(asked.looks)
        try:
            async with asyncio.timeout(asked.deadline_ms / 1000):
                found = await source.rows(keys)
        except TimeoutError:
            raise Unavailable("the tables did not answer in time", retry_after_s=1) from None
        told = [_told(*pair, source) for pair in zip(asked.looks, found, strict=True)]
        await self._write(asked, proof, people=people, told=told)
        return json_reply(canonical(StationReply(found=told)))

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
        self,
        asked: StationRequest,
        proof: Proof,
        *,
        people: Sequence[Ssin | None],
        told: Sequence[FoundBody],
    ) -> None:
        at, flow = self._now(), FlowId(asked.flow)
        looks = [
            Look(
                at=at,
                entry=look.entry,
                flow=flow,
                ssin=ssin,
                clause=ClauseId(look.clause),
                rows=None if found.fault else len(found.rows),
            )
            for look, ssin, found in zip(asked.looks, people, told, strict=True)
        ]
        await self._log.write(looks, proof)


def _check_flow(asked: StationRequest, source: Source) -> None:
    """Looks stand under their own flow."""
    if asked.flow != source.flow:
        detail = "expected the flow of the path"
        issue = Issue(type=INVALID_INPUT, where="body", name="flow", detail=detail)
        raise Malformed("the looks do not fit this station", issues=(issue,))


def _read(looks: Sequence[LookBody]) -> tuple[list[Ssin | None], list[Key]]:
    """Whom each look is about, and what it puts into the select."""
    people: list[Ssin | None] = []
    keys: list[Key] = []
    for place, look in enumerate(looks):
        name = f"looks[{place}]"
        ssin = None if look.ssin is None else read_ssin(look.ssin, name=f"{name}.ssin")
        people.append(ssin)
        keys.append(Key.of(ssin, read_period(look.period, name=f"{name}.period")))
    return people, keys


def _told(look: LookBody, found: Found | LookFault, source: Source) -> FoundBody:
    if isinstance(found, LookFault):
        return FoundBody(ssin=look.ssin, fault=found)
    if source.offer.missing(look.fields):
        return FoundBody(ssin=look.ssin, fault=LookFault.NO_SUCH_FIELD)
    return FoundBody(ssin=look.ssin, rows=tuple(source.offer.given(found, look.fields)))
