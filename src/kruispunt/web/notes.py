"""Signed notes (C2SP signed-note): a text, and below it a line for each who signed it.

Two kinds of lines, both Ed25519: of the log itself (0x01), and of a witness, which says at what
second it signed (0x04, C2SP tlog-cosignature). A log signs its checkpoints in both ways: the
first stays the same while nothing is added, the second tells how fresh the checkpoint is.
"""

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, Protocol

from nacl.bindings import crypto_sign_open
from nacl.exceptions import BadSignatureError

from kruispunt.web.keys import SEED_BYTES, SIGNATURE_BYTES

LOG: Final = b"\x01"
WITNESS: Final = b"\x04"
HINT_BYTES: Final = 4
TIME_BYTES: Final = 8
MAX_LINES: Final = 32

_LINE: Final = re.compile("— ([^\\s+]+) ([A-Za-z0-9+/]+={0,2})")


class WrongNote(ValueError):
    """Bytes that are no signed note."""


class NoteKey(Protocol):
    """A private key that signs notes."""

    @property
    def raw(self) -> bytes: ...

    def sign(self, data: bytes, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class NoteLine:
    """One signature: under whose name, and what was written there."""

    name: str
    signature: bytes

    @property
    def text(self) -> str:
        return f"— {self.name} {b64encode(self.signature).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text with its signatures; which of them count is for the reader to say."""

    text: str
    lines: tuple[NoteLine, ...]

    def encode(self) -> bytes:
        """The bytes of the note."""
        return (self.text + "\n" + "".join(line.text for line in self.lines)).encode()


@dataclass(frozen=True, slots=True)
class Verifier:
    """A name and a public key: who may have signed a note."""

    name: str
    raw: bytes

    def signed(self, note: Note) -> bool:
        """True where this key signed the note as a log."""
        hint, text = key_hint(self.name, self.raw, LOG), note.text.encode()
        return any(_fits(self.raw, text, one) for one in _under(note.lines, self.name, hint))

    def cosigned_at(self, note: Note) -> int | None:
        """The second at which this key signed the note as a witness, the latest; None: never."""
        hint, times = key_hint(self.name, self.raw, WITNESS), list[int]()
        for one in _under(note.lines, self.name, hint):
            at = int.from_bytes(one[:TIME_BYTES])
            if _fits(self.raw, cosigned_text(note.text, at=at), one[TIME_BYTES:]):
                times.append(at)
        return max(times, default=None)

    @property
    def text(self) -> str:
        """This key, of a log, as C2SP writes it: name, hint, kind and key."""
        return self._text(LOG)

    @property
    def cosigner(self) -> str:
        """This key, of a witness, as C2SP writes it."""
        return self._text(WITNESS)

    def _text(self, kind: bytes) -> str:
        hint = key_hint(self.name, self.raw, kind).hex()
        return f"{self.name}+{hint}+{b64encode(kind + self.raw).decode()}"


def read_verifier(text: str) -> Verifier:
    """Read a key that C2SP's way of writing gives.

    Raises:
        WrongNote: it is none, or its parts do not belong together.
    """
    name, _, rest = text.strip().partition("+")
    hint, _, key = rest.partition("+")
    try:
        raw = b64decode(key, validate=True)
    except ValueError:
        raise WrongNote("expected name+hint+key") from None
    kind, raw = raw[:1], raw[1:]
    if kind not in (LOG, WITNESS) or len(raw) != SEED_BYTES:
        raise WrongNote("expected an Ed25519 key")
    if key_hint(name, raw, kind).hex() != hint:
        raise WrongNote("the hint does not belong to the name and the key")
    return Verifier(name, raw)


def key_hint(name: str, raw: bytes, kind: bytes) -> bytes:
    """The four bytes by which a signature tells which key made it."""
    return sha256(name.encode() + b"\n" + kind + raw).digest()[:HINT_BYTES]


def told_at(note: Note) -> datetime | None:
    """When the log itself says that it signed, the latest; unchecked. None: it does not say."""
    name, times = note.text.partition("\n")[0], list[int]()
    for line in note.lines:
        told = line.signature[HINT_BYTES:]
        if line.name == name and len(told) == TIME_BYTES + SIGNATURE_BYTES:
            times.append(int.from_bytes(told[:TIME_BYTES]))
    try:
        return datetime.fromtimestamp(max(times), UTC) if times else None
    except (ValueError, OverflowError, OSError):
        return None


def sign_note(text: str, *, name: str, key: NoteKey) -> NoteLine:
    """Sign a text as a log."""
    return NoteLine(name, key_hint(name, key.raw, LOG) + key.sign(text.encode()))


def cosign(text: str, *, name: str, key: NoteKey, at: int) -> NoteLine:
    """Sign a text as a witness does: seen at this second since 1970."""
    signature = key.sign(cosigned_text(text, at=at))
    return NoteLine(name, key_hint(name, key.raw, WITNESS) + at.to_bytes(TIME_BYTES) + signature)


def cosigned_text(text: str, *, at: int) -> bytes:
    """What a witness signs. Frozen by C2SP."""
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def read_note(data: bytes) -> Note:
    """Read a note; lines of kinds that we do not know are kept.

    Raises:
        WrongNote: it has not the form of one.
    """
    try:
        text, gap, rest = data.decode().rpartition("\n\n")
    except UnicodeDecodeError:
        raise WrongNote("expected UTF-8") from None
    lines = rest.split("\n")
    if not gap or not rest.endswith("\n") or not 1 < len(lines) <= MAX_LINES + 1:
        raise WrongNote("expected a text, an empty line, and lines of signatures")
    return Note(text + "\n", tuple(map(_line, lines[:-1])))


def _line(text: str) -> NoteLine:
    found = _LINE.fullmatch(text)
    try:
        signature = b"" if found is None else b64decode(found[2], validate=True)
    except binascii.Error:
        signature = b""
    if found is None or len(signature) <= HINT_BYTES:
        raise WrongNote("expected a line of a name and a signature")
    return NoteLine(found[1], signature)


def _under(lines: Iterable[NoteLine], name: str, hint: bytes) -> list[bytes]:
    mine = (line.signature for line in lines if line.name == name)
    return [one[HINT_BYTES:] for one in mine if one[:HINT_BYTES] == hint]


def _fits(raw: bytes, text: bytes, signature: bytes) -> bool:
    if len(signature) != SIGNATURE_BYTES:
        return False
    try:
        crypto_sign_open(signature + text, raw)
    except BadSignatureError:
        return False
    return True
