"""Mail of the node: counts, answers and failures of requests, each told to its case once."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

import msgspec
import structlog

from kruispunt.circuits.answers import Answers, Kept, read_content
from kruispunt.circuits.benefits import (
    Rows,
    UnemploymentAnswered,
    UnemploymentCounted,
    UnemploymentFailed,
)
from kruispunt.circuits.cases import Cases
from kruispunt.circuits.circuit import Event
from kruispunt.circuits.filed import Ticket
from kruispunt.circuits.one_shot import Shelf, Unreadable
from kruispunt.client import (
    AnswerContent,
    AskFailed,
    CountContent,
    FailureContent,
    Opened,
    Polled,
    canonical,
)
from kruispunt.vocabulary import Mail, MailKind, NotFound, Problem

LOG: Final = structlog.get_logger(__name__)
WAIT_S: Final = 25
MOST: Final = 100
FIRST_PAUSE_S: Final = 0.5
LAST_PAUSE_S: Final = 30.0
SEALED: Final = "the content can't be opened"
NO_CASE: Final = "no case has this ticket"
UNREADABLE: Final = "the content is not of its kind"


class Mailbox(Protocol):
    """A mailbox of ours at a seat: `client.Mailbox` is one."""

    async def poll(self, *, after: int = 0, limit: int = 100, wait_s: int = 0) -> Polled: ...

    async def acknowledge(self, ids: Sequence[UUID]) -> int: ...

    async def dead(self, mail: UUID, reason: str) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """Reads one mailbox for the cases of its owner, and keeps what belongs to none of them.

    Mail is acknowledged when what it says is durable. Mail about one person is told in order; what
    can't be told is a dead letter, and what is behind it is left for the time after.
    """

    mailbox: Mailbox
    cases: Cases
    answers: Answers
    now: Callable[[], datetime]
    shelf: Shelf
    """For what comes of a one-time file: it is of no case."""

    async def run(self) -> None:
        """Read until cancelled; while the seat or the store is away, try again with pauses."""
        pause_s = FIRST_PAUSE_S
        while True:
            # The one way to hear of any fault without ending the reading.
            (came,) = await asyncio.gather(self.once(wait_s=WAIT_S), return_exceptions=True)
            if isinstance(came, BaseException):
                _note(came)
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, LAST_PAUSE_S)
            else:
                pause_s = FIRST_PAUSE_S

    async def once(self, *, wait_s: int = 0, limit: int = MOST) -> int:
        """Tell what is there now; how much was told.

        Always from the first mail on: all that was told before is gone by now.

        Raises:
            AskFailed, Unavailable: the seat or the store is away; what was told, comes again.
        """
        polled = await self.mailbox.poll(limit=limit, wait_s=wait_s)
        people: defaultdict[bytes, list[Opened]] = defaultdict(list)
        for letter in polled.letters:
            people[letter.mail.person].append(letter)
        told = await asyncio.gather(*map(self._tell, people.values()), return_exceptions=True)
        done = [one for found in told if not isinstance(found, BaseException) for one in found]
        if done:
            await self.mailbox.acknowledge(done)
        for found in told:
            if isinstance(found, BaseException):
                raise found
        return len(done)

    async def _tell(self, letters: Sequence[Opened]) -> list[UUID]:
        """Tell the mail about one person, up to the first that can't be told."""
        done: list[UUID] = []
        for letter in letters:
            wrong = await self._take(letter)
            if wrong is not None:
                LOG.warning("circuit.dead_letter", why=wrong, kind=letter.mail.kind)
                await self.mailbox.dead(letter.mail.id, wrong)
                break
            done.append(letter.mail.id)
        return done

    async def _take(self, letter: Opened) -> str | None:
        """None, where the mail is told; else why it can't be."""
        if letter.content is None:
            return SEALED
        if letter.mail.kind is MailKind.BATCH:
            return await self._shelve(letter.mail.id, letter.content)
        ticket = await self.cases.store.ticket(letter.mail.ticket)
        try:
            if ticket is None:
                return await self._keep(letter.mail, letter.content)
            event = event_of(letter.mail, letter.content, ticket, at=self.now())
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return UNREADABLE
        if event is None:
            return UNREADABLE
        try:
            await self.cases.add(ticket.case, event)
        except NotFound:
            return NO_CASE
        return None

    async def _shelve(self, mail: UUID, content: bytes) -> str | None:
        try:
            await self.shelf.keep(mail, content)
        except Unreadable:
            return UNREADABLE
        return None

    async def _keep(self, mail: Mail, content: bytes) -> str | None:
        """Mail that no case waits for answers somebody who asked without one.

        The words of a case are known before anybody can answer to them, so it is no case's.
        """
        if read_content(mail.kind, content) is None:
            return NO_CASE
        kept = Kept(
            id=mail.id,
            ticket=mail.ticket,
            kind=mail.kind,
            flow=mail.flow,
            sent_at=mail.sent_at,
            came_at=self.now(),
            content=content,
        )
        await self.answers.keep(kept)
        return None


def event_of(mail: Mail, content: bytes, ticket: Ticket, *, at: datetime) -> Event | None:
    """What a mail says to its case; None: such mail says nothing to a case.

    Raises:
        MsgspecError: the content is not of its kind.
    """
    match mail.kind:
        case MailKind.COUNT:
            count = msgspec.json.decode(content, type=CountContent)
            return UnemploymentCounted(
                id=mail.id, at=at, action=ticket.action, count=count.expected
            )
        case MailKind.ANSWER:
            answer = msgspec.json.decode(content, type=AnswerContent)
            rows = msgspec.json.decode(canonical(answer.rows), type=Rows)
            return UnemploymentAnswered(
                id=mail.id, at=at, action=ticket.action, place=answer.number, rows=rows
            )
        case MailKind.FAILURE:
            return _failure(mail, msgspec.json.decode(content, type=FailureContent), ticket, at=at)
        case MailKind.REQUEST | MailKind.BATCH:
            return None


def _failure(mail: Mail, failure: FailureContent, ticket: Ticket, *, at: datetime) -> Event:
    """One answer that will not come counts as one that came; late ones may come still."""
    if failure.cause == "failed" and failure.number:
        return UnemploymentAnswered(
            id=mail.id,
            at=at,
            action=ticket.action,
            place=failure.number,
            refused=failure.cause,
        )
    cause = f"{failure.cause}: {failure.missing} missing"
    return UnemploymentFailed(id=mail.id, at=at, action=ticket.action, cause=cause)


def _note(fault: BaseException) -> None:
    """A seat or store that is away is a warning; what nobody expected is told whole."""
    if isinstance(fault, AskFailed | Problem):
        why = fault.fault if isinstance(fault, AskFailed) else type(fault).__name__
        LOG.warning("circuit.mail_away", why=why)
    else:
        LOG.error("circuit.mail_failed", exc_info=fault)
