"""Which leaves may be without a row: those that a signed note counts and hashes, and no other.

The note holds how many they are and a digest over them in order of position. They are found again
by what has no row, and by rows of those months that stand still; so a leaf that is none of them
gives another digest.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Final, Protocol

from asyncpg import Record

from kruispunt.audit.fault import Ending, Fault, Verified, Wrong
from kruispunt.audit.reader import NEAR
from kruispunt.vocabulary import Expired

MANY: Final = 4_096

_TIME: Final = 6
_BEGIN: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


@dataclass(slots=True)
class Roll:
    """Leaves and their digest in order of position, in whatever order they are found."""

    leaves: int = 0
    position: int = 0
    """The one after the last of them."""

    found: list[bytes] = field(default_factory=list[bytes])
    hashed: _Hash = field(default_factory=sha256)

    def add(self, position: int, name: bytes) -> None:
        """A leaf: its position, and kind and entry in 17 bytes."""
        self.found.append(position.to_bytes(8) + name)

    def settle(self, before: int) -> None:
        """No leaf before that position will be found any more."""
        if not self.found:
            return
        limit = before.to_bytes(8)
        self.found.sort()
        done = [one for one in self.found if one < limit]
        if done:
            self.hashed.update(b"".join(done))
            self.leaves += len(done)
            self.position = int.from_bytes(done[-1][:8]) + 1
            del self.found[: len(done)]


@dataclass(slots=True, kw_only=True)
class Excuse:
    """What a note excuses, and what the next one will, where months are to be ended."""

    note: Expired | None
    ending: date | None
    rows: int = 0
    """Rows that stand of the months to be ended."""

    gone: int = 0
    old: Roll = field(default_factory=Roll)
    new: Roll = field(default_factory=Roll)
    watched: dict[bytes, int] = field(default_factory=dict[bytes, int])
    """Positions of leaves that may be among them and wait for a row, in order."""

    @property
    def needed(self) -> bool:
        """False where nothing ever expired, and nothing is to."""
        return self.note is not None or self.ending is not None

    def waits(self, position: int, name: bytes) -> None:
        """A leaf waits for its row."""
        if self._may_be_gone(position, name) or _is_before(name, self.ending):
            self.watched[name] = position

    def stands(self, position: int, name: bytes, at: datetime | None) -> None:
        """The row of a leaf stands, recorded then."""
        self.watched.pop(name, None)
        note, ending = self.note, self.ending
        if at is None:
            return
        if note is not None and position < note.position and at < _begin(note.before):
            self.old.add(position, name)
        if ending is not None and at < _begin(ending):
            self.new.add(position, name)
            self.rows += 1

    def excuses(self, position: int, name: bytes) -> bool:
        """True where a leaf without a row may be one of those; the digest decides."""
        self.watched.pop(name, None)
        if not self._may_be_gone(position, name):
            return False
        self.gone += 1
        self.old.add(position, name)
        if self.ending is not None:
            self.new.add(position, name)
        return True

    def settle(self, size: int, *, least: int = MANY) -> None:
        """All leaves before that position came by: put so many at least in order, and forget them.

        What waits for its row holds up what stands behind it.
        """
        if max(len(self.old.found), len(self.new.found)) < least:
            return
        before = next(iter(self.watched.values()), size)
        self.old.settle(before)
        self.new.settle(before)

    def compare(self, result: Verified, rows: Sequence[Record]) -> None:
        """Hold all that was excused against the note, and what the database tells of it."""
        result.expired = self.gone
        note = self.note
        if note is not None and (note.leaves, note.digest) != (
            self.old.leaves,
            self.old.hashed.digest(),
        ):
            words = f"{self.old.leaves} leaves have no row, or one of a month that is over; "
            words += f"they are not the {note.leaves} that the signed note excuses"
            result.add(Fault(wrong=Wrong.MISSING, position=None, words=words))
        if _told(rows, note) != self.gone:
            words = f"of {self.gone} leaves the rows are over; the database tells it otherwise"
            result.add(Fault(wrong=Wrong.HISTORY, words=words))
        if self.ending is not None:
            result.ending = Ending(
                before=self.ending,
                position=self.new.position,
                leaves=self.new.leaves,
                digest=self.new.hashed.digest(),
                rows=self.rows,
            )

    def _may_be_gone(self, position: int, name: bytes) -> bool:
        note = self.note
        return note is not None and position < note.position and _is_before(name, note.before)


def _told(rows: Sequence[Record], note: Expired | None) -> int | None:
    """How many rows the database says it took away; None: it says more than was ever signed."""
    for row in rows:
        before = row["before"]
        if (
            note is None
            or before is None
            or before > note.before
            or row["position"] > note.position
        ):
            return None
    return sum(row["rows"] for row in rows)


def _is_before(name: bytes, month: date | None) -> bool:
    """False where an id tells a time that is too late to be recorded before that month."""
    if month is None:
        return False
    if name[7] >> 4 != 7:
        return True
    return int.from_bytes(name[1 : 1 + _TIME]) < (_begin(month) + NEAR - _BEGIN) // _MILLISECOND


def _begin(month: date) -> datetime:
    return datetime(month.year, month.month, 1, tzinfo=UTC)
