"""Holding receipts against the published tree: whether what was promised stands in it.

A receipt is signed before the tree has its leaf. If the leaf is not in the tree that was signed
clearly later, receipt and checkpoint together are evidence against whoever signed both.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from kruispunt.client.history import (
    HistoryRewritten,
    Trust,
    published_by,
    require_witnesses,
    same_history,
    stood_at,
    written,
)
from kruispunt.client.proof import ReceiptCheck
from kruispunt.client.proven_tree import Progress, ProvenTree
from kruispunt.client.published import Fetch, open_published
from kruispunt.client.tree import ProofWrong, Proven, origin_of
from kruispunt.client.wire import ReceiptBody
from kruispunt.vocabulary import InstitutionCode
from kruispunt.web import KeyRing

EVIDENCE: Final = "kruispunt/trail-evidence/v1"
LATE_S: Final = 10
"""A leaf stands in the tree within two seconds; a checkpoint so much younger must have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A receipt whose signature counts, and where its leaf stands under a checkpoint."""

    receipt: ReceiptBody
    position: int | None
    """None: nowhere among its leaves."""

    under: Proven

    @property
    def younger_s(self) -> float:
        """By how much the checkpoint is younger than the receipt."""
        return self.under.at - self.receipt.recorded_at.timestamp()

    @property
    def is_missing(self) -> bool:
        """True where the leaf should stand in the tree, and does not."""
        return self.position is None and self.younger_s > LATE_S


class Evidence(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the trail signed and can't all be true, for anyone who has its public key."""

    format: str = EVIDENCE
    words: str
    kept_at: datetime
    checkpoints: tuple[str, ...]
    receipts: tuple[ReceiptBody, ...] = ()


async def hold(
    receipts: Sequence[ReceiptBody],
    fetch: Fetch,
    *,
    trust: Trust,
    now: int,
    told: Progress | None = None,
) -> list[Held]:
    """Where the leaves of receipts stand in the tree that is published now, in their order.

    The tree is read from its end back until all are found. `fetch`: see `open_published`.

    Raises:
        ReceiptWrong: a receipt is not signed by a key that counts.
        ProofWrong: the checkpoint is not signed, a tile does not lead to it, or a witness did not
                    see a leaf.
        HistoryRewritten: somebody was shown another history.
        NotReached: a file did not come.
    """
    checks = [_Receipt.of(one, trust) for one in receipts]
    for one in checks:
        one.check.signed(one.receipt, now=now)
    published, seen = await published_by(fetch, trust), trust.checkpoints()
    if any(one.origin != published.checkpoint.origin for one in checks):
        raise ProofWrong(f"a receipt is of another trail than {published.checkpoint.origin}")
    for other in seen:
        await same_history(other, published, fetch)
    tree = await ProvenTree.open(published.checkpoint, fetch)
    places = await tree.find({one.leaf for one in receipts}, told=told)
    require_witnesses(list(places.values()), [published, *seen], trust)
    for one in checks:
        place = places.get(one.receipt.leaf)
        stood = None if place is None else stood_at(place, [published, *seen])
        one.check.check(one.receipt, now=now, stood_at=stood)
    return [Held(receipt=one, position=places.get(one.leaf), under=published) for one in receipts]


def hold_sync(
    receipts: Sequence[ReceiptBody],
    source: str,
    *,
    trust: Trust,
    now: int,
    told: Progress | None = None,
) -> list[Held]:
    """As `hold`, from a folder or URL, for programs without an event loop; `told` is called there.

    May be called from any thread.
    """

    async def held() -> list[Held]:
        async with open_published(source) as fetch:
            return await hold(receipts, fetch, trust=trust, now=now, told=told)

    with ThreadPoolExecutor(1, "kruispunt-tree") as thread:
        return thread.submit(asyncio.run, held()).result()


def evidence_of(found: Sequence[Held] | HistoryRewritten, *, kept_at: datetime) -> Evidence | None:
    """What is to be kept of it; None: all stands, or may still come."""
    if isinstance(found, HistoryRewritten):
        return Evidence(words=str(found), kept_at=kept_at, checkpoints=found.notes)
    missing = [one for one in found if one.is_missing]
    if not missing:
        return None
    return Evidence(
        words="signed receipts whose leaves are not in the tree that was signed later",
        kept_at=kept_at,
        checkpoints=(written(missing[0].under.note),),
        receipts=tuple(one.receipt for one in missing),
    )


@dataclass(frozen=True, slots=True)
class _Receipt:
    receipt: ReceiptBody
    origin: str
    check: ReceiptCheck

    @classmethod
    def of(cls, receipt: ReceiptBody, trust: Trust) -> "_Receipt":
        signer = InstitutionCode(receipt.origin)
        check = ReceiptCheck(ring=KeyRing.holding(trust.keys), signer=signer)
        return cls(receipt, origin_of(signer), check)
