"""How a case reads in a terminal: its steps, who must act now, and a list of cases."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from kruispunt.client import (
    CaseHead,
    CaseReply,
    DoneBody,
    NoticeBody,
    StepBody,
    WaitingBody,
)

WIDE: Final = 100
"""From so many columns on, paragraphs have one of their own."""

UNTOLD: Final = frozenset({"set-deadline"})
"""What a step wants that is no news to anyone: until when is waited, the waits say."""

TICKET: Final = re.compile(r"\b([0-9a-f]{8})(?:-[0-9a-f]{4}){4}([0-9a-f]{8})\b")

COLOURS: Final = {"open": "green", "closed": "dim", "done": "green", "granted": "green"}


def show_case(console: Console, told: CaseReply, *, zone: ZoneInfo) -> None:
    """A case as it is now: its steps, what a clerk is asked, who must act."""
    console.print(head_line(told.head, zone=zone))
    console.print()
    console.print(steps_table(told.steps, zone=zone, wide=console.width >= WIDE))
    if told.more:
        console.print(Text("and more steps", style="dim"))
    show_now(console, told, zone=zone)


def show_now(console: Console, told: CaseReply, *, zone: ZoneInfo) -> None:
    """Who must act now, and until when."""
    console.print()
    if told.head.waiting_for:
        console.print(waiting_table(told.head.waiting_for, zone=zone))
    else:
        console.print(Text("nobody has to act: the case is closed", style="dim"))
    for notice in told.notices:
        console.print(_notice(notice))


def head_line(head: CaseHead, *, zone: ZoneInfo) -> Text:
    """One line: which case, of which risk, where it stands."""
    text = Text(f"case {head.case}", style="bold")
    days = f"from {head.begin_date}" + (f" to {head.end_date}" if head.end_date else "")
    state = head.ending or head.stage
    about = _about(head)
    text.append(f"\n{about} {days} · ", style="default not bold")
    text.append(_words(state), style=COLOURS.get(state, "yellow"))
    text.append(f" · opened {_day(head.opened_at, zone)} {_minute(head.opened_at, zone)}")
    if head.unemployment:
        text.append(f"\nquestion to the payment institutions: {_words(head.unemployment)}")
    return text


def steps_table(steps: Sequence[StepBody], *, zone: ZoneInfo, wide: bool) -> Table:
    """Each step with what followed: when, who, what, how long, by which paragraph."""
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("", justify="right", style="dim")
    table.add_column("when", no_wrap=True)
    table.add_column("who", no_wrap=True)
    table.add_column("what", overflow="fold", ratio=1)
    table.add_column("took", justify="right", no_wrap=True)
    if wide:
        table.add_column("allowed by", overflow="fold", min_width=24)
    day = ""
    for step in steps:
        if day != _day(step.at, zone):
            day = _day(step.at, zone)
            table.add_row("", Text(day, style="bold"))
        for row in step_rows(step, zone=zone, wide=wide):
            table.add_row(*row)
    return table


def step_rows(step: StepBody, *, zone: ZoneInfo, wide: bool) -> list[tuple[Text, ...]]:
    """The rows of one step, and one for each thing that it made the case want."""
    style = "default" if step.changed else "dim"
    what = Text(_what(step), style=style)
    ground = step.paragraph + (f", {_words(step.ground)}" if step.ground else "")
    rows = [
        _row(
            what,
            ground,
            wide=wide,
            left=(
                Text(str(step.n)),
                Text(f"{step.at.astimezone(zone):%H:%M:%S}", style=style),
                Text(_words(step.party), style=style),
            ),
            took=_took(step.took_ms),
        )
    ]
    told = (want for want in step.wants if want.what not in UNTOLD)
    rows += [_row(Text(f"→ {_want(one)}", style="cyan"), one.paragraph, wide=wide) for one in told]
    return rows


def waiting_table(waits: Sequence[WaitingBody], *, zone: ZoneInfo) -> Table:
    """Who must act now, for what, and until when."""
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("waiting for", no_wrap=True, style="bold")
    table.add_column("to act on", overflow="fold")
    table.add_column("since", no_wrap=True)
    table.add_column("until", no_wrap=True)
    table.add_column("by", overflow="fold", ratio=1, style="dim")
    for wait in waits:
        what = _words(wait.what) + (f" of {wait.number}" if wait.number else "")
        until = _moment(wait.due_at, zone) if wait.due_at else "–"
        since = _moment(wait.since, zone) if wait.since else "–"
        table.add_row(_words(wait.party), what, since, until, wait.paragraph)
    return table


def cases_table(heads: Sequence[CaseHead], *, zone: ZoneInfo) -> Table:
    """Cases, one each row: what of, since when, and whom it waits for."""
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("case", no_wrap=True)
    table.add_column("about", overflow="fold", min_width=13)
    table.add_column("opened", no_wrap=True)
    table.add_column("waits for", overflow="fold", ratio=1)
    for head in heads:
        first = min((one.due_at for one in head.waiting_for if one.due_at), default=None)
        waits = ", ".join(dict.fromkeys(_words(one.party) for one in head.waiting_for))
        if first is not None:
            waits += f", until {_moment(first, zone)}"
        table.add_row(
            str(head.case),
            f"{_about(head)}\nfrom {head.begin_date}",
            _moment(head.opened_at, zone),
            waits or Text(f"nobody: {_words(head.ending or head.stage)}", style="dim"),
        )
    return table


def _about(head: CaseHead) -> str:
    """What a case is about: a risk by its name, else its kind and the way it came."""
    if head.kind == "benefits":
        return _words(head.risk)
    return f"{_words(head.kind)} {_words(head.risk)}"


def _row(
    what: Text,
    paragraph: str,
    *,
    wide: bool,
    left: tuple[Text, ...] = (Text(), Text(), Text()),
    took: str = "",
) -> tuple[Text, ...]:
    ground = Text(paragraph, style="dim")
    if wide:
        return (*left, what, Text(took), ground)
    return (*left, Text.assemble(what, "\n", ground), Text(took))


def _what(step: StepBody) -> str:
    said = _words(step.what)
    about = _words(step.about)
    if about and about not in said:
        said = f"{said}: {about}"
    if step.detail:
        said += (", " if ":" in said else ": ") + _shortened(step.detail)
    if step.ending:
        said += f" ({_words(step.ending)})"
    return said if step.changed else f"{said} (nothing changed)"


def _want(want: DoneBody) -> str:
    what, about = _words(want.what), _words(want.about)
    said = f"{what}: {about}" if about and about not in what else what
    if want.what == "send-holder-sheet":
        said = "send holder sheet on paper"
    parts = (want.to and f" to {want.to}", want.rule and f" ({want.rule})")
    if want.cents is not None:
        said += f", ceiling {want.cents // 100}.{want.cents % 100:02d} euro on {want.on}"
    elif want.on is not None:
        said += f", on {want.on}"
    flow = f" ({want.flow})" if want.flow else ""
    return said + flow + "".join(part for part in parts if part)


def _notice(notice: NoticeBody) -> Text:
    text = Text(f"the clerk is asked: {_words(notice.matter)}", style="yellow")
    return text.append(f"  notice {notice.id}", style="dim")


def _took(ms: float | None) -> str:
    if ms is None:
        return ""
    if ms < 1000:
        return f"{ms:.0f} ms"
    seconds = ms / 1000
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 86400:.1f} days"


def _shortened(detail: str) -> str:
    """A ticket by its two ends, which no other has here; JSON tells it whole."""
    return TICKET.sub(lambda found: f"{found[1]}…{found[2]}", detail)


def _words(text: str) -> str:
    return text.replace("-", " ").replace("_", " ")


def _day(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d}"


def _minute(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M}"


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%m-%d %H:%M}"
