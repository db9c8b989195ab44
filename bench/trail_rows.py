"""Rows of ten years of looks as COPY takes them: made from one real row, whole months at once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from struct import pack
from typing import Any, Final, Self
from uuid import UUID

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from bench.trail_entries import ssin
from kruispunt.audit import MonthKey

MONTHS: Final = 120
EACH: Final = 15
"""Looks at one person, eight months apart: everyone's page spans all ten years."""

APART: Final = MONTHS // EACH
FIRST: Final = date(2021, 1, 1)
CHUNK: Final = 10_000
DAYS: Final = 28
"""Of each month in which looks are recorded, evenly apart."""

HEAD: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TAIL: Final = b"\xff\xff"

BEGIN: Final = datetime(2000, 1, 1, tzinfo=UTC)
FIELDS: Final = "tttqqiiiiiiiidddhhuuubbbbssss"
"""Kinds of the columns of a decision, in the order of `add_decisions`."""

NAMES: Final = (
    "recorded_at", "received_at", "sent_at", "ssin", "successor", "lawbook", "consumer", "flow",
    "purpose", "ground", "key", "proof_created", "proof_life", "asked_on", "about_begin",
    "about_end", "form", "reason", "id", "message_id", "repeats", "nonce", "signature", "digest",
    "facts", "ticket", "file_reference", "asked_by", "role",
)  # fmt: skip
ENDED: Final = ("recorded_at", "ended_at", "shown", "form", "ending", "entry", "cause")
ENDED_FIELDS: Final = "ttihhus"

_WRITE: Final[dict[str, Callable[[Any], bytes]]] = {
    "t": lambda at: pack(">q", _microseconds(at)),
    "q": lambda number: pack(">q", number),
    "i": lambda number: pack(">i", number),
    "d": lambda day: pack(">i", (day - BEGIN.date()).days),
    "h": lambda number: pack(">h", number),
    "u": lambda entry: entry.bytes,
    "b": lambda data: data,
    "s": lambda text: text.encode(),
}

Bytes = NDArray[np.uint8]
"""A row of bytes for each row of a table."""

Places = NDArray[np.int64]


def month_at(place: int) -> date:
    """The first day of the month at this place, from the first on."""
    return date(FIRST.year + place // 12, place % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class Template:
    """A real row in the binary form of COPY, and where in it the value of each column stands."""

    row: bytes
    places: Mapping[str, slice]

    @classmethod
    def of(cls, row: Sequence[Any], *, names: Sequence[str], fields: str) -> Self:
        """The row that a trail writes for these values."""
        data, places = pack(">h", len(row)), dict[str, slice]()
        for name, kind, value in zip(names, fields, row, strict=True):
            told = None if value is None else _WRITE[kind](value)
            data += pack(">i", -1 if told is None else len(told))
            places[name] = slice(len(data), len(data) + len(told or b""))
            data += told or b""
        return cls(data, places)

    def rows(self, values: Mapping[str, Bytes]) -> Bytes:
        """So many rows like it, with other values of the same length in these columns."""
        made = np.tile(np.frombuffer(self.row, np.uint8), (len(next(iter(values.values()))), 1))
        for name, value in values.items():
            made[:, self.places[name]] = value
        return made

    def length(self, name: str) -> int:
        """How many bytes the value of this column has."""
        return self.places[name].stop - self.places[name].start


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """The persons of a trail, and those of them whose looks open under the keys of the months.

    Numbers are dealt out by chance: those who are asked lie among all others in each index.
    """

    numbers: Places
    opened: Places

    @classmethod
    def of(cls, persons: int, *, opened: int) -> Self:
        """So many persons, of whom so many can be asked."""
        chance = default_rng(persons)
        numbers = np.array([ssin(place).number for place in range(persons)], np.int64)
        some = chance.choice(persons, opened, replace=False)
        return cls(numbers=chance.permutation(numbers), opened=some.astype(np.int64))

    def month(self, place: int) -> Places:
        """Who is looked at in the month at this place, in an order of chance."""
        return default_rng(place).permutation(
            np.arange(place % APART, len(self.numbers), APART, dtype=np.int64)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """The looks of one month, in order of time: when, at whom, and under what id (version 7)."""

    key: MonthKey
    at: Places
    numbers: Places
    ids: Bytes
    opens: NDArray[np.bool_]

    @classmethod
    def of(cls, crowd: Crowd, place: int, *, key: MonthKey) -> Self:
        """Those of the month at this place."""
        looked = crowd.month(place)
        begin = datetime.combine(month_at(place), datetime.min.time(), UTC)
        step = timedelta(days=DAYS) // timedelta(microseconds=1) // max(1, len(looked))
        at = _microseconds(begin) + np.arange(len(looked), dtype=np.int64) * step
        opens = np.zeros(len(crowd.numbers), np.bool_)
        opens[crowd.opened] = True
        ids = _ids(at, default_rng(MONTHS + place))
        return cls(key=key, at=at, numbers=crowd.numbers[looked], ids=ids, opens=opens[looked])

    def decisions(self, template: Template, *, facts: bytes, seed: int) -> Iterator[bytes]:
        """What COPY takes: these facts, sealed, of who is asked about; else bytes of chance."""
        chance, length = default_rng(seed), template.length("facts")
        yield HEAD
        for begin in range(0, len(self.at), CHUNK):
            part = slice(begin, begin + CHUNK)
            at, ids, opens = _wide(self.at[part]), self.ids[part], self.opens[part]
            sealed = chance.integers(0, 256, (len(ids), length), np.uint8)
            for place in np.flatnonzero(opens):
                one = self.key.seal(facts, entry=UUID(bytes=ids[place].tobytes()))
                sealed[place] = np.frombuffer(one, np.uint8)
            moments = dict.fromkeys(("recorded_at", "received_at", "sent_at"), at)
            about = _wide(self.numbers[part])
            yield template.rows(
                {**moments, "ssin": about, "id": ids, "message_id": ids, "facts": sealed}
            ).tobytes()
        yield TAIL

    def outcomes(self, template: Template) -> Iterator[bytes]:
        """What COPY takes of what came of each."""
        yield HEAD
        for begin in range(0, len(self.at), CHUNK):
            part = slice(begin, begin + CHUNK)
            at = _wide(self.at[part])
            yield template.rows(
                {"recorded_at": at, "ended_at": at, "entry": self.ids[part]}
            ).tobytes()
        yield TAIL


def _ids(at: Places, chance: Generator) -> Bytes:
    """Ids of these moments (microseconds since 2000), with 74 bits of chance."""
    ids = chance.integers(0, 256, (len(at), 16), np.uint8)
    since = (BEGIN - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    ids[:, :6] = _wide(at // 1000 + since)[:, 2:]
    ids[:, 6] = ids[:, 6] & 0x0F | 0x70
    ids[:, 8] = ids[:, 8] & 0x3F | 0x80
    return ids


def _wide(numbers: Places) -> Bytes:
    """Each as the eight bytes that a server takes."""
    return numbers.astype(">i8").view(np.uint8).reshape(len(numbers), 8)


def _microseconds(at: datetime) -> int:
    return (at - BEGIN) // timedelta(microseconds=1)
