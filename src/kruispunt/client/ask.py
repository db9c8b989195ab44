"""Asking a hub or node: sign, send, wait, and believe nothing of the answer but what is proven."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from types import TracebackType
from typing import Literal, NotRequired, Required, Self, TypedDict, Unpack
from uuid import UUID

from msgspec import UNSET

from kruispunt.client.belief import Belief
from kruispunt.client.failure import AskFailed, Fault
from kruispunt.client.lines_wire import LINES_PATH, LinesRequest
from kruispunt.client.many import (
    MANY_BYTES,
    PATIENCE_FOR_MANY,
    AskedAbout,
    AskedTogether,
    ManyAsking,
    Told,
)
from kruispunt.client.proof import ReceiptCheck
from kruispunt.client.sending import Heard, Patience, Sender
from kruispunt.client.wire import (
    ASK_MANY_PATH,
    ASK_PATH,
    ASK_TAG,
    MOST_QUESTIONS,
    AcceptedReply,
    AskManyRequest,
    AskReply,
    AskRequest,
    PeriodBody,
    QuestionBody,
    canonical,
)
from kruispunt.vocabulary import InstitutionCode, Ssin
from kruispunt.web import Http, Ring, Signer


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
    patience_for_many: NotRequired[Patience]
    """For a request of many questions, each of which may have to wait for its source."""

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
    details: NotRequired[Mapping[str, str]]
    """What the flow lets a question tell beside person and period."""


class LinesAbout(TypedDict):
    """What is to be done with lines of a person; without `begin` all days are meant."""

    ssin: Required[Ssin]
    purpose: Required[str]
    act: Required[Literal["integrate", "remove", "list"]]
    begin: NotRequired[date]
    until: NotRequired[date | None]
    sector: NotRequired[int]
    quality: NotRequired[str]
    phase: NotRequired[int]
    line_begin: NotRequired[date]
    message_id: NotRequired[UUID]
    ticket: NotRequired[str]
    user: NotRequired[str]


class Client:
    """Asks one hub or node in the name of one institution. One per process is enough.

    Example::

        from kruispunt.client import Client
        client = await Client.open(url, hub=hub, key=key, ring=ring, now=now, random_bytes=dice)
        reply = await client.ask("some.flow", ssin=ssin, purpose="some-purpose", begin=begin)
    """

    def __init__(self, url: str, http: Http, **caller: Unpack[Caller]) -> None:
        """Ask over connections that others use too; `url` is the hub's public address."""
        self._url = url.rstrip("/")
        self._http = http
        self._sender = Sender(
            http=http,
            key=caller["key"],
            tag=caller.get("tag", ASK_TAG),
            now=caller["now"],
            random_bytes=caller["random_bytes"],
        )
        hub, ring = InstitutionCode(caller["hub"]), caller["ring"]
        receipts = ReceiptCheck(ring=ring, signer=hub)
        self._belief = Belief(ring=ring, hub=hub, now=caller["now"], receipts=receipts)
        self._random_bytes = caller["random_bytes"]
        self._patience = caller.get("patience", Patience())
        self._patience_for_many = caller.get("patience_for_many", PATIENCE_FOR_MANY)
        self._max_bytes = caller.get("max_bytes", 4 * 1024 * 1024)

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
        return self._belief.answer(await self._hear(flow, question, traceparent))

    async def request(self, flow: str, **asked: Unpack[Asked]) -> AcceptedReply:
        """Ask for answers that come by mail; `ticket` is what that mail will name.

        Raises:
            AskRefused: the law gives no leave; the refusal is signed and has a receipt.
            AskFailed: not accepted, or nothing that can be believed.
        """
        return await self.request_written(flow, self._question(asked))

    async def request_written(
        self, flow: str, question: AskRequest, *, traceparent: str | None = None
    ) -> AcceptedReply:
        """As `request`, with a question that is written already, as a step of a trace."""
        return self._belief.accepted(await self._hear(flow, question, traceparent))

    async def lines(self, flow: str, **asked: Unpack[LinesAbout]) -> AskReply:
        """Let a line of a person come or go, or list them; the reply tells those that stand.

        Raises:
            AskRefused: the law gives no leave; the refusal is signed and has a receipt.
            AskFailed: not done, or nothing that can be believed; again with its id is safe.
        """
        begin = asked.get("begin")
        days = None if begin is None else PeriodBody(begin_date=begin, end_date=asked.get("until"))
        request = LinesRequest(
            message_id=asked.get("message_id") or self._new_message(),
            purpose=asked["purpose"],
            ssin=asked["ssin"].digits,
            act=asked["act"],
            period=days,
            sector=asked.get("sector"),
            quality=asked.get("quality"),
            phase=asked.get("phase"),
            line_begin=asked.get("line_begin"),
            ticket=asked.get("ticket", ""),
            user=asked.get("user", ""),
        )
        return await self.lines_written(flow, request)

    async def lines_written(
        self, flow: str, request: LinesRequest, *, traceparent: str | None = None
    ) -> AskReply:
        """As `lines`, with a request that is written already, as a step of a trace."""
        heard = await self._hear(flow, request, traceparent, path=LINES_PATH)
        return self._belief.answer(heard)

    async def _hear(
        self,
        flow: str,
        question: AskRequest | LinesRequest,
        traceparent: str | None,
        *,
        path: str = ASK_PATH,
    ) -> Heard:
        try:
            async with asyncio.timeout(self._patience.total_s):
                return await self._sender.insist(
                    f"{self._url}{path}{flow}",
                    canonical(question),
                    patience=self._patience,
                    max_bytes=self._max_bytes,
                    traceparent=traceparent,
                )
        except TimeoutError:
            raise AskFailed(Fault.SILENT, "no answer within the time there was") from None

    async def ask_many(
        self, flow: str, questions: Sequence[AskedAbout], **together: Unpack[AskedTogether]
    ) -> list[Told]:
        """Ask about at most `MOST_QUESTIONS` persons in one signed request.

        Gives what each is told, in the order of the questions: its answer, or the `AskRefused`
        or `AskFailed` that `ask` would have raised. One that can't be believed fails alone.

        Raises:
            AskFailed: the request as a whole was not answered. Asking again is safe where each
                question keeps its `message_id`.
            ValueError: too many questions.
        """
        if len(questions) > MOST_QUESTIONS:
            raise ValueError(f"expected at most {MOST_QUESTIONS} questions in one request")
        asking = ManyAsking(
            sender=self._sender,
            belief=self._belief,
            url=f"{self._url}{ASK_MANY_PATH}{flow}",
            patience=self._patience_for_many,
            max_bytes=MANY_BYTES,
        )
        return await asking.ask(
            AskManyRequest(
                purpose=together["purpose"],
                questions=tuple(map(self._one_of_many, questions)),
                sent_at=together.get("sent_at"),
                user=together.get("user", ""),
                role=together.get("role", ""),
            )
        )

    def _one_of_many(self, asked: AskedAbout) -> QuestionBody:
        return QuestionBody(
            message_id=asked.get("message_id") or self._new_message(),
            ssin=asked["ssin"].digits,
            period=PeriodBody(begin_date=asked["begin"], end_date=asked.get("until")),
            ticket=asked.get("ticket", ""),
            file_reference=asked.get("file_reference", ""),
        )

    def _new_message(self) -> UUID:
        return UUID(bytes=self._random_bytes(16), version=4)

    def _question(self, asked: Asked) -> AskRequest:
        return AskRequest(
            message_id=asked.get("message_id") or self._new_message(),
            purpose=asked["purpose"],
            ssin=asked["ssin"].digits,
            period=PeriodBody(begin_date=asked["begin"], end_date=asked.get("until")),
            ticket=asked.get("ticket", ""),
            file_reference=asked.get("file_reference", ""),
            sent_at=asked.get("sent_at"),
            user=asked.get("user", ""),
            role=asked.get("role", ""),
            details=dict(asked.get("details", {})) or UNSET,
        )

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
