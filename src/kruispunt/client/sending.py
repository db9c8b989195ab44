"""Sending a message until it is answered: signed anew each time, with patience that ends."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kruispunt.client.failure import AskFailed, Fault
from kruispunt.web import Http, HttpReply, HttpSilent, HttpWrong, Signer, sign_request

LIFE_S: Final = 120
"""How long a signature counts: room for clocks that differ and for a queue on the way."""

NONCE_BYTES: Final = 16
ASK_AGAIN: Final = frozenset((409, 429, 503))


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long and how often to ask: in all, each time, and the longest wait in between."""

    total_s: float = 30.0
    each_s: float = 10.0
    attempts: int = 3
    wait_s: float = 0.2
    longest_wait_s: float = 5.0

    def wait(self, status: int, told: float | None, *, attempt: int) -> float | None:
        """Seconds until a question that met this status is asked again; None: it is not.

        `told`: the seconds that `Retry-After` says, where it says any.
        """
        if attempt >= self.attempts:
            return None
        if status not in ASK_AGAIN or (told is None and status != 503):
            return None
        wait = self.wait_s * 2 ** (attempt - 1) if told is None else told
        # Never sooner than we were told: where that is too long, the caller hears it instead.
        return wait if wait <= self.longest_wait_s else None

    def wait_in_silence(self, attempt: int) -> float | None:
        """Seconds until what was not answered is asked again; None: it is not."""
        if attempt >= self.attempts:
            return None
        return min(self.wait_s * 2 ** (attempt - 1), self.longest_wait_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A reply, and the signature of the request that it has to be bound to."""

    reply: HttpReply
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Sends messages of one institution to one hub or node."""

    http: Http
    key: Signer
    tag: str
    now: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]

    async def insist(
        self,
        url: str,
        body: bytes,
        *,
        patience: Patience,
        max_bytes: int,
        traceparent: str | None = None,
    ) -> Heard:
        """Send until there is a reply: the same message each time, under a new nonce.

        Raises:
            AskFailed: silence, or what is not HTTP.
        """
        attempt = 1
        while True:
            headers = self._signed(url, body, traceparent)
            try:
                reply = await self.http.post(
                    url,
                    body=body,
                    headers=headers,
                    timeout_s=patience.each_s,
                    max_bytes=max_bytes,
                )
            except HttpSilent as silent:
                wait = patience.wait_in_silence(attempt)
                if wait is None:
                    raise AskFailed(Fault.SILENT, str(silent)) from silent
            except HttpWrong as error:
                raise AskFailed(Fault.NOT_HTTP, str(error)) from error
            else:
                told = reply.headers.get("retry-after", "")
                seconds = float(told) if told.isdecimal() else None
                wait = patience.wait(reply.status, seconds, attempt=attempt)
                if wait is None:
                    return Heard(reply=reply, signature=headers["signature"])
            await asyncio.sleep(wait)
            attempt += 1

    def _signed(self, url: str, body: bytes, traceparent: str | None) -> dict[str, str]:
        created = int(self.now().timestamp())
        headers = sign_request(
            self.key,
            method="POST",
            target_uri=url,
            body=body,
            created=created,
            expires=created + LIFE_S,
            nonce=self.random_bytes(NONCE_BYTES),
            tag=self.tag,
        )
        headers["content-type"] = "application/json"
        if traceparent is not None:
            headers["traceparent"] = traceparent
        return headers
