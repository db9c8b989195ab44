"""Collecting requests from a node's mailbox and answering each by mail, from one's own tables.

INVARIANT: a look is in the log before its answer is sent, and a request is acknowledged after.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID, uuid5

import structlog

from kruispunt.client import AnswerContent, AskFailed, LookFault, canonical
from kruispunt.station.columns import WrongGroup
from kruispunt.station.log import Log, Look
from kruispunt.station.request import Letter, MailedRequest, Unanswerable, read_request
from kruispunt.station.source import Source
from kruispunt.vocabulary import (
    FlowId,
    InstitutionCode,
    Mail,
    MailKind,
    MessageInFlight,
    Unavailable,
)
from kruispunt.web import KeyWrong, Ring, seal_for, sealing_key

BATCH: Final = 100
SENDING: Final = 16
REMEMBERED: Final = 10_000
ANSWER: Final = "answer"
LATER: Final = frozenset({401, 408, 425, 429})
"""Refusals of the node that may not be for ever, as is a mail that is being taken just now."""

_log: Final = structlog.stdlib.get_logger(__name__)


class Polled(Protocol):
    """Mail that waits, in order about each person."""

    @property
    def letters(self) -> Sequence[Letter]: ...


class Mailbox(Protocol):
    """The mailbox of this institution at its node. Each call may be made again."""

    async def poll(self, *, limit: int, wait_s: int) -> Polled: ...

    async def acknowledge(self, ids: Sequence[UUID]) -> int: ...

    async def dead(self, mail: UUID, reason: str) -> bool: ...

    async def send(self, mail: Mail) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of a round: requests answered, and those that never will be."""

    answered: int
    dead: int
    waiting: int
    """Left where they are, to come again."""


class Collector:
    """Answers what waits in one mailbox. Requests about one person are answered in their order."""

    def __init__(
        self,
        *,
        node: InstitutionCode,
        mailbox: Mailbox,
        ring: Ring,
        sources: Mapping[FlowId, Source],
        log: Log,
        now: Callable[[], datetime],
    ) -> None:
        self._node = node
        self._mailbox = mailbox
        self._ring = ring
        self._sources = sources
        self.log = log
        self._now = now
        self._sent: OrderedDict[UUID, None] = OrderedDict()
        self._sending = asyncio.Semaphore(SENDING)

    async def round(self, *, wait_s: int = 0) -> Done:
        """Answer what waits now, or comes within the wait.

        Raises:
            AskFailed: the node can't be reached. Whatever was not acknowledged comes again.
        """
        polled = await self._mailbox.poll(limit=BATCH, wait_s=wait_s)
        by_person: dict[bytes, list[Letter]] = {}
        for letter in polled.letters:
            by_person.setdefault(letter.mail.person, []).append(letter)
        rounds = await asyncio.gather(*(self._person(one) for one in by_person.values()))
        answered = [mail for answers, _ in rounds for mail in answers]
        dead = sum(is_dead for _, is_dead in rounds)
        if answered:
            await self._mailbox.acknowledge(answered)
        waiting = len(polled.letters) - len(answered) - dead
        return Done(answered=len(answered), dead=dead, waiting=waiting)

    async def _person(self, letters: Sequence[Letter]) -> tuple[list[UUID], bool]:
        """Answer the requests about one person up to the first that can't be: those done."""
        answered: list[UUID] = []
        for letter in letters:
            mail = letter.mail.id
            try:
                async with self._sending:
                    await self._answer(letter)
            except Unanswerable as why:
                _log.warning("collect.dead", mail=str(mail), why=str(why))
                await self._mailbox.dead(mail, str(why))
                return answered, True
            except (AskFailed, Unavailable, KeyWrong) as away:
                _log.warning("collect.away", mail=str(mail), why=type(away).__name__)
                return answered, False
            answered.append(mail)
        return answered, False

    async def _answer(self, letter: Letter) -> None:
        """Answer one request, unless this process did.

        Raises:
            Unanswerable: it can never be answered.
            Unavailable: tables or log are not there now; nothing was sent.
            AskFailed: the node did not take the answer now.
            KeyWrong: no key of the node counts now.
        """
        if letter.mail.id in self._sent:
            return
        request = read_request(letter, self._sources)
        try:
            content = await self._content(request)
        except Unanswerable:
            await self._write(request, rows=None)
            raise
        answer = self._sealed(request, content)
        await self._write(request, rows=len(content.rows))
        await self._send(answer)
        self._sent[letter.mail.id] = None
        if len(self._sent) > REMEMBERED:
            self._sent.popitem(last=False)

    async def _content(self, request: MailedRequest) -> AnswerContent:
        source = self._sources[request.mail.flow]
        # One at a time about each person, but the source makes one query of many persons.
        [found] = await source.rows([request.key])
        if isinstance(found, LookFault):
            raise Unanswerable(found.value)
        try:
            rows = source.offer.sheets(found, request.fields)
        except WrongGroup as wrong:
            raise Unanswerable(str(wrong)) from None
        return AnswerContent(number=request.part, rows=tuple(dict(row) for row in rows))

    async def _write(self, request: MailedRequest, *, rows: int | None) -> None:
        look = Look(
            at=self._now(),
            entry=request.entry,
            flow=request.mail.flow,
            ssin=request.ssin,
            clause=request.clause,
            rows=rows,
        )
        await self.log.write_mail(request.mail.id, look)

    def _sealed(self, request: MailedRequest, content: AnswerContent) -> Mail:
        """The answer, under an id that is the same however often the request comes."""
        at, asked = self._now(), request.mail
        key = sealing_key(self._ring, self._node, now=int(at.timestamp()))
        return Mail(
            id=uuid5(asked.id, ANSWER),
            recipient=self._node,
            kind=MailKind.ANSWER,
            flow=asked.flow,
            ticket=asked.ticket,
            person=asked.person,
            sealed=seal_for(key, canonical(content)),
            sealed_for=key.key_id,
            sent_at=at,
        )

    async def _send(self, mail: Mail) -> None:
        try:
            await self._mailbox.send(mail)
        except AskFailed as failed:
            problem = failed.problem
            if problem is None or problem.type == MessageInFlight.type:
                raise
            if not 400 <= problem.status < 500 or problem.status in LATER:
                raise
            why = f"the node does not take the answer: {problem.status}"
            raise Unanswerable(why) from None
