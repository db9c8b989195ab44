"""How far the clock of a process is off, in a file that may change while the process runs."""

import mmap
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from struct import Struct

_SECONDS = Struct("<q")


def write_offset(path: Path, seconds: int) -> None:
    """Put the clocks that follow this file forward, or back, by so many seconds; 0: right."""
    path.touch(exist_ok=True)
    with path.open("r+b") as file:
        file.write(_SECONDS.pack(seconds))


def clock_of(path: Path) -> Callable[[], datetime]:
    """A clock that is off by what the file says at that moment. The file must stand already."""
    with path.open("rb") as file:
        seen = mmap.mmap(file.fileno(), _SECONDS.size, access=mmap.ACCESS_READ)

    def now() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=_SECONDS.unpack(seen[: _SECONDS.size])[0])

    return now
