"""Blinding: a leaf says nothing about an entry to whoever does not hold the entry and its salt.

    blind key = HMAC-SHA-256(month key, "kruispunt/blind/v1")
    facts key = HMAC-SHA-256(month key, "kruispunt/facts/v1")
    salt      = HMAC-SHA-256(blind key, kind as one byte || entry id as 16 bytes)
    blinded   = SHA-256(salt || encoding)               the data of the leaf: it may be published
    leaf      = SHA-256(0x00 || blinded)                its hash in the tree (RFC 6962 § 2.1)

Showing one salt proves one entry, and tells nothing of any other. Frozen.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from hmac import digest
from typing import Final, Self
from uuid import UUID

from kruispunt.audit.cipher import NotOpened, seal, unseal
from kruispunt.vocabulary import leaf_hash

KEY_BYTES: Final = 32
_NONCE_TAIL: Final = bytes(8)
_KINDS: Final = tuple(bytes((kind,)) for kind in range(256))
_BLOCK: Final = 64
_INNER: Final = bytes(place ^ 0x36 for place in range(256))
_OUTER: Final = bytes(place ^ 0x5C for place in range(256))


class Tampered(Exception):
    """Facts that can't be opened: they, their entry's id or their key were changed."""


class Keyed:
    """HMAC-SHA-256 (RFC 2104) under one key, which is hashed once and not for every text."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        """A key of at most 64 bytes."""
        padded = key.ljust(_BLOCK, b"\0")
        self._inner = sha256(padded.translate(_INNER)).copy
        self._outer = sha256(padded.translate(_OUTER)).copy

    def digest(self, text: bytes) -> bytes:
        """The code of a text."""
        inner, outer = self._inner(), self._outer()
        inner.update(text)
        outer.update(inner.digest())
        return outer.digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthKey:
    """The two keys of a month, made from its one secret. They never print."""

    blind: Keyed = field(repr=False)
    facts: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: bytes) -> Self:
        """Derive both keys from the month's secret of 32 random bytes."""
        return cls(
            blind=Keyed(digest(secret, b"kruispunt/blind/v1", "sha256")),
            facts=digest(secret, b"kruispunt/facts/v1", "sha256"),
        )

    def salt(self, entry: UUID, *, kind: int) -> bytes:
        """The salt of one leaf: an entry's decision and outcome have one each."""
        return self.salt_as(entry.bytes, kind=kind)

    def salt_as(self, name: bytes, *, kind: int) -> bytes:
        """As `salt`, of an entry whose id is these 16 bytes."""
        return self.blind.digest(_KINDS[kind] + name)

    def seal(self, facts: bytes, *, entry: UUID) -> bytes:
        """Encrypt facts under their entry.

        INVARIANT: an entry id is fresh and its facts are sealed once, so the nonce that follows
        from the id (XChaCha20-Poly1305, 24 bytes) is never used for two texts, and none is stored.
        """
        return self.seal_as(entry.bytes, facts)

    def seal_as(self, name: bytes, facts: bytes) -> bytes:
        """As `seal`, under an entry whose id is these 16 bytes."""
        return seal(facts, name=name, nonce=name + _NONCE_TAIL, key=self.facts)

    def unseal(self, sealed: bytes, *, entry: UUID) -> bytes:
        """Decrypt the facts of an entry.

        Raises:
            Tampered: they were not sealed under this key for this entry.
        """
        name = entry.bytes
        try:
            return unseal(sealed, name=name, nonce=name + _NONCE_TAIL, key=self.facts)
        except NotOpened as error:
            raise Tampered("the facts of an entry can't be opened") from error


def blind(encoding: bytes, *, salt: bytes) -> bytes:
    """The data of a leaf: publishable, and telling nothing without the salt."""
    return sha256(salt + encoding).digest()


def leaf_of(blinded: bytes) -> bytes:
    """The hash of a leaf, as it stands in receipts and at the bottom of the tree."""
    return leaf_hash(blinded)


def month_of(moment: datetime) -> date:
    """First day of the month, in UTC, in which a moment falls."""
    moment = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return date(moment.year, moment.month, 1)
