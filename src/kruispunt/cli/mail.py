"""`kruispunt mail`: what waits for whom, dead letters, and the process that brings mail."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, TypeVar
from uuid import UUID

import msgspec
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from kruispunt.cli.carry import carry
from kruispunt.cli.clock import now
from kruispunt.cli.compose import open_institution
from kruispunt.cli.supervisor_reach import StartFailed
from kruispunt.mailbox import Mailboxes
from kruispunt.vocabulary import InstitutionCode, Problem

AWAY: Final = 1
WRONG: Final = 2

BOX_COLUMNS: Final = ("recipient", "mode", "waiting", "held", "dead", "oldest")
DEAD_COLUMNS: Final = ("recipient", "id", "flow", "died_at", "reason")
"""What fits on a screen; `--json` tells the rest."""

T = TypeVar("T")

mail_app: Final = App(name="mail", help="Mail that waits: bring it, see it, and dead letters.")
mail_app.command(carry)

At = Annotated[str, Parameter(help="The seat whose mailboxes these are: the hub or a node.")]
State = Annotated[Path | None, Parameter(help="State folder; else `.kruispunt`.")]
Json = Annotated[bool, Parameter(negative="", help="One JSON array.")]
Recipient = Annotated[str, Parameter(help="Whose mailbox.")]
Id = Annotated[UUID, Parameter(help="The id of the mail, as `mail dead` shows it.")]


class BoxRow(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A mailbox, as `mail list --json` tells it."""

    recipient: str
    mode: str
    waiting: int
    held: int
    dead: int
    oldest: datetime | None


class DeadRow(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A dead letter, as `mail dead --json` tells it. Nothing of it says whom it is about."""

    recipient: str
    id: UUID
    kind: str
    flow: str
    sent_at: datetime
    died_at: datetime
    reason: str
    whole: bool


@mail_app.command(name="list")
def list_(*, at: At, json: Json = False, state: State = None) -> int:
    """List the mailboxes of a seat: how much waits for whom, and since when.

    Exit codes: 0; 1 the database is not there; 2 no such seat here.
    """

    async def boxes(store: Mailboxes) -> list[BoxRow]:
        return [
            BoxRow(
                recipient=one.recipient,
                mode=one.mode.value,
                waiting=one.waiting,
                held=one.held,
                dead=one.dead,
                oldest=one.oldest,
            )
            for one in await store.boxes()
        ]

    return _shown(at, state, boxes, json=json)


@mail_app.command
def dead(
    *,
    at: At,
    of: Annotated[str | None, Parameter(help="Of one mailbox only.")] = None,
    limit: Annotated[int, Parameter(help="At most so many, the latest.")] = 100,
    json: Json = False,
    state: State = None,
) -> int:
    """List the dead letters of a seat, the latest first, with the reasons.

    `whole`: it can be released; else its content is gone.

    Exit codes: 0; 1 the database is not there; 2 no such seat here.
    """

    async def letters(store: Mailboxes) -> list[DeadRow]:
        return [
            DeadRow(
                recipient=one.recipient,
                id=one.id,
                kind=one.kind.value,
                flow=one.flow,
                sent_at=one.sent_at,
                died_at=one.died_at,
                reason=one.reason,
                whole=one.whole,
            )
            for one in await store.dead_letters(of, limit=limit)
        ]

    return _shown(at, state, letters, json=json)


@mail_app.command
def release(id_: Id, *, at: At, of: Recipient, state: State = None) -> int:
    """Deliver a dead letter again, before what waits behind it.

    Exit codes: 0; 1 the database is not there; 2 no such dead letter with content, or no seat.
    """

    async def again(store: Mailboxes) -> bool:
        return await store.release(of, id_, at=now())

    return _done(at, state, again)


@mail_app.command
def drop(id_: Id, *, at: At, of: Recipient, state: State = None) -> int:
    """Give a dead letter up for good: what waits behind it is delivered.

    Exit codes: 0; 1 the database is not there; 2 no such dead letter, or no such seat.
    """

    async def gone(store: Mailboxes) -> bool:
        return await store.drop(of, id_)

    return _done(at, state, gone)


Row = BoxRow | DeadRow


def _shown(
    at: str,
    state: Path | None,
    look: Callable[[Mailboxes], Awaitable[Sequence[Row]]],
    *,
    json: bool,
) -> int:
    try:
        rows = asyncio.run(_at(at, state, look))
    except FileNotFoundError:
        return _no_seat(at)
    except (Problem, StartFailed) as away:
        return _away(away)
    if json:
        print(msgspec.json.encode(rows).decode())
    else:
        _show(rows)
    return 0


def _done(at: str, state: Path | None, do: Callable[[Mailboxes], Awaitable[bool]]) -> int:
    try:
        done = asyncio.run(_at(at, state, do))
    except FileNotFoundError:
        return _no_seat(at)
    except (Problem, StartFailed) as away:
        return _away(away)
    if not done:
        print("expected a dead letter of this mailbox that can be delivered", file=sys.stderr)
        return WRONG
    return 0


async def _at(at: str, state: Path | None, do: Callable[[Mailboxes], Awaitable[T]]) -> T:
    async with open_institution(state, InstitutionCode(at)) as database:
        return await do(Mailboxes(database=database))


def _show(rows: Sequence[Row]) -> None:
    console = Console(highlight=False)
    if not rows:
        console.print("nothing")
        return
    names = BOX_COLUMNS if isinstance(rows[0], BoxRow) else DEAD_COLUMNS
    table = Table(header_style="bold")
    for name in names:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(getattr(row, name)) for name in names))
    console.print(table)


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return "" if value is None else str(value)


def _no_seat(at: str) -> int:
    print(f"expected a hub or node here, found {at}", file=sys.stderr)
    return WRONG


def _away(away: Exception) -> int:
    print(str(away) or "the database is not there", file=sys.stderr)
    return AWAY
