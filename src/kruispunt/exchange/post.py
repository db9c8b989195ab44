"""The post of a seat: mail in, what it comes to committed once, mail onward in the same commit."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

import structlog

from kruispunt.exchange.arrived import Arrived, Batch, Requested
from kruispunt.exchange.batches import Batches
from kruispunt.exchange.claims import CLOSE, MESSAGE, NONCE, REOPEN
from kruispunt.exchange.fan import Fan
from kruispunt.exchange.ledger import Trail
from kruispunt.exchange.relay import Relay
from kruispunt.exchange.request import Mailboxes, Request, Requests, Said, Saying
from kruispunt.exchange.requests import CLAIMS, SAY, WRITES
from kruispunt.exchange.spent import ADD_BATCH, SPEND
from kruispunt.postgres import Bundle, Committed, Lost, Statement, Write
from kruispunt.vocabulary import (
    AnsweredBefore,
    FileSentBefore,
    InstitutionCode,
    Mail,
    MailKind,
    Unavailable,
    WrongSignature,
)

LOG: Final = structlog.get_logger(__name__)
LEASE: Final = timedelta(minutes=1)
"""How long one process may take to say that the time of a request is over."""

AT_ONCE: Final = 100


class Committer(Protocol):
    """Makes a bundle durable."""

    async def run(self, bundle: Bundle) -> Committed | Lost: ...


def post_order(trail: Trail, mailboxes: Mailboxes) -> tuple[Statement, ...]:
    """The order of writes in every commit of a seat that has a post: claims first.

    A batch of a file that may not be sent is not said: so `SPEND` and
    `ADD_BATCH` come before `SAY`.
    """
    claims = (NONCE, MESSAGE, REOPEN, SPEND, ADD_BATCH, *CLAIMS)
    return (*claims, *trail.statements, *WRITES, *mailboxes.statements, CLOSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Takes mail, and says by itself only that the time of a request is over.

    INVARIANT: what a mail comes to is one commit with the claim that it was said: entries,
    outcomes and the mail onward. So mail that comes twice is done once, and mail of which the
    receipt got lost may be sent again.
    """

    fan: Fan
    relay: Relay
    batches: Batches
    requests: Requests
    commit: Committer
    now: Callable[[], datetime]

    async def receive(self, mail: Arrived) -> None:
        """Do what a mail says, or nothing where it was done before.

        Raises:
            WrongSignature: the nonce was used before; sign again.
            AnsweredBefore: another mail of this sender said the same.
            FileSentBefore: a one-time file was sent.
            SameMessageOtherContent: a batch of this id said something else.
            NotFound, Forbidden, TooLate, Malformed: it can't be taken, now or ever.
            Unavailable: nothing was done; send it again.
        """
        batch = mail.content if isinstance(mail.content, Batch) else None
        if batch and await self.batches.came(mail, batch):
            return  # before a whole batch is decided again
        work = await self._work(mail)
        proof = mail.proof
        nonce = Write(NONCE, (mail.sender, proof.nonce, proof.expires))
        say = self.requests.say(mail.said, self.now())
        bundle = Bundle(writes=(nonce, say, *work.writes), mark=work.mark)
        match await self.commit.run(bundle):
            case Lost(statement=statement) if statement is NONCE:
                raise WrongSignature("the nonce of this signature was used before")
            case Lost(statement=statement) if batch and statement in {SPEND, ADD_BATCH}:
                await self._refuse_file(mail, batch)
            case Lost(statement=statement) if statement is SAY:
                if await self.requests.said_by(mail.said) != mail.id:
                    raise AnsweredBefore("another mail said this before")
            case Lost() | Committed():  # lost to who said before that the time is over: it is said
                pass

    async def _refuse_file(self, mail: Arrived, batch: Batch) -> None:
        """Say why a batch was not taken; nothing where it was, at the same time.

        Raises:
            FileSentBefore: another file was sent, or all batches of this one.
            SameMessageOtherContent: a batch of this id said something else.
            Unavailable: two of them came first at once, this one the second; it may come again.
        """
        if await self.batches.came(mail, batch):
            return
        if await self.batches.is_sent(mail, batch):
            raise Unavailable("another batch of the file came at once: send it again")
        raise FileSentBefore("a file was sent before: the leave to send one is used up")

    async def give_up(self, mail: Mail) -> bool:
        """A request can't be taken by its recipient: say onward, once, that this answer fails.

        Nothing is said where it was answered before. False: it is no request to a member.

        Raises:
            Unavailable: nothing was said; the recipient says it again.
        """
        said = await self._refused(mail)
        if said is None:
            return False
        work = await self.relay.given_up(said)
        say = self.requests.say(said, self.now())
        await self.commit.run(Bundle(writes=(say, *work.writes), mark=work.mark))
        return True

    async def _refused(self, mail: Mail) -> Said | None:
        """What a dead request says: that the answer of its number will not come."""
        if mail.kind is not MailKind.REQUEST:
            return None
        sender = InstitutionCode(mail.recipient)
        place = await self.requests.number_of(UUID(mail.ticket), sender)
        if place is None:
            return None
        return Said(
            ticket=mail.ticket, saying=Saying.ANSWER, place=place, sender=sender, mail=mail.id
        )

    async def sweep(self) -> int:
        """Say of each request whose time is over which answers are missing. How many were due.

        One of which it can't be said holds no other up, and comes again when its lease is over.

        Raises:
            Unavailable: the database is away; the rest is said another time.
        """
        due = await self.requests.take_due(self.now(), lease=LEASE, limit=AT_ONCE)
        for request in due:
            # The one way to hear of any fault without ending the sweep.
            (came,) = await asyncio.gather(self._is_due(request), return_exceptions=True)
            if isinstance(came, Unavailable):
                LOG.warning("post.not_said", ticket=str(request.ticket), why=came.detail)
            elif isinstance(came, BaseException):
                LOG.error("post.can_not_be_said", ticket=str(request.ticket), exc_info=came)
        return len(due)

    async def _is_due(self, request: Request) -> None:
        if request.is_over:
            settle = self.requests.settle(request.ticket, self.now())
            await self.commit.run(Bundle(writes=(settle,)))
            return
        matter = await self.relay.of(request)
        await self.commit.run(self.relay.late(matter, request.missing))

    async def _work(self, mail: Arrived) -> Bundle:
        content = mail.content
        if isinstance(content, Requested):
            return await self.fan.work(mail, content)
        if isinstance(content, Batch):
            return await self.batches.work(mail, content)
        return await self.relay.work(mail, content)
