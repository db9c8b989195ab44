"""`audit verify`: the database held against the tree, entry by entry, and every fault named.

Every leaf is made again from its row, and the tree again from its leaves, up to the root that was
signed. All rows are read at one moment of the database, so that a running hub disturbs nothing.
"""

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from asyncpg import Record

from kruispunt.audit.again import UNREADABLE, Again, Leaf, months_of
from kruispunt.audit.blinding import KEY_BYTES, Keyed, MonthKey, month_of
from kruispunt.audit.change import CHANGES
from kruispunt.audit.fault import Fault, Verified, Wrong
from kruispunt.audit.published import HistoryChanged, Published
from kruispunt.audit.queries import QUERIES
from kruispunt.audit.reader import Reader
from kruispunt.audit.reading import READS
from kruispunt.audit.sealer import SEALING
from kruispunt.postgres import Connection
from kruispunt.vocabulary import Checkpoint, Edge, Expired, WrongTile

PAGE: Final = 4_096
LOTS: Final = 8
PLACE: Final = 17
HASH: Final = 32
UUID_OF_TIME: Final = 7
TERMS: Final = ("lawbook", "consumer", "flow", "purpose", "ground", "key")
LAST: Final = UUID(int=(1 << 128) - 1)
BACK: Final = timedelta(seconds=2)
"""A clock that goes back by less is no jump: processes write at the same time."""


@dataclass(frozen=True, slots=True)
class _Place:
    position: int
    blinded: bytes
    ended: datetime


