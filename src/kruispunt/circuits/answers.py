"""Answers by mail that belong to no case: who asked by hand, or by software of its own, gets them.

An institution has one mailbox at its node, and one process that empties it. What that finds for no
case it can't leave there, since later mail about the person would wait behind it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol
from uuid import UUID

import msgspec

from kruispunt.client import AnswerContent, CountContent, FailureContent
from kruispunt.postgres import Database, read_queries
from kruispunt.vocabulary import FlowId, MailKind

QUERIES: Final = read_queries(Path(__file__).with_name("store.sql"))
MOST_ANSWERS: Final = 100
"""Answers that are listed at once."""

MOST_BYTES: Final = 2 * 1024 * 1024
"""Content after which no other answer is listed at once; the first one is, however long."""

Content = CountContent | AnswerContent | FailureContent
_CONTENTS: Final[dict[MailKind, type[Content]]] = {
    MailKind.COUNT: CountContent,
    MailKind.ANSWER: AnswerContent,
    MailKind.FAILURE: FailureContent,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One of them. `ticket`: the word under which the question was asked."""

    id: UUID
    ticket: str
    kind: MailKind
    flow: FlowId
    sent_at: datetime
    came_at: datetime
    content: bytes
    position: int = 0
    """Where it stands in the list; who keeps it says so."""


class Answers(Protocol):
    """Where they are kept. All raise `Unavailable` while it is away; asking again is safe."""

    async def keep(self, kept: Kept) -> None:
        """Keep one durably; the same again is nothing."""
        ...

    async def list(self, after: int, limit: int) -> Sequence[Kept]:
        """Those after a position, in the order in which they came: `ends_page` tells the end."""
        ...

    async def take(self, ids: Sequence[UUID]) -> int:
        """Who asked has these: they go. How many were there still."""
        ...

    async def forget(self, before: datetime) -> None:
        """What came before goes, though nobody took it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledAnswers:
    """The answers of one institution.

    Trust: who reads here learns what the institution was told of persons; who writes here can have
    it believe what nobody answered. Only its owner can do either.
    """

    database: Database

    async def keep(self, kept: Kept) -> None:
        await self.database.execute(
            QUERIES["keep_answer"],
            kept.id,
            kept.ticket,
            kept.kind.value,
            kept.flow,
            kept.sent_at,
            kept.came_at,
            kept.content,
        )

    async def list(self, after: int, limit: int) -> Sequence[Kept]:
        most = min(limit, MOST_ANSWERS)
        rows = await self.database.fetch(QUERIES["list_answers"], after, most, MOST_BYTES)
        return [replace(Kept(**dict(row)), kind=MailKind(row["kind"])) for row in rows]

    async def take(self, ids: Sequence[UUID]) -> int:
        return len(await self.database.fetch(QUERIES["take_answers"], list(ids)))

    async def forget(self, before: datetime) -> None:
        await self.database.execute(QUERIES["forget_answers"], before)


def ends_page(found: Sequence[Kept], limit: int) -> bool:
    """True where after these there may be more, which are not listed at once."""
    return len(found) >= limit or sum(len(one.content) for one in found) >= MOST_BYTES


def read_content(kind: MailKind, content: bytes) -> Content | None:
    """What a mail says to who asked; None: such mail is no answer.

    Raises:
        MsgspecError: the content is not of its kind.
    """
    form = _CONTENTS.get(kind)
    return msgspec.json.decode(content, type=form) if form else None
