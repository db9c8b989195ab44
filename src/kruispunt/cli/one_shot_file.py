"""What the commands of the one-time file share: their options, their words, the file they read."""

import sys
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from kruispunt.circuits import one_shot
from kruispunt.cli.reading import file_fault

AWAY: Final = 1
WRONG: Final = 2

At = Annotated[str, Parameter(help="Whose keys, mailbox or seat.")]
State = Annotated[Path | None, Parameter(help="State folder; else `.kruispunt`.")]
Json = Annotated[bool, Parameter(negative="", help="One JSON object.")]


def say(why: str | Exception, code: int) -> int:
    """Tell why a command ends otherwise; of a file that can't be used, which one it is."""
    print(file_fault(why) if isinstance(why, OSError) else why, file=sys.stderr)
    return code


def read_file(path: Path) -> list[one_shot.OneShotRecord]:
    """Every person of a file whose every line keeps the rules.

    Raises:
        one_shot.WrongFile: the first line that does not.
    """
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            records = list(one_shot.read_records(lines))
    except UnicodeDecodeError:
        raise one_shot.WrongFile(1, "expected text in UTF-8") from None
    if not records:
        raise one_shot.WrongFile(2, "expected at least one person")
    return records
