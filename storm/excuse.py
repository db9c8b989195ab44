"""Which looks may stand without an outcome: those that were under way when something died."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from storm.kept import Kept, Window
from storm.trail import Entry

RIDES_S: Final = 1.0
"""An outcome is committed with what comes next, at the latest so long after the answer."""


def may_be_open(
    entry: Entry, *, kept: Kept | None, seat: str, windows: Sequence[Window], lasts_s: float
) -> bool:
    """True where the process or database of the seat died while this was under way.

    `kept`: the answer that it gave, where we heard it: then it is known when. `lasts_s`: an entry
    is so old at most when its outcome is committed.
    """
    losing = [window for window in windows if seat in window.loses and not window.skipped]
    if kept is not None:
        return any(w.began <= kept.ended + RIDES_S and kept.began <= w.over for w in losing)
    moments = list(_moments(entry.recorded_at, seat, windows))
    return any(_under_way(moment, w, lasts_s) for w in losing for moment in moments)


def _under_way(moment: datetime, window: Window, lasts_s: float) -> bool:
    earliest = window.began_at - timedelta(seconds=lasts_s)
    return earliest <= moment <= (window.ended_at or moment)


def _moments(told: datetime, seat: str, windows: Sequence[Window]) -> Iterator[datetime]:
    """When an entry was written: as it says, or as much earlier as the clock was put forward."""
    yield told
    for window in windows:
        truly = told - timedelta(seconds=window.shifts.get(seat, 0))
        if seat in window.shifts and window.began_at <= truly <= (window.ended_at or truly):
            yield truly
