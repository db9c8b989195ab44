"""`kruispunt answer`: what was asked without a case and answered by mail."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Protocol
from uuid import UUID

import msgspec
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from kruispunt.circuits import read_content
from kruispunt.cli.case_desk import ended
from kruispunt.cli.clients import CannotAsk
from kruispunt.cli.clock import now, random_bytes
from kruispunt.cli.compose import House, open_house
from kruispunt.cli.supervisor_reach import attach_or_start
from kruispunt.client import (
    AnswerClient,
    AnswersReply,
    Correspondent,
    Mailbox,
    MailedBody,
    mailed_body,
)
from kruispunt.vocabulary import UNREADABLE, InstitutionCode
from kruispunt.web import Http, KeyRingFile, SigningKeyFile

answer_app = App(name="answer", help="What was asked without a case and answered by mail.")

As = Annotated[str, Parameter(name="--as", help="The institution that asked.")]
Ticket = Annotated[str, Parameter(help="Only what was asked under this ticket.")]
Json = Annotated[bool, Parameter(negative="", help="One JSON object for each answer.")]
State = Annotated[Path | None, Parameter(help="State folder; else `.kruispunt`.")]


Work = Callable[["Kept"], Awaitable[int]]


class Kept(Protocol):
    """Where the answers of an institution are."""

    async def list(self, *, after: int = 0, limit: int = 100) -> AnswersReply: ...

    async def take(self, ids: Sequence[UUID]) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AtNode:
    """Of an institution that runs no cases: they wait in its mailbox at its node."""

    mailbox: Mailbox

    async def list(self, *, after: int = 0, limit: int = 100) -> AnswersReply:
        """What waits there; what can't be opened or read is left."""
        polled = await self.mailbox.poll(after=after, limit=limit)
        found: list[MailedBody] = []
        for one in polled.letters:
            try:
                content = read_content(one.mail.kind, one.content or b"")
            except UNREADABLE:
                continue
            if content is not None:
                told = mailed_body(
                    content,
                    id_=one.mail.id,
                    position=one.position,
                    ticket=one.mail.ticket,
                    flow=one.mail.flow,
                    sent_at=one.mail.sent_at,
                )
                found.append(told)
        # A page ends at so many bytes too: only an empty one is the last.
        more = polled.last if polled.letters else None
        return AnswersReply(answers=tuple(found), next=more)

    async def take(self, ids: Sequence[UUID]) -> int:
        """They go."""
        return await self.mailbox.acknowledge(ids)


@answer_app.command(name="list")
def list_(*, as_: As, ticket: Ticket = "", json: Json = False, state: State = None) -> int:
    """Answers that came, in their order: how many to expect, and each with its rows.

    They stay until `answer take`, or for as long as mail is kept.

    Exit codes: 0 told; 1 nobody answers, or can be believed; 2 the institution can't ask; 3 it
    may not.
    """

    async def work(kept: Kept) -> int:
        for one in await _all(kept, ticket):
            print(msgspec.json.encode(one).decode()) if json else _show(one)
        return 0

    return _at(as_, work, state=state, json=json)


@answer_app.command
def take(*, as_: As, ticket: Ticket, json: Json = False, state: State = None) -> int:
    """Print what was asked under a ticket, and have it deleted: it is ours now.

    Exit codes: as `answer list`.
    """

    async def work(kept: Kept) -> int:
        found = await _all(kept, ticket)
        for one in found:
            print(msgspec.json.encode(one).decode()) if json else _show(one)
        sys.stdout.flush()
        if found:
            await kept.take([one.id for one in found])
        return 0

    return _at(as_, work, state=state, json=json)


async def _all(kept: Kept, ticket: str) -> list[MailedBody]:
    found: list[MailedBody] = []
    after: int | None = 0
    while after is not None:
        page = await kept.list(after=after)
        found += [one for one in page.answers if ticket in ("", one.ticket)]
        after = page.next
    return found


def _at(code: str, work: Work, *, state: Path | None, json: bool) -> int:
    async def at() -> int:
        house, seat = open_house(state), InstitutionCode(code)
        async with attach_or_start(house.place.state), await Http.open() as http:
            return await work(_kept(house, seat, http))

    return asyncio.run(ended(at(), json=json))


def _kept(house: House, seat: InstitutionCode, http: Http) -> Kept:
    """At its own door where its circuit empties its mailbox, else in that mailbox at its node.

    Raises:
        CannotAsk: it has no key here.
    """
    home, node = house.place.home(seat), house.network.node_of(seat)
    if not home.key.exists():
        raise CannotAsk(f"{seat} has no key in this network")
    key = SigningKeyFile.open(home.key, now=now)
    ring = KeyRingFile.open(home.ring)
    addresses = house.place.addresses()
    if any(one.institution == seat for one in house.network.circuits):
        by = Correspondent(http=http, key=key, ring=ring, now=now, random_bytes=random_bytes)
        return AnswerClient(url=addresses[seat], seat=seat, by=by)
    asked = node.institution if node else house.network.hub
    mailbox = Mailbox(
        url=addresses[asked],
        seat=asked,
        http=http,
        key=key,
        ring=ring,
        now=now,
        random_bytes=random_bytes,
    )
    return AtNode(mailbox=mailbox)


def _show(kept: MailedBody) -> None:
    """One mail in words; the rows of an answer on their side."""
    console = Console(highlight=False)
    console.print(f"{_words(kept)}  ·  ticket {kept.ticket}, {kept.flow}, {kept.sent_at:%d/%m/%Y}")
    rows = kept.answer.rows if kept.answer else ()
    if rows:
        table = Table("field", *(str(n + 1) for n in range(len(rows))))
        for name in dict.fromkeys(name for row in rows for name in row):
            table.add_row(name, *(_cell(row.get(name)) for row in rows))
        console.print(table)


def _words(kept: MailedBody) -> str:
    if kept.count is not None:
        return f"{kept.count.expected} answers to expect"
    if kept.answer is not None:
        return "an answer" if kept.answer.rows else "an answer, without data"
    assert kept.failure, "expected one of three"
    words = {"late": "not there in time", "failed": "will not come"}[kept.failure.cause]
    return f"{kept.failure.missing} answers {words}"


def _cell(value: object) -> str:
    """A value as it is read; a group as JSON."""
    if isinstance(value, list | dict):
        return msgspec.json.encode(value).decode()
    return "" if value is None else str(value)
