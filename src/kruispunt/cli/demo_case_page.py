"""How cases and the one-time file of a demonstration read: step by step, then what trails say."""

from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from kruispunt.cli.case_inquire import Opened
from kruispunt.cli.case_page import WIDE, show_case, steps_table
from kruispunt.cli.story import Noted
from kruispunt.cli.story_case import CaseTold
from kruispunt.cli.story_steps import FileTold
from kruispunt.vocabulary import Ending

NOBODY: Final = "nobody was asked, so no trail says anything"


def print_chapter(title: str) -> None:
    """A chapter of the story."""
    console = Console(highlight=False)
    console.print()
    console.rule(f"[bold]{title}[/bold]", align="left", style="dim")


def print_case(number: int, told: CaseTold, *, zone: ZoneInfo) -> None:
    """One case, step by step, and who must act now."""
    console = Console(highlight=False)
    _open(console, number, told.title, told.why)
    if told.run:
        console.print(Padding(_run_table(told.run), (0, 0, 1, 0)))
    show_case(console, told.case, zone=zone)
    _faults(console, told.faults)


def print_inquiry(number: int, told: CaseTold, *, zone: ZoneInfo) -> None:
    """One inquiry as a case, and what each seat on the way of its question wrote down."""
    print_case(number, told, zone=zone)
    console = Console(highlight=False)
    console.print()
    if told.trail:
        console.print(trail_table(told.trail, wide=console.width >= WIDE))
    else:
        console.print(Text(NOBODY, style="dim"))


def print_file(number: int, told: FileTold, *, zone: ZoneInfo) -> None:
    """The one-time file: who did what, what became of some persons, and who must act now."""
    console = Console(highlight=False)
    wide = console.width >= WIDE
    _open(console, number, told.title, told.why)
    console.print(steps_table(told.steps, zone=zone, wide=wide))
    for one in told.followed:
        console.print(f"\n{one.sender} told of {one.ssin}: {', '.join(one.amounts)}")
        console.print(trail_table(one.trail, first="a record for {}", wide=wide))
    console.print()
    console.print(Text("nobody has to act: the leave is used up", style="dim"))
    _faults(console, told.faults)


def trail_table(trail: Sequence[Noted], *, first: str = "{} asks", wide: bool) -> Table:
    """Entries in the order in which they were written, at whichever seat.

    `first`: how an entry is told that is no answer, with the consumer in its place.
    """
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("trail of", no_wrap=True, style="bold")
    table.add_column("what it says", overflow="fold", ratio=1)
    if wide:
        table.add_column("allowed by", overflow="fold", style="dim", min_width=24)
    for one in trail:
        said = Text(_says(one, first=first), style="default" if one.granted else "red")
        if wide:
            table.add_row(one.at, said, one.paragraph)
        else:
            table.add_row(one.at, Text.assemble(said, "\n", (one.paragraph, "dim")))
    return table


def _says(one: Noted, *, first: str) -> str:
    what = ("an answer for {}" if one.again else first).format(one.consumer)
    if not one.granted:
        return f"{what}: refused ({one.reason})"
    count = "" if one.rows is None else f", {one.rows} row{'' if one.rows == 1 else 's'}"
    if one.outcome == Ending.FORWARDED.value:
        count = f", {one.rows or 0} answer{'' if one.rows == 1 else 's'} to expect"
    cause = f" ({one.cause})" if one.cause else ""
    return f"{what}: granted, then {one.outcome or 'may have been given'}{count}{cause}"


def _run_table(run: Sequence[Opened]) -> Table:
    """What each line of a file of members came to at once."""
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("line", justify="right")
    table.add_column("case", no_wrap=True)
    table.add_column("at once", overflow="fold")
    for one in run:
        ended = one.ending.replace("-", " ") or "asks the payment institutions"
        table.add_row(str(one.line), str(one.case or ""), one.wrong or ended)
    return table


def _open(console: Console, number: int, title: str, why: str) -> None:
    console.print()
    console.print(Text(f"{number}. {title}", style="bold"))
    console.print(Padding(Text(why, style="italic"), (0, 0, 1, 3)))


def _faults(console: Console, faults: Sequence[str]) -> None:
    for fault in faults:
        console.print(Text(f"WRONG: {fault}", style="bold red"))
