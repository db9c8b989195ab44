"""Keys in files: private ones for their owner only, public ones together in `keys.toml`."""

import fcntl
import os
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from kruispunt.vocabulary import UNREADABLE, InstitutionCode, KeyId
from kruispunt.web.keys import KeyRing, KeyWrong, PublicKey, SigningKey, key_of

OTHERS: Final = 0o077
"""The rights of group and others: a private key has none of these."""


class _PrivateFile(msgspec.Struct, forbid_unknown_fields=True):
    """A private key file: the seed in hexadecimal, with the names of the key."""

    key_id: str
    institution: str
    seed: str
    not_before: datetime | None = None


class _PublicEntry(msgspec.Struct, forbid_unknown_fields=True):
    """One `[[keys]]` table of `keys.toml`."""

    key_id: str
    institution: str
    public: str
    not_before: datetime
    not_after: datetime
    revoked_at: datetime | None = None
    reason: str = ""


class _RingFile(msgspec.Struct, forbid_unknown_fields=True):
    """The whole of `keys.toml`."""

    keys: list[_PublicEntry] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateKey:
    """What a private key file holds: the key, and from when it signs; None: at once."""

    key: SigningKey
    not_before: datetime | None = None


def write_key(key: SigningKey, path: Path, *, not_before: datetime | None = None) -> None:
    """Write a private key to a new file that only its owner may read, whole or not at all.

    Raises:
        FileExistsError: there is a file already; a key is never overwritten.
    """
    begin = "" if not_before is None else f"not_before = {not_before.isoformat()}\n"
    fresh = _draft(path)
    fresh.unlink(missing_ok=True)
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(fd, "w", encoding="ascii") as file:
            file.write(
                f'key_id = "{key.key_id}"\n'
                f'institution = "{key.institution}"\n'
                f'seed = "{key.seed.hex()}"\n'
                f"{begin}"
            )
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(fresh)
    finally:
        fresh.unlink()


def read_key(path: Path) -> SigningKey:
    """Read a private key.

    Raises:
        KeyWrong: others than the owner have rights on the file, or it is not a key file.
        OSError: it can't be opened.
    """
    return read_private(path).key


def read_private(path: Path) -> PrivateKey:
    """Read a private key, and from when it signs.

    Raises:
        KeyWrong: as `read_key`, or a moment without zone.
        OSError: it can't be opened.
    """
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_mode & OTHERS:
            raise KeyWrong(f"{path}: expected no rights for group and others (chmod 600)")
        text = file.read()
    try:
        found = msgspec.toml.decode(text, type=_PrivateFile)
        seed = bytes.fromhex(found.seed)
    except UNREADABLE:
        # The cause is dropped: its text, or its frames, may hold the secret.
        raise KeyWrong(f"{path}: expected key_id, institution and a seed in hex") from None
    if found.not_before is not None and found.not_before.tzinfo is None:
        raise KeyWrong(f"{path}: expected not_before with a zone")
    try:
        key = key_of(seed, key_id=found.key_id, institution=found.institution)
    except KeyWrong as wrong:
        raise KeyWrong(f"{path}: {wrong}") from None
    return PrivateKey(key=key, not_before=found.not_before)


def read_ring(path: Path) -> KeyRing:
    """Read the public keys of a `keys.toml`.

    Raises:
        KeyWrong: not of that form, two keys with one id, or a time without zone.
        OSError: it can't be opened.
    """
    return parse_ring(path.read_bytes(), name=str(path))


def parse_ring(text: bytes, *, name: str) -> KeyRing:
    """The public keys in the text of a `keys.toml`; `name` is how a fault calls it.

    Raises:
        KeyWrong: as `read_ring`.
    """
    try:
        found = msgspec.toml.decode(text, type=_RingFile)
        return KeyRing.holding(_public_key(entry) for entry in found.keys)
    except UNREADABLE as error:
        raise KeyWrong(f"{name}: {error}") from error


