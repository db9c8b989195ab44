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
import structlog

from kruispunt.vocabulary import InstitutionCode, KeyId
from kruispunt.web.keys import KeyRing, KeyWrong, PublicKey, SigningKey, key_of

OTHERS: Final = 0o077
"""The rights of group and others: a private key has none of these."""

_log: Final = structlog.stdlib.get_logger(__name__)


class _PrivateFile(msgspec.Struct, forbid_unknown_fields=True):
    """A private key file: the seed in hexadecimal, with the names of the key."""

    key_id: str
    institution: str
    seed: str


class _PublicEntry(msgspec.Struct, forbid_unknown_fields=True):
    """One `[[keys]]` table of `keys.toml`."""

    key_id: str
    institution: str
    public: str
    not_before: datetime
    not_after: datetime
    revoked_at: datetime | None = None


class _RingFile(msgspec.Struct, forbid_unknown_fields=True):
    """The whole of `keys.toml`."""

    keys: list[_PublicEntry] = []


def write_key(key: SigningKey, path: Path) -> None:
    """Write a private key to a new file that only its owner may read.

    Raises:
        FileExistsError: there is a file already; a key is never overwritten.
    """
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "w", encoding="ascii") as file:
        file.write(
            f'key_id = "{key.key_id}"\n'
            f'institution = "{key.institution}"\n'
            f'seed = "{key.seed.hex()}"\n'
        )


def read_key(path: Path) -> SigningKey:
    """Read a private key.

    Raises:
        KeyWrong: others than the owner have rights on the file, or it is not a key file.
        OSError: it can't be opened.
    """
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_mode & OTHERS:
            raise KeyWrong(f"{path}: expected no rights for group and others (chmod 600)")
        text = file.read()
    try:
        found = msgspec.toml.decode(text, type=_PrivateFile)
        seed = bytes.fromhex(found.seed)
    except (ValueError, msgspec.DecodeError):
        # The cause is dropped: its text, or its frames, may hold the secret.
        raise KeyWrong(f"{path}: expected key_id, institution and a seed in hex") from None
    return key_of(seed, key_id=found.key_id, institution=found.institution)


def read_ring(path: Path) -> KeyRing:
    """Read the public keys of a `keys.toml`.

    Raises:
        KeyWrong: not of that form, two keys with one id, or a time without zone.
        OSError: it can't be opened.
    """
    try:
        found = msgspec.toml.decode(path.read_bytes(), type=_RingFile)
        return KeyRing.holding(_public_key(entry) for entry in found.keys)
    except (ValueError, msgspec.DecodeError) as error:
        raise KeyWrong(f"{path}: {error}") from error


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
    )


def write_ring(keys: Iterable[PublicKey], path: Path) -> None:
    """Write `keys.toml` so that readers see the old file or the new one, never a part."""
    ring = KeyRing.holding(keys)
    text = "\n".join(_table(key) for key in ring.keys.values())
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with fresh.open("w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


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
    return "\n".join(lines) + "\n"


def add_keys(keys: Iterable[PublicKey], path: Path) -> None:
    """Add public keys to `keys.toml`, which is made if it is not there.

    Raises:
        KeyWrong: a key with such an id is in it already.
    """
    with _alone(path.parent):
        held = read_ring(path).keys.values() if path.exists() else ()
        write_ring((*held, *keys), path)


def revoke_key(key_id: KeyId, path: Path, *, at: datetime) -> None:
    """Revoke a key from a moment on; an earlier revocation stays.

    Raises:
        KeyWrong: no such key.
    """
    with _alone(path.parent):
        held = read_ring(path)
        key = held.find(key_id)
        if key is None:
            raise KeyWrong(f"{path}: no key has the id {key_id}")
        moment = at if key.revoked_at is None else min(at, key.revoked_at)
        revoked = replace(key, revoked_at=moment)
        write_ring((revoked if k.key_id == key_id else k for k in held.keys.values()), path)


@contextmanager
def _alone(folder: Path) -> Generator[None]:
    """One writer at a time among the processes that use this folder."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


@dataclass(slots=True)
class KeyRingFile:
    """A key ring that reads its file again once it changed: revoking needs no restart.

    A file that can't be read any more leaves the keys as they were and shouts in the log: one
    slip of an editor must not shut every institution out.

    Trust: who writes to the file decides whose signatures count.
    """

    path: Path
    _ring: KeyRing
    _seen: tuple[int, int, int] | None

    @classmethod
    def open(cls, path: Path) -> "KeyRingFile":
        """Read the ring and follow its file.

        Raises:
            KeyWrong: the file is not a key ring.
            OSError: it can't be opened.
        """
        seen = _mark(path)
        return cls(path, read_ring(path), seen)

    def find(self, key_id: KeyId) -> PublicKey | None:
        """The key with this id as the file says now; None: unknown."""
        return self.now().find(key_id)

    def of(self, institution: InstitutionCode) -> tuple[PublicKey, ...]:
        """Every key of an institution as the file says now."""
        return self.now().of(institution)

    def now(self) -> KeyRing:
        """The ring as the file says now."""
        seen = _mark(self.path)
        if seen != self._seen:
            # Marked before reading: a wrong file is told once, not at every question.
            self._seen = seen
            try:
                self._ring = read_ring(self.path)
            except (OSError, KeyWrong) as error:
                _log.error("keys.unreadable", path=str(self.path), error=str(error))
        return self._ring


def _mark(path: Path) -> tuple[int, int, int] | None:
    """What changes when the file does; None: it is not there."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
