"""A published tree, read from whoever gives it: a tile counts once it leads to the signed root.

Nothing is believed of a server but what the checkpoint's signature covers, and no more is kept in
memory than one tile of each level and those on their way.
"""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Final

from kruispunt.client.published import Fetch
from kruispunt.client.tree import ProofWrong
from kruispunt.vocabulary import HASH, HEIGHT, WIDTH, Checkpoint, Edge, fold, levels, tile_path

TOGETHER: Final = 16
"""Tiles on their way at once."""

MOST_LEAVES: Final = 1 << 56

Progress = Callable[[int], None]
"""Hears how many leaves were read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenTree:
    """The leaves and nodes under one checkpoint, whose signature is for the caller to check."""

    checkpoint: Checkpoint
    fetch: Fetch
    edge: tuple[bytes, ...]
    """The unfinished tile of each level; together they make the root."""

    _kept: dict[int, tuple[int, bytes]] = field(default_factory=dict[int, tuple[int, bytes]])
    """The last full tile of each level that was proven."""

    @classmethod
    async def open(cls, checkpoint: Checkpoint, fetch: Fetch) -> "ProvenTree":
        """The tree, once its right edge leads to the root.

        Raises:
            ProofWrong: it does not.
            NotReached: a tile did not come.
        """
        size, edge = checkpoint.size, list[bytes]()
        if size > MOST_LEAVES:
            raise ProofWrong("no tree has so many leaves")
        for level in range(levels(size)):
            full, part = divmod(size >> HEIGHT * level, WIDTH)
            edge.append(await _part(fetch, level, full, part) if part else b"")
        if Edge(size, tuple(edge)).root != checkpoint.root:
            raise ProofWrong("the tiles do not lead to the checkpoint")
        return cls(checkpoint=checkpoint, fetch=fetch, edge=tuple(edge))

    async def root_at(self, size: int) -> bytes:
        """The root of the tree when it had so many leaves: the first ones of this tree.

        Raises:
            ProofWrong: a tile does not lead to the root.
            NotReached: a tile did not come.
            ValueError: this tree has fewer.
        """
        if not 0 <= size <= self.checkpoint.size:
            raise ValueError("expected no more leaves than the tree has")
        tiles: list[bytes] = []
        for level in range(levels(size)):
            full, part = divmod(size >> HEIGHT * level, WIDTH)
            tiles.append((await self.tile(level, full))[: part * HASH] if part else b"")
        return Edge(size, tuple(tiles)).root

    async def find(
        self, leaves: Collection[bytes], *, told: Progress | None = None
    ) -> dict[bytes, int]:
        """Where these leaves stand; those that stand nowhere are not named.

        Read from the end back until all are found, so young leaves are found at once. What is not
        found is nowhere among the leaves that the root covers: every tile was proven.

        Raises:
            ProofWrong: a tile does not lead to the root.
            NotReached: a tile did not come.
        """
        found: dict[bytes, int] = {}
        end = self.checkpoint.size // WIDTH
        if self.edge:
            _look(self.edge[0], end, leaves, found)
        while end and len(found) < len(leaves):
            begin = max(0, end - TOGETHER)
            for index, tile in reversed(await self._tiles(begin, end)):
                _look(tile, index, leaves, found)
            end = begin
            if told is not None:
                told(self.checkpoint.size - end * WIDTH)
        return found

    async def tile(self, level: int, index: int) -> bytes:
        """The nodes of one tile, proven.

        Raises:
            ProofWrong: it does not lead to the root.
            NotReached: it did not come.
        """
        if index == (self.checkpoint.size >> HEIGHT * level) // WIDTH:
            return self.edge[level]
        kept = self._kept.get(level)
        if kept is not None and kept[0] == index:
            return kept[1]
        return await self._prove(level, index, await self.fetch(tile_path(level, index)))

    async def _tiles(self, begin: int, end: int) -> list[tuple[int, bytes]]:
        """Tiles of the lowest level, fetched together, each proven."""
        calls = (self.fetch(tile_path(0, index)) for index in range(begin, end))
        # All of them end before a fault is told: nothing goes on behind the caller's back.
        came = await asyncio.gather(*calls, return_exceptions=True)
        tiles: list[tuple[int, bytes]] = []
        for index, data in enumerate(came, begin):
            if isinstance(data, BaseException):
                raise data
            tiles.append((index, await self._prove(0, index, data)))
        return tiles

    async def _prove(self, level: int, index: int, data: bytes) -> bytes:
        """A full tile, once the tile above it, proven itself, holds its root."""
        path = tile_path(level, index)
        if len(data) != WIDTH * HASH:
            raise ProofWrong(f"{path}: expected {WIDTH * HASH} bytes, found {len(data)}")
        above, place = divmod(index, WIDTH)
        parent = (await self.tile(level + 1, above))[place * HASH : (place + 1) * HASH]
        if fold(data) != parent:
            raise ProofWrong(f"{path} does not lead to the checkpoint")
        self._kept[level] = (index, data)
        return data


async def _part(fetch: Fetch, level: int, index: int, width: int) -> bytes:
    """The unfinished tile of a level; its full one may stand in its place."""
    path = tile_path(level, index, width)
    data = await fetch(path)
    if len(data) < width * HASH:
        raise ProofWrong(f"{path}: expected {width * HASH} bytes, found {len(data)}")
    return data[: width * HASH]


def _look(tile: bytes, index: int, leaves: Collection[bytes], found: dict[bytes, int]) -> None:
    """Add what stands in a tile; where a leaf stands twice, the later place is told."""
    for place in reversed(range(len(tile) // HASH)):
        leaf = tile[place * HASH : (place + 1) * HASH]
        if leaf in leaves:
            found.setdefault(leaf, index * WIDTH + place)
