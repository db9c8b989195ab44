"""Checking what a trail publishes, with nothing but files and a public key.

A proof holds entries as they were written, the salt of each, and the path from its leaf to the
root of a signed checkpoint. It proves that these entries stand in the tree; not that there are no
others.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from kruispunt.client.reading_wire import KeptBody
from kruispunt.client.wire import Body
from kruispunt.vocabulary import (
    UNREADABLE,
    Checkpoint,
    Expired,
    InstitutionCode,
    KeyId,
    WrongCheckpoint,
    WrongExpired,
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
    note: Note
    witnessed: tuple[tuple[Verifier, int], ...] = ()
    """Which of the witnesses that we trust signed it too, and at what second."""

    @property
    def seen_at(self) -> int | None:
        """The first second at which a witness saw it; None: none did."""
        return min((at for _, at in self.witnessed), default=None)

    def believed(self, *, stood_at: int | None = None) -> "Proven":
        """Itself, unless its key is revoked and nothing but that key says when it was signed.

        `stood_at`: a second at which a witness saw a tree that begins with this one.

        Raises:
            ProofWrong: no witness saw it before the key was revoked.
        """
        if not stood_before(self.key, self.seen_at, stood_at):
            raise ProofWrong(REVOKED)
        return self


REVOKED: Final = (
    "the key that signed is revoked, and no witness whom you trust saw it before: whoever has the "
    "key can write any time"
)


def stood_before(key: PublicKey, *seen: int | None) -> bool:
    """True where a key is not revoked, or what it signed was seen before it was."""
    revoked = key.revoked_at
    return revoked is None or any(at is not None and at < revoked.timestamp() for at in seen)


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


def proven(note: Note, keys: Sequence[PublicKey], *, witnesses: Sequence[Verifier] = ()) -> Proven:
    """The checkpoint in a note, where a key of its own institution signed it while it counted.

    One that is signed with a key that is revoked now counts only if one of the witnesses signed it
    before: the time that the trail wrote is in the hands of whoever has the key.

    Raises:
        ProofWrong: nobody whom we know signed it so.
    """
    return signed(note, keys, witnesses=witnesses).believed()


def signed(note: Note, keys: Sequence[PublicKey], *, witnesses: Sequence[Verifier] = ()) -> Proven:
    """As `proven`, but whether its key was revoked later is left to `Proven.believed`.

    Raises:
        ProofWrong: nobody whom we know signed it.
    """
    try:
        checkpoint = Checkpoint.read(note.text)
    except WrongCheckpoint as wrong:
        raise ProofWrong(str(wrong)) from None
    own = {key.raw for key in keys}
    others = [one for one in witnesses if one.raw not in own]  # no trail is its own witness
    found = [
        Proven(
            checkpoint=checkpoint,
            at=at,
            key=key,
            note=note,
            witnessed=tuple(
                (one, seen) for one in others if (seen := one.cosigned_at(note)) is not None
            ),
        )
        for at, key in _signers(note, checkpoint.origin, keys)
    ]
    if not found:
        raise ProofWrong(UNSIGNED)
    return next((one for one in found if one.key.revoked_at is None), found[0])


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
    if not any(_signers(note, expired.origin, keys)):
        raise ProofWrong(UNSIGNED)
    return expired


UNSIGNED: Final = "the note is not signed by a key that counts, of the trail it names"


def _signers(
    note: Note, origin: str, keys: Iterable[PublicKey]
) -> Iterator[tuple[int, PublicKey]]:
    """The keys with which a trail signed a note, and the second that it wrote."""
    for key in keys:
        verifier = Verifier(origin, key.raw)
        if origin_of(key.institution) == origin and verifier.signed(note):
            at = verifier.cosigned_at(note)
            if at is not None and key.fault_at(at) is None:
                yield at, key


def check_proof(
    proof: TrailProof,
    keys: Sequence[PublicKey],
    *,
    witnesses: Sequence[Verifier] = (),
    stood_at: int | None = None,
) -> Proven:
    """Nothing but its checkpoint, where every entry leads to the root that was signed.

    `stood_at`: a second at which a witness saw a tree that begins with that of the proof.

    Raises:
        ProofWrong: one does not, or the checkpoint is not signed.
    """
    if proof.format != FORMAT:
        raise ProofWrong(f"expected {FORMAT}")
    found = signed_in(proof, keys, witnesses=witnesses).believed(stood_at=stood_at)
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


def signed_in(
    proof: TrailProof, keys: Sequence[PublicKey], *, witnesses: Sequence[Verifier] = ()
) -> Proven:
    """The checkpoint of a proof, as `signed` gives it."""
    try:
        return signed(read_note(proof.checkpoint.encode()), keys, witnesses=witnesses)
    except WrongNote as wrong:
        raise ProofWrong(str(wrong)) from None


def read_proof(data: bytes) -> TrailProof:
    """Read the file of a proof.

    Raises:
        ProofWrong: it is none.
    """
    try:
        return msgspec.json.decode(data, type=TrailProof)
    except UNREADABLE as wrong:
        raise ProofWrong(f"not a proof: {wrong}") from None
