"""A receipt is held against the tree that is published, by who holds it."""

import asyncio

import msgspec
import pytest
from tests.unit.client.tree_house import (
    HUB,
    NEW_KEY,
    ORIGIN,
    a_receipt,
    a_trail,
    blinded,
    lowest,
    trust,
)
from tests.unit.web.givens import NOON, NOW, a_key

from kruispunt.client import (
    Fetch,
    Held,
    HistoryRewritten,
    NotReached,
    ProofWrong,
    ReceiptBody,
    ReceiptWrong,
    Trust,
    evidence_of,
    hold,
)
from kruispunt.vocabulary import full_path, leaf_hash, tile_path
from kruispunt.web import Note, cosign, read_note, sign_note

NOWHERE = leaf_hash(blinded(1, name="nowhere"))


async def held(
    receipt: ReceiptBody, fetch: Fetch, believed: Trust | None = None, *, now: int = NOW
) -> Held:
    (found,) = await hold([receipt], fetch, trust=believed or trust(), now=now)
    return found


@pytest.mark.parametrize("size", [1, 255, 256, 257, 5000])
async def test_a_leaf_is_found_where_it_stands(size: int):
    trail = a_trail(size)

    for place in {0, size // 3, size - 1}:
        found = await held(a_receipt(trail.leaves[place]), trail.fetch())

        assert (found.position, found.is_missing) == (place, False)


async def test_many_are_found_in_one_walk_and_told_in_their_order():
    trail, read = a_trail(9000), list[str]()

    async def fetch(path: str) -> bytes:
        read.append(path)
        return await trail.fetch()(path)

    receipts = [a_receipt(trail.leaves[place]) for place in (5, 8999, 4000, 5)]
    found = await hold(receipts, fetch, trust=trust(), now=NOW)

    assert [one.position for one in found] == [5, 8999, 4000, 5]
    assert [one.receipt for one in found] == receipts
    assert len(read) == len(set(read))


async def test_a_young_leaf_needs_few_files_of_a_large_tree():
    trail, read = a_trail(70_000), list[str]()

    async def fetch(path: str) -> bytes:
        read.append(path)
        return await trail.fetch()(path)

    await hold([a_receipt(trail.leaves[-200])], fetch, trust=trust(), now=NOW)

    assert len(read) <= 16 + 5


async def test_how_far_it_is_is_told_until_all_of_the_tree_was_looked_at():
    trail, told = a_trail(256 * 40 + 7), list[int]()

    await hold([a_receipt(NOWHERE)], trail.fetch(), trust=trust(), now=NOW, told=told.append)

    assert told == [256 * 16 + 7, 256 * 32 + 7, 256 * 40 + 7]


@pytest.mark.parametrize(("younger", "missing"), [(-60, False), (10, False), (11, True)])
async def test_a_leaf_that_is_not_there_is_missed_only_under_a_clearly_younger_checkpoint(
    younger: int, missing: bool
):
    trail = a_trail(300)

    found = await held(a_receipt(NOWHERE), trail.fetch(trail.note(at=NOW + younger)))

    assert (found.position, found.is_missing) == (None, missing)
    assert (evidence_of([found], kept_at=NOON) is not None) == missing


async def test_evidence_holds_what_both_sides_signed_and_nothing_that_stands():
    trail = a_trail(300)
    note, missing = trail.note(at=NOW + 60), a_receipt(NOWHERE)
    found = await hold(
        [a_receipt(trail.leaves[4]), missing], trail.fetch(note), trust=trust(), now=NOW
    )

    evidence = evidence_of(found, kept_at=NOON)

    assert evidence is not None
    assert (evidence.receipts, evidence.checkpoints) == ((missing,), (note.encode().decode(),))
    again = msgspec.json.decode(msgspec.json.encode(evidence), type=type(evidence))
    assert again == evidence


async def test_an_empty_tree_holds_nothing_and_misses_what_was_promised():
    trail = a_trail(0)

    found = await held(a_receipt(NOWHERE), trail.fetch(trail.note(at=NOW + 60)))

    assert found.is_missing


async def test_a_server_that_hides_or_invents_a_leaf_in_a_tile_is_not_believed():
    trail = a_trail(1000)
    tile = trail.files[lowest(1)]
    hidden = tile[:320] + NOWHERE + tile[352:]

    for receipt in (a_receipt(trail.leaves[266]), a_receipt(NOWHERE)):
        with pytest.raises(ProofWrong, match="tile/0/001 does not lead"):
            await held(receipt, trail.lying({lowest(1): hidden}))


@pytest.mark.parametrize("length", [0, 31, 32, 8160, 8224, 60_000])
async def test_a_tile_that_is_cut_or_too_long_is_not_believed(length: int):
    trail = a_trail(1000)
    tile = (trail.files[lowest(0)] * 8)[:length]

    with pytest.raises(ProofWrong, match="tile/0/000: expected 8192 bytes"):
        await held(a_receipt(trail.leaves[3]), trail.lying({lowest(0): tile}))


@pytest.mark.parametrize("path", [tile_path(0, 3, 232), tile_path(1, 0, 3)])
@pytest.mark.parametrize("cut", [True, False])
async def test_a_right_edge_that_is_cut_or_changed_is_not_believed(path: str, cut: bool):
    trail = a_trail(1000)
    tile = trail.files[path]
    lie = tile[:-32] if cut else bytes(32) + tile[32:]

    with pytest.raises(ProofWrong):
        await held(a_receipt(trail.leaves[3]), trail.lying({path: lie}))


async def test_a_full_tile_stands_for_the_part_that_is_gone():
    now, later = a_trail(300), a_trail(300).grow(300)
    files = {path: data for path, data in later.files.items() if ".p/" not in path}
    parts = {tile_path(1, 0, 1): now.files[tile_path(1, 0, 1)]}

    async def fetch(path: str) -> bytes:
        known = {**files, **parts, "checkpoint": now.note().encode()}
        return known.get(path) or known[full_path(path)]

    found = await held(a_receipt(now.leaves[290]), fetch)

    assert found.position == 290


async def test_a_tree_of_another_root_than_the_one_signed_is_not_believed():
    trail = a_trail(300)

    with pytest.raises(ProofWrong, match="do not lead to the checkpoint"):
        await held(a_receipt(NOWHERE), trail.fetch(trail.note(root=bytes(32))))


async def test_a_checkpoint_that_another_signed_or_of_another_trail_is_not_believed():
    trail = a_trail(300)
    note, other = trail.note(key=a_key("B")), trail.note()
    other = Note(other.text.replace("HUB", "NIC"), other.lines)

    for one in (note, other):
        with pytest.raises(ProofWrong, match="not signed by a key that counts"):
            await held(a_receipt(trail.leaves[0]), trail.fetch(one))


@pytest.mark.parametrize("junk", [b"", b"<html>", b"\xff\x00", b"HUB/trail\n1\nAAAA\n\n"])
async def test_what_is_no_checkpoint_is_not_believed(junk: bytes):
    with pytest.raises(ProofWrong):
        await held(a_receipt(NOWHERE), a_trail(3).lying({"checkpoint": junk}))


async def test_no_size_that_is_signed_makes_us_read_without_end():
    text = f"HUB/trail\n{10**300}\n{'A' * 43}=\n"
    lines = (sign_note(text, name=ORIGIN, key=HUB), cosign(text, name=ORIGIN, key=HUB, at=NOW))

    with pytest.raises(ProofWrong, match="so many leaves"):
        await held(a_receipt(NOWHERE), a_trail(3).fetch(Note(text, lines)))


async def test_a_receipt_that_nobody_signed_accuses_nobody():
    trail = a_trail(300)
    forged = msgspec.structs.replace(a_receipt(NOWHERE), signature=bytes(64))

    with pytest.raises(ReceiptWrong):
        await held(forged, trail.fetch(trail.note(at=NOW + 60)))


async def test_a_receipt_of_another_trail_is_not_missed_here():
    trail = a_trail(300)
    other = msgspec.structs.replace(a_receipt(NOWHERE), origin="NIC")

    with pytest.raises((ProofWrong, ReceiptWrong)):
        await held(other, trail.fetch(trail.note(at=NOW + 60)))


async def test_a_file_that_does_not_come_proves_nothing():
    trail = a_trail(1000)
    files = {path: data for path, data in trail.files.items() if path != lowest(1)}

    async def fetch(path: str) -> bytes:
        if path not in files and path != "checkpoint":
            raise NotReached(path)
        return await trail.fetch(trail.note(at=NOW + 60))(path)

    with pytest.raises(NotReached):
        await held(a_receipt(NOWHERE), fetch)


async def test_a_tree_that_someone_else_was_shown_otherwise_is_two_histories():
    trail, other = a_trail(300), a_trail(200, name="other")
    note, seen = trail.note(), other.note()

    with pytest.raises(HistoryRewritten) as rewritten:
        await held(a_receipt(trail.leaves[0]), trail.fetch(note), trust(seen=[seen]))

    assert [read_note(one.encode()) for one in rewritten.value.notes] == [seen, note]
    evidence = evidence_of(rewritten.value, kept_at=NOON)
    assert evidence is not None
    assert evidence.checkpoints == rewritten.value.notes


@pytest.mark.parametrize("seen", [0, 1, 200, 256, 300])
async def test_a_beginning_that_someone_else_was_shown_is_the_same_history(seen: int):
    trail = a_trail(300)

    found = await held(
        a_receipt(trail.leaves[0]), trail.fetch(), trust(seen=[a_trail(seen).note()])
    )

    assert found.position == 0


async def test_garbled_tiles_are_never_taken_for_two_histories():
    trail = a_trail(1000)
    lies = {lowest(0): bytes(8192)}

    with pytest.raises(ProofWrong):
        await held(
            a_receipt(trail.leaves[-1]), trail.lying(lies), trust(seen=[a_trail(200).note()])
        )


async def test_a_witness_whom_we_trust_must_have_seen_the_leaf():
    trail, before = a_trail(300), a_trail(200)
    seen = before.note(seen_at=NOW)

    young = trust(witnessed=True, seen=[seen])
    assert (await held(a_receipt(trail.leaves[199]), trail.fetch(), young)).position == 199
    with pytest.raises(ProofWrong, match="saw 200 leaves, and place 200 is beyond"):
        await held(a_receipt(trail.leaves[200]), trail.fetch(), young)
    with pytest.raises(ProofWrong, match="witness did not sign"):
        await held(a_receipt(trail.leaves[0]), trail.fetch(), trust(witnessed=True))


async def test_of_a_revoked_key_a_receipt_counts_that_a_witness_saw_in_the_tree_before():
    trail, revoked = a_trail(300), NOW + 100
    note, receipt = trail.note(at=NOW + 200, key=NEW_KEY), a_receipt(trail.leaves[150])

    async def hear(seen_at: int, size: int = 200) -> int | None:
        seen = a_trail(size).note(seen_at=seen_at)
        believed = trust(revoked_at=revoked, witnessed=True, seen=[seen])
        return (await held(receipt, trail.fetch(note), believed, now=NOW + 200)).position

    assert await hear(revoked - 1) == 150
    with pytest.raises(ProofWrong, match="revoked"):
        await hear(revoked)
    with pytest.raises(ProofWrong, match="beyond"):
        await hear(revoked - 1, size=150)
    with pytest.raises(ReceiptWrong, match="revoked"):
        await held(receipt, trail.fetch(note), trust(revoked_at=revoked), now=NOW + 200)


async def test_who_stole_a_key_that_is_revoked_can_accuse_nobody_with_a_receipt_dated_back():
    trail = a_trail(300)
    note, forged = trail.note(at=NOW + 200, key=NEW_KEY), a_receipt(NOWHERE, key=HUB)

    with pytest.raises(ReceiptWrong, match="revoked"):
        await held(forged, trail.fetch(note), trust(revoked_at=NOW + 100), now=NOW + 200)


async def test_a_checkpoint_dated_back_with_a_revoked_key_is_not_believed():
    trail = a_trail(300)

    with pytest.raises(ProofWrong, match="revoked"):
        await held(a_receipt(trail.leaves[0]), trail.fetch(), trust(revoked_at=NOW + 100))


async def test_a_slow_server_ends_no_other_reading_of_the_loop():
    trail = a_trail(2000)

    async def fetch(path: str) -> bytes:
        await asyncio.sleep(0.001)
        return await trail.fetch()(path)

    found = await asyncio.gather(*(held(a_receipt(leaf), fetch) for leaf in trail.leaves[:3]))

    assert [one.position for one in found] == [0, 1, 2]
