"""What `audit check` is held against: witnesses, what others saw, and the published tree."""

import os
import sys
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from kruispunt.cli.clock import now
from kruispunt.client import (
    STILL_S,
    Evidence,
    Fetch,
    Held,
    HistoryRewritten,
    ProofWrong,
    Proven,
    ReceiptBody,
    ReceiptCheck,
    ReceiptWrong,
    TrailProof,
    Trust,
    Witnessed,
    check_against,
    evidence_of,
    hold,
    open_published,
    read_public,
    stood_at,
)
from kruispunt.vocabulary import InstitutionCode
from kruispunt.web import (
    KeyRing,
    KeyWrong,
    Note,
    PublicKey,
    Verifier,
    WrongNote,
    read_note,
    read_verifier,
)

PATIENCE_S: Final = 2.0
"""A search that lasts longer tells how far it is, each second."""

Places = Mapping[bytes, tuple[int, Proven]]
"""Where leaves stand, and under which checkpoint, by the proofs beside the receipts."""


class Contradicted(Exception):
    """The trail signed what can't all be true. The message says what, and where it is kept."""


class TooEarly(Exception):
    """A leaf is not in the tree, and need not be yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """With what is checked."""

    trust: Trust
    tree: str | None
    evidence: Path | None

    @asynccontextmanager
    async def opened(self) -> AsyncGenerator[Fetch | None]:
        """How the published tree is read; None: it is not to be asked."""
        if self.tree is None:
            yield None
            return
        async with open_published(self.tree) as fetch:
            yield fetch

    async def prove(self, proof: TrailProof, fetch: Fetch | None) -> Proven:
        """The checkpoint of a proof, where all of it holds."""
        try:
            return await check_against(proof, fetch, self.trust)
        except HistoryRewritten as rewritten:
            raise self._contradicted(rewritten) from rewritten

    def check_signed(self, receipts: Mapping[str, ReceiptBody]) -> None:
        """Every receipt leads to a head that was signed.

        Raises:
            ReceiptWrong: one does not; told by its name.
        """
        moment, ring = int(now().timestamp()), KeyRing.holding(self.trust.keys)
        checks = dict[str, ReceiptCheck]()
        for name, one in receipts.items():
            signer = InstitutionCode(one.origin)
            check = checks.setdefault(one.origin, ReceiptCheck(ring=ring, signer=signer))
            try:
                check.signed(one, now=moment)
            except ReceiptWrong as wrong:
                raise ReceiptWrong(f"{name}: {wrong}") from wrong

    async def hold(
        self, receipts: Sequence[ReceiptBody], fetch: Fetch | None, *, proven: Places
    ) -> list[int | None]:
        """The place of each receipt in the tree; None: nothing at hand says it."""
        if not receipts:
            return []
        moment = int(now().timestamp())
        if fetch is None:
            return [self._alone(one, proven.get(one.leaf), moment) for one in receipts]
        try:
            told = progress(time.monotonic)
            held = await hold(receipts, fetch, trust=self.trust, now=moment, told=told)
        except HistoryRewritten as rewritten:
            raise self._contradicted(rewritten) from rewritten
        if any(one.is_missing for one in held):
            raise self._contradicted(held)
        early = next((one for one in held if one.position is None), None)
        if early is not None:
            raise TooEarly(_early_words(early, moment))
        return [one.position for one in held]

    def _alone(
        self, receipt: ReceiptBody, place: tuple[int, Proven] | None, moment: int
    ) -> int | None:
        """Without a tree: what a proof beside it says, and its signature."""
        if place is None and (self.trust.witnesses or self.trust.seen):
            raise ProofWrong("without `--tree` or a proof of its entry, no witness saw a receipt")
        others = [] if place is None else [place[1], *self.trust.checkpoints()]
        stood = None if place is None else stood_at(place[0], others)
        ring, signer = KeyRing.holding(self.trust.keys), InstitutionCode(receipt.origin)
        ReceiptCheck(ring=ring, signer=signer).check(receipt, now=moment, stood_at=stood)
        return None if place is None else place[0]

    def _contradicted(self, found: Sequence[Held] | HistoryRewritten) -> Contradicted:
        evidence = evidence_of(found, kept_at=now())
        assert evidence is not None
        words = _words(found)
        if self.evidence is None:
            return Contradicted(f"{words}\nkeep both: --evidence FILE")
        try:
            _keep(evidence, self.evidence)
        except OSError as wrong:
            return Contradicted(f"{words}\nTHE EVIDENCE COULD NOT BE KEPT: {wrong}")
        return Contradicted(f"{words}\nkept as evidence: {self.evidence}")


def read_asked(
    key: Path,
    *,
    tree: str | None,
    witnesses: Sequence[str],
    seen: Sequence[Path],
    evidence: Path | None,
) -> Asked:
    """What a command line asks for.

    Raises:
        KeyWrong, WrongNote, DecodeError, OSError: something in it can't be read, or the file for
            evidence stands already.
    """
    keys = read_public(key)
    KeyRing.holding(keys)  # two keys under one id are told here
    if evidence is not None and evidence.exists():
        raise FileExistsError(f"{evidence} stands already: evidence is not replaced")
    trust = Trust(
        keys=keys,
        witnesses=tuple(_witness(one, keys) for one in witnesses),
        seen=tuple(map(_seen, seen)),
    )
    return Asked(trust=trust, tree=tree, evidence=evidence)


def progress(clock: Callable[[], float]) -> Callable[[int], None]:
    """Tells how many leaves were read: nothing for two seconds, then once a second."""
    next_at = clock() + PATIENCE_S

    def told(leaves: int) -> None:
        nonlocal next_at
        if clock() >= next_at:
            next_at = clock() + 1
            print(f"{leaves} leaves looked at", file=sys.stderr, flush=True)

    return told


def _witness(text: str, keys: Sequence[PublicKey]) -> Verifier:
    """The key of a witness as C2SP writes it, given as it is or in a file."""
    try:
        found = read_verifier(text)
    except WrongNote:
        found = read_verifier(Path(text).read_bytes().decode("ascii", "replace"))
    if found.raw in {key.raw for key in keys}:
        raise KeyWrong(f"{found.name} has the key of the trail, which can't be its own witness")
    return found


def _seen(path: Path) -> Note:
    """A checkpoint in a file, or the one that a witness's state remembers."""
    data = path.read_bytes()
    if data.lstrip().startswith(b"{"):
        data = msgspec.json.decode(data, type=Witnessed).note.encode()
    return read_note(data)


def _words(found: Sequence[Held] | HistoryRewritten) -> str:
    if isinstance(found, HistoryRewritten):
        return f"TWO HISTORIES: {found}"
    missing = [one for one in found if one.is_missing]
    one = missing[0]
    return (
        f"MISSING: {len(missing)} of {len(found)} receipts are not in the tree, the first of "
        f"{one.receipt.entry}: none of the {one.under.checkpoint.size} leaves is its own, and the "
        f"checkpoint was signed {one.younger_s:.0f} s after it; a sealer that stood still may be "
        "behind for minutes: ask again, and if it stays, receipt and checkpoint prove it"
    )


def _early_words(held: Held, moment: int) -> str:
    words = f"{held.receipt.entry} is not in the tree, whose checkpoint is not clearly younger"
    age = moment - held.under.at
    if age > STILL_S:
        return f"{words}: it is {age} s old, so nothing is sealed, or something old is shown"
    return f"{words}: ask again in a few seconds"


def _keep(evidence: Evidence, path: Path) -> None:
    """Durable when this returns."""
    with path.open("xb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(evidence), indent=2) + b"\n")
        file.flush()
        os.fsync(file.fileno())
