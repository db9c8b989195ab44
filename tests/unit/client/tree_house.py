"""A trail that publishes: really built tiles, signed checkpoints, receipts, and ways to lie."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

from tests.unit.web.givens import NOW, a_key, public

from kruispunt.client import Fetch, NotReached, ReceiptBody, Trust
from kruispunt.vocabulary import Checkpoint, Edge, full_path, group_head, leaf_hash, tile_path
from kruispunt.web import Note, PublicKey, SigningKey, Verifier, cosign, sign_note

HUB = a_key("HUB")
NEW_KEY = a_key("HUB", key_id="HUB-2")
WITNESS = a_key("witness", key_id="witness")
WATCHING = Verifier("witness", WITNESS.raw)
ORIGIN = "HUB/trail"


def blinded(number: int, *, name: str = "") -> bytes:
    return sha256(f"{name}{number}".encode()).digest()


@dataclass(frozen=True)
class Trail:
    """A published tree; growing it gives another one, with the same files and more."""

    edge: Edge = field(default_factory=Edge)
    files: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    leaves: tuple[bytes, ...] = ()

    def grow(self, count: int, *, name: str = "") -> "Trail":
        size = len(self.leaves)
        data = [blinded(number, name=name) for number in range(size, size + count)]
        edge, files = self.edge.grow(b"".join(data))
        return Trail(edge, {**self.files, **files}, (*self.leaves, *map(leaf_hash, data)))

    def note(
        self, *, at: int = NOW, key: SigningKey = HUB, root: bytes | None = None, seen_at: int = 0
    ) -> Note:
        """The checkpoint; `seen_at`: with the line of the witness, at that second."""
        text = Checkpoint(origin=ORIGIN, size=self.edge.size, root=root or self.edge.root).text
        lines = (sign_note(text, name=ORIGIN, key=key), cosign(text, name=ORIGIN, key=key, at=at))
        if seen_at:
            lines = (*lines, cosign(text, name="witness", key=WITNESS, at=seen_at))
        return Note(text, lines)

    def fetch(self, note: Note | None = None) -> Fetch:
        """An honest server."""
        return serving({**self.files, "checkpoint": (note or self.note()).encode()})

    def lying(self, lies: Mapping[str, bytes], note: Note | None = None) -> Fetch:
        """A server that gives other bytes for these files."""
        return serving({**self.files, "checkpoint": (note or self.note()).encode(), **lies})


def serving(files: Mapping[str, bytes]) -> Fetch:
    async def fetch(path: str) -> bytes:
        for name in (path, full_path(path)):
            if name in files:
                return files[name]
        raise NotReached(path)

    return fetch


def a_trail(count: int, *, name: str = "") -> Trail:
    return Trail().grow(count, name=name)


def lowest(index: int) -> str:
    return tile_path(0, index)


def a_receipt(leaf: bytes, *, at: int = NOW, key: SigningKey = HUB) -> ReceiptBody:
    recorded_at = datetime.fromtimestamp(at, UTC)
    head = group_head(origin="HUB", size=1, root=leaf, recorded_at=recorded_at)
    return ReceiptBody(
        entry=UUID(int=7),
        recorded_at=recorded_at,
        leaf=leaf,
        index=0,
        size=1,
        path=(),
        root=leaf,
        origin="HUB",
        key_id=key.key_id,
        signature=key.sign(head),
    )


def trust(
    *, revoked_at: int | None = None, witnessed: bool = False, seen: Sequence[Note] = ()
) -> Trust:
    """Whom we trust; `revoked_at`: the hub's first key was revoked at that second."""
    return Trust(
        keys=keys(revoked_at=revoked_at),
        witnesses=(WATCHING,) if witnessed else (),
        seen=tuple(seen),
    )


def keys(*, revoked_at: int | None = None) -> tuple[PublicKey, ...]:
    moment = None if revoked_at is None else datetime.fromtimestamp(revoked_at, UTC)
    return replace(public(HUB), revoked_at=moment), public(NEW_KEY)
