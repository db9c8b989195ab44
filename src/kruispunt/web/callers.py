"""Who may come with a password (HTTP Basic), and by which enterprise number others know them."""

import re
from base64 import b32encode, b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import scrypt
from hmac import compare_digest
from pathlib import Path
from typing import Final

import msgspec

from kruispunt.vocabulary import UNREADABLE, EnterpriseNumber, InstitutionCode
from kruispunt.web.key_files import alone, replace_text
from kruispunt.web.key_follow import Followed
from kruispunt.web.keys import KeyWrong, checked_name

SALT_BYTES: Final = 16
_COST: Final = 14
"""2^14 rounds in blocks of 8: 16 MB and some 50 ms for one password."""

_BLOCK: Final = 8
_HASH: Final = re.compile(r"scrypt:14:8:1:[A-Za-z0-9+/]{22}==:[A-Za-z0-9+/]{43}=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """An institution as the wire knows it: an enterprise number, a sector, a type in it.

    Without `password` it comes by certificate only. A sector or type that is None is not known.
    """

    enterprise: str
    institution: InstitutionCode
    sector: int | None = None
    institution_type: int | None = None
    password: str = ""
    """Never the password: what `hash_password` made of it."""

    revoked_at: datetime | None = None

    def __post_init__(self) -> None:
        checked_name(self.institution)
        EnterpriseNumber(self.enterprise)
        if self.password and _HASH.fullmatch(self.password) is None:
            raise KeyWrong("expected a password as scrypt leaves it")
        if self.revoked_at is not None and self.revoked_at.tzinfo is None:
            raise KeyWrong("expected times with a zone")

    @property
    def user(self) -> str:
        """The name with which it gives its password."""
        return f"E{self.enterprise}"

    def counts(self, now: datetime) -> bool:
        return self.revoked_at is None or now < self.revoked_at


Callers = Mapping[str, Caller]
"""Callers by enterprise number."""


def new_password(random_bytes: Callable[[int], bytes]) -> str:
    """A password that nobody guesses: 120 bits. It begins with p, as clients are used to."""
    return "p" + b32encode(random_bytes(15)).decode("ascii").lower()


def hash_password(password: str, *, salt: bytes) -> str:
    """What is kept of a password. Dear by intent: whoever steals the file guesses slowly."""
    made = (b64encode(part).decode("ascii") for part in (salt, _scrypt(password, salt)))
    return ":".join(("scrypt", str(_COST), str(_BLOCK), "1", *made))


def fits(password: str, kept: str) -> bool:
    """True where this is the password of which that was kept. As dear as making it."""
    salt, made = (b64decode(part) for part in kept.split(":")[4:])
    return compare_digest(_scrypt(password, salt), made)


def _scrypt(password: str, salt: bytes) -> bytes:
    return scrypt(
        password.encode(errors="surrogatepass"), salt=salt, n=1 << _COST, r=_BLOCK, p=1, dklen=32
    )


@dataclass(frozen=True, slots=True)
class CallersFile:
    """The callers in `callers.toml`, read again once it changed; no file: none.

    Trust: who writes to the file decides who may come with which password, and as whom.
    """

    path: Path
    _held: Followed[Callers]

    @classmethod
    def open(cls, path: Path) -> "CallersFile":
        """Read the file and follow it.

        Raises:
            KeyWrong: it is not of the form, or others than its owner may read it.
        """
        return cls(path, Followed(path, read=lambda: read_callers(path)))

    def now(self) -> Callers:
        """The callers as the file says now."""
        return self._held.now()


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    """One `[[callers]]` table."""

    enterprise: str
    institution: str
    sector: int | None = None
    institution_type: int | None = None
    password: str = ""
    revoked_at: datetime | None = None


class _File(msgspec.Struct, forbid_unknown_fields=True):
    """The whole of `callers.toml`."""

    callers: list[_Entry] = []


def read_callers(path: Path) -> Callers:
    """Read `callers.toml`; without the file there are none.

    Raises:
        KeyWrong: not of that form, twice the same number, or others than its owner may read it.
    """
    if not path.exists():
        return {}
    if path.stat().st_mode & 0o077:
        raise KeyWrong(f"{path}: expected a file that only its owner may read")
    held: dict[str, Caller] = {}
    try:
        for entry in msgspec.toml.decode(path.read_bytes(), type=_File).callers:
            one = Caller(
                enterprise=entry.enterprise,
                institution=InstitutionCode(entry.institution),
                sector=entry.sector,
                institution_type=entry.institution_type,
                password=entry.password,
                revoked_at=entry.revoked_at,
            )
            if held.setdefault(one.enterprise, one) is not one:
                raise KeyWrong(f"twice the enterprise {one.enterprise}")
    except UNREADABLE as error:
        raise KeyWrong(f"{path}: {error}") from error
    return held


def add_caller(fresh: Caller, path: Path) -> None:
    """Let an institution come as this caller; known already, it gets what this says.

    Raises:
        KeyWrong: it is known as another institution's.
    """
    with alone(path.parent):
        held = dict(read_callers(path))
        known = held.get(fresh.enterprise)
        if known is not None and known.institution != fresh.institution:
            raise KeyWrong(f"{path}: this is a number of {known.institution}")
        held[fresh.enterprise] = fresh
        _write(held.values(), path)


def revoke_caller(enterprise: str, path: Path, *, at: datetime) -> bool:
    """Stop believing a caller and forget its password; False: it is not known here."""
    with alone(path.parent):
        held = dict(read_callers(path))
        known = held.get(enterprise)
        if known is None:
            return False
        moment = at if known.revoked_at is None else min(at, known.revoked_at)
        held[enterprise] = replace(known, revoked_at=moment, password="")
        _write(held.values(), path)
        return True


def _write(held: Iterable[Caller], path: Path) -> None:
    replace_text("\n".join(_table(one) for one in held), path, is_secret=True)


def _table(one: Caller) -> str:
    lines = [
        "[[callers]]",
        f'enterprise = "{one.enterprise}"',
        f'institution = "{one.institution}"',
    ]
    if one.sector is not None:
        lines.append(f"sector = {one.sector}")
    if one.institution_type is not None:
        lines.append(f"institution_type = {one.institution_type}")
    if one.password:
        lines.append(f'password = "{one.password}"')
    if one.revoked_at is not None:
        lines.append(f"revoked_at = {one.revoked_at.isoformat()}")
    return "\n".join(lines) + "\n"
