"""Reading the trail of a hub or node in the name of an institution: signed, page by page."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from kruispunt.client.failure import AskFailed, Fault
from kruispunt.client.reading_wire import READ_PATH, READ_TAG, ReadReply, ReadRequest
from kruispunt.client.wire import ProblemBody, canonical
from kruispunt.vocabulary import UNREADABLE, InstitutionCode
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

LIFE_S: Final = 60
TIMEOUT_S: Final = 30.0
MAX_BYTES: Final = 16 * 1024 * 1024

_read: Final = msgspec.json.Decoder(ReadReply).decode
_problem: Final = msgspec.json.Decoder(ProblemBody).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailClient:
    """Reads one trail. Each page is an entry of it."""

    url: str
    seat: InstitutionCode
    http: Http
    key: Signer
    ring: Ring
    now: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]

    async def page(self, reads: str, request: ReadRequest) -> ReadReply:
        """One page, whose signature was checked.

        Raises:
            AskFailed: no page, or none that can be believed; with the problem where one was told.
        """
        reply = await self.send(reads, request, accept="application/json")
        try:
            return _read(reply.body)
        except UNREADABLE as error:
            raise AskFailed(Fault.UNREADABLE, str(error)) from error

    async def pages(self, reads: str, request: ReadRequest) -> AsyncGenerator[ReadReply]:
        """Every page, the latest first."""
        while True:
            page = await self.page(reads, request)
            yield page
            if page.next is None:
                return
            request = msgspec.structs.replace(request, cursor=page.next)

    async def send(self, reads: str, request: ReadRequest, *, accept: str) -> HttpReply:
        """One page in the form that is asked for, whose signature was checked.

        Raises:
            AskFailed: as `page`.
        """
        url, body = f"{self.url.rstrip('/')}{READ_PATH}{reads}", canonical(request)
        created = int(self.now().timestamp())
        headers = sign_request(
            self.key,
            method="POST",
            target_uri=url,
            body=body,
            created=created,
            expires=created + LIFE_S,
            nonce=self.random_bytes(16),
            tag=READ_TAG,
        )
        signature = headers["signature"]
        headers |= {"content-type": "application/json", "accept": accept}
        try:
            reply = await self.http.post(
                url, body=body, headers=headers, timeout_s=TIMEOUT_S, max_bytes=MAX_BYTES
            )
        except HttpSilent as silent:
            raise AskFailed(Fault.SILENT, str(silent)) from silent
        except HttpWrong as wrong:
            raise AskFailed(Fault.NOT_HTTP, str(wrong)) from wrong
        self._believe(reply, signature)
        return reply

    def _believe(self, reply: HttpReply, signature: str) -> None:
        try:
            verify_reply(
                status=reply.status,
                headers=reply.headers,
                body=reply.body,
                request_signature=signature,
                ring=self.ring,
                now=int(self.now().timestamp()),
                signer=self.seat,
            )
        except ReplyNotProven as error:
            raise AskFailed(Fault.NOT_PROVEN, str(error)) from error
        if reply.status != 200:
            problem = _told(reply)
            detail = f"{reply.status} {problem.title}: {problem.detail}"
            raise AskFailed(Fault.PROBLEM, detail, problem=problem)


def _told(reply: HttpReply) -> ProblemBody:
    try:
        return _problem(reply.body)
    except UNREADABLE:
        return ProblemBody(status=reply.status, title="a problem that can't be read")
