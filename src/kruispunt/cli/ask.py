"""`kruispunt ask`: one question about one person, asked in the name of an institution."""

import asyncio
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Final

import msgspec
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from kruispunt.cli.clients import CannotAsk, Clients
from kruispunt.cli.compose import House, open_house
from kruispunt.cli.reading import NoSsin, Person, read_ssin_argument
from kruispunt.cli.supervisor import StartFailed
from kruispunt.cli.supervisor_reach import attach_or_start
from kruispunt.client import Asked, AskFailed, AskRefused, AskReply
from kruispunt.vocabulary import InstitutionCode

FAILED: Final = 1
WRONG: Final = 2
REFUSED: Final = 3
NOT_A_QUESTION: Final = (400, 404)

ask_app = App(name="ask", help="Ask one question about one person.")


@ask_app.default
def ask(
    flow: Annotated[str, Parameter(help="The flow, by its name in the law.")],
    *,
    as_: Annotated[str, Parameter(name="--as", help="The institution that asks.")],
    ssin: Person,
    purpose: Annotated[str, Parameter(help="What it is asked for.")],
    from_: Annotated[date, Parameter(name="--from", help="First day asked about.")],
    until: Annotated[date | None, Parameter(help="Last day asked about; none: open.")] = None,
    ticket: Annotated[str, Parameter(help="Your own reference.")] = "",
    json: Annotated[bool, Parameter(negative="", help="One JSON object.")] = False,
    state: Annotated[Path | None, Parameter(help="State folder; else `.kruispunt`.")] = None,
) -> int:
    """Ask the institution's node, or the hub, and print exactly what it may know.

    Attaches to the network that runs on the state folder, or starts it for the duration.

    Exit codes: 0 answered, with data or without; 1 no answer that can be believed; 2 the question
    can't be asked; 3 refused, with the reason.
    """
    try:
        asked: Asked = {
            "ssin": read_ssin_argument(ssin),
            "purpose": purpose,
            "begin": from_,
            "until": until,
            "ticket": ticket,
        }
        house = open_house(state)
        return asyncio.run(_ask(house, InstitutionCode(as_), flow=flow, asked=asked, json=json))
    except (NoSsin, CannotAsk, StartFailed, ValueError) as wrong:
        print(wrong, file=sys.stderr)
        return WRONG


async def _ask(house: House, code: InstitutionCode, *, flow: str, asked: Asked, json: bool) -> int:
    async with attach_or_start(house.place.state):
        clients = Clients(place=house.place, network=house.network)
        try:
            client = await clients.of(code)
            reply = await client.ask(flow, **asked)
        except AskRefused as refused:
            _tell(refused.problem, refused.problem.detail, json=json)
            return REFUSED
        except AskFailed as failed:
            return _failed(failed, json=json)
        finally:
            await clients.close()
    if json:
        print(msgspec.json.encode(reply).decode())
    else:
        _show(reply)
    return 0


def _failed(failed: AskFailed, *, json: bool) -> int:
    """Say what went wrong; a question that is itself wrong has a code of its own."""
    problem = failed.problem
    if problem is None:
        _tell(None, str(failed), json=json)
        return FAILED
    issues = "".join(f"\n  {issue.name}: {issue.detail}" for issue in problem.issues)
    _tell(problem, (problem.detail or problem.title) + issues, json=json)
    return WRONG if problem.status in NOT_A_QUESTION else FAILED


def _tell(problem: object, words: str, *, json: bool) -> None:
    if json and problem is not None:
        print(msgspec.json.encode(problem).decode())
    else:
        print(words, file=sys.stderr)


def _show(reply: AskReply) -> None:
    """The rows on their side: one column per row, since fields are many and rows are few."""
    console = Console(highlight=False)
    ground = reply.ground
    console.print(f"{reply.outcome} under {ground.deliberation} {ground.paragraph}")
    if reply.rows:
        table = Table("field", *(str(n + 1) for n in range(len(reply.rows))))
        for field in reply.fields:
            values = ("" if row[field] is None else str(row[field]) for row in reply.rows)
            table.add_row(field, *values)
        console.print(table)
    for withheld in reply.withheld:
        console.print(f"withheld: {withheld.field} ({withheld.reason}, {withheld.paragraph})")
    console.print(f"ticket {reply.ticket}{', repeated' if reply.repeated else ''}", style="dim")
