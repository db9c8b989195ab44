"""Runs `kruispunt audit list` about one person after the other, in one process.

`python -m storm.listed SEAT STATE`: reads numbers on standard input, one a line, and prints one
JSON array of what the command said of each: to machines and to people.
"""

import io
import sys
from contextlib import redirect_stdout

import msgspec

from kruispunt.cli.audit import audit_app

LIMIT = "10000"


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """What the command said of one person."""

    json: str
    page: str


def told(ssin: str, *, seat: str, state: str, words: tuple[str, ...] = ()) -> str:
    """What the command prints."""
    argv = ["list", "--ssin", "-", "--at", seat, "--state", state, "--limit", LIMIT, *words]
    printed = io.StringIO()
    sys.stdin = io.StringIO(ssin)
    with redirect_stdout(printed):
        audit_app(argv, result_action="return_value")
    return printed.getvalue()


def main() -> None:
    seat, state = sys.argv[1:]
    numbers = sys.stdin.read().split()
    found = [
        Listed(
            json=told(ssin, seat=seat, state=state, words=("--json",)),
            page=told(ssin, seat=seat, state=state),
        )
        for ssin in numbers
    ]
    sys.stdout.write(msgspec.json.encode(found).decode())


if __name__ == "__main__":
    main()
