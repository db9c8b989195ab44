"""`audit verify`: the database held against the tree, entry by entry, and every fault named.

Every leaf is made again from its row, and the tree again from its leaves, up to the root that was
signed. All rows are read at one moment of the database, so that a running hub disturbs nothing.
"""

from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from uuid import UUID

from asyncpg import Record

from kruispunt.audit.again import UNREADABLE, Again, Leaf, months_of
from kruispunt.audit.blinding import KEY_BYTES, Keyed, MonthKey
from kruispunt.audit.excuse import Excuse
from kruispunt.audit.fault import Fault, Verified, Wrong
from kruispunt.audit.lots import HASH, PLACE, Lot, Lots
from kruispunt.audit.published import Published
from kruispunt.audit.queries import QUERIES
from kruispunt.audit.reader import Reader
from kruispunt.audit.sealer import SEALING
from kruispunt.audit.standing import PAGE, Standing, one_moment, standing
from kruispunt.audit.terms import Dictionary
from kruispunt.postgres import Connection
from kruispunt.vocabulary import Checkpoint, Expired

_Place = tuple[int, bytes, Lot]
"""A leaf that waits for its row: its position, its data, and with whom it got its place."""

_Row = tuple[bytes, datetime | None]
"""A row that waits for its leaf: the leaf that it gives, and when it was recorded."""

FEW: Final = 64

_ANY: Final = b"any"
"""What a row gives whose month was shredded: it has its place, and can't be made again."""

_NEVER: Final = MonthKey(blind=Keyed(b""), facts=bytes(KEY_BYTES))
"""Of a month that has no key: who takes away its key's row too has not ended it."""


