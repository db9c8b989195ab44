"""The tree cut into tiles, as C2SP tlog-tiles has it: static files that never change.

A tile holds up to 256 nodes side by side; the tile above holds one node for each full tile. A file
beside the lowest level, `tile/entries/…`, holds the data of the same leaves.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from kruispunt.vocabulary.merkle import EMPTY_ROOT
from kruispunt.vocabulary.tree import leaf_hash

HEIGHT: Final = 8
WIDTH: Final = 1 << HEIGHT
HASH: Final = 32
ENTRIES: Final = -1
"""The level of the files that hold the data of leaves."""

_PATH: Final = re.compile(r"tile/(entries|[0-9]{1,2})/(?:x[0-9]{3}/)*[0-9]{3}(?:\.p/[0-9]{1,3})?")

LENGTH: Final = HASH.to_bytes(2)
"""The length of a blinded leaf, as it stands before each in a file of entries."""


class WrongTile(ValueError):
    """A tile that does not have the form of one. The message names its path."""


def tile_path(level: int, index: int, width: int = WIDTH) -> str:
    """Where a tile stands; level `ENTRIES`: the file with the data of its leaves."""
    parts = [f"{index % 1000:03d}"]
    while index := index // 1000:
        parts.append(f"x{index % 1000:03d}")
    name = "entries" if level == ENTRIES else str(level)
    part = "" if width == WIDTH else f".p/{width}"
    return f"tile/{name}/{'/'.join(reversed(parts))}{part}"


def is_tile_path(path: str) -> bool:
    """True for the path of a tile, and for nothing else: no path leads out of the folder."""
    return _PATH.fullmatch(path) is not None


def tile_paths(size: int) -> Iterator[str]:
    """Every file of a tree of that size, the lowest level first."""
    for level in (ENTRIES, *range(levels(size))):
        full, part = divmod(size >> HEIGHT * max(level, 0), WIDTH)
        yield from (tile_path(level, index) for index in range(full))
        if part:
            yield tile_path(level, full, part)


def levels(size: int) -> int:
    """How many levels of tiles a tree has."""
    return (size.bit_length() + HEIGHT - 1) // HEIGHT


def full_path(path: str) -> str:
    """The full tile that a partial one becomes: it may stand there instead."""
    return path.partition(".p/")[0]


def parents(nodes: bytes) -> bytes:
    """The level above these nodes; one without a sibling moves up as it is."""
    pairs = range(0, len(nodes) - HASH, 2 * HASH)
    made = b"".join([sha256(b"\x01" + nodes[at : at + 2 * HASH]).digest() for at in pairs])
    return made + nodes[-HASH:] if len(nodes) % (2 * HASH) else made


def fold(nodes: bytes) -> bytes:
    """The root over nodes of equal height; the last may stand for a smaller tree."""
    while len(nodes) > HASH:
        nodes = parents(nodes)
    return nodes


def leaves_of(blinded: bytes) -> bytes:
    """The hashes of leaves whose data stand side by side."""
    ends = range(0, len(blinded), HASH)
    return b"".join([sha256(b"\x00" + blinded[at : at + HASH]).digest() for at in ends])


def bundle(blinded: bytes) -> bytes:
    """The data of leaves as a file of entries: each with its length before it."""
    return b"".join([LENGTH + blinded[at : at + HASH] for at in range(0, len(blinded), HASH)])


def unbundle(data: bytes, *, path: str) -> bytes:
    """The data of leaves, side by side.

    Raises:
        WrongTile: an entry has another length than ours have.
    """
    step = len(LENGTH) + HASH
    ends = range(0, len(data), step)
    if len(data) % step or any(data[at : at + 2] != LENGTH for at in ends):
        raise WrongTile(f"{path}: expected entries of {HASH} bytes")
    return b"".join([data[at + 2 : at + step] for at in ends])


@dataclass(frozen=True, slots=True, kw_only=True)
class TileTree:
    """The nodes of a tree of one size, read from tiles: give `node` to whoever makes a proof.

    `read` gives the bytes at a path, and raises what it likes where there are none.
    """

    size: int
    read: Callable[[str], bytes]
    kept: dict[tuple[int, int], bytes] = field(default_factory=dict[tuple[int, int], bytes])

    def node(self, height: int, index: int) -> bytes:
        """The root of a complete subtree.

        Raises:
            WrongTile: the tile that should hold it has another length.
        """
        level, within = divmod(height, HEIGHT)
        tile, place = divmod(index << within, WIDTH)
        nodes = self.tile(level, tile)[place * HASH : (place + (1 << within)) * HASH]
        if len(nodes) != HASH << within:
            raise WrongTile(f"{tile_path(level, tile)}: expected a node of height {height}")
        return fold(nodes)

    def tile(self, level: int, index: int) -> bytes:
        """The nodes of one tile, as many as this tree has there."""
        if (level, index) not in self.kept:
            width = min(WIDTH, (self.size >> HEIGHT * max(level, 0)) - index * WIDTH)
            path = tile_path(level, index, width)
            data = self.read(path)
            nodes = unbundle(data, path=path) if level == ENTRIES else data
            if not 0 < width * HASH <= len(nodes):
                raise WrongTile(f"{path}: expected {width} hashes, found {len(nodes) // HASH}")
            self.kept[level, index] = nodes[: width * HASH]
        return self.kept[level, index]

    def leaf(self, index: int) -> bytes:
        """The hash of one leaf, made from its data."""
        return leaf_hash(self.blinded(index))

    def blinded(self, index: int) -> bytes:
        """The data of one leaf."""
        tile, place = divmod(index, WIDTH)
        return self.tile(ENTRIES, tile)[place * HASH : (place + 1) * HASH]


@dataclass(frozen=True, slots=True)
class Edge:
    """The right edge of a tree: the unfinished tile of every level. It is all that growing needs.

    `blinded` is the data of the leaves in the lowest one.
    """

    size: int = 0
    tiles: tuple[bytes, ...] = ()
    blinded: bytes = b""

    @classmethod
    def of(cls, tree: TileTree) -> "Edge":
        """The edge of a tree that stands in tiles.

        Raises:
            WrongTile: one of them has another form.
        """
        tiles: list[bytes] = []
        for level in range(levels(tree.size)):
            full, part = divmod(tree.size >> HEIGHT * level, WIDTH)
            tiles.append(tree.tile(level, full) if part else b"")
        full, part = divmod(tree.size, WIDTH)
        return cls(tree.size, tuple(tiles), tree.tile(ENTRIES, full) if part else b"")

    @property
    def root(self) -> bytes:
        """The root of the whole tree."""
        node = b""
        for tile in self.tiles:
            node = fold(tile + node)
        return node or EMPTY_ROOT

    def grow(self, blinded: bytes) -> tuple["Edge", dict[str, bytes]]:
        """The edge with more leaves, and every file that is new then, the lowest level first."""
        files: dict[str, bytes] = {}
        rest = _cut(ENTRIES, self.size, self.blinded + blinded, files)
        nodes, tiles, size = leaves_of(blinded), list[bytes](), self.size
        for level in range(max(levels(self.size + len(blinded) // HASH), len(self.tiles))):
            below = self.tiles[level] if level < len(self.tiles) else b""
            grown = below + nodes
            left = _cut(level, size, grown, files) if nodes else grown
            tiles.append(left)
            full = grown[: len(grown) - len(left)]
            step = WIDTH * HASH
            nodes = b"".join([fold(full[at : at + step]) for at in range(0, len(full), step)])
            size >>= HEIGHT
        return Edge(self.size + len(blinded) // HASH, tuple(tiles), rest), files


def _cut(level: int, size: int, data: bytes, files: dict[str, bytes]) -> bytes:
    """Cut what stands at the right of a level into tiles, and return what fills none."""
    first, step = size // WIDTH, WIDTH * HASH
    shape = bundle if level == ENTRIES else bytes
    for place in range(len(data) // step):
        files[tile_path(level, first + place)] = shape(data[place * step : (place + 1) * step])
    rest = data[len(data) // step * step :]
    if rest:
        path = tile_path(level, first + len(data) // step, len(rest) // HASH)
        files[path] = shape(rest)
    return rest
