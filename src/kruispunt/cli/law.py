"""`kruispunt law`: ask the law why, check it, list it, and see what a change of it changes."""

import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Final

import msgspec
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from kruispunt.authorisation import try_case
from kruispunt.cli.law_tables import changes_table, clauses_table, show_why
from kruispunt.cli.law_why import explain
from kruispunt.law import (
    Lawbook,
    LawWrong,
    compare,
    last_release,
    read_law,
    read_lawbook,
    sights,
    write_release,
)
from kruispunt.vocabulary import FlowId, InstitutionCode, PurposeId, data_folder

HOLDS: Final = 0
WRONG: Final = 1
UNKNOWN: Final = 2
REFUSED: Final = 3

Json = Annotated[bool, Parameter(name="--json", negative="", help="One JSON object.")]
Folder = Annotated[
    Path | None,
    Parameter(name="--folder", help="Another law folder than the one that came along."),
]

law_app: Final = App(name="law", help="The law that runs: why, check, list, changes, release.")


@law_app.command
def why(
    *,
    consumer: str,
    flow: str,
    purpose: str,
    asked_on: date,
    json: Json = False,
    folder: Folder = None,
) -> int:
    """Say which clause gives leave on a day of asking, or why none does.

    Exit codes: 0 a clause gives leave; 1 the lawbook is wrong; 2 no such institution, flow or
    purpose (the ones that exist are told); 3 refused, with the reason.

    Parameters
    ----------
    consumer
        Code of the institution that asks: one linked to the hub, or a member behind a node.
    flow
        Kind of message.
    purpose
        What for.
    asked_on
        Day of asking, yyyy-mm-dd: it chooses the law.
    """
    lawbook = _read(folder)
    if lawbook is None:
        return WRONG
    if not _known(lawbook, consumer=consumer, flow=flow, purpose=purpose):
        return UNKNOWN
    found = explain(
        lawbook,
        consumer=InstitutionCode(consumer),
        flow=FlowId(flow),
        purpose=PurposeId(purpose),
        asked_on=asked_on,
    )
    if json:
        _print_json(found)
    else:
        show_why(_console(), lawbook, found)
    return HOLDS if found.decision == "granted" else REFUSED


@law_app.command
def check(*, json: Json = False, folder: Folder = None) -> int:
    """Read the whole law and tell every fault, each with its file and place.

    Exit codes: 0 the law can run; 1 it cannot.
    """
    lawbook = _read(folder)
    if lawbook is None:
        return WRONG
    counts = {
        "institutions": len(lawbook.institutions),
        "sectors": len(lawbook.sectors),
        "qualities": len(lawbook.qualities),
        "sources": len(lawbook.sources),
        "flows": len(lawbook.flows),
        "purposes": len(lawbook.purposes),
        "deliberations": len(lawbook.deliberations),
        "clauses": len(lawbook.clauses),
        "parameters": len(lawbook.parameters),
    }
    if json:
        _print_json({**counts, "digest": lawbook.digest})
        return HOLDS
    table = Table(box=None, show_header=False)
    for name, count in counts.items():
        table.add_row(name, str(count))
    _console().print(table)
    _console().print(f"[green]the law can run[/green], digest {lawbook.digest}", soft_wrap=True)
    return HOLDS


@law_app.command(name="list")
def list_(*, json: Json = False, folder: Folder = None) -> int:
    """List every clause: who, which flow, what for, since when.

    Exit codes: 0 listed; 1 the lawbook is wrong.
    """
    lawbook = _read(folder)
    if lawbook is None:
        return WRONG
    if json:
        _print_json(sights(lawbook))
    else:
        _console().print(clauses_table(lawbook))
    return HOLDS


@law_app.command
def changes(*, json: Json = False, folder: Folder = None) -> int:
    """Run every case, then tell who may see what since the last release that they could not.

    Exit codes: 0 every case holds; 1 a case does not, or the lawbook is wrong.
    """
    root = folder or data_folder("law")
    try:
        law, release = read_law(root), last_release(root)
    except LawWrong as wrong:
        return _tell(wrong)
    trials = [try_case(case, law.lawbook) for case in law.cases]
    failed = [trial for trial in trials if trial.differences]
    found = compare(release.sights, sights(law.lawbook))
    if json:
        cases = {trial.case.name: trial.differences for trial in failed}
        _print_json(
            {"cases": len(trials), "failed": cases, "since": release.version, "changes": found}
        )
        return WRONG if failed else HOLDS
    console = _console()
    for trial in failed:
        console.print(f"[red]{trial.case.file}: {trial.case.name}[/red]")
        for difference in trial.differences:
            console.print(f"  {difference}", markup=False)
    console.print(f"{len(trials) - len(failed)} of {len(trials)} cases hold")
    console.print(changes_table(found, since=release.version))
    return WRONG if failed else HOLDS


@law_app.command
def release(version: str, *, folder: Folder = None) -> int:
    """Write down who may see what, as the point that later changes are told from.

    Exit codes: 0 written; 1 the lawbook is wrong; 2 not a version, or released before.
    """
    root = folder or data_folder("law")
    lawbook = _read(root)
    if lawbook is None:
        return WRONG
    try:
        path = write_release(lawbook, version, root)
    except ValueError as wrong:
        print(wrong, file=sys.stderr)
        return UNKNOWN
    print(path)
    return HOLDS


def _read(folder: Path | None) -> Lawbook | None:
    try:
        return read_lawbook(folder)
    except LawWrong as wrong:
        _tell(wrong)
        return None


def _tell(wrong: LawWrong) -> int:
    for fault in wrong.faults:
        print(fault, file=sys.stderr)
    return WRONG


def _known(lawbook: Lawbook, *, consumer: str, flow: str, purpose: str) -> bool:
    asked = (
        ("institution", consumer, lawbook.institutions),
        ("flow", flow, lawbook.flows),
        ("purpose", purpose, lawbook.purposes),
    )
    strange = [(kind, name, names) for kind, name, names in asked if name not in names]
    for kind, name, names in strange:
        print(f"no {kind} {name!r}; there are: {', '.join(sorted(names))}", file=sys.stderr)
    return not strange


def _console() -> Console:
    return Console(highlight=False)


def _print_json(value: object) -> None:
    print(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
