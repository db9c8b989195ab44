"""Checking a receipt: the look stands in the trail, under a head that the hub has signed."""

from datetime import UTC, datetime
from typing import Final

from kruispunt.client.tree import REVOKED, stood_before
from kruispunt.client.wire import ReceiptBody
from kruispunt.vocabulary import InstitutionCode, KeyId, group_head, root_of
from kruispunt.web import SKEW_S, PublicKey, Ring

HASH_BYTES: Final = 32
KEPT_HEADS: Final = 256


class ReceiptWrong(Exception):
    """The receipt proves nothing. The message names the rule."""


class ReceiptCheck:
    """Checks the receipts of one hub or node; a head that many receipts share is checked once."""

    def __init__(self, *, ring: Ring, signer: InstitutionCode) -> None:
        self._ring = ring
        self._signer = signer
        self._proven: dict[tuple[KeyId, bytes, bytes], None] = {}

    def check(self, receipt: ReceiptBody, *, now: int, stood_at: int | None = None) -> None:
        """Nothing, where the leaf leads to the root, and the signer signed the head over it.

        The key had to count when the head was recorded, so a receipt outlives its key. Of a key
        that was revoked since, only what a witness saw in the tree before proves anything: the
        time in the head is in the hands of whoever has the key. `stood_at`: a second at which a
        witness signed a tree that holds the leaf.

        Raises:
            ReceiptWrong: it does not.
        """
        if not stood_before(self.signed(receipt, now=now), stood_at):
            raise ReceiptWrong(REVOKED)

    def signed(self, receipt: ReceiptBody, *, now: int) -> PublicKey:
        """As `check`, but whether the key was revoked later is left to who calls: the key.

        Raises:
            ReceiptWrong: the leaf does not lead to the root, or nobody signed the head over it.
        """
        if any(len(digest) != HASH_BYTES for digest in (receipt.leaf, *receipt.path)):
            raise ReceiptWrong("expected a leaf and a path of 32-byte hashes")
        root = root_of(receipt.leaf, index=receipt.index, size=receipt.size, path=receipt.path)
        if root is None or root != receipt.root:
            raise ReceiptWrong("the path does not lead from the leaf to the root")
        at = _moment(receipt)
        head = group_head(origin=receipt.origin, size=receipt.size, root=root, recorded_at=at)
        recorded_at = int(at.timestamp())
        if recorded_at > now + SKEW_S:
            raise ReceiptWrong("the head was recorded in the future")
        key_id = KeyId(receipt.key_id)
        key = self._ring.find(key_id)
        if key is None or key.institution != self._signer or key.fault_at(recorded_at):
            raise ReceiptWrong("the head is not signed by a key that counts, of whom we asked")
        known = (key_id, head, receipt.signature)
        if known in self._proven:
            return key
        if not key.verify(head, receipt.signature):
            raise ReceiptWrong("the signature does not fit the head")
        if len(self._proven) >= KEPT_HEADS:
            del self._proven[next(iter(self._proven))]
        self._proven[known] = None
        return key


def _moment(receipt: ReceiptBody) -> datetime:
    try:
        return receipt.recorded_at.astimezone(UTC)
    except OverflowError:
        raise ReceiptWrong("the head was recorded at a moment that UTC does not have") from None
