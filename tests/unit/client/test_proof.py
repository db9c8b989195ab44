"""Receipts outlive the key that signed them, unless it was revoked."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from tests.unit.web.givens import NOON, NOW, YEAR, a_key, public

from kruispunt.client import ReceiptBody
from kruispunt.client.proof import ReceiptCheck, ReceiptWrong
from kruispunt.vocabulary import group_head, leaf_hash
from kruispunt.web import KeyRing, PublicKey

HUB = a_key("A")
LATER = int((NOON + 9 * YEAR).timestamp())
SECOND = timedelta(seconds=1)


def a_receipt(recorded_at: datetime = NOON) -> ReceiptBody:
    leaf = leaf_hash(b"an entry")
    head = group_head(origin="A", size=1, root=leaf, recorded_at=recorded_at)
    return ReceiptBody(
        entry=UUID(int=7),
        recorded_at=recorded_at,
        leaf=leaf,
        index=0,
        size=1,
        path=(),
        root=leaf,
        origin="A",
        key_id=HUB.key_id,
        signature=HUB.sign(head),
    )


def check(receipt: ReceiptBody, key: PublicKey, *, now: int = LATER) -> None:
    ReceiptCheck(ring=KeyRing.holding([key]), signer=HUB.institution).check(receipt, now=now)


def test_a_receipt_is_believed_years_after_its_key_expired():
    assert public(HUB).fault_at(LATER) == "the key is expired"

    check(a_receipt(), public(HUB))


@pytest.mark.parametrize("away", [-2 * YEAR, 2 * YEAR])
def test_a_receipt_of_when_its_key_did_not_count_is_refused(away: timedelta):
    with pytest.raises(ReceiptWrong, match="a key that counts"):
        check(a_receipt(NOON + away), public(HUB))


def test_of_a_revoked_key_only_what_a_witness_saw_before_counts():
    revoked = replace(public(HUB), revoked_at=NOON)
    receipts = ReceiptCheck(ring=KeyRing.holding([revoked]), signer=HUB.institution)
    before, dated_back = a_receipt(NOON - SECOND), a_receipt(NOON - SECOND)

    receipts.check(before, now=LATER, stood_at=NOW - 1)
    for stood_at in (None, NOW, NOW + 1):
        with pytest.raises(ReceiptWrong, match="the key that signed is revoked"):
            receipts.check(dated_back, now=LATER, stood_at=stood_at)
    with pytest.raises(ReceiptWrong, match="a key that counts"):
        receipts.check(a_receipt(NOON), now=LATER, stood_at=NOW - 1)


def test_a_receipt_from_the_future_is_refused():
    check(a_receipt(NOON + 60 * SECOND), public(HUB), now=NOW)
    with pytest.raises(ReceiptWrong, match="in the future"):
        check(a_receipt(NOON + 61 * SECOND), public(HUB), now=NOW)
