"""Merkle hashing as in RFC 6962: leaves, nodes, and the path from a leaf to the root.

A receipt is checked with nothing but this module and a public key.
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256


def leaf_hash(data: bytes) -> bytes:
    """Hash of a leaf: SHA-256 of 0x00 and the data (RFC 6962 § 2.1)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node: SHA-256 of 0x01 and both children (RFC 6962 § 2.1)."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class SmallTree:
    """A tree over few hashed leaves, all kept: enough for one group of commits.

    `levels[0]` holds the leaves; a node without a sibling moves up as it is, which gives the
    hashes of RFC 6962 for any number of leaves.
    """

    levels: tuple[tuple[bytes, ...], ...]

    @classmethod
    def over(cls, leaves: Sequence[bytes]) -> "SmallTree":
        """Build the tree over hashed leaves.

        Raises:
            ValueError: there is no leaf.
        """
        if not leaves:
            raise ValueError("expected at least one leaf")
        levels = [tuple(leaves)]
        while len(levels[-1]) > 1:
            levels.append(_parents(levels[-1]))
        return cls(tuple(levels))

    @property
    def root(self) -> bytes:
        return self.levels[-1][0]

    def path(self, index: int) -> tuple[bytes, ...]:
        """Siblings from the leaf at `index` up to the root (RFC 6962 § 2.1.1)."""
        path: list[bytes] = []
        for level in self.levels[:-1]:
            sibling = index ^ 1
            if sibling < len(level):
                path.append(level[sibling])
            index >>= 1
        return tuple(path)


def _parents(level: tuple[bytes, ...]) -> tuple[bytes, ...]:
    pairs = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
    return (*pairs, level[-1]) if len(level) % 2 else tuple(pairs)


def root_of(leaf: bytes, *, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that a path leads to; None where the path has the wrong length for the tree."""
    if not 0 <= index < size:
        return None
    node, last, steps = leaf, size - 1, list(path)
    while last:
        if index % 2 or index < last:
            if not steps:
                return None
            sibling = steps.pop(0)
            node = node_hash(sibling, node) if index % 2 else node_hash(node, sibling)
        index >>= 1
        last >>= 1
    return None if steps else node


def group_head(*, origin: str, size: int, root: bytes, recorded_at: datetime) -> bytes:
    """The text that a hub signs for a group of entries committed together. Frozen."""
    lines = ("kruispunt/group-head/v1", origin, str(size), b64encode(root).decode())
    return "".join(f"{line}\n" for line in (*lines, recorded_at.isoformat())).encode()
