"""Whatever is shown as a receipt, a proof or a published file: it proves something, or nothing."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.property.mangling import anything
from tests.unit.audit.entries import an_entry
from tests.unit.client.tree_house import HUB, ORIGIN, WATCHING, a_receipt, a_trail, keys, serving
from tests.unit.web.givens import NOW

from kruispunt.audit import WrongForm, read_leaf
from kruispunt.audit.encoding import encode_entry
from kruispunt.cli.receipts import receipts_in
from kruispunt.client import (
    NotReached,
    ProofWrong,
    ReceiptBody,
    ReceiptWrong,
    TrailProof,
    check_proof,
    proven,
    read_proof,
    read_public,
)
from kruispunt.client.proof import ReceiptCheck
from kruispunt.client.proven_tree import ProvenTree
from kruispunt.client.tree import LeafProof
from kruispunt.vocabulary import Checkpoint, Expired, WrongCheckpoint, WrongExpired
from kruispunt.web import KeyRing, KeyWrong, WrongNote, read_note, read_verifier

encode: Final = msgspec.json.encode
TRAIL: Final = a_trail(3)
NOTE: Final = TRAIL.note().encode()
RECEIPT: Final = a_receipt(TRAIL.leaves[0])
PROOF: Final = TrailProof(
    format="kruispunt/trail-proof/v1",
    checkpoint=NOTE.decode(),
    entries=(LeafProof(position=0, encoded=b"x", salt=bytes(32), path=(bytes(32),)),),
)
GONE: Final = Expired(
    origin=ORIGIN, position=7, before=date(2031, 1, 1), leaves=3, digest=bytes(32)
)
TILE: Final = TRAIL.files["tile/0/000.p/3"]
REFUSED: Final = (
    KeyWrong,
    ProofWrong,
    ReceiptWrong,
    WrongCheckpoint,
    WrongExpired,
    WrongForm,
    WrongNote,
)


def noted(data: bytes) -> object:
    return proven(read_note(data), keys(), witnesses=(WATCHING,))


def receipts(data: bytes) -> object:
    check = ReceiptCheck(ring=KeyRing.holding(keys()), signer=HUB.institution)
    found = [one.receipt for one in receipts_in(Path("file"), data) if one.receipt]
    return [check.signed(one, now=NOW) for one in found]


FILES: Final[Mapping[str, tuple[Callable[[bytes], object], tuple[bytes, ...]]]] = {
    "a checkpoint": (noted, (NOTE,)),
    "the text of a checkpoint": (
        lambda data: Checkpoint.read(data.decode("latin-1")),
        (TRAIL.note().text.encode(),),
    ),
    "what expired": (
        lambda data: Expired.read(data.decode("latin-1")),
        (GONE.text.encode(),),
    ),
    "receipts": (
        receipts,
        (encode(RECEIPT), encode([{"receipt": RECEIPT}]), encode({"answers": [RECEIPT]})),
    ),
    "a proof": (lambda data: check_proof(read_proof(data), keys()), (encode(PROOF),)),
    "a key": (
        lambda data: read_verifier(data.decode("latin-1")),
        (WATCHING.text.encode(), WATCHING.cosigner.encode()),
    ),
    "a leaf": (read_leaf, (encode_entry(an_entry()),)),
}


def fault_of(read: Callable[[bytes], object], data: bytes) -> str:
    """The rule that is named; anything else that breaks is ours."""
    try:
        read(data)
    except REFUSED as wrong:
        return str(wrong)
    return ""


@pytest.mark.parametrize("kind", FILES)
@given(data=st.data())
def test_any_file_proves_something_or_names_the_rule_it_breaks(kind: str, data: st.DataObject):
    read, seeds = FILES[kind]

    assert "Traceback" not in fault_of(read, data.draw(anything(*seeds)))


@pytest.mark.parametrize("kind", sorted(FILES.keys() - {"a proof"}))
def test_what_is_spoiled_there_was_in_order(kind: str):
    read, seeds = FILES[kind]

    assert [fault_of(read, seed) for seed in seeds] == [""] * len(seeds)


@given(tile=anything(TILE))
async def test_any_tile_leads_to_the_root_or_is_not_believed(tile: bytes):
    files = {**TRAIL.files, "tile/0/000.p/3": tile, "checkpoint": NOTE}
    checkpoint = Checkpoint.read(TRAIL.note().text)

    try:
        tree = await ProvenTree.open(checkpoint, serving(files))
    except (ProofWrong, NotReached):
        assert tile != TILE
    else:
        assert await tree.root_at(3) == checkpoint.root


@given(
    receipt=st.builds(
        ReceiptBody,
        entry=st.uuids(),
        recorded_at=st.datetimes(
            timezones=st.sampled_from(
                [UTC, *map(timezone, (timedelta(hours=14), timedelta(hours=-14)))]
            )
        ),
        leaf=st.sampled_from([bytes(32), b""]),
        index=st.integers(),
        size=st.integers(),
        path=st.lists(st.just(bytes(32)), max_size=3).map(tuple),
        root=st.just(bytes(32)),
        origin=st.text(max_size=9),
        key_id=st.just("HUB-1"),
        signature=st.binary(max_size=64),
    )
)
def test_any_receipt_is_checked_at_any_moment(receipt: ReceiptBody):
    with pytest.raises(ReceiptWrong):
        ReceiptCheck(ring=KeyRing.holding(keys()), signer=HUB.institution).signed(receipt, now=NOW)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_receipt_of_a_moment_that_utc_does_not_have_proves_nothing(moment: str):
    receipt = msgspec.structs.replace(RECEIPT, recorded_at=datetime.fromisoformat(moment))

    assert "UTC does not have" in fault_of(receipts, encode(receipt))


@given(data=anything(WATCHING.text.encode()))
def test_any_file_of_keys_is_read_or_refused(
    data: bytes, tmp_path_factory: pytest.TempPathFactory
):
    path = tmp_path_factory.getbasetemp() / "keys"
    path.write_bytes(data)

    assert "Traceback" not in fault_of(lambda _: read_public(path), data)
