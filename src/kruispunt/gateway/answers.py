"""Answers that belong to no case, at the door of the institution that asked for them."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

import msgspec

from kruispunt.circuits import MOST_ANSWERS, Answers, Kept, ends_page, read_content
from kruispunt.client import (
    ANSWERS_PATH,
    CASE_TAG,
    INVALID_INPUT,
    TAKE_PATH,
    AcknowledgeReply,
    AcknowledgeRequest,
    AnswersReply,
    MailedBody,
    Reader,
    mailed_body,
)
from kruispunt.gateway.proven import Proven
from kruispunt.gateway.said_once import check_said_once
from kruispunt.vocabulary import Forbidden, InstitutionCode, Issue, Malformed
from kruispunt.web import HttpReply, Request, Route, json_reply

NOT_YOURS: Final = "only the institution that asked may have its answers"
_read: Final = Reader(AcknowledgeRequest).read
_encode: Final = msgspec.json.Encoder().encode
_LIMITS: Final = {"after": (0, 2**63 - 1), "limit": (1, MOST_ANSWERS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerDoor:
    """The routes by which an institution fetches what it asked for without a case."""

    seat: InstitutionCode
    proven: Proven
    answers: Answers

    @property
    def routes(self) -> list[Route]:
        """What a door adds to its table."""
        return [
            Route(method="GET", template=ANSWERS_PATH, handler=self.list),
            Route(method="POST", template=TAKE_PATH, handler=self.take),
        ]

    async def list(self, request: Request) -> HttpReply:
        """Answers after a position, in the order in which they came."""
        self._own(request)
        asked = _numbers(request.target.partition("?")[2])
        limit = asked.get("limit", MOST_ANSWERS)
        found = await self.answers.list(asked.get("after", 0), limit)
        last = found[-1].position if found and ends_page(found, limit) else None
        return json_reply(_encode(AnswersReply(answers=tuple(map(_body, found)), next=last)))

    async def take(self, request: Request) -> HttpReply:
        """Who asked has these now: they go. Saying it again is safe."""
        self._own(request)
        body = _read(request.body)
        check_said_once(request.body, body)
        return json_reply(_encode(AcknowledgeReply(gone=await self.answers.take(body.ids))))

    def _own(self, request: Request) -> None:
        if self.proven.caller(request, tag=CASE_TAG).institution != self.seat:
            raise Forbidden(NOT_YOURS)


def _body(kept: Kept) -> MailedBody:
    content = read_content(kept.kind, kept.content)
    assert content, "only answers are kept"
    return mailed_body(
        content,
        id_=kept.id,
        position=kept.position,
        ticket=kept.ticket,
        flow=kept.flow,
        sent_at=kept.sent_at,
        came_at=kept.came_at,
    )


def _numbers(query: str) -> dict[str, int]:
    """What a query says, each once and within its limits.

    Raises:
        Malformed: it says anything else.
    """
    found: dict[str, int] = {}
    for name, text in parse_qsl(query, keep_blank_values=True):
        least, most = _LIMITS.get(name, (1, 0))
        number = int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else -1
        if name in found or not least <= number <= most:
            issue = Issue(
                type=INVALID_INPUT,
                where="query",
                name=name if name in _LIMITS else "?",
                detail=f"expected once: after, or limit from 1 to {MOST_ANSWERS}",
            )
            raise Malformed("the query is not valid", issues=(issue,))
        found[name] = number
    return found
