"""One page out of several kinds of rows: merged, cut at its length, and where the next begins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kruispunt.audit import Change, Look, Reading, Spoiled

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
    spoiled: tuple[Spoiled, ...]
    next: Before | None

    @classmethod
    def of(
        cls,
        looks: Sequence[Look | Spoiled],
        readings: Sequence[Reading | Spoiled],
        changes: Sequence[Change | Spoiled],
        *,
        limit: int,
        key: Key,
    ) -> "Cut":
        """The first `limit` rows of all kinds together, out of one more of each kind."""
        rows = (*looks, *readings, *changes)
        names = list(map(_name, rows))
        shown = sorted(names, key=key, reverse=True)[:limit]
        kept = set(shown)
        page = [row for row, name in zip(rows, names, strict=True) if name in kept]
        return cls(
            looks=tuple(one for one in page if isinstance(one, Look)),
            readings=tuple(one for one in page if isinstance(one, Reading)),
            changes=tuple(one for one in page if isinstance(one, Change)),
            spoiled=tuple(one for one in page if isinstance(one, Spoiled)),
            next=shown[-1] if len(names) > limit else None,
        )


def _name(row: Look | Reading | Change | Spoiled) -> Before:
    if isinstance(row, Look):
        return row.entry.recorded_at, row.entry.id
    return row.recorded_at, row.id
