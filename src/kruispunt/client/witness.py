"""A witness: remembers the last checkpoint of a trail, and signs a new one only if it grew of it.

Whoever holds a checkpoint that a witness signed knows that the witness was shown the same history.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from kruispunt.client.history import HistoryRewritten, Trust, published_by, same_history, written
from kruispunt.client.proven_tree import ProvenTree
from kruispunt.client.published import Fetch
from kruispunt.client.tree import ProofWrong, Proven, signed
from kruispunt.client.wire import Body
from kruispunt.web import Note, PublicKey, SigningKey, Verifier, WrongNote, cosign, read_note

STILL_S: Final = 10
"""A checkpoint is signed again each second: one of this age stands still, or is an old one."""

AHEAD_S: Final = 60
"""Clocks differ by less; a checkpoint of later than this says nothing of its age."""

KEPT_EVIDENCE: Final = 20


class Witnessed(Body, frozen=True, omit_defaults=True):
    """What a witness remembers: the last note it was shown, and those that did not fit."""

    note: str = ""
    evidence: tuple[str, ...] = ()
    """Notes two by two: what was remembered then, and what did not fit. The first ones stay."""

    def shouting(self, rewritten: HistoryRewritten) -> "Witnessed":
        """With both notes kept, unless they are already or there are too many."""
        pairs = tuple(zip(self.evidence[::2], self.evidence[1::2], strict=False))
        texts = {tuple(map(_text, pair)) for pair in pairs}
        known = tuple(map(_text, rewritten.notes)) in texts
        if known or len(self.evidence) + 2 > KEPT_EVIDENCE:
            return self
        return msgspec.structs.replace(self, evidence=(*self.evidence, *rewritten.notes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a look found."""

    note: Note | None
    """The checkpoint, cosigned; None: one that is older than the one remembered was shown."""

    age_s: int
    """How long ago the trail said that it was fresh; below zero: its clock is ahead of ours."""

    @property
    def is_still(self) -> bool:
        """True where the trail does not sign any more, or something old is shown."""
        return self.note is None or not -AHEAD_S <= self.age_s <= STILL_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Looks at one trail. `keys`: those of the institution; `key`: what the witness signs with."""

    name: str
    key: SigningKey
    keys: Sequence[PublicKey]

    async def look(self, fetch: Fetch, *, known: Witnessed, now: int) -> Looked:
        """The checkpoint that is published now, cosigned, where it grew out of the one known.

        Raises:
            HistoryRewritten: it did not: both are signed.
            ProofWrong: what came proves nothing, which may be the fault of anyone in between.
            NotReached: a file did not come.
        """
        before = self.remembered(known)
        found = await published_by(fetch, self._trust)
        age = now - found.at
        if before is None:
            await ProvenTree.open(found.checkpoint, fetch)
        else:
            if _shrank(before, found):
                raise HistoryRewritten(
                    f"the tree shrank from {before.checkpoint.size} to "
                    f"{found.checkpoint.size} leaves",
                    notes=(written(before.note), written(found.note)),
                )
            await same_history(before, found, fetch)
            if found.checkpoint.size < before.checkpoint.size:
                return Looked(note=None, age_s=age)
        line = cosign(found.note.text, name=self.name, key=self.key, at=now)
        others = (one for one in found.note.lines if one.name != self.name)
        return Looked(note=Note(found.note.text, (*others, line)), age_s=age)

    def remembered(self, known: Witnessed) -> Proven | None:
        """The checkpoint of what a witness remembers; None: nothing yet.

        It believes its own memory, whenever the key of the trail was revoked.

        Raises:
            ProofWrong: it is none that the trail signed.
        """
        if not known.note:
            return None
        try:
            return signed(read_note(known.note.encode()), self.keys)
        except WrongNote as wrong:
            raise ProofWrong(str(wrong)) from None

    @property
    def _trust(self) -> Trust:
        return Trust(keys=tuple(self.keys), witnesses=(Verifier(self.name, self.key.raw),))


def _shrank(before: Proven, found: Proven) -> bool:
    """True where fewer leaves are signed later; what was signed earlier is only old."""
    return found.checkpoint.size < before.checkpoint.size and found.at > before.at


def _text(note: str) -> str:
    return note.rpartition("\n\n")[0]
