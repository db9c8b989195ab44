"""Asking a hub or node: sign, send, wait, and believe nothing of the answer but what is proven."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from types import TracebackType
from typing import Final, NotRequired, Required, Self, TypedDict, Unpack
from uuid import UUID

import msgspec

from kruispunt.client.failure import AskFailed, AskRefused, Fault
from kruispunt.client.proof import ReceiptCheck, ReceiptWrong
from kruispunt.client.reading import Reader
from kruispunt.client.wire import (
    ASK_PATH,
    ASK_TAG,
    AskReply,
    AskRequest,
    PeriodBody,
    ProblemBody,
    canonical,
)
from kruispunt.vocabulary import InstitutionCode, Malformed, Ssin
from kruispunt.web import (
    Http,
    HttpReply,
    HttpSilent,
    HttpWrong,
    ReplyNotProven,
    Ring,
    Signer,
    sign_request,
    verify_reply,
)

LIFE_S: Final = 120
"""How long a signature counts: room for clocks that differ and for a queue on the way."""

NONCE_BYTES: Final = 16
ASK_AGAIN: Final = frozenset((409, 429, 503))

_read_answer: Final = Reader(AskReply).read
_read_problem: Final = msgspec.json.Decoder(ProblemBody).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long and how often to ask: in all, each time, and the longest wait in between."""

    total_s: float = 30.0
    each_s: float = 10.0
    attempts: int = 3
    wait_s: float = 0.2
    longest_wait_s: float = 5.0


class Caller(TypedDict):
    """Who asks whom, and with what: the settings of a client."""

    hub: Required[str]
    """Code of the institution that is asked: only its keys can sign an answer."""

    key: Required[Signer]
    ring: Required[Ring]
    now: Required[Callable[[], datetime]]
    """The clock, aware of its zone."""

    random_bytes: Required[Callable[[int], bytes]]
    tag: NotRequired[str]
    patience: NotRequired[Patience]
    max_bytes: NotRequired[int]


class Asked(TypedDict):
    """One question about one person, for a period that includes its last day."""

    ssin: Required[Ssin]
    purpose: Required[str]
    begin: Required[date]
    until: NotRequired[date | None]
    message_id: NotRequired[UUID]
    """Give the id of an earlier attempt to ask the same again; else a new one is made."""

    ticket: NotRequired[str]
    file_reference: NotRequired[str]
    user: NotRequired[str]
    role: NotRequired[str]
    sent_at: NotRequired[datetime]


