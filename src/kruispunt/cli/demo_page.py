"""How a demonstration reads: one block for each exchange, then what the trail keeps of it."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from kruispunt.audit import Look, MasterKey, Reader, read_master_key
from kruispunt.cli.compose import House
from kruispunt.cli.network import Network
from kruispunt.cli.story import Exchange
from kruispunt.cli.supervisor_state import RunNote
from kruispunt.vocabulary import Refusal, Ssin

COLOURS = {"granted": "green", "empty": "yellow", "refused": "red", "failed": "bold red"}
SHOWN_ROWS = 2
LOOKS = 20


def print_head(network: Network, *, people: int) -> None:
    """Who takes part."""
    console = Console()
    nodes = ", ".join(node.institution for node in network.nodes)
    stations = ", ".join(station.institution for station in network.stations)
    console.rule(f"{people} synthetic people · hub {network.hub} · node {nodes} · {stations}")


def print_exchange(number: int, exchange: Exchange, *, as_expected: bool) -> None:
    """One exchange: the story, who asked what, and what came back under which paragraph."""
    console = Console(highlight=False)
    console.print()
    console.print(Text(f"{number}. {exchange.title}", style="bold"))
    lines = Table.grid(padding=(0, 2))
    lines.add_column(style="dim", width=9)
    lines.add_column(overflow="fold")
    lines.add_row("asked", f"{exchange.flow} by {exchange.consumer} about {exchange.ssin}")
    lines.add_row("outcome", _outcome(exchange))
    for name, value in _details(exchange):
        lines.add_row(name, value)
    if not as_expected:
        lines.add_row("", Text("this is not what the law makes of it", style="bold red"))
    console.print(Padding(lines, (0, 0, 0, 3)))


def _outcome(exchange: Exchange) -> Text:
    text = Text(exchange.outcome, style=COLOURS[exchange.outcome])
    if exchange.reason:
        text.append(f": {exchange.reason}", style="default")
    if exchange.replaced_by:
        text.append(f", now {exchange.replaced_by}", style="default")
    if exchange.repeated:
        text.append(" (repeated)", style="default")
    text.append(f"  {exchange.ms} ms", style="dim")
    return text


def _details(exchange: Exchange) -> Sequence[tuple[str, str]]:
    details = list[tuple[str, str]]()
    if exchange.clause:
        details.append(("ground", f"{exchange.clause}, {exchange.paragraph}"))
    for row in exchange.rows[:SHOWN_ROWS]:
        details.append(("answer", ", ".join(f"{k} {_shown(v)}" for k, v in row.items())))
    if len(exchange.rows) > SHOWN_ROWS:
        details.append(("", f"and {len(exchange.rows) - SHOWN_ROWS} more rows"))
    if exchange.withheld:
        details.append(("withheld", ", ".join(exchange.withheld)))
    return details


def _shown(value: str | int | bool | None) -> str:
    match value:
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)


async def print_trail(house: House, exchanges: Sequence[Exchange]) -> None:
    """What the hub's trail says of empty answers: the reason that the consumer did not hear."""
    home = house.place.home(house.network.hub)
    master: MasterKey = read_master_key(home.master)
    console = Console(highlight=False)
    console.print()
    async with home.database() as database:
        reader = Reader.over(database, master=master)
        for number, one in enumerate(exchanges, start=1):
            if one.outcome == "empty":
                looks = await reader.looks(Ssin(one.ssin), limit=LOOKS)
                look = next(look for look in looks if look.entry.question.flow == one.flow)
                console.print(_exactly(number, look))


def _exactly(number: int, look: Look) -> str:
    decision = look.entry.decision
    exact = decision.reason.value if isinstance(decision, Refusal) else "granted, and no data"
    consumer = look.entry.question.consumer
    return f"The hub's trail on {number}: {exact}; asked by {consumer}, no insurer named."


def print_addresses(notes: Sequence[RunNote], *, state: Path, once: bool) -> None:
    """Where everything listens, and what to try next."""
    console = Console(highlight=False)
    console.print()
    table = Table("process", "pid", "address", box=None, header_style="dim")
    for note in notes:
        table.add_row(note.name, str(note.pid), note.address)
    console.print(table)
    console.print(f"\nState, keys and logs: {state}")
    if not once:
        console.print("Serving until Ctrl-C. In another terminal: kruispunt audit list --ssin -")
