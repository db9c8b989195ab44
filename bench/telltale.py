"""What a refusal tells: `python -m bench.telltale [--asks 4000] [--only NAME] [--json] [--short]`.

An attacker at the door of the real house asks about persons of two kinds that nobody may tell
apart, in pairs of random order, one question at a time over one kept connection; alone, with other
questions about, and while the supplier's station is silent. Answers must be equal to the byte, but
for ticket, receipt and moment. How often the attacker is right by time is told, whatever it is; it
is a fault only where the kinds are told apart grossly, twice in a row.
"""

import asyncio
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Final

import msgspec
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from bench.legs import HUB, NODE
from bench.machine import commit, machine
from bench.opened import opened, state_folder
from bench.page import tell
from bench.telltale_rows import Attacker, Row, Told
from bench.telltale_stats import Compared, Pair, Share, compared, found_from
from bench.telltale_whom import Whom, invent

FAULTY: Final = 1
WRONG: Final = 2
ASKS: Final = 4000
SHORT: Final = 400
SILENT: Final = 400
"""At most so many while the station is silent: each of the first costs the limit of the flow."""

EACH: Final = 1000
"""Persons of each kind at most; they are asked about in turn."""

LOAD: Final = 100.0
"""Other questions a second in the rows with others about, unless told otherwise."""

REFUSED, EMPTY, SILENCE = 403, 200, 503

KINDS: Final = {
    "number": "unknown number / no file of the asker",
    "control": "no file at the supplier / a file with nothing in it",
}
MEASURES: Final = {
    "time": "how long it takes",
    "after": "how long the next question takes",
    "size": "how many bytes come back",
}

