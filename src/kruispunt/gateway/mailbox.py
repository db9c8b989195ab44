"""Mailboxes at the door: who signs gets its own mail, says what it has, and what it can't take."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from urllib.parse import parse_qsl
from uuid import UUID

import msgspec

from kruispunt.client import (
    ACKNOWLEDGE_PATH,
    DEAD_PATH,
    INVALID_INPUT,
    LONGEST_WAIT_S,
    MAILBOX_PATH,
    MAILBOX_TAG,
    MOST_LETTERS,
    UNKNOWN_INPUT,
    AcknowledgeReply,
    AcknowledgeRequest,
    DeadReply,
    DeadRequest,
    LetterBody,
    MailboxReply,
    Reader,
)
from kruispunt.gateway.proven import Signed
from kruispunt.gateway.said_once import check_said_once
from kruispunt.mailbox import Arrivals, Batch
from kruispunt.vocabulary import InstitutionCode, Issue, Malformed, Proof
from kruispunt.web import HttpReply, Request, Route, json_reply

MAX_ACKNOWLEDGE: Final = 48 * 1024
MAX_DEAD: Final = 4 * 1024
MOST_BYTES: Final = 2 * 1024 * 1024
AT_ONCE: Final = 1024
USUAL_LETTERS: Final = 100
LAST_POSITION: Final = 2**63 - 1

_read_acknowledge: Final = Reader(AcknowledgeRequest).read
_read_dead: Final = Reader(DeadRequest).read
_encode: Final = msgspec.json.Encoder().encode


class Boxes(Protocol):
    """The mailboxes of this seat."""

    async def read(self, recipient: str, *, after: int, limit: int, max_bytes: int) -> Batch: ...

    async def acknowledge(self, recipient: str, ids: Sequence[UUID]) -> int: ...

    async def dead(self, recipient: str, mail: UUID, reason: str, *, at: datetime) -> bool: ...


class Proven(Protocol):
    """Says who signed a request: an `Entrance` does."""

    def caller(self, request: Request, *, tag: str) -> Signed: ...


class Nonces(Protocol):
    """Claims the nonce of a signature that is used for one request only."""

    async def claim(self, institution: InstitutionCode, proof: Proof) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a poll asks for."""

    after: int = 0
    limit: int = USUAL_LETTERS
    wait: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxDoor:
    """The routes by which a mailbox is emptied by its owner.

    Reading and acknowledging may be done again with the same effect, so a signature that comes
    twice is no fault there; that a mail is dead is said once.
    """

    proven: Proven
    boxes: Boxes
    arrivals: Arrivals
    nonces: Nonces
    now: Callable[[], datetime]

    @property
    def routes(self) -> list[Route]:
        """What a door adds to its table."""
        return [
            Route(
                method="GET",
                template=MAILBOX_PATH,
                handler=self.read,
                at_once=AT_ONCE,
                apart=True,
            ),
            Route(
                method="POST",
                template=ACKNOWLEDGE_PATH,
                handler=self.acknowledge,
                max_body=MAX_ACKNOWLEDGE,
            ),
            Route(method="POST", template=DEAD_PATH, handler=self.dead, max_body=MAX_DEAD),
        ]

    async def read(self, request: Request) -> HttpReply:
        """The caller's own mail after a position; where there is none, as soon as some comes."""
        own = self.proven.caller(request, tag=MAILBOX_TAG).institution
        asked = read_asked(request.target.partition("?")[2])

        async def look() -> Batch:
            return await self.boxes.read(
                own, after=asked.after, limit=asked.limit, max_bytes=MOST_BYTES
            )

        batch = await self.arrivals.wait_for(
            own, look, wait_s=asked.wait, found=lambda seen: bool(seen.letters)
        )
        letters = tuple(LetterBody.of(one.mail, position=one.position) for one in batch.letters)
        return json_reply(_encode(MailboxReply(letters=letters, held=batch.held)))

    async def acknowledge(self, request: Request) -> HttpReply:
        """The caller has these: their content is gone."""
        own = self.proven.caller(request, tag=MAILBOX_TAG).institution
        body = _read_acknowledge(request.body)
        check_said_once(request.body, body)
        gone = await self.boxes.acknowledge(own, body.ids)
        return json_reply(_encode(AcknowledgeReply(gone=gone)))

    async def dead(self, request: Request) -> HttpReply:
        """The caller can't take this one."""
        signed = self.proven.caller(request, tag=MAILBOX_TAG)
        body = _read_dead(request.body)
        check_said_once(request.body, body)
        await self.nonces.claim(signed.institution, signed.proof)
        dead = await self.boxes.dead(signed.institution, body.id, body.reason, at=self.now())
        return json_reply(_encode(DeadReply(dead=dead)))


def read_asked(query: str) -> Asked:
    """What the query of a poll asks for.

    Raises:
        Malformed: one issue for each part that is unknown, said twice, or out of its bounds.
    """
    parts = parse_qsl(query, keep_blank_values=True)
    most: Mapping[str, tuple[int, int]] = {
        "after": (0, LAST_POSITION),
        "limit": (1, MOST_LETTERS),
        "wait": (0, LONGEST_WAIT_S),
    }
    found: dict[str, int] = {}
    issues: list[Issue] = []
    for name, text in parts:
        if name not in most:
            issues.append(_issue("?", "the parameter is unknown", kind=UNKNOWN_INPUT))
        elif name in found:
            issues.append(_issue(name, "the parameter stands there twice"))
        else:
            low, high = most[name]
            found[name] = number = _number(text)
            if not low <= number <= high:
                issues.append(_issue(name, f"expected a whole number from {low} to {high}"))
    if issues:
        raise Malformed("the query is not valid", issues=issues)
    return Asked(**found)


def _number(text: str) -> int:
    """The number, -1 where it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else -1


def _issue(name: str, detail: str, *, kind: str = INVALID_INPUT) -> Issue:
    return Issue(type=kind, where="query", name=name, detail=detail)
