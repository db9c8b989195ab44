"""Working with cases at the institution that runs them: opened, told, followed, declared for."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from kruispunt.client.case_wire import (
    CASE_TAG,
    CASES_PATH,
    NDJSON,
    CaseReply,
    CaseRequest,
    CasesReply,
    NewsRequest,
    StepBody,
)
from kruispunt.client.declaration_wire import (
    DECLARATIONS_PATH,
    DECLARE_TAG,
    DeclarationReply,
    DeclarationRequest,
    LastLine,
    LineReply,
    chained,
)
from kruispunt.client.failure import AskFailed, Fault
from kruispunt.client.mailbox import Correspondent, problem_of
from kruispunt.client.wire import canonical
from kruispunt.vocabulary import UNREADABLE, InstitutionCode
from kruispunt.web import (
    HttpReply,
    HttpSilent,
    HttpWrong,
    ReplyNotProven,
    Streamed,
    sign_request,
    verify_part,
    verify_reply,
)

LIFE_S: Final = 60
SILENCE_S: Final = 40.0
"""A stream without even a heartbeat for so long is gone."""

MAX_LINE: Final = 1024 * 1024
T = TypeVar("T")
FIRST_WAIT_S: Final = 0.5
LONGEST_WAIT_S: Final = 10.0

_case: Final = msgspec.json.Decoder(CaseReply).decode
_cases: Final = msgspec.json.Decoder(CasesReply).decode
_step: Final = msgspec.json.Decoder(StepBody).decode
_declared: Final = msgspec.json.Decoder(DeclarationReply).decode
_line: Final = msgspec.json.Decoder(LineReply).decode
_last: Final = msgspec.json.Decoder(LastLine).decode


class _Broke(Exception):
    """A stream broke off before its end: it is taken up again after what was told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClient:
    """The cases of one institution. What is told is proven to come from it."""

    url: str
    seat: InstitutionCode
    by: Correspondent

    async def start(self, request: CaseRequest) -> CaseReply:
        """Open a case. The same request again is safe, and tells the same case.

        Raises:
            AskFailed: it can't be opened, or nobody can tell; with the problem where one was told.
        """
        return _read(_case, await self._call("POST", CASES_PATH, canonical(request)))

    async def find(self, case: UUID, *, after: int = 0) -> CaseReply:
        """A case with its steps after one; go on after the last while there are `more`."""
        query = f"?after={after}" if after else ""
        return _read(_case, await self._call("GET", f"{CASES_PATH}/{case}{query}"))

    async def list(
        self, *, after: UUID | None = None, limit: int = 50, open_only: bool = False
    ) -> CasesReply:
        """Cases, the latest opened first."""
        asked = {"limit": str(limit), "open": "true" if open_only else "false"}
        asked |= {"after": str(after)} if after else {}
        return _read(_cases, await self._call("GET", f"{CASES_PATH}?{urlencode(asked)}"))

    async def hear(self, case: UUID, news: NewsRequest) -> CaseReply:
        """Say what a clerk knows of a case, and be told the steps that it made."""
        return _read(
            _case, await self._call("POST", f"{CASES_PATH}/{case}/events", canonical(news))
        )

    async def follow(self, case: UUID, *, after: int = 0) -> AsyncGenerator[StepBody]:
        """Every step after one as it happens, until the case is closed.

        Takes a broken connection up again where it was, for as long as it is asked for more.

        Raises:
            AskFailed: there is no such case, or what comes can't be believed.
        """
        wait = FIRST_WAIT_S
        while True:
            try:
                async for step in self._follow(case, after):
                    if step.n != after + 1:
                        raise AskFailed(Fault.NOT_PROVEN, "a step between was not told")
                    after, wait = step.n, FIRST_WAIT_S
                    yield step
            except _Broke:
                await asyncio.sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT_S)
            else:
                return

    async def declare(self, declaration: DeclarationRequest) -> DeclarationReply:
        """Answer a request for a declaration. Sending it again is safe.

        Raises:
            AskFailed: as `start`.
        """
        body = canonical(declaration)
        return _read(_declared, await self._call("POST", DECLARATIONS_PATH, body, tag=DECLARE_TAG))

    async def declare_many(
        self, declarations: Sequence[DeclarationRequest]
    ) -> AsyncGenerator[LineReply]:
        """Answer many requests at once: what each is told, in their order, as it is done.

        Raises:
            AskFailed: as `start`, or the results can't be believed: known once all have come.
                What was told before is done; sending it all again is safe.
        """
        body = b"".join(canonical(one) + b"\n" for one in declarations)
        headers, url = self._signed("POST", DECLARATIONS_PATH, body, tag=DECLARE_TAG)
        headers["content-type"] = NDJSON
        try:
            async with self.by.http.lines(
                "POST", url, headers=headers, silence_s=SILENCE_S, max_line=MAX_LINE, body=body
            ) as streamed:
                self._check(streamed, headers)
                chain, before = b"", b""
                async for line in streamed.lines:
                    if before:
                        chain = chained(chain, before)
                        yield _read(_line, before)
                    before = line
        except HttpSilent as silent:
            raise AskFailed(Fault.SILENT, str(silent)) from silent
        except HttpWrong as wrong:
            raise AskFailed(Fault.NOT_HTTP, str(wrong)) from wrong
        self._believe(_read(_last, before).proof, chain, headers)

    async def _call(
        self, method: str, path: str, body: bytes = b"", *, tag: str = CASE_TAG
    ) -> bytes:
        url = self.url.rstrip("/") + path
        return (await self.by.call(method, url, self.seat, tag=tag, body=body)).body

    async def _follow(self, case: UUID, after: int) -> AsyncGenerator[StepBody]:
        headers, url = self._signed("GET", f"{CASES_PATH}/{case}/events", b"", tag=CASE_TAG)
        headers["last-event-id"] = str(after)
        try:
            async with self.by.http.lines(
                "GET", url, headers=headers, silence_s=SILENCE_S, max_line=MAX_LINE
            ) as streamed:
                self._check(streamed, headers)
                async for event, data in self._events(streamed, headers):
                    if event == b"end":
                        return
                    if event == b"step":
                        yield _read(_step, data)
        except HttpSilent as silent:
            raise _Broke from silent
        except HttpWrong as wrong:
            raise AskFailed(Fault.NOT_HTTP, str(wrong)) from wrong
        raise _Broke

    async def _events(
        self, streamed: Streamed, headers: dict[str, str]
    ) -> AsyncGenerator[tuple[bytes, bytes]]:
        """Name and data of each event, once its proof was checked."""
        fields: dict[bytes, bytes] = {}
        async for line in streamed.lines:
            name, _, value = line.partition(b": ")
            if line:
                fields[name] = value
                continue
            if b"event" in fields:
                told = (fields.get(key, b"") for key in (b"id", b"event", b"data"))
                part = b"id: %b\nevent: %b\ndata: %b\n" % tuple(told)
                self._believe(fields.get(b"proof", b"").decode("latin-1"), part, headers)
                yield fields[b"event"], fields.get(b"data", b"")
            fields = {}

    def _signed(
        self, method: str, path: str, body: bytes, *, tag: str
    ) -> tuple[dict[str, str], str]:
        url = self.url.rstrip("/") + path
        created = int(self.by.now().timestamp())
        headers = sign_request(
            self.by.key,
            method=method,
            target_uri=url,
            body=body,
            created=created,
            expires=created + LIFE_S,
            nonce=self.by.random_bytes(16),
            tag=tag,
        )
        return headers, url

    def _check(self, streamed: Streamed, headers: dict[str, str]) -> None:
        """Nothing, where a stream came; else the problem that was told in its place."""
        reply = streamed.refused
        if reply is None:
            return
        try:
            self._believe_whole(reply, headers)
        except ReplyNotProven as error:
            raise AskFailed(Fault.NOT_PROVEN, str(error)) from error
        problem = problem_of(reply)
        detail = f"{reply.status} {problem.title}: {problem.detail}"
        raise AskFailed(Fault.PROBLEM, detail, problem=problem)

    def _believe_whole(self, reply: HttpReply, headers: dict[str, str]) -> None:
        verify_reply(
            status=reply.status,
            headers=reply.headers,
            body=reply.body,
            request_signature=headers["signature"],
            ring=self.by.ring,
            now=int(self.by.now().timestamp()),
            signer=self.seat,
        )

    def _believe(self, proof: str, part: bytes, headers: dict[str, str]) -> None:
        try:
            verify_part(
                proof,
                part,
                request_signature=headers["signature"],
                ring=self.by.ring,
                now=int(self.by.now().timestamp()),
                signer=self.seat,
            )
        except ReplyNotProven as error:
            raise AskFailed(Fault.NOT_PROVEN, str(error)) from error


def _read(decode: Callable[[bytes], T], body: bytes) -> T:
    try:
        return decode(body)
    except UNREADABLE as error:
        raise AskFailed(Fault.UNREADABLE, str(error)) from error
