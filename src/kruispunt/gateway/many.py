"""Many questions in one request: read together, and each told what it would be told alone."""

import asyncio
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, TypeVar

from kruispunt.client import MOST_ISSUES
from kruispunt.gateway.reply import told_reply
from kruispunt.vocabulary import Accepted, Answer, Issue, Malformed, NoAnswer, Problem, Unavailable
from kruispunt.web import HttpReply, json_reply

AT_ONCE: Final = 4
"""Requests of many questions that are answered at once in one process."""

MOST_BYTES: Final = 48 * 1024 * 1024
"""Largest reply to one request; a question whose answer has no room left is told to come back."""

BREATH: Final = 50
"""Answers that are written before others get a turn."""

Told = Answer | Accepted | NoAnswer | Problem
T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class Faults:
    """All that is wrong with a body, found field by field."""

    issues: list[Issue] = field(default_factory=list[Issue])

    def read(self, value: Callable[[], T]) -> T | None:
        """What is read; None where it is wrong, which is kept to be told with the rest."""
        try:
            return value()
        except Malformed as wrong:
            self.issues += wrong.issues
            return None

    def tell(self) -> None:
        """Nothing, where nothing was wrong.

        Raises:
            Malformed: one issue for each field that is, as many as `MOST_ISSUES`.
        """
        if self.issues:
            raise Malformed("the questions are not valid", issues=self.issues[:MOST_ISSUES])


@dataclass(slots=True, kw_only=True)
class Room:
    """Room for requests of many questions; more are told to come back."""

    most: int = AT_ONCE
    taken: int = 0

    @contextmanager
    def taking(self) -> Generator[None]:
        """Take a place and give it back.

        Raises:
            Unavailable: there is none; nothing was asked.
        """
        if self.taken >= self.most:
            raise Unavailable("too many requests of many questions at once", retry_after_s=1)
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1


async def many_reply(
    told: Sequence[Told],
    *,
    instance: str,
    most: int = MOST_BYTES,
) -> HttpReply:
    """What each question is told, in their order: the status and body that it would get alone."""
    written: list[bytes] = []
    size = 0
    for place, one in enumerate(told):
        if place % BREATH == BREATH - 1:
            await asyncio.sleep(0)
        item = _item(told_reply(one, instance=instance))
        if size + len(item) > most:
            item = _item(told_reply(_no_room(one), instance=instance))
        size += len(item)
        written.append(item)
    return json_reply(b'{"answers":[' + b",".join(written) + b"]}")


def _item(reply: HttpReply) -> bytes:
    """A reply among others, byte for byte: what it says alone, it says here."""
    name = b"answer" if reply.status == 200 else b"problem"
    wait = reply.headers.get("retry-after")
    after = b"" if wait is None else b',"retryAfter":' + wait.encode()
    return b'{"status":%d,"%s":%s%s}' % (reply.status, name, reply.body, after)


def _no_room(told: Told) -> Problem:
    full = Unavailable("no room left in this reply: ask again", retry_after_s=0)
    full.ticket = told.ticket
    return full
