"""Proofs over a growing tree (RFC 6962): that a leaf stands in it, that it grew out of another.

All that is asked of a tree are nodes of complete subtrees, so that a proof can be made from tiles,
from a database or from memory.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

from kruispunt.vocabulary.tree import node_hash

EMPTY_ROOT: Final = sha256(b"").digest()
"""The root of a tree without a leaf."""

Nodes = Callable[[int, int], bytes]
"""The root of the complete subtree of `2**height` leaves that begins at `index << height`."""


def tree_root(nodes: Nodes, *, size: int) -> bytes:
    """The root of the tree over the first `size` leaves."""
    return _over(nodes, 0, size) if size else EMPTY_ROOT


def inclusion_path(nodes: Nodes, *, index: int, size: int) -> tuple[bytes, ...]:
    """Siblings from a leaf up to the root (RFC 6962 § 2.1.1); `root_of` follows them.

    Raises:
        ValueError: the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError("expected a leaf of the tree")
    path: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _left(end - begin)
        if index < middle:
            path.append(_over(nodes, middle, end))
            end = middle
        else:
            path.append(_over(nodes, begin, middle))
            begin = middle
    return tuple(reversed(path))


def consistency_path(nodes: Nodes, *, old: int, new: int) -> tuple[bytes, ...]:
    """Nodes that show the tree of `new` leaves to begin with that of `old` (RFC 6962 § 2.1.2).

    Raises:
        ValueError: the older tree is the larger one.
    """
    if not 0 <= old <= new:
        raise ValueError("expected the older tree to be the smaller one")
    if old in (0, new):
        return ()
    path: list[bytes] = []
    begin, end = 0, new
    while old != end:
        middle = begin + _left(end - begin)
        if old <= middle:
            path.append(_over(nodes, middle, end))
            end = middle
        else:
            path.append(_over(nodes, begin, middle))
            begin = middle
    if begin:
        path.append(_over(nodes, begin, end))
    return tuple(reversed(path))


def is_consistent(
    path: Sequence[bytes], *, old: int, old_root: bytes, new: int, new_root: bytes
) -> bool:
    """True where the path shows the newer tree to begin with the older (RFC 9162 § 2.1.4)."""
    if old == new or not old:
        beginning = EMPTY_ROOT if not old else new_root
        return not path and old <= new and old_root == beginning
    if old > new:
        return False
    steps = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not steps:
        return False
    older, newer = old - 1, new - 1
    while older & 1:
        older, newer = older >> 1, newer >> 1
    old_node = new_node = steps[0]
    for step in steps[1:]:
        if not newer:
            return False
        if older & 1 or older == newer:
            old_node, new_node = node_hash(step, old_node), node_hash(step, new_node)
            while older and not older & 1:
                older, newer = older >> 1, newer >> 1
        else:
            new_node = node_hash(new_node, step)
        older, newer = older >> 1, newer >> 1
    return not newer and old_node == old_root and new_node == new_root


def _over(nodes: Nodes, begin: int, end: int) -> bytes:
    size = end - begin
    if size & (size - 1) == 0:
        height = size.bit_length() - 1
        return nodes(height, begin >> height)
    middle = begin + _left(size)
    return node_hash(_over(nodes, begin, middle), _over(nodes, middle, end))


def _left(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)