app = App(help="Measure what a refusal tells.")


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """One measure of one row: both kinds beside each other, and what an attacker makes of it."""

    row: str
    seat: str
    setting: str
    measure: str
    pairs: int
    median_first: float
    median_second: float
    auc: float
    p: float
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    beside: float
    beside_low: float
    beside_high: float
    tells: bool
    gross: bool
    """Side by side the kinds are told apart as only work that one kind has not could do it."""

    found_from: float | None
    """So much more of the second kind would have told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is asked, beside what, and among how many people."""

    pairs: int
    load: float
    people: int
    only: str = ""
    """Rows of this name only; empty: all."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    figures: list[Figures]
    faults: list[str]
    asks: int
    machine: str
    commit: str


@app.default
def main(
    *,
    asks: Annotated[int, Parameter(help="Questions of each row, half of them of each kind.")] = (
        ASKS
    ),
    json: Annotated[bool, Parameter(negative="", help="One JSON object.")] = False,
    short: Annotated[bool, Parameter(negative="", help="A few hundred, for a check.")] = False,
    load: Annotated[float, Parameter(help="Questions a second of others meanwhile.")] = LOAD,
    people: Annotated[int, Parameter(help="Synthetic people in the house.")] = 2_000,
    only: Annotated[str, Parameter(help="Rows of this name only: number or control.")] = "",
    state: Annotated[
        Path | None, Parameter(help="State folder; else one that is removed afterwards.")
    ] = None,
) -> int:
    """Ask thousands of times, and print how often an attacker tells two kinds apart.

    Exit codes: 1 the answers of two kinds differ, something else was asked than meant, or kinds
    are told apart grossly twice in a row; 2 no such rows.
    """
    if only and only not in KINDS:
        tell(f"no rows {only}; there are {', '.join(KINDS)}")
        return WRONG
    size = min(asks, SHORT) if short else asks
    plan = Plan(pairs=size // 2, load=load, people=people, only=only)
    report = asyncio.run(_measure(plan, state and state.absolute()))
    if json:
        print(msgspec.json.format(msgspec.json.encode(report), indent=2).decode())
    else:
        _print(report)
    for fault in report.faults:
        tell(f"[red]{fault}[/red]")
    return FAULTY if report.faults else 0


async def _measure(plan: Plan, state: Path | None) -> Report:
    figures, faults = list[Figures](), list[str]()
    async with state_folder(state) as folder, opened(folder, plan.people, tell=tell) as crossing:
        tell("inventing whom to ask about")
        whom = await invent(crossing, each=min(plan.pairs, EACH))
        for row in rows(whom, load=plan.load):
            if plan.only in ("", row.name):
                most = min(plan.pairs, SILENT // 2) if row.silent else plan.pairs
                came = await _row_twice(Attacker(crossing=crossing, row=row), most)
                figures += came[0]
                faults += came[1]
        version = await crossing.running.postgres_version()
    return Report(
        figures=figures,
        faults=faults,
        asks=2 * plan.pairs,
        machine=machine(postgres=version),
        commit=await commit(),
    )


async def _row_twice(attacker: Attacker, pairs: int) -> tuple[list[Figures], list[str]]:
    """Figures and faults of a row; where it tells grossly it is asked once more."""
    first, faults = await _asked(attacker, pairs)
    if not any(one.gross for one in first):
        return first, faults
    once_more = Attacker(crossing=attacker.crossing, row=attacker.row)
    again, more = await _asked(once_more, pairs)
    grossly = [f"{_name(attacker.row)}: {what}" for what in gross_twice(first, again)]
    named = [msgspec.structs.replace(one, setting=f"{one.setting}, again") for one in again]
    return first + named, faults + more + grossly


async def _asked(attacker: Attacker, pairs: int) -> tuple[list[Figures], list[str]]:
    told, name = await attacker.ask(pairs), _name(attacker.row)
    found = list(of_row(told))
    tell(f"{name}: {', '.join(map(_words, found))}")
    return found, [f"{name}: {what}" for what in told.faults]


def gross_twice(first: Sequence[Figures], again: Sequence[Figures]) -> Iterator[str]:
    """Measures by which the kinds are told apart grossly in two runs of one row in succession.

    Once may be a neighbour on the machine; twice it is a look, a call or a commit that one kind
    has and the other has not.
    """
    gross = {one.measure for one in first if one.gross}
    for one in again:
        if one.gross and one.measure in gross:
            yield f"told apart by {MEASURES[one.measure]}, {one.beside * 100:.0f} of 100, twice"


def _name(row: Row) -> str:
    return f"{row.name} at the {row.seat}, {setting(row)}"


def rows(whom: Whom, *, load: float) -> Iterator[Row]:
    """Every row: alone, then with others about, then without the station."""
    plain = [
        _row("number", HUB, whom),
        _row("number", NODE, whom),
        _row("control", HUB, whom),
        _row("control", NODE, whom),
    ]
    yield from plain
    yield from (replace(row, load=load) for row in plain)
    yield from (replace(row, silent=True, status=SILENCE) for row in plain if row.grants)


def _row(name: str, seat: str, whom: Whom) -> Row:
    if name == "control":
        kinds = (whom.nothing, whom.empty)
        return Row(name=name, seat=seat, kinds=kinds, status=EMPTY, grants=True)
    kinds = (whom.unknown, whom.strangers if seat == HUB else whom.others)
    return Row(name=name, seat=seat, kinds=kinds, status=REFUSED, grants=False)


def setting(row: Row) -> str:
    """Under which circumstances a row is asked."""
    if row.silent:
        return "station silent"
    return f"{row.load:g}/s about" if row.load else "alone"


def of_row(told: Told) -> Iterator[Figures]:
    """The figures of a row, measure by measure."""
    samples = {"time": told.times, "after": told.after, "size": told.sizes}
    for measure in MEASURES:
        pairs = samples[measure]
        if len(pairs) > 1:
            yield _figures(told.row, measure, pairs, compared(pairs))


def _figures(row: Row, measure: str, pairs: Sequence[Pair], found: Compared) -> Figures:
    least = found_from(pairs)
    accuracy, beside = _share(found.alone), _share(found.beside)
    return Figures(
        row=row.name,
        seat=row.seat,
        setting=setting(row),
        measure=measure,
        pairs=len(pairs),
        median_first=round(found.first, 3),
        median_second=round(found.second, 3),
        auc=round(found.ranked.auc, 4),
        p=round(found.ranked.p, 5),
        accuracy=accuracy["share"],
        accuracy_low=accuracy["low"],
        accuracy_high=accuracy["high"],
        beside=beside["share"],
        beside_low=beside["low"],
        beside_high=beside["high"],
        tells=found.tells,
        gross=found.gross,
        found_from=None if least is None else round(least, 3),
    )


def _share(found: Share) -> Mapping[str, float]:
    low, high = found.bounds
    return {"share": round(found.share, 4), "low": round(low, 4), "high": round(high, 4)}


def _words(one: Figures) -> str:
    known = " which tells" if one.tells else ""
    return f"{one.measure} {_interval(one.accuracy, one.accuracy_low, one.accuracy_high)}{known}"


def _print(report: Report) -> None:
    heads = ("pairs of", "by", "medians", "AUC", "p", "right, %", "side by side", "from")
    table = Table(*heads, "", title="What a refusal tells", box=None)
    for one in report.figures:
        first = one.measure == next(iter(MEASURES))
        table.add_row(
            f"{one.row}, {one.seat}, {one.setting}" if first else "",
            one.measure,
            f"{one.median_first:.6g} {one.median_second:.6g}",
            f"{one.auc:.3f}",
            f"{one.p:.3f}",
            _interval(one.accuracy, one.accuracy_low, one.accuracy_high),
            _interval(one.beside, one.beside_low, one.beside_high),
            "–" if one.found_from is None else f"+{one.found_from:.3g}",
            "[red]tells[/red]" if one.tells else "",
        )
    console = Console()
    console.print(table)
    for name, words in (KINDS | MEASURES).items():
        console.print(f"{name}: {words}")
    console.print("from: so much more of the second kind would have told, ms or bytes")
    console.print(f"{report.machine}; commit {report.commit}; {report.asks} asks a row")


def _interval(share: float, low: float, high: float) -> str:
    """A share in percent, and how far the truth may lie from it."""
    return f"{share * 100:.1f} ± {(high - low) * 50:.1f}"


if __name__ == "__main__":
    sys.exit(app())
