"""What may be said to a question, by its kind and by the faults that could touch it."""

from collections.abc import Mapping, Sequence
from typing import Final

from kruispunt.sources import Cause, Patience
from storm.kept import ANSWERED, REFUSED, Kept, Window
from storm.lies import LIES, Lie

ALWAYS: Final = frozenset({ANSWERED, REFUSED})
NOTHING: Final = frozenset[int]()
SILENT: Final = frozenset({503})
WRONG: Final = frozenset({502})
STRANGE: Final = frozenset({401})

REST_S: Final = Patience().rest_s
"""Who was silent too often is left alone for so long, each process of the hub for itself."""

BY_KIND: Final[Mapping[str, frozenset[int]]] = {
    "load": ALWAYS,
    "probe": ALWAYS,
    "repeated": ALWAYS | {409},
    "duplicate": ALWAYS | {401},
    "reordered": ALWAYS | {409},
    "garbled": frozenset({400, 401}),
    "replayed": frozenset({401, 409}),
    "other-content": frozenset({401, 409}),
    "truncated": NOTHING,
    "hung-up": NOTHING,
}
"""What each kind of question may be told in calm weather."""

BY_FAULT: Final[Mapping[str, frozenset[int]]] = {
    **dict.fromkeys(("kill-hub", "kill-node", "kill-station", "kill-database"), SILENT),
    **dict.fromkeys(("kill-backend", "stop-database", "stop-station", "slow-station"), SILENT),
    **dict.fromkeys(("disk-full", "folder-full"), SILENT),
    **dict.fromkeys(("asked-twice", "duplicated", "reordered", "truncated"), NOTHING),
    **dict.fromkeys(("hung-up", "replayed", "garbled"), NOTHING),
}
"""What else a fault can cause while it lasts."""

BY_CLOCK: Final[Mapping[str, frozenset[int]]] = {
    "hub": STRANGE | WRONG,
    "node": STRANGE | WRONG,
    "station": WRONG,
    "all": STRANGE | WRONG,
}
"""Whose clock jumps: it and those who are right refuse each other's signatures."""


def by_fault(fault: str) -> frozenset[int]:
    """What else may be said while a fault lasts.

    Raises:
        KeyError: no such fault.
    """
    if fault.startswith("clock-"):
        return BY_CLOCK[fault.split("-")[1]]
    if fault.startswith("lie-"):
        return _by_lie(LIES[fault.removeprefix("lie-")])
    return BY_FAULT[fault]


def allowed(kept: Kept, windows: Sequence[Window], *, lasts_s: float) -> frozenset[int]:
    """What may be said to a question. `lasts_s`: what was asked before may fail so much later."""
    found = BY_KIND[kept.kind]
    for window in windows:
        if window.skipped or kept.ended < window.began:
            continue
        caused = by_fault(window.fault)
        over = max(window.over, window.ended) + lasts_s
        if kept.began <= over:
            found |= caused
        elif kept.began <= over + REST_S:
            found |= caused & SILENT
    return found


def _by_lie(lie: Lie) -> frozenset[int]:
    return frozenset(503 if cause is Cause.NO_ANSWER else 502 for cause in lie.causes)
