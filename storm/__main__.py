"""The campaign as a command: `python -m storm [--minutes N] [--seed S] [--short] [--json]`."""

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import msgspec
import uvloop
from cyclopts import App, Parameter
from rich.console import Console

from kruispunt.cli.clock import random_bytes
from storm.campaign import ALL, Campaign, Plan, run, stop_on_term
from storm.report import as_json, show

FOUND = 1
WRONG = 2
STOPPED = 130
MINUTES = 10.0
PAGE = 130
SHORT_MINUTES = 0.5

app = App(help="Do everything that can go wrong to a house under load, and check what stands.")
_console = Console(stderr=True, highlight=False)


@app.default
def main(
    *,
    minutes: Annotated[float | None, Parameter(help="How long; each fault at least once.")] = None,
    seed: Annotated[
        int | None, Parameter(help="The same seed does the same; else chance.")
    ] = None,
    short: Annotated[
        bool, Parameter(negative="", help="One of each kind, in two minutes.")
    ] = False,
    json: Annotated[bool, Parameter(negative="", help="One JSON object.")] = False,
    only: Annotated[
        str, Parameter(help="Faults or the beginnings of their names, by commas.")
    ] = "",
    rate: Annotated[float, Parameter(help="Questions a second.")] = 40.0,
    people: Annotated[int, Parameter(help="Synthetic people.")] = 1000,
    keep: Annotated[bool, Parameter(negative="", help="Keep the logs beside the folder.")] = False,
) -> int:
    """Start a house of its own, ask it all the while, harm it, and check by SQL what stands.

    Exit codes: 0 all held; 1 something was found; 2 no such fault; 130 stopped.
    """
    wanted = tuple(word for word in only.split(",") if word)
    plan = Plan(
        minutes=minutes if minutes is not None else SHORT_MINUTES if short else MINUTES,
        seed=seed if seed is not None else int.from_bytes(random_bytes(3)),
        per_second=rate,
        people=people,
        short=short,
        only=wanted,
    )
    unknown = [
        word for word in wanted if not any(f"{name}-".startswith(f"{word}-") for name in ALL)
    ]
    if unknown:
        print(f"no fault {', '.join(unknown)}; there are {', '.join(ALL)}", file=sys.stderr)
        return WRONG
    campaign = _in_a_folder(plan, keep=keep)
    if campaign is None:
        return STOPPED
    if json:
        told = msgspec.json.encode(as_json(campaign))
        print(msgspec.json.format(told, indent=2).decode())
    else:
        width = None if sys.stdout.isatty() else PAGE
        show(campaign, Console(highlight=False, width=width))
    return FOUND if campaign.findings else 0


def _in_a_folder(plan: Plan, *, keep: bool) -> Campaign | None:
    """The campaign in a folder of its own; None: it was stopped."""
    folder = Path(tempfile.mkdtemp(prefix="kruispunt-storm-"))
    try:
        return _run(plan, folder, logs=folder.with_suffix(".log") if keep else None)
    except (KeyboardInterrupt, asyncio.CancelledError):
        _console.print("stopped, with everything that was started")
        return None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(plan: Plan, folder: Path, *, logs: Path | None) -> Campaign:
    _console.print(f"seed {plan.seed}, {plan.minutes:g} minutes, {plan.per_second:g} questions/s")

    async def campaign() -> Campaign:
        task = asyncio.ensure_future(run(plan, folder, logs=logs, tell=_console.print))
        stop_on_term(asyncio.get_running_loop(), task)
        return await task

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(campaign())


if __name__ == "__main__":
    sys.exit(app())