@dataclass(slots=True, kw_only=True)
class Verification:
    """One run over a trail.

    `checkpoint` and what has `expired` were read, and their signatures checked, before it began.
    """

    reader: Reader
    published: Published
    checkpoint: Checkpoint
    expired: Expired | None = None
    result: Verified = field(default_factory=Verified)
    edge: Edge = field(default_factory=Edge)
    places: dict[bytes, _Place] = field(default_factory=dict[bytes, _Place])
    """Leaves whose row has not come by yet."""

    rows: dict[bytes, bytes] = field(default_factory=dict[bytes, bytes])
    """Rows whose leaf has not come by yet."""

    other: dict[bytes, tuple[_Place, bytes]] = field(
        default_factory=dict[bytes, tuple[_Place, bytes]]
    )
    """Rows that give another leaf than the one at their place."""

    keys: dict[tuple[int, int], MonthKey | None] = field(
        default_factory=dict[tuple[int, int], MonthKey | None]
    )
    clock: datetime | None = None
    torn: bool = False
    """A file is missing: roots can't be made again from here on."""

    async def run(self) -> Verified:
        """Read the whole trail once.

        Raises:
            Tampered: the key of a month can't be unwrapped.
            Unavailable: the database is away.
        """
        async with self._moment() as connection:
            lots = self._lots(connection)
            more = True
            async for leaves in self._leaves(connection):
                self._meet_rows(leaves)
                while more and len(self.places) < 2 * PAGE:
                    more = await anext(lots, False)
            while more:
                more = await anext(lots, False)
            self._compare_whole()
            await self._name_rows(connection)
        self._name_places()
        self._name_others()
        return self.result

    @asynccontextmanager
    async def _moment(self) -> AsyncGenerator[Connection]:
        async with self.reader.database.connected() as connection:
            await connection.execute("begin isolation level repeatable read, read only")
            yield connection
            await connection.execute("rollback")

    async def _leaves(self, connection: Connection) -> AsyncGenerator[list[Leaf]]:
        """Every row as the leaf that it gives, decisions and outcomes side by side in order."""
        after, again = UUID(int=0), Again(terms=self.reader.terms, keys=self.keys)
        while True:
            rows = await connection.fetch(SEALING["decisions_from"].sql, after, PAGE)
            upto = rows[-1]["id"] if len(rows) == PAGE else LAST
            ended = await connection.fetch(SEALING["outcomes_between"].sql, after, upto)
            read = await connection.fetch(READS["readings_between"].sql, after, upto)
            made = await connection.fetch(CHANGES["changes_between"].sql, after, upto)
            await self._prepare(rows, [*ended, *read, *made])
            self.result.readings += len(read)
            self.result.changes += len(made)
            self.result.decisions += len(rows)
            self.result.outcomes += len(ended)
            yield [
                *again.decisions(self._readable(rows, again, kind=1)),
                *again.outcomes(self._readable(ended, again, kind=2)),
                *again.readings(self._readable(read, again, kind=3)),
                *again.changes(self._readable(made, again, kind=4)),
            ]
            if upto == LAST:
                return
            after = upto

    async def _prepare(self, rows: list[Record], ended: list[Record]) -> None:
        """Find the keys of the months and the terms that these rows name."""
        await self._find_keys(months_of((*rows, *ended)))
        numbers = {number for place in TERMS for number in {row[place] for row in rows}}
        await self.reader.terms.recall(numbers - {None})

    async def _find_keys(self, months: Iterable[date]) -> None:
        for month in months:
            if (month.year, month.month) not in self.keys:
                key = self.keys[month.year, month.month] = await self._key(month)
                if key is None and not self._has_expired(month):
                    words = f"the key of {month:%Y-%m} is gone, and no signed note says so"
                    self.result.add(Fault(wrong=Wrong.MISSING, words=words))

    def _has_expired(self, month: date) -> bool:
        return self.expired is not None and month < self.expired.before

    async def _key(self, month: date) -> MonthKey | None:
        rows = await self.reader.database.fetch(QUERIES["find_month_key"], month)
        if not rows:
            return _NEVER
        return None if rows[0]["wrapped"] is None else await self.reader.keys.find(month)

    def _readable(self, rows: list[Record], again: Again, *, kind: int) -> list[Record]:
        """Rows whose leaf can be made again; of the others only the place is asked for."""
        if None not in self.keys.values():
            return rows
        for row in rows:
            if again.is_shredded(row["recorded_at"]):
                self.result.shredded += 1
                entry = row["entry" if kind == 2 else "id"].bytes
                self._meet(bytes((kind,)) + entry, None)
        return [row for row in rows if not again.is_shredded(row["recorded_at"])]

    def _meet_rows(self, leaves: list[Leaf]) -> None:
        places, rows = self.places, self.rows
        for name, blinded in leaves:
            place = places.pop(name, None)
            if place is None:
                rows[name] = blinded
            elif place.blinded != blinded:
                self.other[name] = (place, blinded)

    def _meet(self, name: bytes, blinded: bytes | None) -> None:
        place = self.places.pop(name, None)
        if place is None:
            self.rows[name] = _ANY if blinded is None else blinded

    async def _lots(self, connection: Connection) -> AsyncGenerator[bool]:
        """Lots of leaves in order, each checked against the files and the root it led to."""
        first = 0
        while True:
            lots = await connection.fetch(SEALING["list_places"].sql, first, LOTS)
            for lot in lots:
                self._lot(lot)
                yield True
            if not lots:
                return
            first = lots[-1]["first"] + lots[-1]["size"]

    def _lot(self, lot: Record) -> None:
        first, size = lot["first"], lot["size"]
        if first != self.edge.size:
            words = f"no place is known from {self.edge.size} to {first}"
            self.result.add(Fault(wrong=Wrong.HISTORY, position=self.edge.size, words=words))
            self._skip(first)
        blinded = self._grow(lot)
        ended = lot["ended"]
        self._tell_jump(first, ended)
        names = lot["places"]
        rows, wait = self.rows, self._wait
        for index in range(size):
            name = names[index * PLACE : (index + 1) * PLACE]
            leaf = blinded[index * HASH : (index + 1) * HASH]
            row = rows.pop(name, None) if rows else None
            if row is None:
                wait(name, _Place(first + index, leaf, ended))
            elif row not in (leaf, _ANY):
                self.other[name] = (_Place(first + index, leaf, ended), row)

    def _grow(self, lot: Record) -> bytes:
        """The data of a lot, after the tree was grown by them and held against its root."""
        first, size = lot["first"], lot["size"]
        try:
            blinded = self._blinded(lot)
        except (HistoryChanged, WrongTile) as missing:
            self.torn = True
            self.result.add(Fault(wrong=Wrong.FILES, position=first, words=str(missing)))
            blinded = lot["blinded"] or bytes(HASH * size)
        self.edge, files = self.edge.grow(blinded)
        if not self.torn:
            self._check_files(files)
            if self.edge.root != lot["root"]:
                words = "the root after these leaves is not the one that was kept"
                self.result.add(Fault(wrong=Wrong.HISTORY, position=first, words=words))
        return blinded

    def _wait(self, name: bytes, place: _Place) -> None:
        if name in self.places:
            words = f"it stands at {self.places[name].position} too"
            self.result.add(_fault(Wrong.INSERTED, name, place.position, words))
        self.places[name] = place

    def _skip(self, size: int) -> None:
        """Go on after a gap as the published files say, so that one fault is one fault."""
        if size <= self.checkpoint.size:
            self.edge = self.published.edge(size)

    def _blinded(self, lot: Record) -> bytes:
        """The data of a lot as published; of what is younger than the checkpoint, as kept."""
        first, size = lot["first"], lot["size"]
        if first + size > self.checkpoint.size:
            return lot["blinded"] or bytes(HASH * size)
        tree = self.published.tree(self.checkpoint.size)
        tiles = range(first // 256, (first + size - 1) // 256 + 1)
        data = b"".join([tree.tile(-1, tile) for tile in tiles])
        begin = first % 256 * HASH
        return data[begin : begin + size * HASH]

    def _check_files(self, files: dict[str, bytes]) -> None:
        """Full tiles must be those that the leaves give; parts are checked by the root."""
        for path, data in files.items():
            if (
                ".p/" not in path
                and self._is_published(path)
                and self.published.find(path) != data
            ):
                words = "it is not what its leaves give"
                self.result.add(Fault(wrong=Wrong.FILES, words=f"{path}: {words}"))

    def _is_published(self, path: str) -> bool:
        level, index = path.split("/")[1], path.split("/", 2)[2]
        height = 0 if level == "entries" else int(level)
        tile = int(index.replace("x", "").replace("/", ""))
        return (tile + 1) * 256 <= self.checkpoint.size >> 8 * height

    def _tell_jump(self, position: int, ended: datetime) -> None:
        if self.clock is not None and ended + BACK < self.clock:
            self.result.jumps.append(
                f"at {position} the clock went back from {self.clock.isoformat()} "
                f"to {ended.isoformat()}"
            )
        self.clock = ended

    def _compare_whole(self) -> None:
        """The database may know more than is published, never less."""
        checkpoint = self.checkpoint
        self.result.size = checkpoint.size
        if self.edge.size < checkpoint.size:
            words = f"it ends at {self.edge.size} leaves, published are {checkpoint.size}"
            self.result.add(
                Fault(wrong=Wrong.DATABASE_OLDER, position=self.edge.size, words=words)
            )
        try:
            root = self.published.edge(checkpoint.size).root
        except (HistoryChanged, WrongTile) as missing:
            self.result.add(Fault(wrong=Wrong.FILES, words=str(missing)))
            return
        if root != checkpoint.root:
            words = "the tiles do not lead to the root that was signed"
            self.result.add(Fault(wrong=Wrong.FILES, words=words))

    async def _name_rows(self, connection: Connection) -> None:
        """Rows without a place: they wait for one, or nobody ever recorded them so."""
        for row in await connection.fetch(SEALING["list_pending"].sql):
            name = bytes((row["kind"],)) + row["entry"].bytes
            found = self.rows.pop(name, None)
            if found is None:
                self.result.add(_fault(Wrong.MISSING, name, None, "it waits for its place"))
            elif found in (row["blinded"], _ANY):
                self.result.waiting += 1
            else:
                self.result.add(_fault(Wrong.CHANGED, name, None, "it waits for its place"))
        for name in self.rows:
            self.result.add(_fault(Wrong.INSERTED, name, None, "the tree has no place for it"))

    def _name_places(self) -> None:
        """Places without a row: it was taken away, unless its time was over by a signed note."""
        expired = self.expired
        for name, place in self.places.items():
            if expired is not None and expired.covers(place.position, month=_month(name, place)):
                self.result.expired += 1
            else:
                words = f"recorded before {place.ended.isoformat()}"
                self.result.add(_fault(Wrong.MISSING, name, place.position, words))

    def _name_others(self) -> None:
        """Rows that give another leaf: one that belongs elsewhere was moved, else changed."""
        elsewhere = {place.blinded for place, _row in self.other.values()}
        for name, (place, row) in self.other.items():
            if row != UNREADABLE and row in elsewhere:
                self.result.add(_fault(Wrong.REORDERED, name, place.position, ""))
            else:
                words = "its facts can't be opened" if row == UNREADABLE else ""
                self.result.add(_fault(Wrong.CHANGED, name, place.position, words))


_ANY: Final = b"any"
_NEVER: Final = MonthKey(blind=Keyed(b""), facts=bytes(KEY_BYTES))
"""Of a month that has no key: who takes away its key's row too has not ended it."""


def _month(name: bytes, place: _Place) -> date:
    """The month in which an entry was recorded, as near as its id or its lot tells."""
    entry = UUID(bytes=name[1:])
    if entry.version == UUID_OF_TIME:
        return month_of(datetime.fromtimestamp((entry.int >> 80) / 1000, UTC))
    return month_of(place.ended)


def _fault(wrong: Wrong, name: bytes, position: int | None, words: str) -> Fault:
    return Fault(
        wrong=wrong, kind=name[0], entry=UUID(bytes=name[1:]), position=position, words=words
    )
