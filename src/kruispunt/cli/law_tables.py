"""How the law looks in a terminal: tables that stay readable at eighty columns."""

from collections.abc import Sequence

from rich.console import Console, Group
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from kruispunt.cli.law_why import Hop, Why
from kruispunt.law import Change, Field, Lawbook, Sight, Turn
from kruispunt.vocabulary import FlowId

_COLOURS = {Turn.OPENED: "green", Turn.CLOSED: "red", Turn.CHANGED: "yellow"}


def show_why(console: Console, lawbook: Lawbook, why: Why) -> None:
    """Print an explanation: the decision, the ground, each seat, then every field."""
    asked = f"{why.consumer} · {why.flow} · {why.purpose} · asked on {why.asked_on}"
    console.print(Text(asked, style="bold"))
    if why.decision == "granted":
        console.print(f"[green]granted[/green]: {escape(why.words)}")
    else:
        console.print(f"[red]refused[/red] ({why.reason}): {escape(why.words)}")
    console.print()
    if why.clause is not None:
        console.print(_ground(why))
        console.print()
    for hop in why.hops:
        console.print(_hop(lawbook, hop))
    if why.clause is not None:
        console.print(_fields(lawbook, why))


def clauses_table(lawbook: Lawbook) -> Table:
    """Every clause of the lawbook, one row each."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("consumer", no_wrap=True)
    table.add_column("flow, purpose", no_wrap=True)
    table.add_column("in force", no_wrap=True)
    table.add_column("ground", overflow="fold")
    table.add_column("fields", no_wrap=True)
    for clause in sorted(lawbook.clauses, key=lambda one: (one.consumer, one.flow, one.purpose)):
        total = len(lawbook.flows[clause.flow].fields)
        table.add_row(
            clause.consumer,
            f"{clause.flow}\n[dim]{clause.purpose}[/dim]",
            _span(clause.period.begin, clause.period.last_day),
            f"{clause.ground.deliberation} {clause.ground.paragraph}",
            f"{len(clause.ground.fields)} of {total}",
        )
    return table


def changes_table(changes: Sequence[Change], *, since: str) -> Group:
    """What changed since a release: who, which flow, what for, and then the fields."""
    if not changes:
        return Group(Text(f"nobody sees anything else than at release {since}"))
    parts: list[Text | Padding] = [Text(f"who may see what, changed since release {since}:\n")]
    for (turn, consumer, flow, purpose, span), fields in _together(changes).items():
        colour = _COLOURS[turn]
        head = f"[{colour}]{turn}[/{colour}] [bold]{consumer} · {flow} · {purpose}[/bold] {span}"
        parts += [Text.from_markup(head), Padding(Text(", ".join(fields)), (0, 0, 1, 2))]
    return Group(*parts)


def _together(
    changes: Sequence[Change],
) -> dict[tuple[Turn, str, str, str, str], list[str]]:
    rows: dict[tuple[Turn, str, str, str, str], list[str]] = {}
    for change in changes:
        seen = change.after or change.before
        one = seen[0]
        row = (change.turn, one.consumer, one.flow, one.purpose, _spans(seen))
        rows.setdefault(row, []).append(one.field)
    return rows


def _ground(why: Why) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    title = why.title or {}
    table.add_row("deliberation", f"[bold]{why.deliberation} {why.paragraph}[/bold]")
    table.add_row("", escape(title.get("nl", "")))
    table.add_row("", f"[dim]{escape(title.get('en', ''))}[/dim]")
    table.add_row("clause", escape(why.clause or ""))
    if why.period is not None:
        table.add_row("in force", _span(why.period.begin, why.period.until))
    if why.assumption:
        table.add_row("assumption", f"[yellow]{escape(why.assumption)}[/yellow]")
    table.add_row("lawbook", why.lawbook)
    return table


def _hop(lawbook: Lawbook, hop: Hop) -> Group:
    place = "hub" if hop.seat == lawbook.hub else "node"
    found = f"[red]{hop.reason}[/red]" if hop.reason else "[green]a clause gives leave[/green]"
    lines = [f"[bold]{place} {hop.seat}[/bold], asked by {hop.consumer}: {found}"]
    lines += [f"{escape(one.words)} [dim]({one.paragraph})[/dim]" for one in hop.controls]
    if hop.reason:
        lines += [f"in force {_span(span.begin, span.until)}" for span in hop.spans]
    head, *rest = (Text.from_markup(line) for line in lines)
    return Group(head, *(Padding(line, (0, 0, 0, 2)) for line in rest), Text())


def _fields(lawbook: Lawbook, why: Why) -> Table:
    terms = {str(field.name): field for field in lawbook.flows[FlowId(why.flow)].fields}
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    table.add_column("field", overflow="fold", min_width=24)
    table.add_column("term", overflow="fold", ratio=1)
    for name in why.fields:
        table.add_row("[green]✓[/green]", name, _term(terms, name))
    for (words, paragraph), names in _by_reason(why).items():
        cited = f" ({paragraph})" if paragraph else ""
        table.add_row()
        table.add_row("", "[dim]withheld[/dim]", f"[dim]{escape(words)}{cited}[/dim]")
        for name in names:
            table.add_row("[red]✗[/red]", name, _term(terms, name))
    return table


def _by_reason(why: Why) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for one in why.withheld:
        found.setdefault((one.words, one.paragraph), []).append(one.field)
    return found


def _term(fields: dict[str, Field], name: str) -> str:
    return escape(fields[name].terms["nl"])


def _spans(seen: Sequence[Sight]) -> str:
    return "; ".join(_span(one.begin, one.until) for one in seen)


def _span(begin: object, until: object) -> str:
    return f"{begin} – {until}" if until else f"{begin} –"
