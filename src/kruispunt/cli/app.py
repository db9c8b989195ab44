"""All commands under one name."""

import os
import sys
from typing import Final

from cyclopts import App

from kruispunt.cli.ask import ask_app
from kruispunt.cli.audit import audit_app
from kruispunt.cli.demo import demo_app
from kruispunt.cli.directory import directory_app
from kruispunt.cli.generate import generate_app
from kruispunt.cli.hub import hub_app
from kruispunt.cli.law import law_app
from kruispunt.cli.people import people_app
from kruispunt.cli.start import up_app
from kruispunt.cli.station import station

app = App(
    name="kruispunt",
    help="A crossroads bank for social security: who may see what, by which law, written down.",
)
CLOSED: Final = 141
"""Whoever read our output stopped reading, as a shell says it of SIGPIPE."""

COMMANDS = (
    up_app,
    demo_app,
    ask_app,
    law_app,
    directory_app,
    audit_app,
    people_app,
    station,
    hub_app,
    generate_app,
)
for command in COMMANDS:
    app.command(command)


def run(words: list[str] | None = None) -> None:
    """Run one command and end with its exit code; a reader that has read enough is no fault."""
    try:
        result = app(words)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        result = CLOSED
    sys.exit(result if isinstance(result, int) else 0)
