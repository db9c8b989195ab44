"""Checking what a trail publishes, with nothing but files and a public key.

A proof holds entries as they were written, the salt of each, and the path from its leaf to the
root of a signed checkpoint. It proves that these entries stand in the tree; not that there are no
others.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from kruispunt.client.reading_wire import KeptBody
from kruispunt.client.wire import Body
from kruispunt.vocabulary import (
    Checkpoint,
    Expired,
    InstitutionCode,
    KeyId,
    TileTree,
    WrongCheckpoint,
    WrongExpired,
    WrongTile,
    leaf_hash,
    root_of,
)
from kruispunt.web import (
    KeyWrong,
    Note,
    PublicKey,
    Verifier,
    WrongNote,
    parse_ring,
    read_note,
    read_verifier,
)

FORMAT: Final = "kruispunt/trail-proof/v1"
TRAIL: Final = "/trail"
SALT_BYTES: Final = 32
BEGIN: Final = datetime(1970, 1, 1, tzinfo=UTC)
END: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""A key that comes without its days counts on all of them."""

T = TypeVar("T")
Fetch = Callable[[str], Awaitable[bytes]]
"""Gives the published file of a name, such as `checkpoint`."""


class ProofWrong(Exception):
    """What was shown proves nothing. The message names the rule."""


class LeafProof(Body, frozen=True):
    """One entry or outcome: as it was written, its salt, and its way to the root."""

    position: int
    encoded: bytes
    salt: bytes
    path: tuple[bytes, ...]

    @property
    def leaf(self) -> bytes:
        """The hash of its leaf, as receipts carry it too."""
        return leaf_hash(sha256(self.salt + self.encoded).digest())


class TrailProof(Body, frozen=True):
    """Entries about one person, under one checkpoint."""

    format: str
    checkpoint: str
    """The signed note, as it was published."""

    entries: tuple[LeafProof, ...]
    waiting: int = 0
    """Entries too young to stand under this checkpoint: they are not in this file."""

    expired: str = ""
    """The signed note that says before when all content is gone; empty: it never went."""

    kept: tuple[KeptBody, ...] = ()
    """Entries that law keeps from the person: how many are not here, and on which ground."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A checkpoint that its log signed, and the second at which it said that it was fresh."""

    checkpoint: Checkpoint
    at: int
    key: PublicKey


def origin_of(institution: InstitutionCode) -> str:
    """The name under which an institution's trail is published."""
    return institution + TRAIL


def read_public(path: Path) -> tuple[PublicKey, ...]:
    """The public keys in a file: a `keys.toml`, or one key as C2SP writes it.

    Raises:
        KeyWrong: it is neither.
        OSError: it can't be opened.
    """
    text = path.read_bytes()
    if b"\n" in text.strip():
        return tuple(parse_ring(text, name=str(path)).keys.values())
    try:
        verifier = read_verifier(text.decode("ascii"))
    except (WrongNote, UnicodeDecodeError) as wrong:
        raise KeyWrong(f"{path}: {wrong}") from None
    name = verifier.name.removesuffix(TRAIL)
    return (
        PublicKey(
            key_id=KeyId(name),
            institution=InstitutionCode(name),
            raw=verifier.raw,
            not_before=BEGIN,
            not_after=END,
        ),
    )


def proven(note: Note, keys: Iterable[PublicKey]) -> Proven:
    """The checkpoint in a note, where a key of its own institution signed it while it counted.

    Raises:
        ProofWrong: nobody whom we know signed it so.
    """
    try:
        checkpoint = Checkpoint.read(note.text)
    except WrongCheckpoint as wrong:
        raise ProofWrong(str(wrong)) from None
    at, key = _signed(note, checkpoint.origin, keys)
    return Proven(checkpoint=checkpoint, at=at, key=key)


def expired_in(proof: TrailProof, keys: Iterable[PublicKey]) -> Expired | None:
    """What a proof says is gone; None: it says nothing of that.

    Raises:
        ProofWrong: nobody whom we know signed it so.
    """
    if not proof.expired:
        return None
    try:
        return proven_expired(read_note(proof.expired.encode()), keys)
    except WrongNote as wrong:
        raise ProofWrong(str(wrong)) from None


def proven_expired(note: Note, keys: Iterable[PublicKey]) -> Expired:
    """What a note says of expiry, where a key of its own institution signed it while it counted.

    Raises:
        ProofWrong: nobody whom we know signed it so.
    """
    try:
        expired = Expired.read(note.text)
    except WrongExpired as wrong:
        raise ProofWrong(str(wrong)) from None
    _signed(note, expired.origin, keys)
    return expired


def _signed(note: Note, origin: str, keys: Iterable[PublicKey]) -> tuple[int, PublicKey]:
    """The second at which a trail signed a note, and its key."""
    for key in keys:
        verifier = Verifier(origin, key.raw)
        if origin_of(key.institution) == origin and verifier.signed(note):
            at = verifier.cosigned_at(note)
            if at is not None and key.fault_at(at) is None:
                return at, key
    raise ProofWrong("the note is not signed by a key that counts, of the trail it names")


def check_proof(proof: TrailProof, keys: Sequence[PublicKey]) -> Proven:
    """Nothing but its checkpoint, where every entry leads to the root that was signed.

    Raises:
        ProofWrong: one does not, or the checkpoint is not signed.
    """
    if proof.format != FORMAT:
        raise ProofWrong(f"expected {FORMAT}")
    try:
        found = proven(read_note(proof.checkpoint.encode()), keys)
    except WrongNote as wrong:
        raise ProofWrong(str(wrong)) from None
    checkpoint = found.checkpoint
    expired = expired_in(proof, keys)
    if expired is not None and expired.origin != checkpoint.origin:
        raise ProofWrong("what has expired is told of another trail")
    for entry in proof.entries:
        root = root_of(entry.leaf, index=entry.position, size=checkpoint.size, path=entry.path)
        if root != checkpoint.root or len(entry.salt) != SALT_BYTES:
            raise ProofWrong(f"entry {entry.position} does not lead to the root that was signed")
    if len({entry.position for entry in proof.entries}) != len(proof.entries):
        raise ProofWrong("expected each entry once")
    return found


def read_proof(data: bytes) -> TrailProof:
    """Read the file of a proof.

    Raises:
        ProofWrong: it is none.
    """
    try:
        return msgspec.json.decode(data, type=TrailProof)
    except msgspec.DecodeError as wrong:
        raise ProofWrong(f"not a proof: {wrong}") from None


class _Missing(Exception):
    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


async def from_tiles(size: int, fetch: Fetch, make: Callable[[TileTree], T]) -> T:
    """What `make` makes of a tree of that size, fetching only the tiles that it reads.

    Raises:
        ProofWrong: a tile has another form than tiles have.
    """
    got: dict[str, bytes] = {}

    def read(path: str) -> bytes:
        if path not in got:
            raise _Missing(path)
        return got[path]

    while True:
        try:
            return make(TileTree(size=size, read=read))
        except _Missing as missing:
            got[missing.path] = await fetch(missing.path)
        except WrongTile as wrong:
            raise ProofWrong(str(wrong)) from None
