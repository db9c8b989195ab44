"""For any tree and leaf: found exactly where it stands, and what is not there is never found."""

from bisect import bisect_right
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.client.tree_house import Trail, a_receipt, a_trail, blinded, serving, trust
from tests.unit.web.givens import NOW

from kruispunt.client import HistoryRewritten, NotReached, ProofWrong, hold
from kruispunt.vocabulary import leaf_hash

SIZES = (1, 2, 3, 100, 255, 256, 257, 511, 512, 513, 4096, 5000, 65_535, 65_536, 65_537, 66_000)
sizes = st.one_of(st.integers(1, 1500), st.sampled_from(SIZES))


@cache
def tree(size: int) -> Trail:
    """Trees are made one from the other: only those of 65 536 leaves and about cost anything."""
    below = bisect_right(SIZES, size - 1) - 1
    return a_trail(size) if below < 0 else tree(SIZES[below]).grow(size - SIZES[below])


@settings(max_examples=60, deadline=None)
@given(size=sizes, picks=st.lists(st.integers(0, 10**6), min_size=1, max_size=3))
async def test_every_leaf_is_found_exactly_where_it_stands(size: int, picks: list[int]):
    trail = tree(size)
    places = [pick % size for pick in picks]

    found = await hold(
        [a_receipt(trail.leaves[place]) for place in places],
        trail.fetch(),
        trust=trust(),
        now=NOW,
    )

    assert [one.position for one in found] == places


@settings(max_examples=40, deadline=None)
@given(size=sizes, number=st.integers(0, 10**6), later=st.booleans())
async def test_a_leaf_that_is_not_in_the_tree_is_never_found(size: int, number: int, later: bool):
    trail = tree(size)
    # One that nobody has, one that comes into the tree next, and a node that is no leaf.
    others = (leaf_hash(blinded(number, name="other")), leaf_hash(blinded(size)), trail.edge.root)

    for other in others if size > 1 else others[:2]:
        (found,) = await hold(
            [a_receipt(other)],
            trail.fetch(trail.note(at=NOW + 60 * later)),
            trust=trust(),
            now=NOW,
        )
        assert (found.position, found.is_missing) == (None, later)


@settings(max_examples=120, deadline=None)
@given(size=st.integers(1, 1500), data=st.data())
async def test_a_server_that_changes_any_file_brings_nobody_to_another_answer(
    size: int, data: st.DataObject
):
    trail = tree(size)
    path = data.draw(st.sampled_from(sorted(trail.files)))
    tile = bytearray(trail.files[path])
    place = data.draw(st.integers(0, size - 1))
    if data.draw(st.booleans()):
        tile[data.draw(st.integers(0, len(tile) - 1))] ^= data.draw(st.integers(1, 255))
    else:
        del tile[data.draw(st.integers(0, len(tile) - 1)) :]
    fetch = serving({**trail.files, path: bytes(tile), "checkpoint": trail.note().encode()})
    receipts = [a_receipt(trail.leaves[place]), a_receipt(leaf_hash(blinded(size)))]

    try:
        found = await hold(receipts, fetch, trust=trust(), now=NOW)
    except (ProofWrong, NotReached):
        assert "/entries/" not in path  # these are not read at all
        return
    assert [one.position for one in found] == [place, None]


@settings(max_examples=60, deadline=None)
@given(old=st.integers(0, 1500), new=st.integers(0, 1500), own=st.booleans())
async def test_two_trees_are_of_one_history_exactly_where_one_begins_the_other(
    old: int, new: int, own: bool
):
    small, large = sorted((old, new))
    trail, other = a_trail(large), a_trail(small, name="" if own else "other")
    believed = trust(seen=[other.note()])
    try:
        await hold([], trail.fetch(), trust=believed, now=NOW)
        same = True
    except HistoryRewritten:
        same = False

    assert same == (own or small == 0)
