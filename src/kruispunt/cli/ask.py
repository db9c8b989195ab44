"""`kruispunt ask`: questions about persons, asked in the name of an institution."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from kruispunt.cli.ask_file import FileAsking
from kruispunt.cli.ask_told import REFUSED, WRONG, tell, tell_failure
from kruispunt.cli.clients import CannotAsk, Clients, new_message
from kruispunt.cli.compose import House, open_house
from kruispunt.cli.questions_file import Common, FromLine, read_questions
from kruispunt.cli.reading import NoSsin, Person, read_ssin_argument
from kruispunt.cli.supervisor import StartFailed
from kruispunt.cli.supervisor_reach import attach_or_start
from kruispunt.client import Asked, AskFailed, AskRefused, AskReply
from kruispunt.vocabulary import InstitutionCode

ask_app = App(name="ask", help="Ask about one person, or about those of a file.")


FILE = (
    "CSV with a header (ssin; and beginDate, endDate, messageId, ticket, fileReference), or one "
    "JSON object per line; `-`: standard input."
)


@ask_app.default
def ask(
    flow: Annotated[str, Parameter(help="The flow, by its name in the law.")],
    *,
    as_: Annotated[str, Parameter(name="--as", help="The institution that asks.")],
    purpose: Annotated[str, Parameter(help="What it is asked for.")],
    ssin: Person | None = None,
    file: Annotated[str | None, Parameter(help=FILE, allow_leading_hyphen=True)] = None,
    from_: Annotated[date | None, Parameter(name="--from", help="First day asked about.")] = None,
    until: Annotated[date | None, Parameter(help="Last day asked about; none: open.")] = None,
    ticket: Annotated[str, Parameter(help="Your own reference.")] = "",
    json: Annotated[bool, Parameter(negative="", help="One JSON object; per line of a file.")] = (
        False
    ),
    state: Annotated[Path | None, Parameter(help="State folder; else `.kruispunt`.")] = None,
) -> int:
    """Ask the institution's node, or the hub, and print exactly what it may know.

    Attaches to the network that runs on the state folder, or starts it for the duration. A file
    is read whole first: where a line of it is wrong, nothing is asked.

    Exit codes: 0 answered, with data or without; 1 no answer that can be believed, for a line at
    least; 2 the question, or a line, can't be asked; 3 refused, with the reason, a line at least.
    """
    try:
        if (ssin is None) == (file is None):
            raise ValueError("expected --ssin or --file, and not both")
        house, code = open_house(state), InstitutionCode(as_)
        if file is not None:
            common = Common(begin=from_, until=until, ticket=ticket, new_message=new_message)
            lines = read_questions(file, common)
            return asyncio.run(
                _ask_file(house, code, flow=flow, purpose=purpose, lines=lines, json=json)
            )
        if from_ is None:
            raise ValueError("expected --from: the first day asked about")
        asked: Asked = {
            "ssin": read_ssin_argument(ssin or ""),
            "purpose": purpose,
            "begin": from_,
            "until": until,
            "ticket": ticket,
        }
        return asyncio.run(_ask(house, code, flow=flow, asked=asked, json=json))
    except (NoSsin, CannotAsk, StartFailed, ValueError) as wrong:
        print(wrong, file=sys.stderr)
        return WRONG


async def _ask_file(
    house: House,
    code: InstitutionCode,
    *,
    flow: str,
    purpose: str,
    lines: Sequence[FromLine],
    json: bool,
) -> int:
    async with attach_or_start(house.place.state):
        clients = Clients(place=house.place, network=house.network)
        try:
            client = await clients.of(code)
            asking = FileAsking(client=client, flow=flow, purpose=purpose, json=json)
            return await asking.ask(lines)
        finally:
            await clients.close()


async def _ask(house: House, code: InstitutionCode, *, flow: str, asked: Asked, json: bool) -> int:
    async with attach_or_start(house.place.state):
        clients = Clients(place=house.place, network=house.network)
        try:
            client = await clients.of(code)
            reply = await client.ask(flow, **asked)
        except AskRefused as refused:
            tell(refused.problem, refused.problem.detail, json=json)
            return REFUSED
        except AskFailed as failed:
            return tell_failure(failed, json=json)
        finally:
            await clients.close()
    if json:
        print(msgspec.json.encode(reply).decode())
    else:
        _show(reply)
    return 0


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
