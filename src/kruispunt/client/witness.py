"""A witness: remembers the last checkpoint of a trail, and signs a new one only if it grew of it.

Whoever holds a checkpoint that a witness signed knows that the witness was shown the same history.
"""

from dataclasses import dataclass

from kruispunt.client.tree import Fetch, ProofWrong, Proven, from_tiles, proven
from kruispunt.client.wire import Body
from kruispunt.vocabulary import Checkpoint, consistency_path, is_consistent, tree_root
from kruispunt.web import Note, PublicKey, SigningKey, WrongNote, cosign, read_note

CHECKPOINT = "checkpoint"


class HistoryRewritten(Exception):
    """What is published is not what was published before. The message says how; both are kept."""

    def __init__(self, words: str, *, shown: str) -> None:
        super().__init__(words)
        self.shown = shown
        """The note that does not fit: with the one remembered, it is the evidence."""


class Witnessed(Body, frozen=True, omit_defaults=True):
    """What a witness remembers: the last note it was shown, and those that did not fit."""

    note: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Looks at one trail. `keys`: those of the institution; `key`: what the witness signs with."""

    name: str
    key: SigningKey
    keys: tuple[PublicKey, ...]

    async def look(self, fetch: Fetch, *, known: Witnessed, now: int) -> Note:
        """The checkpoint that is published now, cosigned.

        Raises:
            HistoryRewritten: it did not grow out of the one remembered.
            ProofWrong: it is not signed, or tiles that it needs have another form.
        """
        try:
            note = read_note(await fetch(CHECKPOINT))
            before = proven(read_note(known.note.encode()), self.keys) if known.note else None
        except WrongNote as wrong:
            raise ProofWrong(str(wrong)) from None
        found = proven(note, self.keys).checkpoint
        await _compare(fetch, before, found, shown=note.encode().decode())
        line = cosign(note.text, name=self.name, key=self.key, at=now)
        return Note(note.text, (*note.lines, line))


async def _compare(fetch: Fetch, before: Proven | None, new: Checkpoint, *, shown: str) -> None:
    old = None if before is None else before.checkpoint
    root = await from_tiles(new.size, fetch, lambda tree: tree_root(tree.node, size=new.size))
    if root != new.root:
        raise HistoryRewritten("the tiles do not lead to the checkpoint", shown=shown)
    if old is None:
        return
    if old.origin != new.origin:
        raise ProofWrong(f"remembered is {old.origin}, published is {new.origin}")
    if new.size < old.size:
        words = f"the tree shrank from {old.size} to {new.size} leaves"
        raise HistoryRewritten(words, shown=shown)
    path = await from_tiles(
        new.size, fetch, lambda tree: consistency_path(tree.node, old=old.size, new=new.size)
    )
    if not is_consistent(path, old=old.size, old_root=old.root, new=new.size, new_root=new.root):
        words = f"the first {old.size} leaves are not those that were published before"
        raise HistoryRewritten(words, shown=shown)
