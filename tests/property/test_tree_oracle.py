"""The growing tree against the words of RFC 6962, followed without any cleverness."""

from collections.abc import Callable, Sequence
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kruispunt.vocabulary import (
    EMPTY_ROOT,
    Edge,
    TileTree,
    consistency_path,
    full_path,
    inclusion_path,
    is_consistent,
    is_tile_path,
    leaf_hash,
    root_of,
    tile_path,
    tile_paths,
    tree_root,
)


def slow_root(data: Sequence[bytes]) -> bytes:
    """MTH of § 2.1."""
    if not data:
        return sha256(b"").digest()
    if len(data) == 1:
        return sha256(b"\x00" + data[0]).digest()
    k = split(len(data))
    return sha256(b"\x01" + slow_root(data[:k]) + slow_root(data[k:])).digest()


def slow_path(m: int, data: Sequence[bytes]) -> list[bytes]:
    """PATH of § 2.1.1."""
    if len(data) == 1:
        return []
    k = split(len(data))
    if m < k:
        return [*slow_path(m, data[:k]), slow_root(data[k:])]
    return [*slow_path(m - k, data[k:]), slow_root(data[:k])]


def slow_proof(m: int, data: Sequence[bytes], *, whole: bool = True) -> list[bytes]:
    """PROOF and SUBPROOF of § 2.1.2."""
    if m == len(data):
        return [] if whole else [slow_root(data)]
    k = split(len(data))
    if m <= k:
        return [*slow_proof(m, data[:k], whole=whole), slow_root(data[k:])]
    return [*slow_proof(m - k, data[k:], whole=False), slow_root(data[:k])]


def split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


VECTORS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
"""Roots that implementations of Certificate Transparency publish for these eight leaves."""

LEAVES = [
    bytes.fromhex(one)
    for one in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]


def nodes_over(data: Sequence[bytes]) -> Callable[[int, int], bytes]:
    return lambda height, index: slow_root(data[index << height : (index + 1) << height])


@pytest.mark.parametrize("size", VECTORS)
def test_the_roots_are_those_that_others_publish(size: int):
    data = LEAVES[:size]

    assert slow_root(data).hex() == VECTORS[size]
    assert tree_root(nodes_over(data), size=size).hex() == VECTORS[size]


def a_leaf(number: int) -> bytes:
    return sha256(number.to_bytes(4)).digest()


batches = st.lists(st.sampled_from((0, 1, 2, 3, 100, 255, 256, 257, 300)), max_size=6)


@settings(max_examples=25, deadline=None)
@given(batches=batches, picks=st.lists(st.integers(0, 10**6), min_size=3, max_size=3))
def test_a_tree_grown_in_any_batches_is_the_tree_of_the_standard(
    batches: list[int], picks: list[int]
):
    edge, files, data, sizes = Edge(), dict[str, bytes](), list[bytes](), [0]
    for batch in batches:
        new = [a_leaf(len(data) + n) for n in range(batch)]
        edge, written = edge.grow(b"".join(new))
        # INVARIANT: what was published is never written otherwise.
        assert all(files.get(path, content) == content for path, content in written.items())
        files.update(written)
        data += new
        sizes.append(len(data))
        assert edge.root == slow_root(data)
        assert set(tile_paths(len(data))) <= files.keys()

    tree = TileTree(size=len(data), read=files.__getitem__)
    assert Edge.of(tree) == edge
    for pick in picks if data else ():
        index = pick % len(data)
        path = inclusion_path(tree.node, index=index, size=len(data))
        assert list(path) == slow_path(index, data)
        leaf = tree.leaf(index)
        assert leaf == leaf_hash(data[index])
        assert root_of(leaf, index=index, size=len(data), path=path) == edge.root
    for old in sizes:
        for new in (size for size in sizes if size >= old):
            then = TileTree(size=new, read=files.__getitem__)
            proof = consistency_path(then.node, old=old, new=new)
            roots = {"old_root": slow_root(data[:old]), "new_root": slow_root(data[:new])}
            assert is_consistent(proof, old=old, new=new, **roots)


@pytest.mark.parametrize("new", [*range(1, 40), 63, 64, 65])
def test_every_proof_of_consistency_is_that_of_the_standard_and_no_other_is_taken(new: int):
    data = [a_leaf(n) for n in range(new)]
    node, root = nodes_over(data), slow_root(data)
    other = slow_root([*data[:-1], b"other"])

    for old in range(1, new + 1):
        proof = consistency_path(node, old=old, new=new)
        old_root = slow_root(data[:old])
        assert list(proof) == slow_proof(old, data)
        assert is_consistent(proof, old=old, old_root=old_root, new=new, new_root=root)
        assert not is_consistent(proof, old=old, old_root=old_root, new=new, new_root=other)
        assert not is_consistent(proof, old=old, old_root=other, new=new, new_root=root)
        longer = (*proof, bytes(32))
        assert not is_consistent(longer, old=old, old_root=old_root, new=new, new_root=root)
        if old < new:
            cut = proof[:-1]
            assert not is_consistent(cut, old=old, old_root=old_root, new=new, new_root=root)
            assert not is_consistent(proof, old=new, old_root=root, new=old, new_root=old_root)


def test_a_tree_of_nothing_begins_every_tree():
    assert is_consistent((), old=0, old_root=EMPTY_ROOT, new=1, new_root=leaf_hash(b""))
    assert not is_consistent((), old=0, old_root=bytes(32), new=1, new_root=leaf_hash(b""))
    assert not is_consistent((), old=1, old_root=leaf_hash(b""), new=2, new_root=bytes(32))


@pytest.mark.parametrize(
    ("level", "index", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (1, 999, 256, "tile/1/999"),
        (0, 1_234_067, 256, "tile/0/x001/x234/067"),
        (0, 1_234_067, 17, "tile/0/x001/x234/067.p/17"),
        (-1, 1000, 1, "tile/entries/x001/000.p/1"),
    ],
)
def test_paths_of_tiles_are_those_of_the_specification(
    level: int, index: int, width: int, path: str
):
    assert tile_path(level, index, width) == path
    assert is_tile_path(path)
    assert full_path(path) == tile_path(level, index)


@pytest.mark.parametrize(
    "path",
    ["checkpoint", "tile/0/../0/000", "tile/0/0", "tile/0/000.p/", "tile/0/000\n", "/tile/0/000"],
)
def test_no_other_path_is_one_of_a_tile(path: str):
    assert not is_tile_path(path)
