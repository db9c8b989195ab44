"""The garbage collector of a process that serves: it leaves alone what was made at the start."""

import gc
from typing import Final

YOUNG: Final = 20_000
"""Objects before a first look. With Python's 700, every few requests under way are looked through
while they are still needed: 8 % of a hub's CPU, and pauses of 60 ms for the lawbook (bench)."""

OLDER: Final = (20, 50)


def leave_the_start_alone() -> None:
    """Call once, when all that lives as long as the process is made."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *OLDER)
