"""What can be wrong with a trail, and what a verification found."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

MAX_FAULTS: Final = 1_000


class Wrong(StrEnum):
    """What can be wrong with an entry, or with the whole."""

    CHANGED = "changed"
    MISSING = "missing"
    INSERTED = "inserted"
    REORDERED = "reordered"
    DATABASE_OLDER = "database-older"
    HISTORY = "history"
    """The tree of the database is not the one that was signed."""

    FILES = "files"
    UNLISTED = "unlisted"
    """The page of the person whom it is about leaves it out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault, named. `kind`: that of its leaf; `position`: its place in the tree."""

    wrong: Wrong
    entry: UUID | None = None
    kind: int | None = None
    position: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The leaves that have no content once the months before `before` are ended.

    Those that were excused already are among them.
    """

    before: date
    position: int
    """The one after the last of them."""

    leaves: int
    digest: bytes
    rows: int
    """Of how many the rows stand still."""


@dataclass(slots=True, kw_only=True)
class Verified:
    """What was found. Without faults, the database is what was published."""

    size: int = 0
    decisions: int = 0
    outcomes: int = 0
    readings: int = 0
    changes: int = 0
    waiting: int = 0
    shredded: int = 0
    """Rows of months whose key is gone: they have their place, and can't be made again."""

    expired: int = 0
    """Leaves whose rows are gone with their month, as a signed note says."""

    ending: Ending | None = None
    """What is to be ended, where that was asked."""

    faults: list[Fault] = field(default_factory=list[Fault])
    faulty: int = 0
    """How many faults there are; the first thousand are kept."""

    jumps: list[str] = field(default_factory=list[str])
    """Where the clock went back. The order of the tree is not touched by it."""

    def add(self, fault: Fault) -> None:
        """Keep a fault, as long as there are not too many."""
        self.faulty += 1
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(fault)
