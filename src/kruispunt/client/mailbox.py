"""Emptying one's mailbox at a seat, and sending mail: signed, and believed only when proven."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol, TypeVar
from uuid import UUID

import msgspec

from kruispunt.client.belief import problem_of
from kruispunt.client.failure import AskFailed, Fault
from kruispunt.client.mail_wire import MAIL_PATH, MAIL_TAG, MailBody, TakenBody
from kruispunt.client.mailbox_wire import (
    ACKNOWLEDGE_PATH,
    DEAD_PATH,
    MAILBOX_PATH,
    MAILBOX_TAG,
    AcknowledgeReply,
    AcknowledgeRequest,
    DeadReply,
    DeadRequest,
    LetterBody,
    MailboxReply,
)
from kruispunt.client.sending import LIFE_S, NONCE_BYTES
from kruispunt.client.wire import canonical
from kruispunt.vocabulary import InstitutionCode, Mail
from kruispunt.web import (
    Http,
    HttpReply,
    HttpSilent,
    HttpWrong,
    NotOpened,
    Opener,
    ReplyNotProven,
    Ring,
    Signer,
    open_sealed,
    sign_request,
    verify_reply,
)

TIMEOUT_S: Final = 15.0
MAX_BYTES: Final = 16 * 1024 * 1024
DONE: Final = (200, 201)

T = TypeVar("T", bound=msgspec.Struct)


class Holder(Signer, Opener, Protocol):
    """Who signs for an institution and opens its mail: a `SigningKey` or a `SigningKeyFile`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A mail with its content; None: it can't be opened, for ever."""

    position: int
    mail: Mail
    content: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """Mail in order. `held`: how much waits behind dead letters, for an operator of the seat."""

    letters: tuple[Opened, ...] = ()
    held: int = 0
    last: int = 0
    """The position to read on from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correspondent:
    """Signs calls of one institution to seats, and believes what they are proven to say."""

    http: Http
    key: Signer
    ring: Ring
    now: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]

    async def send(self, url: str, seat: InstitutionCode, mail: Mail) -> None:
        """Bring a mail to a seat, its recipient; it is durable there once this returns.

        Raises:
            AskFailed: it was not taken, or nobody can tell. Sending it again is safe.
        """
        body = MailBody(
            id=mail.id,
            kind=mail.kind,
            flow=mail.flow,
            ticket=mail.ticket,
            sealed=mail.sealed,
            sealed_for=mail.sealed_for,
            sent_at=mail.sent_at,
        )
        address = url.rstrip("/") + MAIL_PATH
        reply = await self.call("POST", address, seat, tag=MAIL_TAG, body=canonical(body))
        if read_reply(reply, TakenBody).id != mail.id:
            raise AskFailed(Fault.UNREADABLE, "expected the id of the mail that was sent")

    async def call(
        self,
        method: str,
        url: str,
        seat: InstitutionCode,
        *,
        tag: str,
        body: bytes = b"",
        timeout_s: float = TIMEOUT_S,
    ) -> HttpReply:
        """One signed call and its reply, which the seat signed.

        Raises:
            AskFailed: silence, nothing that can be believed, or a problem.
        """
        created = int(self.now().timestamp())
        headers = sign_request(
            self.key,
            method=method,
            target_uri=url,
            body=body,
            created=created,
            expires=created + LIFE_S,
            nonce=self.random_bytes(NONCE_BYTES),
            tag=tag,
        )
        signature = headers["signature"]
        try:
            reply = await self._send(method, url, body, headers, timeout_s=timeout_s)
        except HttpSilent as silent:
            raise AskFailed(Fault.SILENT, str(silent)) from silent
        except HttpWrong as wrong:
            raise AskFailed(Fault.NOT_HTTP, str(wrong)) from wrong
        self._believe(reply, signature, seat)
        if reply.status not in DONE:
            problem = problem_of(reply)
            detail = f"{reply.status} {problem.title}: {problem.detail}"
            raise AskFailed(Fault.PROBLEM, detail, problem=problem)
        return reply

    async def _send(
        self, method: str, url: str, body: bytes, headers: dict[str, str], *, timeout_s: float
    ) -> HttpReply:
        if method == "GET":
            return await self.http.get(
                url, headers=headers, timeout_s=timeout_s, max_bytes=MAX_BYTES
            )
        headers["content-type"] = "application/json"
        return await self.http.post(
            url, body=body, headers=headers, timeout_s=timeout_s, max_bytes=MAX_BYTES
        )

    def _believe(self, reply: HttpReply, signature: str, seat: InstitutionCode) -> None:
        try:
            verify_reply(
                status=reply.status,
                headers=reply.headers,
                body=reply.body,
                request_signature=signature,
                ring=self.ring,
                now=int(self.now().timestamp()),
                signer=seat,
            )
        except ReplyNotProven as error:
            raise AskFailed(Fault.NOT_PROVEN, str(error)) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """The mailbox of one institution at one seat.

    Mail comes at least once, in order about each person, under an id that stays the same: do what
    it says, durably, and acknowledge it after that. A mail that can't be taken is said to be dead,
    with a reason; leave later mail of the same `person` alone then, it comes again.
    """

    url: str
    seat: InstitutionCode
    http: Http
    key: Holder
    ring: Ring
    now: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]
    _calls: Correspondent = field(init=False)

    def __post_init__(self) -> None:
        calls = Correspondent(
            http=self.http,
            key=self.key,
            ring=self.ring,
            now=self.now,
            random_bytes=self.random_bytes,
        )
        object.__setattr__(self, "_calls", calls)

    async def poll(self, *, after: int = 0, limit: int = 100, wait_s: int = 0) -> Polled:
        """Mail after a position that was not acknowledged; waits so long for some to come.

        Raises:
            AskFailed: no reply, or none that can be believed.
        """
        url = f"{self._base}{MAILBOX_PATH}?after={after}&limit={limit}&wait={wait_s}"
        reply = await self._calls.call(
            "GET", url, self.seat, tag=MAILBOX_TAG, timeout_s=wait_s + TIMEOUT_S
        )
        found = read_reply(reply, MailboxReply)
        letters = tuple(map(self._opened, found.letters))
        last = letters[-1].position if letters else after
        return Polled(letters=letters, held=found.held, last=last)

    async def acknowledge(self, ids: Sequence[UUID]) -> int:
        """We have these, durably. How many of them were there still.

        Raises:
            AskFailed: as `poll`; saying it again is safe.
        """
        body = canonical(AcknowledgeRequest(ids=tuple(ids)))
        url = self._base + ACKNOWLEDGE_PATH
        reply = await self._calls.call("POST", url, self.seat, tag=MAILBOX_TAG, body=body)
        return read_reply(reply, AcknowledgeReply).gone

    async def dead(self, mail: UUID, reason: str) -> bool:
        """We can't take this one: an operator of the seat finds it with the reason.

        Raises:
            AskFailed: as `poll`; saying it again is safe.
        """
        body = canonical(DeadRequest(id=mail, reason=reason))
        url = self._base + DEAD_PATH
        reply = await self._calls.call("POST", url, self.seat, tag=MAILBOX_TAG, body=body)
        return read_reply(reply, DeadReply).dead

    async def send(self, mail: Mail) -> None:
        """Send mail up to the seat: it is durable there once this returns.

        Raises:
            AskFailed: it was not taken, or nobody can tell. Sending it again is safe.
        """
        await self._calls.send(self.url, self.seat, mail)

    def _opened(self, letter: LetterBody) -> Opened:
        own = self.key.current().institution
        mail = letter.mail(own)
        try:
            content = open_sealed(self.key, mail.sealed, key_id=mail.sealed_for)
        except NotOpened:
            content = None
        return Opened(position=letter.position, mail=mail, content=content)

    @property
    def _base(self) -> str:
        return self.url.rstrip("/")


def read_reply(reply: HttpReply, kind: type[T]) -> T:
    """The body of a proven reply.

    Raises:
        AskFailed: it is not of the agreed shape.
    """
    try:
        return msgspec.json.decode(reply.body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise AskFailed(Fault.UNREADABLE, type(error).__name__) from error
