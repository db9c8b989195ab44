"""Comparing checkpoints of one trail: two that can't both be true are evidence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kruispunt.client.proven_tree import ProvenTree
from kruispunt.client.published import CHECKPOINT, Fetch
from kruispunt.client.tree import ProofWrong, Proven, TrailProof, check_proof, proven, signed_in
from kruispunt.web import Note, PublicKey, Verifier, WrongNote, read_note


class HistoryRewritten(Exception):
    """Two checkpoints that the trail signed can't both be true. The message says why."""

    def __init__(self, words: str, *, notes: tuple[str, str]) -> None:
        super().__init__(words)
        self.notes = notes
        """Both, as they were signed, the one that was known before first: the evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What a checker believes before it looks: got by other ways than what it checks."""

    keys: tuple[PublicKey, ...]
    """Those of the trail's institution."""

    witnesses: tuple[Verifier, ...] = ()
    """Each must have seen all that is to be proven, where there are any."""

    seen: tuple[Note, ...] = ()
    """Checkpoints that were shown to someone else, or earlier."""

    def checkpoints(self) -> list[Proven]:
        """Those that were seen, proven.

        Raises:
            ProofWrong: one is not signed by the trail.
        """
        return [proven(note, self.keys, witnesses=self.witnesses) for note in self.seen]


async def published_by(fetch: Fetch, trust: Trust) -> Proven:
    """The checkpoint that is published now.

    Raises:
        ProofWrong: it is not signed by the trail.
        NotReached: it did not come.
    """
    try:
        note = read_note(await fetch(CHECKPOINT))
    except WrongNote as wrong:
        raise ProofWrong(str(wrong)) from None
    return proven(note, trust.keys, witnesses=trust.witnesses)


async def same_history(known: Proven, shown: Proven, fetch: Fetch | None) -> None:
    """Nothing, where the smaller of two signed trees is the beginning of the larger.

    `fetch`: tiles of the larger one, from anyone; two of one size need none.

    Raises:
        HistoryRewritten: it is not. Wrong tiles alone are never taken for that.
        ProofWrong: it can't be told: tiles do not lead to the checkpoint, or there are none.
        NotReached: a tile did not come.
    """
    old, new = sorted((known, shown), key=lambda one: one.checkpoint.size)
    if old.checkpoint.origin != new.checkpoint.origin:
        raise ProofWrong(f"expected {known.checkpoint.origin}, found {shown.checkpoint.origin}")
    size, root = old.checkpoint.size, new.checkpoint.root
    if size < new.checkpoint.size:
        if fetch is None:
            raise ProofWrong("trees of two sizes can't be compared without their tiles")
        root = await (await ProvenTree.open(new.checkpoint, fetch)).root_at(size)
    if root != old.checkpoint.root:
        raise HistoryRewritten(
            f"two histories are signed: they differ within their first {size} leaves",
            notes=(written(known.note), written(shown.note)),
        )


async def check_against(proof: TrailProof, fetch: Fetch | None, trust: Trust) -> Proven:
    """As `check_proof`; and its tree is that of the others, and witnesses saw all its entries.

    `fetch`: the files that are published now, if they are to be asked.

    Raises:
        HistoryRewritten: somebody was shown another history.
        ProofWrong: something is not proven.
        NotReached: a file did not come.
    """
    own = signed_in(proof, trust.keys, witnesses=trust.witnesses)
    seen = trust.checkpoints()
    others = seen if fetch is None else [*seen, await published_by(fetch, trust)]
    for other in others:
        await same_history(other, own, fetch)
    size = own.checkpoint.size
    found = check_proof(
        proof,
        trust.keys,
        witnesses=trust.witnesses,
        stood_at=stood_at(size - 1, others),
    )
    require_witnesses([entry.position for entry in proof.entries], [found, *others], trust)
    return found


def stood_at(position: int, checkpoints: Iterable[Proven]) -> int | None:
    """The first second at which a witness saw a tree that has this place; None: never.

    The checkpoints must be of one history.
    """
    seen = (one.seen_at for one in checkpoints if one.checkpoint.size > position)
    return min((at for at in seen if at is not None), default=None)


def require_witnesses(
    positions: Sequence[int], checkpoints: Sequence[Proven], trust: Trust
) -> None:
    """Nothing, where each witness signed a tree that has all these places.

    The checkpoints must be of one history.

    Raises:
        ProofWrong: one did not.
    """
    for witness in trust.witnesses:
        size = max(
            (one.checkpoint.size for one in checkpoints if witness in dict(one.witnessed)),
            default=None,
        )
        if size is None:
            raise ProofWrong(f"the witness {witness.name} did not sign the checkpoint")
        beyond = [place for place in positions if place >= size]
        if beyond:
            raise ProofWrong(
                f"the witness {witness.name} saw {size} leaves, and place {min(beyond)} is beyond"
            )


def written(note: Note) -> str:
    """A note as text."""
    return note.encode().decode()
