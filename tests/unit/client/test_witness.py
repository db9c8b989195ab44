"""A witness signs what grew, shouts at two histories alone, and tells what stands still."""

import pytest
from tests.unit.client.tree_house import (
    ORIGIN,
    WATCHING,
    WITNESS,
    Trail,
    a_trail,
    keys,
    lowest,
)
from tests.unit.web.givens import NOW

from kruispunt.client import (
    Fetch,
    HistoryRewritten,
    Looked,
    NotReached,
    ProofWrong,
    Witness,
    Witnessed,
)
from kruispunt.vocabulary import Checkpoint, tile_path
from kruispunt.web import Note


def a_witness(*, revoked_at: int | None = None) -> Witness:
    return Witness(name="witness", key=WITNESS, keys=keys(revoked_at=revoked_at))


async def look(
    fetch: Fetch, known: Note | None = None, *, now: int = NOW, revoked_at: int | None = None
) -> Looked:
    memory = Witnessed(note="" if known is None else known.encode().decode())
    return await a_witness(revoked_at=revoked_at).look(fetch, known=memory, now=now)


@pytest.mark.parametrize(("old", "new"), [(1, 300), (256, 257), (300, 300), (0, 5)])
async def test_a_tree_that_grew_is_cosigned(old: int, new: int):
    trail = a_trail(new)

    looked = await look(trail.fetch(), a_trail(old).note())

    assert looked.note is not None
    assert WATCHING.cosigned_at(looked.note) == NOW
    assert looked.note.text == trail.note().text
    assert not looked.is_still


async def test_its_own_line_of_before_is_replaced():
    looked = await look(a_trail(3).fetch(a_trail(3).note(seen_at=NOW - 9)))

    assert looked.note is not None
    assert [line.name for line in looked.note.lines].count("witness") == 1
    assert WATCHING.cosigned_at(looked.note) == NOW


@pytest.mark.parametrize("size", [300, 400, 200])
async def test_two_signed_checkpoints_that_cannot_both_be_true_are_shouted_at(size: int):
    known, other = a_trail(300).note(), a_trail(size, name="other")
    shown = other.note(at=NOW + 1)

    with pytest.raises(HistoryRewritten) as shout:
        await look(other.fetch(shown), known)

    assert shout.value.notes == (known.encode().decode(), shown.encode().decode())


async def test_a_smaller_tree_signed_later_is_one_that_shrank():
    with pytest.raises(HistoryRewritten, match="shrank from 300 to 200"):
        await look(a_trail(200).fetch(a_trail(200).note(at=NOW + 1)), a_trail(300).note())


async def test_a_smaller_tree_signed_earlier_is_only_old_and_not_signed_again():
    old = a_trail(200)
    fetch = a_trail(300).fetch(old.note(at=NOW - 5))

    looked = await look(fetch, a_trail(300).note())

    assert (looked.note, looked.is_still) == (None, True)


GARBLED = {
    "checkpoint": b"<html>busy</html>",
    lowest(1): bytes(8192),
    tile_path(1, 0, 3): b"",
    tile_path(0, 3, 232): b"cut",
}


@pytest.mark.parametrize("path", GARBLED)
async def test_a_garbled_or_cut_reply_is_no_rewritten_history(path: str):
    trail = a_trail(1000)

    with pytest.raises(ProofWrong):
        await look(trail.lying({path: GARBLED[path]}), a_trail(300).note())


async def test_what_does_not_come_is_no_rewritten_history():
    async def fetch(path: str) -> bytes:
        raise NotReached(path)

    with pytest.raises(NotReached):
        await look(fetch, a_trail(300).note())


async def test_what_is_signed_and_leads_nowhere_is_not_cosigned_at_the_first_look_either():
    trail = a_trail(300)

    with pytest.raises(ProofWrong):
        await look(trail.fetch(trail.note(root=bytes(32))))


@pytest.mark.parametrize(
    ("age", "still"), [(-61, True), (-60, False), (0, False), (10, False), (11, True)]
)
async def test_a_checkpoint_that_stands_still_is_told(age: int, still: bool):
    trail = a_trail(3)

    looked = await look(trail.fetch(trail.note(at=NOW - age)))

    assert (looked.is_still, looked.age_s) == (still, age)


async def test_what_it_remembers_is_held_against_a_thief_after_the_key_was_revoked():
    known, forged = a_trail(300).note(seen_at=NOW), a_trail(300, name="other")

    with pytest.raises(ProofWrong, match="revoked"):
        await look(forged.fetch(), known, now=NOW + 200, revoked_at=NOW + 100)


async def test_both_notes_are_kept_once_and_the_first_ones_stay():
    known, memory = a_trail(3), Witnessed()
    pairs = [a_trail(3, name=f"other {n}") for n in range(15)]

    for other in (pairs[0], *pairs):
        memory = memory.shouting(await _rewritten(known, other))

    assert len(memory.evidence) == 20
    first = Checkpoint.read(memory.evidence[1].rpartition("\n\n")[0] + "\n")
    assert memory.evidence[0] == known.note().encode().decode()
    assert (first.origin, first.root) == (ORIGIN, pairs[0].edge.root)


async def _rewritten(known: Trail, other: Trail) -> HistoryRewritten:
    with pytest.raises(HistoryRewritten) as shout:
        await look(other.fetch(), known.note())
    return shout.value