@dataclass(slots=True, kw_only=True)
class Verification:
    """One run over a trail.

    `checkpoint` and what has `expired` were read, and their signatures checked, before it began.
    `ending`: months before this one are to be ended, so tell which leaves that is.
    """

    reader: Reader
    published: Published
    checkpoint: Checkpoint
    expired: Expired | None = None
    ending: date | None = None
    seen: Checkpoint | None = None
    """A checkpoint that somebody remembers: the tree must have grown out of it."""

    page: int = PAGE
    """Decisions that are read at a time: so many leaves wait for their rows, and hardly more."""

    result: Verified = field(default_factory=Verified)
    places: dict[bytes, _Place] = field(default_factory=dict[bytes, _Place])
    """Leaves whose row has not come by yet."""

    rows: dict[bytes, _Row] = field(default_factory=dict[bytes, _Row])
    """Rows whose leaf has not come by yet."""

    other: dict[bytes, tuple[int, bytes, bytes]] = field(
        default_factory=dict[bytes, tuple[int, bytes, bytes]]
    )
    """Rows that give another leaf than the one at their place: position, its leaf, theirs."""

    excuse: Excuse = field(init=False)
    keys: dict[tuple[int, int], MonthKey | None] = field(
        default_factory=dict[tuple[int, int], MonthKey | None]
    )
    open: list[Lot] = field(default_factory=list[Lot])
    """Lots whose rows have not all come by yet."""

    crowd: int = FEW
    """More lots than these are looked through for some whose rows have come by."""

    met: bytes = b""
    """The last decision that came by."""

    upto: bytes = b""
    """Rows with ids up to this one have come by, all of them."""

    def __post_init__(self) -> None:
        """Hold the note ready."""
        self.excuse = Excuse(note=self.expired, ending=self.ending)

    async def run(self) -> Verified:
        """Read the whole trail once.

        Raises:
            Tampered: the key of a month can't be unwrapped.
            Unavailable: the database is away.
        """
        lots = Lots(published=self.published, checkpoint=self.checkpoint, result=self.result)
        async with one_moment(self.reader.database) as connection:
            again = Again(terms=await self._terms(connection), keys=self.keys)
            leaves = lots.read(connection)
            async for rows in standing(connection, page=self.page):
                await self._find_keys(months_of(rows.all))
                self._meet_all(rows, again)
                self.upto = rows.upto.bytes
                await self._go_on(leaves, room=2 * self.page)
            self._let_go()
            while await self._read_lot(leaves):
                pass
            self._end_lots()
            self.excuse.settle(lots.edge.size, least=0)
            lots.compare_whole()
            if self.seen is not None:
                lots.compare_seen(self.seen)
            await self._name_rows(connection)
            await self._name_unlisted(connection)
            told = await connection.fetch(SEALING["all_expired"].sql)
        self._name_others()
        self.excuse.compare(self.result, told)
        self._count(lots.edge.size)
        return self.result

    async def _terms(self, connection: Connection) -> Dictionary:
        """The dictionary, held against itself: entries that no row names have words too."""
        terms = Dictionary.of(await connection.fetch(SEALING["all_terms"].sql))
        for number, words in terms.wrong.items():
            self.result.add(Fault(wrong=Wrong.CHANGED, words=f"term {number}: {words}"))
        return terms

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

    def _meet_all(self, rows: Standing, again: Again) -> None:
        result = self.result
        result.decisions += len(rows.decisions)
        result.outcomes += len(rows.outcomes)
        result.readings += len(rows.readings)
        result.changes += len(rows.changes)
        self.met = self._meet(again.decisions(rows.decisions), rows.decisions, met=self.met)
        self._meet(again.outcomes(rows.outcomes), rows.outcomes)
        self._meet(again.readings(rows.readings), rows.readings)
        self._meet(again.changes(rows.changes), rows.changes)

    def _meet(self, leaves: list[Leaf], rows: Sequence[Record], *, met: bytes = b"") -> bytes:
        """Bring rows to their places, and tell which was the last.

        INVARIANT: rows of one id are neighbours, and only two decisions may have a page between
        them: `met` is the last one.
        """
        if None in self.keys.values():
            leaves = self._without_keys(leaves, rows)
        places, waiting, needed = self.places, self.rows, self.excuse.needed
        for (name, blinded), row in zip(leaves, rows, strict=True):
            if name == met:
                self.result.add(_fault(Wrong.INSERTED, name, None, "another row has its id"))
                continue
            met, at = name, row[0]
            place = places.pop(name, None)
            if place is None:
                waiting[name] = (blinded, at)
                continue
            position, leaf, lot = place
            lot.times.append(at)
            if blinded != leaf:
                self._differ(name, position, leaf, blinded)
            if needed:
                self.excuse.stands(position, name, at)
        return met

    def _without_keys(self, leaves: list[Leaf], rows: Sequence[Record]) -> list[Leaf]:
        """Of rows whose leaf can't be made again, only the place is asked for."""
        found: list[Leaf] = []
        for leaf, row in zip(leaves, rows, strict=True):
            at = row[0]
            if at is not None and self.keys[at.year, at.month] is None:
                self.result.shredded += 1
                found.append((leaf[0], _ANY))
            else:
                found.append(leaf)
        return found

    def _differ(self, name: bytes, position: int, leaf: bytes, row: bytes) -> None:
        if row != _ANY:
            self.other[name] = (position, leaf, row)

    def _end_lots(self) -> None:
        """Hold the times of lots against those of their rows, once these have come by."""
        for lot in [lot for lot in self.open if lot.is_met]:
            if not lot.fits:
                words = f"its {lot.size} leaves were not recorded from {lot.began} to {lot.ended}"
                self.result.add(Fault(wrong=Wrong.HISTORY, position=lot.first, words=words))
        self.open = [lot for lot in self.open if not lot.is_met]
        self.crowd = 2 * len(self.open) + FEW

    async def _go_on(self, leaves: AsyncGenerator[Lot], *, room: int) -> None:
        """Read lots while there is room for leaves that wait.

        Rows pile up where leaves wait that have none: then those are let go.
        """
        while True:
            if len(self.places) >= room and len(self.rows) >= room:
                self._let_go()
            if len(self.places) >= room or not await self._read_lot(leaves):
                return

    async def _read_lot(self, leaves: AsyncGenerator[Lot]) -> bool:
        lot = await anext(leaves, None)
        if lot is None:
            return False
        self.open.append(lot)
        rows, blinded, names, first = self.rows, lot.blinded, lot.names, lot.first
        places, upto, plain = self.places, self.upto, not self.excuse.needed
        for index in range(lot.size):
            name = names[index * PLACE : (index + 1) * PLACE]
            leaf = blinded[index * HASH : (index + 1) * HASH]
            row = rows.pop(name, None) if rows else None
            if row is None:
                if plain and name[1:] > upto and name not in places:
                    places[name] = (first + index, leaf, lot)
                else:
                    self._wait(name, (first + index, leaf, lot))
                continue
            lot.times.append(row[1])
            if row[0] != leaf:
                self._differ(name, first + index, leaf, row[0])
            if self.excuse.needed:
                self.excuse.stands(first + index, name, row[1])
        if len(self.open) > self.crowd:
            self._end_lots()
        self.excuse.settle(first + lot.size)
        return True

    def _wait(self, name: bytes, place: _Place) -> None:
        if name in self.places:
            words = f"it stands at {self.places[name][0]} too"
            self.result.add(_fault(Wrong.INSERTED, name, place[0], words))
        elif name[1:] <= self.upto:
            self._miss(name, place)
        else:
            self.places[name] = place
            if self.excuse.needed:
                self.excuse.waits(place[0], name)

    def _let_go(self) -> None:
        """Leaves whose row would have come by: it was taken away, unless its time was over."""
        upto = self.upto
        for name in [name for name in self.places if name[1:] <= upto]:
            self._miss(name, self.places.pop(name))

    def _miss(self, name: bytes, place: _Place) -> None:
        position, _leaf, lot = place
        lot.times.append(None)
        if not self.excuse.excuses(position, name):
            words = "" if lot.ended is None else f"recorded before {lot.ended.isoformat()}"
            self.result.add(_fault(Wrong.MISSING, name, position, words))

    async def _name_rows(self, connection: Connection) -> None:
        """Rows without a place: they wait for one, or nobody ever recorded them so."""
        for row in await connection.fetch(SEALING["list_pending"].sql):
            name = bytes((row["kind"],)) + row["entry"].bytes
            found, at = self.rows.pop(name, (None, None))
            if found is None:
                self.result.add(_fault(Wrong.MISSING, name, None, "it waits for its place"))
            elif found in (row["blinded"], _ANY) and at == row["recorded_at"]:
                self.result.waiting += 1
            else:
                self.result.add(_fault(Wrong.CHANGED, name, None, "it waits for its place"))
        for name in self.rows:
            self.result.add(_fault(Wrong.INSERTED, name, None, "the tree has no place for it"))

    async def _name_unlisted(self, connection: Connection) -> None:
        """Rows of listed months that stand in nobody's list: their persons' pages lack them."""
        await connection.execute(SEALING["much_memory"].sql)
        for row in await connection.fetch(SEALING["list_unlisted"].sql):
            name, words = bytes((row["kind"],)) + row["id"].bytes, "no page opens its month"
            self.result.add(_fault(Wrong.UNLISTED, name, None, words))

    def _name_others(self) -> None:
        """Rows that give another leaf: one that belongs elsewhere was moved, else changed."""
        elsewhere = {leaf for _position, leaf, _row in self.other.values()}
        for name, (position, _leaf, row) in self.other.items():
            if row != UNREADABLE and row in elsewhere:
                self.result.add(_fault(Wrong.REORDERED, name, position, ""))
            else:
                words = "it can't be read" if row == UNREADABLE else ""
                self.result.add(_fault(Wrong.CHANGED, name, position, words))

    def _count(self, size: int) -> None:
        """The last net: every row has a place or waits for one, every place a row or an excuse."""
        found = self.result
        rows = found.decisions + found.outcomes + found.readings + found.changes
        leaves = size + found.waiting
        if not found.faulty and rows != leaves - found.expired:
            words = f"{rows} rows stand, for {leaves} leaves of which {found.expired} are over"
            found.add(Fault(wrong=Wrong.HISTORY, words=words))


def _fault(wrong: Wrong, name: bytes, position: int | None, words: str) -> Fault:
    return Fault(
        wrong=wrong, kind=name[0], entry=UUID(bytes=name[1:]), position=position, words=words
    )
