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
from kruispunt.client import AcceptedReply, Asked, AskFailed, AskRefused, AskReply
from kruispunt.law import Supply
from kruispunt.vocabulary import FlowId, InstitutionCode

ask_app = App(name="ask", help="Ask about one person, or about those of a file.")


FILE = (
    "CSV with a header (ssin; and beginDate, endDate, messageId, ticket, fileReference), or one "
    "JSON object per line; `-`: standard input."
)

JSON = "One JSON object; per line of a file."
DETAIL = "What the flow lets a question tell besides: `name=value`, once for each."


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
    detail: Annotated[tuple[str, ...], Parameter(help=DETAIL, negative="")] = (),
    json: Annotated[bool, Parameter(negative="", help=JSON)] = False,
    state: Annotated[Path | None, Parameter(help="State folder; else `.kruispunt`.")] = None,
) -> int:
    """Ask the institution's node, or the hub, and print exactly what it may know.

    Attaches to the network that runs on the state folder, or starts it for the duration. A file
    is read whole first: where a line of it is wrong, nothing is asked.

    A flow that is answered by mail is accepted, and its ticket told: `answer list` tells what
    came. Of a file, such a flow can't be asked.

    Exit codes: 0 answered, with data or without, or accepted; 1 no answer that can be believed,
    for a line at least; 2 the question, or a line, can't be asked; 3 refused, with the reason, a
    line at least.
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
        asked = Asked(
            ssin=read_ssin_argument(ssin or ""),
            purpose=purpose,
            begin=from_,
            until=until,
            ticket=ticket,
            details=_details(detail),
        )
        return asyncio.run(_ask(house, code, flow=flow, asked=asked, json=json))
    except (NoSsin, CannotAsk, StartFailed, ValueError) as wrong:
        print(wrong, file=sys.stderr)
        return WRONG


def _details(told: Sequence[str]) -> dict[str, str]:
    split = [one.partition("=") for one in told]
    if not all(name and sign for name, sign, _ in split):
        raise ValueError("expected --detail name=value")
    return {name: value for name, _, value in split}


async def _ask_file(
    house: House,
    code: InstitutionCode,
    *,
    flow: str,
    purpose: str,
    lines: Sequence[FromLine],
    json: bool,
) -> int:
    if is_answered_by_mail(house, flow):
        raise ValueError("expected --ssin: this flow is answered by mail, one by one")
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
            by_mail = is_answered_by_mail(house, flow)
            reply = await (client.request if by_mail else client.ask)(flow, **asked)
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
        _show(reply, code, asked.get("ticket") or str(reply.ticket))
    return 0


def is_answered_by_mail(house: House, flow: str) -> bool:
    """True where those whose lines cover the person answer, later."""
    known = house.network.lawbook.flows.get(FlowId(flow))
    return known is not None and known.supply is Supply.BY_DIRECTORY


def _show(reply: AskReply | AcceptedReply, code: InstitutionCode, ticket: str) -> None:
    """The rows on their side: one column per row, since fields are many and rows are few."""
    console = Console(highlight=False)
    ground = reply.ground
    told = reply.outcome if isinstance(reply, AskReply) else "accepted"
    console.print(f"{told} under {ground.deliberation} {ground.paragraph}")
    if isinstance(reply, AcceptedReply):
        console.print(
            f"answers come by mail: `kruispunt answer list --as {code} --ticket {ticket}`"
        )
    elif reply.rows:
        table = Table("field", *(str(n + 1) for n in range(len(reply.rows))))
        for field in reply.fields:
            values = ("" if row[field] is None else str(row[field]) for row in reply.rows)
            table.add_row(field, *values)
        console.print(table)
    for withheld in reply.withheld:
        console.print(f"withheld: {withheld.field} ({withheld.reason}, {withheld.paragraph})")
    console.print(f"ticket {reply.ticket}{', repeated' if reply.repeated else ''}", style="dim")
