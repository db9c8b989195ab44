"""All commands under one name; each is imported when it is called, so that none waits for all."""

import os
import sys
from typing import Final

from cyclopts import App

CLOSED: Final = 141
"""Whoever read our output stopped reading, as a shell says it of SIGPIPE."""

COMMANDS: Final = (
    ("up", "start:up_app", "Start every process of a network and keep it running."),
    ("demo", "demo:demo_app", "Start a network with synthetic people, and tell what happens."),
    ("ask", "ask:ask_app", "Ask one question about one person."),
    ("answer", "answers:answer_app", "Answers that came by mail to what was asked by hand."),
    ("case", "case:case_app", "Cases of an institution: open, show, list, follow, tell."),
    ("law", "law:law_app", "The law that runs: why, check, list, changes, release."),
    ("directory", "directory:directory_app", "Who knows whom, as what, from when to when."),
    ("file", "file:file_app", "A file of lines or questions, taken at the hub."),
    ("audit", "audit:audit_app", "The trail: who looked at whom, when and why."),
    ("mail", "mail:mail_app", "Mail between seats: bring it, see what waits, dead letters."),
    ("one-shot", "one_shot:one_shot_app", "The file that is sent once: select, send, take."),
    ("backup", "backup:backup_app", "Write everything that can't be made again into a folder."),
    ("restore", "backup:restore_app", "Make a state folder from a backup, on any machine."),
    ("people", "people:people_app", "A synthetic country: make it, or look at it."),
    ("key", "keys:key_app", "Keys: list, rotate, revoke, export, import; certificates."),
    ("station", "station:station", "Put a source on the network."),
    ("circuit", "circuit:circuit_app", "Run the cases of an institution."),
    ("wire", "wire:wire_app", "Check the SOAP door of a hub or node, as its clients see it."),
    ("hub", "hub:hub_app", "Run one process of a hub or node."),
    ("generate", "generate:generate_app", "Write reference pages and OpenAPI from law."),
)
"""Name of each command, where it stands below `kruispunt.cli`, and what it is for."""

app = App(
    name="kruispunt",
    help="A crossroads bank for social security: who may see what, by which law, written down.",
)
for name, place, purpose in COMMANDS:
    app.command(f"kruispunt.cli.{place}", name=name, help=purpose)


def run(words: list[str] | None = None) -> None:
    """Run one command and end with its exit code; a reader that has read enough is no fault."""
    try:
        result = app(words)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        result = CLOSED
    sys.exit(result if isinstance(result, int) else 0)
