"""How a demonstration reads: chapters, one block for each exchange, a table of what went wrong."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from kruispunt.cli.network import Network
from kruispunt.cli.story import Exchange, Noted, Story
from kruispunt.cli.supervisor_state import RunNote

COLOURS = {"granted": "green", "empty": "yellow", "refused": "red", "failed": "bold red"}
SHOWN_ROWS = 2
NO_ENTRY = "no entry: nobody was asked"
MEANWHILE = {
    "silent": "the station's process is stopped, and answers nobody",
    "lying": "the station runs with selects that lie, and signs with its true key",
}
SIGNED = {
    "extra": "with a second key of this institution",
    "revoked": "with that second key, which is revoked",
}
NOTHING = "nothing new: turned away, and nobody was asked"


def print_head(network: Network, *, people: int) -> None:
    """Who takes part."""
    console = Console()
    nodes = ", ".join(node.institution for node in network.nodes)
    stations = ", ".join(station.institution for station in network.stations)
    console.rule(f"{people} synthetic people · hub {network.hub} · node {nodes} · {stations}")


def print_exchange(number: int, story: Story, exchange: Exchange) -> None:
    """One exchange: the story, who asked what, what came back, what is left of it, and why."""
    console = Console(highlight=False)
    console.print()
    if story.chapter:
        console.rule(f"[bold]{story.chapter}[/bold]", align="left", style="dim")
        console.print()
    console.print(Text(f"{number}. {exchange.title}", style="bold"))
    lines = Table.grid(padding=(0, 2))
    lines.add_column(style="dim", width=9)
    lines.add_column(overflow="fold")
    lines.add_row("asked", f"{exchange.flow} by {exchange.consumer} about {exchange.ssin}")
    for name, value in _before(exchange):
        lines.add_row(name, value)
    lines.add_row("outcome", _outcome(exchange))
    for name, value in (*_details(exchange), *_trail(exchange)):
        lines.add_row(name, value)
    if story.why:
        lines.add_row("why", Text(story.why, style="italic"))
    for fault in exchange.faults:
        lines.add_row("WRONG", Text(fault, style="bold red"))
    console.print(Padding(lines, (0, 0, 0, 3)))


def _before(exchange: Exchange) -> Sequence[tuple[str, str]]:
    """What was broken, or out of the ordinary, when it was asked."""
    before = list[tuple[str, str]]()
    if exchange.key in SIGNED:
        before.append(("signed", SIGNED[exchange.key]))
    if exchange.station in MEANWHILE:
        before.append(("meanwhile", MEANWHILE[exchange.station]))
    return before


def _outcome(exchange: Exchange) -> Text:
    text = Text(exchange.outcome, style=COLOURS[exchange.outcome])
    heard = _heard(exchange)
    if heard and exchange.outcome != "empty":
        text.append(f": {heard}", style="default")
    if exchange.replaced_by:
        text.append(f", now {exchange.replaced_by}", style="default")
    if exchange.repeated:
        text.append(" (repeated)", style="default")
    text.append(f"  {exchange.ms:g} ms", style="dim")
    return text


def _heard(exchange: Exchange) -> str:
    """What the asker heard in place of an answer."""
    match exchange.outcome:
        case "granted":
            return ""
        case "empty":
            return "an answer without data"
        case "refused":
            return exchange.reason or ""
        case "failed":
            detail = f" ({exchange.detail})" if exchange.detail else ""
            return f"{exchange.status or ''} {exchange.reason}{detail}".strip()


def _details(exchange: Exchange) -> Sequence[tuple[str, str]]:
    details = list[tuple[str, str]]()
    if exchange.clause:
        details.append(("ground", f"{exchange.clause}, {exchange.paragraph}"))
    for row in exchange.rows[:SHOWN_ROWS]:
        details.append(("answer", ", ".join(f"{k} {_shown(v)}" for k, v in row.items())))
    more = len(exchange.rows) - SHOWN_ROWS
    if more > 0:
        details.append(("", f"and {more} more row{'' if more == 1 else 's'}"))
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


def _trail(exchange: Exchange) -> Sequence[tuple[str, str]]:
    """One line for each trail that gained an entry."""
    lines = [
        f"{one.at}: {one.consumer} asked{' again' if one.again else ''}, {_noted(one)}"
        for one in exchange.trail
    ]
    names = ["trail", *[""] * len(lines)]
    return list(zip(names, lines or [NOTHING], strict=False))


def _noted(one: Noted) -> str:
    if not one.granted:
        return f"refused ({one.reason})"
    if one.outcome is None:
        return "granted, may have been given"
    if one.cause:
        return f"granted, then {one.outcome} ({one.cause})"
    rows = f" ({one.rows} row{'' if one.rows == 1 else 's'})" if one.rows else ""
    return f"granted, then {one.outcome}{rows}"


def print_reasons(exchanges: Sequence[Exchange]) -> None:
    """The closing table: each way in which no data came, what was heard and what is kept."""
    found = reasons(exchanges)
    console = Console(highlight=False)
    console.print()
    console.rule("[bold]Refused and failed[/bold]", align="left", style="dim")
    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("exchange", no_wrap=True)
    table.add_column("the asker hears", overflow="fold")
    table.add_column("the trail keeps", overflow="fold")
    for (heard, exactly), numbers in found.items():
        table.add_row(", ".join(map(str, numbers)), heard, exactly)
    console.print(Padding(table, (1, 0, 1, 3)))
    console.print(_verdict(exchanges))


def _verdict(exchanges: Sequence[Exchange]) -> Text:
    kinds = len({one.exactly for one in exchanges if one.exactly})
    text = Text(f"{len(exchanges)} exchanges, {kinds} different reasons why no data came. ")
    wrong = sum(bool(one.faults) for one in exchanges)
    if wrong:
        return text.append(f"{wrong} did not end as law, trail and story say.", style="bold red")
    return text.append("Each ended as law, trail and story say.", style="green")


def reasons(exchanges: Sequence[Exchange]) -> dict[tuple[str, str], list[int]]:
    """What was heard with what the trail says exactly, and in which exchanges, from 1 on."""
    found = dict[tuple[str, str], list[int]]()
    for number, one in enumerate(exchanges, start=1):
        if one.outcome != "granted":
            exactly = one.exactly if one.trail else NO_ENTRY
            found.setdefault((_heard(one), exactly), []).append(number)
    return found


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