class Client:
    """Asks one hub or node in the name of one institution. One per process is enough.

    Example::

        from kruispunt.client import Client
        client = await Client.open(url, hub=hub, key=key, ring=ring, now=now, random_bytes=dice)
        reply = await client.ask("some.flow", ssin=ssin, purpose="some-purpose", begin=begin)
    """

    def __init__(self, url: str, http: Http, **caller: Unpack[Caller]) -> None:
        """Ask over connections that others use too; `url` is the hub's public address."""
        self._http = http
        self._url = url.rstrip("/")
        self._hub = InstitutionCode(caller["hub"])
        self._key = caller["key"]
        self._ring = caller["ring"]
        self._now = caller["now"]
        self._random_bytes = caller["random_bytes"]
        self._tag = caller.get("tag", ASK_TAG)
        self._patience = caller.get("patience", Patience())
        self._max_bytes = caller.get("max_bytes", 4 * 1024 * 1024)
        self._receipts = ReceiptCheck(ring=self._ring, signer=self._hub)

    @classmethod
    async def open(cls, url: str, **caller: Unpack[Caller]) -> Self:
        """Ask over connections of our own, which `close` closes."""
        return cls(url, await Http.open(), **caller)

    async def ask(self, flow: str, **asked: Unpack[Asked]) -> AskReply:
        """Ask about a person and get exactly the granted fields.

        Raises:
            AskRefused: the law gives no leave; the refusal is signed and has a receipt.
            AskFailed: no answer, or none that can be believed.
        """
        return await self.send(flow, self._question(asked))

    async def send(
        self, flow: str, question: AskRequest, *, traceparent: str | None = None
    ) -> AskReply:
        """As `ask`, with a question that is written already, as a step of a trace."""
        url = f"{self._url}{ASK_PATH}{flow}"
        body = canonical(question)
        try:
            async with asyncio.timeout(self._patience.total_s):
                return await self._insist(url, body, traceparent)
        except TimeoutError:
            raise AskFailed(Fault.SILENT, "no answer within the time there was") from None

    def _question(self, asked: Asked) -> AskRequest:
        fresh = asked.get("message_id") or UUID(bytes=self._random_bytes(16), version=4)
        return AskRequest(
            message_id=fresh,
            purpose=asked["purpose"],
            ssin=asked["ssin"].digits,
            period=PeriodBody(begin_date=asked["begin"], end_date=asked.get("until")),
            ticket=asked.get("ticket", ""),
            file_reference=asked.get("file_reference", ""),
            sent_at=asked.get("sent_at"),
            user=asked.get("user", ""),
            role=asked.get("role", ""),
        )

    async def _insist(self, url: str, body: bytes, traceparent: str | None) -> AskReply:
        """Ask until there is an answer: the same message each time, under a new nonce."""
        attempt = 1
        while True:
            headers = self._signed(url, body, traceparent)
            reply = await self._try(url, body, headers)
            wait = self._wait(reply, attempt)
            if wait is None:
                return self._believe(reply, headers["signature"])
            await asyncio.sleep(wait)
            attempt += 1

    async def _try(self, url: str, body: bytes, headers: dict[str, str]) -> HttpReply | HttpSilent:
        try:
            return await self._http.post(
                url,
                body=body,
                headers=headers,
                timeout_s=self._patience.each_s,
                max_bytes=self._max_bytes,
            )
        except HttpSilent as silent:
            return silent
        except HttpWrong as error:
            raise AskFailed(Fault.NOT_HTTP, str(error)) from error

    def _signed(self, url: str, body: bytes, traceparent: str | None) -> dict[str, str]:
        created = int(self._now().timestamp())
        headers = sign_request(
            self._key,
            method="POST",
            target_uri=url,
            body=body,
            created=created,
            expires=created + LIFE_S,
            nonce=self._random_bytes(NONCE_BYTES),
            tag=self._tag,
        )
        headers["content-type"] = "application/json"
        if traceparent is not None:
            headers["traceparent"] = traceparent
        return headers

    def _wait(self, reply: HttpReply | HttpSilent, attempt: int) -> float | None:
        """Seconds until the next attempt; None: there is none, take what we have."""
        patience = self._patience
        if attempt >= patience.attempts:
            return None
        if isinstance(reply, HttpSilent):
            return min(patience.wait_s * 2 ** (attempt - 1), patience.longest_wait_s)
        told = reply.headers.get("retry-after", "")
        if reply.status not in ASK_AGAIN or not (told.isdecimal() or reply.status == 503):
            return None
        wait = float(told) if told.isdecimal() else patience.wait_s * 2 ** (attempt - 1)
        # Never sooner than we were told: where that is too long, the caller hears it instead.
        return wait if wait <= patience.longest_wait_s else None

    def _believe(self, reply: HttpReply | HttpSilent, request_signature: str) -> AskReply:
        if isinstance(reply, HttpSilent):
            raise AskFailed(Fault.SILENT, str(reply)) from reply
        now = int(self._now().timestamp())
        if reply.status not in (200, 403):
            problem = _problem(reply)
            detail = f"{problem.status or reply.status} {problem.title}"
            raise AskFailed(Fault.PROBLEM, detail, problem=problem)
        try:
            verify_reply(
                status=reply.status,
                headers=reply.headers,
                body=reply.body,
                request_signature=request_signature,
                ring=self._ring,
                now=now,
                signer=self._hub,
            )
            if reply.status == 403:
                raise self._refusal(reply, now)
            answer = _read_answer(reply.body)
            # A repeated answer keeps its first ticket; the look is an entry of its own.
            if not answer.repeated and answer.receipt.entry != answer.ticket:
                raise ReceiptWrong("the receipt is of another entry than the ticket")
            self._receipts.check(answer.receipt, now=now)
        except ReplyNotProven as error:
            raise AskFailed(Fault.NOT_PROVEN, str(error)) from error
        except Malformed as error:
            raise AskFailed(Fault.UNREADABLE, error.detail) from error
        except ReceiptWrong as error:
            raise AskFailed(Fault.RECEIPT_WRONG, str(error)) from error
        return answer

    def _refusal(self, reply: HttpReply, now: int) -> AskRefused:
        problem = _problem(reply)
        if isinstance(problem.receipt, msgspec.UnsetType):
            return AskRefused(problem)
        if not problem.repeated and problem.receipt.entry != problem.ticket:
            raise ReceiptWrong("the receipt is of another entry than the ticket")
        self._receipts.check(problem.receipt, now=now)
        return AskRefused(problem)

    async def close(self) -> None:
        """Close the connections; where others use them too, leave it to them."""
        await self._http.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


def _problem(reply: HttpReply) -> ProblemBody:
    """The problem as told; a bare one with the status where it can't be read."""
    try:
        return _read_problem(reply.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ProblemBody(status=reply.status, title="a problem that can't be read")
