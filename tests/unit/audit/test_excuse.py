"""What a note excuses is hashed in order of position, whatever the order in which it is found."""

from base64 import b64encode
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from uuid import UUID

import msgspec

from kruispunt.audit.excuse import Excuse, Roll
from kruispunt.vocabulary import Expired

GOLDEN = Path(__file__).parents[2] / "golden" / "frozen" / "expired" / "expired-v1.json"


class Golden(msgspec.Struct, frozen=True):
    text: str
    leaves: tuple[tuple[int, int, UUID], ...]


def golden() -> Golden:
    return msgspec.json.decode(GOLDEN.read_bytes(), type=Golden)


def test_a_frozen_note_still_excuses_the_same_leaves() -> None:
    frozen = golden()
    note = Expired.read(frozen.text)

    for leaves in permutations(frozen.leaves):
        roll = Roll()
        for position, kind, entry in leaves:
            roll.add(position, bytes((kind,)) + entry.bytes)
        roll.settle(301)

        assert (roll.leaves, roll.position) == (note.leaves, note.position)
        assert b64encode(roll.hashed.digest()).decode() in frozen.text


def test_a_leaf_that_waits_holds_up_those_behind_it_and_no_other() -> None:
    roll = Roll()
    for position in (5, 3, 9):
        roll.add(position, bytes(17))

    roll.settle(5)

    assert (roll.leaves, roll.position, len(roll.found)) == (1, 4, 2)


def test_an_id_of_a_later_month_is_never_excused() -> None:
    note = Expired.read(golden().text)
    excuse = Excuse(note=note, ending=None)
    old = int(datetime(2021, 5, 1, tzinfo=UTC).timestamp()) * 1000 << 80 | 7 << 76
    young = int(datetime(2021, 6, 3, tzinfo=UTC).timestamp()) * 1000 << 80 | 7 << 76

    told = [excuse.excuses(place, b"\x01" + UUID(int=one).bytes) for place, one in (
        (1, old), (1, young), (301, old),
    )]  # fmt: skip

    assert told == [True, False, False]
