"""One page out of several kinds of rows: merged, cut at its length, and where the next begins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kruispunt.audit import Change, Look, Reading

Before = tuple[datetime, UUID]
"""The entry before which a page begins: when it was recorded, and its id."""

Key = Callable[[Before], Before | UUID]
"""The order in which rows were read, which is that of the page."""


def by_time(name: Before) -> Before | UUID:
    """In order of being recorded."""
    return name


def by_id(name: Before) -> Before | UUID:
    """In order of ids, which begin with the millisecond of being recorded."""
    return name[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The rows of one page, the latest first. `next`: the last one, where more stand behind."""

    looks: tuple[Look, ...]
    readings: tuple[Reading, ...]
    changes: tuple[Change, ...]
    next: Before | None

    @classmethod
    def of(
        cls,
        looks: Sequence[Look],
        readings: Sequence[Reading],
        changes: Sequence[Change],
        *,
        limit: int,
        key: Key,
    ) -> "Cut":
        """The first `limit` rows of all kinds together, out of one more of each kind."""
        names = [*map(_of_look, looks), *map(_of_written, (*readings, *changes))]
        shown = sorted(names, key=key, reverse=True)[:limit]
        kept = set(shown)
        return cls(
            looks=tuple(one for one in looks if _of_look(one) in kept),
            readings=tuple(one for one in readings if _of_written(one) in kept),
            changes=tuple(one for one in changes if _of_written(one) in kept),
            next=shown[-1] if len(names) > limit else None,
        )


def _of_look(look: Look) -> Before:
    return look.entry.recorded_at, look.entry.id


def _of_written(one: Reading | Change) -> Before:
    return one.recorded_at, one.id
