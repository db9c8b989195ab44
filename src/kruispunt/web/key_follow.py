"""Keys that follow their files: rotating and revoking need no restart of whoever uses them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Final, Generic, TypeVar

import structlog

from kruispunt.vocabulary import InstitutionCode, KeyId
from kruispunt.web.key_files import PrivateKey, read_private, read_ring
from kruispunt.web.key_opening import find_kept
from kruispunt.web.keys import KeyRing, KeyWrong, PublicKey, SigningKey

LOOK_EVERY_S: Final = 0.25
"""How often keys look whether their files changed: a revocation is known so much later at most."""

PATIENCE: Final = 3

T = TypeVar("T")
Mark = tuple[tuple[int, int, int] | None, ...]

_log: Final = structlog.stdlib.get_logger(__name__)


class Followed(Generic[T]):
    """What stands in some files, read again once one of them changed.

    Files that can't be read any more leave what was read before, and shout in the log: one slip
    of an editor must not shut every institution out.
    """

    def __init__(self, *paths: Path, read: Callable[[], T], every_s: float = 0.0) -> None:
        """Read at once; `every_s`: look at most so often, 0: each time.

        Raises:
            KeyWrong, OSError: what `read` raises.
        """
        self._paths = paths
        self._read = read
        self._every_s = every_s
        self._seen, self._value = self._steady()
        self._next_look = monotonic() + every_s

    def now(self) -> T:
        """What the files said when we looked last, `every_s` ago at most."""
        return self._value if monotonic() < self._next_look else self.look()

    def look(self) -> T:
        """What the files say at this moment."""
        self._next_look = monotonic() + self._every_s
        seen = _mark(self._paths)
        if seen != self._seen:
            # Marked before reading: a wrong file is told once, not at every question.
            self._seen = seen
            try:
                self._seen, self._value = self._steady()
            except (OSError, KeyWrong) as error:
                _log.error("keys.unreadable", path=str(self._paths[0]), error=str(error))
        return self._value

    def _steady(self) -> tuple[Mark, T]:
        """Read until nothing changed meanwhile, so that several files are of one moment."""
        seen, value = _mark(self._paths), self._read()
        for _ in range(PATIENCE):
            again = _mark(self._paths)
            if again == seen:
                break
            seen, value = again, self._read()
        return seen, value


def _mark(paths: tuple[Path, ...]) -> Mark:
    """What changes when a file does; None: it is not there."""
    return tuple([_mark_of(path) for path in paths])


def _mark_of(path: Path) -> tuple[int, int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


@dataclass(frozen=True, slots=True)
class KeyRingFile:
    """A key ring that reads its file again once it changed: revoking needs no restart.

    It does not look at every signature: a key counts for `LOOK_EVERY_S` after it was revoked, at
    most. A key that is unknown is looked for at once.

    Trust: who writes to the file decides whose signatures count.
    """

    path: Path
    _ring: Followed[KeyRing]

    @classmethod
    def open(cls, path: Path, *, every_s: float = LOOK_EVERY_S) -> "KeyRingFile":
        """Read the ring and follow its file.

        Raises:
            KeyWrong: the file is not a key ring.
            OSError: it can't be opened.
        """
        return cls(path, Followed(path, read=lambda: read_ring(path), every_s=every_s))

    def find(self, key_id: KeyId) -> PublicKey | None:
        """The key with this id, as the file said when we looked last; None: unknown by now."""
        return self.now().find(key_id) or self._ring.look().find(key_id)

    def of(self, institution: InstitutionCode) -> tuple[PublicKey, ...]:
        """Every key of an institution, as the file said when we looked last."""
        return self.now().of(institution)

    def now(self) -> KeyRing:
        """The ring as the file said when we looked last."""
        return self._ring.now()


def next_key(path: Path) -> Path:
    """Where the key stands that takes over from the one at `path`: `key.next.toml`."""
    return path.with_name(f"{path.stem}.next{path.suffix}")


def public_keys(path: Path) -> Path:
    """Where the public halves stand of the private key at `path`: `key.public.toml`."""
    return path.with_name(f"{path.stem}.public{path.suffix}")


@dataclass(frozen=True, slots=True)
class SigningKeyFile:
    """The key that an institution signs with, as its files say now.

    `key.toml` signs until the `not_before` of `key.next.toml` beside it; from then on that one
    does, in every process that has this file open.

    Trust: who reads the files can sign as the institution.
    """

    path: Path
    _pair: Followed[tuple[SigningKey, PrivateKey | None]]
    _now: Callable[[], datetime]

    @classmethod
    def open(
        cls, path: Path, *, now: Callable[[], datetime], every_s: float = LOOK_EVERY_S
    ) -> "SigningKeyFile":
        """Read the key and follow its files.

        Raises:
            KeyWrong: a file is no private key, others may read it, or the two differ in owner.
            OSError: it can't be opened.
        """
        after = next_key(path)
        pair = Followed(path, after, read=lambda: _read_pair(path, after), every_s=every_s)
        return cls(path, pair, now)

    def current(self) -> SigningKey:
        """The key to sign with now."""
        first, after = self._pair.now()
        return after.key if after is not None and _has_begun(after, self._now()) else first

    def opening(self, key_id: KeyId) -> SigningKey | None:
        """The key of this id: one that signs or will, or one that is kept to open with."""
        first, after = self._pair.now()
        for own in (first, *([] if after is None else [after.key])):
            if own.key_id == key_id:
                return own
        return find_kept(self.path, key_id)

    @property
    def institution(self) -> InstitutionCode:
        """Whose key it is, whichever it is."""
        return self._pair.now()[0].institution


def _read_pair(path: Path, after: Path) -> tuple[SigningKey, PrivateKey | None]:
    first = read_private(path).key
    if not after.exists():
        return first, None
    then = read_private(after)
    if then.key.institution != first.institution:
        raise KeyWrong(f"{after}: expected a key of {first.institution}")
    return first, then


def _has_begun(key: PrivateKey, now: datetime) -> bool:
    return key.not_before is None or now >= key.not_before
