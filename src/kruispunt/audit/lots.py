"""Lots of leaves in the order of their places, each held against the files and its root."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from asyncpg import Record

from kruispunt.audit.fault import Fault, Verified, Wrong
from kruispunt.audit.published import HistoryChanged, Published
from kruispunt.audit.sealer import SEALING
from kruispunt.postgres import Connection
from kruispunt.vocabulary import Checkpoint, Edge, WrongTile

LOTS: Final = 8
PLACE: Final = 17
HASH: Final = 32
BACK: Final = timedelta(seconds=2)
"""A clock that goes back by less is no jump: processes write at the same time."""


@dataclass(slots=True, kw_only=True)
class Lot:
    """Leaves that got their places together, and what their rows say while they come by."""

    first: int
    began: datetime | None
    ended: datetime | None
    names: bytes
    blinded: bytes
    size: int
    times: list[datetime | None] = field(default_factory=list["datetime | None"])
    """When its rows were recorded, as they come by; None: that one is gone, or can't tell."""

    @property
    def is_met(self) -> bool:
        """True where each of its leaves has met its row, or will never."""
        return len(self.times) >= self.size

    @property
    def fits(self) -> bool:
        """True where its times are those of its rows, as far as those still stand."""
        if self.began is None or self.ended is None:
            return False
        told = [at for at in self.times if at is not None]
        low, high = min(told, default=self.began), max(told, default=self.ended)
        if len(told) < self.size:
            return self.began <= low and high <= self.ended
        return (low, high) == (self.began, self.ended)


@dataclass(slots=True, kw_only=True)
class Lots:
    """Reads the lots of a trail. Faults go into `result`."""

    published: Published
    checkpoint: Checkpoint
    result: Verified
    edge: Edge = field(default_factory=Edge)
    clock: datetime | None = None
    torn: bool = False
    """A file is missing: roots can't be made again from here on."""

    async def read(self, connection: Connection) -> AsyncGenerator[Lot]:
        """All lots, the first leaves first."""
        first = 0
        while True:
            lots = await connection.fetch(SEALING["list_places"].sql, first, LOTS)
            for lot in lots:
                yield self._lot(lot)
            if not lots:
                return
            first = lots[-1]["first"] + lots[-1]["size"]

    def compare_whole(self) -> None:
        """The database may know more than is published, never less."""
        checkpoint = self.checkpoint
        self.result.size = checkpoint.size
        if self.edge.size < checkpoint.size:
            words = f"it ends at {self.edge.size} leaves, published are {checkpoint.size}"
            self._add(Wrong.DATABASE_OLDER, words, position=self.edge.size)
        try:
            root = self.published.edge(checkpoint.size).root
        except (HistoryChanged, WrongTile) as missing:
            self._add(Wrong.FILES, str(missing))
            return
        if root != checkpoint.root:
            self._add(Wrong.FILES, "the tiles do not lead to the root that was signed")

    def compare_seen(self, seen: Checkpoint) -> None:
        """What is published must begin with what somebody remembers of it."""
        size = self.checkpoint.size
        if size < seen.size:
            words = f"a checkpoint of {seen.size} leaves was seen, published are {size}"
            self._add(Wrong.DATABASE_OLDER, words, position=size)
            return
        try:
            root = self.published.edge(seen.size).root
        except (HistoryChanged, WrongTile) as missing:
            self._add(Wrong.FILES, str(missing))
            return
        if root != seen.root:
            words = f"the first {seen.size} leaves are not those of the checkpoint that was seen"
            self._add(Wrong.HISTORY, words)

    def _lot(self, row: Record) -> Lot:
        first = row["first"]
        if first != self.edge.size:
            words = f"no place is known from {self.edge.size} to {first}"
            self._add(Wrong.HISTORY, words, position=self.edge.size)
            self._skip(first)
        blinded = self._grow(row)
        self._tell_jump(first, row["ended"])
        return Lot(
            first=first,
            began=row["began"],
            ended=row["ended"],
            names=row["places"],
            blinded=blinded,
            size=row["size"],
        )

    def _grow(self, lot: Record) -> bytes:
        """The data of a lot, after the tree was grown by them and held against its root."""
        first, size = lot["first"], lot["size"]
        try:
            blinded = self._blinded(lot)
        except (HistoryChanged, WrongTile) as missing:
            self.torn = True
            self._add(Wrong.FILES, str(missing), position=first)
            blinded = lot["blinded"] or bytes(HASH * size)
        self.edge, files = self.edge.grow(blinded)
        if not self.torn:
            self._check_files(files)
            if self.edge.root != lot["root"]:
                words = "the root after these leaves is not the one that was kept"
                self._add(Wrong.HISTORY, words, position=first)
        return blinded

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
                self._add(Wrong.FILES, f"{path}: it is not what its leaves give")

    def _is_published(self, path: str) -> bool:
        level, index = path.split("/")[1], path.split("/", 2)[2]
        height = 0 if level == "entries" else int(level)
        tile = int(index.replace("x", "").replace("/", ""))
        return (tile + 1) * 256 <= self.checkpoint.size >> 8 * height

    def _tell_jump(self, position: int, ended: datetime | None) -> None:
        if ended is None:
            return
        if self.clock is not None and ended + BACK < self.clock:
            self.result.jumps.append(
                f"at {position} the clock went back from {self.clock.isoformat()} "
                f"to {ended.isoformat()}"
            )
        self.clock = ended

    def _add(self, wrong: Wrong, words: str, *, position: int | None = None) -> None:
        self.result.add(Fault(wrong=wrong, position=position, words=words))
