"""What the campaign remembers: every question it asked, and every time it did something bad."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

LOST: Final = 0
"""The status of a question to which nothing whole came back."""

TRUNCATED: Final = "truncated"
HUNG_UP: Final = "hung-up"
UNHEARD: Final = (TRUNCATED, HUNG_UP)
"""Kinds of questions to which nobody waited for an answer."""

ANSWERED: Final = 200
REFUSED: Final = 403


@dataclass(slots=True, kw_only=True)
class Kept:
    """One question, and what came of it. Times are seconds of one steady clock."""

    seat: str
    flow: str
    consumer: str
    message: UUID
    nonce: bytes
    kind: str = "load"
    began: float = 0.0
    ended: float = 0.0
    status: int = LOST
    given: bool | None = None
    """The answer held rows, or none."""

    rows: int = 0
    entry: UUID | None = None
    """The entry that the receipt names, or the ticket of a look that failed."""

    leaf: bytes = b""
    repeated: bool = False
    many: bool = False
    """One of a set: its nonce is that of the whole request."""

    detail: str = ""
    asked_data: bool = False
    """The person is one about whom there is something to tell."""

    faults: list[str] = field(default_factory=list[str])
    """What can't be believed of the reply, or should never have stood in it."""


@dataclass(slots=True, kw_only=True)
class Window:
    """One fault: when it was done, until when it lasted, and when all was well again."""

    fault: str
    began: float
    began_at: datetime
    ended: float = 0.0
    ended_at: datetime | None = None
    over: float = 0.0
    """When all was well again, on the same clock as `began`."""

    surely: float = 0.0
    """From when on it was surely so, where that is later than `began`."""

    shifts: Mapping[str, int] = field(default_factory=dict[str, int])
    """By how many seconds the clocks of seats were put forward meanwhile."""

    recovered_s: float | None = None
    note: str = ""
    skipped: str = ""
    loses: frozenset[str] = frozenset()
    """Seats of which an outcome may be lost by it."""

    counts: dict[str, int] = field(default_factory=dict[str, int])

    def holds(self, kept: Kept) -> bool:
        """True where the whole question fell into this time."""
        return max(self.began, self.surely) <= kept.began and kept.ended <= self.ended

    def harms(self, kept: Kept) -> bool:
        """True where part of the question fell between the fault and all being well."""
        return self.began <= kept.ended and kept.began <= self.over

    def touches(self, kept: Kept) -> bool:
        """True where part of the question fell into this time."""
        return self.began <= kept.ended and kept.began <= self.ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that must not be."""

    rule: str
    what: str