def _public_key(entry: _PublicEntry) -> PublicKey:
    times = (entry.not_before, entry.not_after, entry.revoked_at)
    if any(time is not None and time.tzinfo is None for time in times):
        raise KeyWrong(f"key {entry.key_id}: expected times with a zone")
    return PublicKey(
        key_id=KeyId(entry.key_id),
        institution=InstitutionCode(entry.institution),
        raw=bytes.fromhex(entry.public),
        not_before=entry.not_before,
        not_after=entry.not_after,
        revoked_at=entry.revoked_at,
        reason=entry.reason,
    )


def write_ring(keys: Iterable[PublicKey], path: Path) -> None:
    """Write `keys.toml` so that readers see the old file or the new one, never a part."""
    replace_text(ring_text(keys), path)


def ring_text(keys: Iterable[PublicKey]) -> str:
    """The text of a `keys.toml`."""
    return "\n".join(_table(key) for key in KeyRing.holding(keys).keys.values())


def replace_text(text: str, path: Path, *, is_secret: bool = False) -> None:
    """Put a text where readers see the old one or the new one, never a part.

    What `is_secret`, only its owner may read.
    """
    fresh = _draft(path)
    if is_secret:
        fresh.touch(mode=0o600)
        fresh.chmod(0o600)
    with fresh.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}")


def _table(key: PublicKey) -> str:
    lines = [
        "[[keys]]",
        f'key_id = "{key.key_id}"',
        f'institution = "{key.institution}"',
        f'public = "{key.raw.hex()}"',
        f"not_before = {key.not_before.isoformat()}",
        f"not_after = {key.not_after.isoformat()}",
    ]
    if key.revoked_at is not None:
        lines.append(f"revoked_at = {key.revoked_at.isoformat()}")
    if key.reason:
        # JSON's way to write a printable text is also TOML's.
        lines.append(f"reason = {msgspec.json.encode(key.reason).decode()}")
    return "\n".join(lines) + "\n"


def add_keys(keys: Iterable[PublicKey], path: Path) -> None:
    """Add public keys to `keys.toml`, which is made if it is not there.

    Raises:
        KeyWrong: a key with such an id is in it already.
    """
    with alone(path.parent):
        held = read_ring(path).keys.values() if path.exists() else ()
        write_ring((*held, *keys), path)


def merge_keys(keys: Iterable[PublicKey], path: Path) -> None:
    """Add public keys to `keys.toml`; what is told of a key that is in it can only end it sooner.

    Raises:
        KeyWrong: a key with such an id is in it, with other bytes or of another institution.
    """
    with alone(path.parent):
        held = dict(read_ring(path).keys) if path.exists() else {}
        for key in keys:
            known = held.get(key.key_id)
            held[key.key_id] = key if known is None else _tightened(known, key, path)
        write_ring(held.values(), path)


def _tightened(known: PublicKey, told: PublicKey, path: Path) -> PublicKey:
    if (known.raw, known.institution) != (told.raw, told.institution):
        raise KeyWrong(f"{path}: another key has the id {told.key_id}")
    kept = replace(known, not_after=min(known.not_after, told.not_after))
    return kept if told.revoked_at is None else _revoked(kept, told.revoked_at, told.reason)


def _revoked(key: PublicKey, at: datetime, reason: str) -> PublicKey:
    moment = at if key.revoked_at is None else min(at, key.revoked_at)
    return replace(key, revoked_at=moment, reason=key.reason or reason)


def revoke_key(key_id: KeyId, path: Path, *, at: datetime, reason: str = "") -> None:
    """Revoke a key from a moment on; an earlier revocation stays.

    Raises:
        KeyWrong: no such key.
    """
    with alone(path.parent):
        held = read_ring(path)
        key = held.find(key_id)
        if key is None:
            raise KeyWrong(f"{path}: no key has the id {key_id}")
        revoked = _revoked(key, at, reason)
        write_ring((revoked if k.key_id == key_id else k for k in held.keys.values()), path)


@contextmanager
def alone(folder: Path) -> Generator[None]:
    """One writer at a time among the processes that use this folder."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)
