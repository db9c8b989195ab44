"""What a replay found: decisions that come out otherwise now, and what could not be decided."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

MAX_DIFFERENCES: Final = 1_000


class Differs(StrEnum):
    """In what a decision that is made again differs from the one that stands."""

    REASON = "reason"
    """Granted, or refused for this reason: the other is said now."""

    GROUND = "ground"
    """Another clause, deliberation or paragraph."""

    FIELDS = "fields"
    WITHHELD = "withheld"
    SUCCESSOR = "successor"
    ASKED_ON = "asked-on"
    """Another day than that on which the question was received, or first received."""

    LAWBOOK = "lawbook"
    """Another law than that of the entry repeated, or than the one in use."""

    REPEATS = "repeats"
    """No entry of before, of the same message and decided alike, stands under that id."""

    OUTCOME = "outcome"
    """A look of this decision can't have ended so, or there was none."""


class NotReplayed(StrEnum):
    """Why an entry can't be decided again."""

    SHREDDED = "month-shredded"
    """Its time is over: nobody can read its facts any more, as it should be."""

    KEY_LOST = "month-key-lost"
    """The key of its month is not there, and was never shredded."""

    LAW_LOST = "lawbook-lost"
    """The lawbook that it names is not kept here."""

    LAW_CHANGED = "lawbook-changed"
    """What is kept under that digest is something else, or does not know this institution."""

    UNREADABLE = "unreadable"
    """The row is not what was written: its facts can't be opened, or a value can't be one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing in which one entry differs. Never a person's number, never a fact."""

    entry: UUID
    recorded_at: datetime
    differs: Differs
    stands: str
    again: str


@dataclass(slots=True, kw_only=True)
class Replayed:
    """What was found. Without differences, every decision read follows from its facts and law."""

    entries: int = 0
    replayed: int = 0
    differing: int = 0
    """Entries that differ in anything."""

    differences: list[Difference] = field(default_factory=list[Difference])
    """In what, each by name; of more than a thousand entries only the first thousand."""

    not_replayed: Counter[NotReplayed] = field(default_factory=Counter[NotReplayed])
    lawbooks: set[str] = field(default_factory=set[str])
    """Digests of the lawbooks that decided again."""

    def add(self, found: list[Difference]) -> None:
        """Count an entry that differs, and keep in what, as long as there are not too many."""
        self.differing += 1
        if self.differing <= MAX_DIFFERENCES:
            self.differences += found

    @property
    def is_whole(self) -> bool:
        """True where every entry was decided again but those whose time is over."""
        return not any(why is not NotReplayed.SHREDDED for why in self.not_replayed)
