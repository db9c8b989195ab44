"""What a question that was not answered tells the caller of a command, and its exit code."""

import sys
from typing import Final

import msgspec

from kruispunt.client import AskFailed

FAILED: Final = 1
WRONG: Final = 2
REFUSED: Final = 3
NOT_A_QUESTION: Final = (400, 404)


def tell_failure(failed: AskFailed, *, json: bool) -> int:
    """Say what went wrong; a question that is itself wrong has a code of its own."""
    problem = failed.problem
    if problem is None:
        tell(None, str(failed), json=json)
        return FAILED
    issues = "".join(f"\n  {issue.name}: {issue.detail}" for issue in problem.issues)
    tell(problem, (problem.detail or problem.title) + issues, json=json)
    return WRONG if problem.status in NOT_A_QUESTION else FAILED


def tell(problem: object, words: str, *, json: bool) -> None:
    """The problem as an object, or in words."""
    if json and problem is not None:
        print(msgspec.json.encode(problem).decode())
    else:
        print(words, file=sys.stderr)
