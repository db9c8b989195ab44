"""The small tree against the words of RFC 6962, followed without any cleverness."""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kruispunt.vocabulary import SmallTree, group_head, leaf_hash, root_of


def naive_root(data: Sequence[bytes]) -> bytes:
    """MTH of § 2.1: split at the largest power of two below n."""
    if len(data) == 1:
        return sha256(b"\x00" + data[0]).digest()
    k = split(len(data))
    return sha256(b"\x01" + naive_root(data[:k]) + naive_root(data[k:])).digest()


def naive_path(m: int, data: Sequence[bytes]) -> list[bytes]:
    """PATH of § 2.1.1."""
    if len(data) == 1:
        return []
    k = split(len(data))
    if m < k:
        return [*naive_path(m, data[:k]), naive_root(data[k:])]
    return [*naive_path(m - k, data[k:]), naive_root(data[:k])]


def split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


@pytest.mark.parametrize("size", range(1, 70))
def test_root_and_every_path_are_those_of_the_standard(size: int):
    data = [bytes([n]) * 3 for n in range(size)]

    tree = SmallTree.over([leaf_hash(one) for one in data])

    assert tree.root == naive_root(data)
    for index in range(size):
        assert list(tree.path(index)) == naive_path(index, data)


@given(size=st.integers(1, 300), pick=st.integers(0, 10**6))
def test_a_path_leads_its_leaf_to_the_root_and_no_other(size: int, pick: int):
    leaves = [leaf_hash(n.to_bytes(2)) for n in range(size)]
    tree, index = SmallTree.over(leaves), pick % size

    path = tree.path(index)

    assert root_of(leaves[index], index=index, size=size, path=path) == tree.root
    assert root_of(leaf_hash(b"other"), index=index, size=size, path=path) != tree.root
    if size > 1:
        moved = (index + 1) % size
        assert root_of(leaves[index], index=moved, size=size, path=path) != tree.root


@given(size=st.integers(1, 300), pick=st.integers(0, 10**6))
def test_a_path_that_is_too_short_or_too_long_leads_nowhere(size: int, pick: int):
    leaves = [leaf_hash(n.to_bytes(2)) for n in range(size)]
    tree, index = SmallTree.over(leaves), pick % size
    path = tree.path(index)

    assert root_of(leaves[index], index=index, size=size, path=(*path, bytes(32))) is None
    if path:
        assert root_of(leaves[index], index=index, size=size, path=path[:-1]) is None


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_a_leaf_outside_the_tree_has_no_root(index: int, size: int):
    assert root_of(bytes(32), index=index, size=size, path=()) is None


def test_there_is_no_tree_without_leaves():
    with pytest.raises(ValueError, match="at least one leaf"):
        SmallTree.over([])


def test_the_head_of_a_group_is_the_text_that_was_frozen():
    head = group_head(
        origin="hub", size=3, root=bytes(32), recorded_at=datetime(2031, 6, 1, 9, 30, tzinfo=UTC)
    )

    assert head == (
        b"kruispunt/group-head/v1\nhub\n3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
        b"2031-06-01T09:30:00+00:00\n"
    )
