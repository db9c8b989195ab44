"""Keys of institutions (Ed25519): private ones to sign with, public ones to prove who signed."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final, Protocol

from nacl.bindings import (
    crypto_box_seal_open,
    crypto_sign,
    crypto_sign_ed25519_pk_to_curve25519,
    crypto_sign_ed25519_sk_to_curve25519,
    crypto_sign_open,
    crypto_sign_seed_keypair,
)
from nacl.exceptions import BadSignatureError, CryptoError

from kruispunt.vocabulary import InstitutionCode, KeyId

SEED_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
MAX_REASON: Final = 200

_NAME: Final = re.compile(r"[A-Za-z0-9._:/@-]{1,100}")


class KeyWrong(ValueError):
    """A key, or a file of keys, that can't be used. The message names the rule, never the key."""


class NotOpened(Exception):
    """What was sealed can't be opened: by another key, or not as it was sealed."""


def checked_name(text: str) -> str:
    """A key id or institution code: safe in a header, a TOML string and a log.

    Raises:
        KeyWrong: empty, longer than 100, or with other than letters, digits and `._:/@-`.
    """
    if _NAME.fullmatch(text) is None:
        raise KeyWrong("expected 1 to 100 letters, digits or ._:/@- in a name")
    return text


@lru_cache(maxsize=4096)
def mail_point(raw: bytes) -> bytes:
    """A public key as a point of Curve25519; remembered, since it costs more than to seal does.

    Raises:
        RuntimeError: it is no point with which a secret can be shared.
    """
    return crypto_sign_ed25519_pk_to_curve25519(raw)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """Public half of a key: whose it is, and from when until `not_after`, excluded, it counts."""

    key_id: KeyId
    institution: InstitutionCode
    raw: bytes
    not_before: datetime
    not_after: datetime
    revoked_at: datetime | None = None
    reason: str = ""
    """Why it was revoked, for who reads the ring."""

    def __post_init__(self) -> None:
        checked_name(self.key_id)
        checked_name(self.institution)
        if len(self.raw) != SEED_BYTES:
            raise KeyWrong("expected a public key of 32 bytes")
        if len(self.reason) > MAX_REASON or not self.reason.isprintable():
            raise KeyWrong(f"expected a reason of one line, {MAX_REASON} signs at most")

    def verify(self, data: bytes, signature: bytes) -> bool:
        """True where `signature` was made over `data` with the private half of this key."""
        if len(signature) != SIGNATURE_BYTES:
            return False
        try:
            crypto_sign_open(signature + data, self.raw)
        except BadSignatureError:
            return False
        return True

    def fault_at(self, now: int) -> str | None:
        """Why this key does not count at a second since 1970; None: it counts."""
        if self.revoked_at is not None and now >= self.revoked_at.timestamp():
            return "the key is revoked"
        if now < self.not_before.timestamp():
            return "the key is not valid yet"
        return "the key is expired" if now >= self.not_after.timestamp() else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """Private key of an institution. It prints without its secret."""

    key_id: KeyId
    institution: InstitutionCode
    raw: bytes
    """Public half, 32 bytes."""

    _secret: bytes

    def __repr__(self) -> str:
        return f"SigningKey({self.key_id})"

    def current(self) -> "SigningKey":
        """Itself: a key that follows nothing is always the one to sign with."""
        return self

    def sign(self, data: bytes) -> bytes:
        """Ed25519 signature over the data, 64 bytes."""
        return crypto_sign(data, self._secret)[:SIGNATURE_BYTES]

    def open(self, sealed: bytes) -> bytes:
        """What `seal_for` sealed for the public half of this key.

        Raises:
            NotOpened: it was sealed for another, or a bit of it was changed.
        """
        point = mail_point(self.raw)
        secret = crypto_sign_ed25519_sk_to_curve25519(self._secret)
        try:
            return crypto_box_seal_open(sealed, point, secret)
        except (CryptoError, TypeError, ValueError):
            # The cause is dropped: its frames hold the secret.
            raise NotOpened("not sealed for this key, or not as it was sealed") from None

    def opening(self, key_id: KeyId) -> "SigningKey | None":
        """Itself, where it is the one that is asked for."""
        return self if key_id == self.key_id else None

    @property
    def seed(self) -> bytes:
        """The secret itself, for the key file and nothing else."""
        return self._secret[:SEED_BYTES]

    def public(self, *, not_before: datetime, not_after: datetime) -> PublicKey:
        """The public half with its validity, as it goes into a key ring."""
        return PublicKey(
            key_id=self.key_id,
            institution=self.institution,
            raw=self.raw,
            not_before=not_before,
            not_after=not_after,
        )


def key_of(seed: bytes, *, key_id: str, institution: str) -> SigningKey:
    """The key that grows from a seed of 32 bytes.

    Raises:
        KeyWrong: the seed has another length, or a name has other signs than names have.
    """
    if len(seed) != SEED_BYTES:
        raise KeyWrong("expected a seed of 32 bytes")
    raw, secret = crypto_sign_seed_keypair(seed)
    return SigningKey(
        key_id=KeyId(checked_name(key_id)),
        institution=InstitutionCode(checked_name(institution)),
        raw=raw,
        _secret=secret,
    )


def make_key(institution: str, *, key_id: str, random_bytes: Callable[[int], bytes]) -> SigningKey:
    """A new key from 32 random bytes."""
    return key_of(random_bytes(SEED_BYTES), key_id=key_id, institution=institution)


class Signer(Protocol):
    """Who signs: a `SigningKey`, or a `SigningKeyFile` that follows its files.

    Take the key once for each signature: its id and its signature must be of one key.
    """

    def current(self) -> SigningKey: ...


class Ring(Protocol):
    """Where public keys are found: a `KeyRing`, or a `KeyRingFile` that follows its file."""

    def find(self, key_id: KeyId, /) -> PublicKey | None: ...

    def of(self, institution: InstitutionCode, /) -> tuple[PublicKey, ...]: ...


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Immutable set of public keys by id."""

    keys: Mapping[KeyId, PublicKey]

    @classmethod
    def holding(cls, keys: Iterable[PublicKey]) -> "KeyRing":
        """A ring of these keys.

        Raises:
            KeyWrong: two keys have the same id.
        """
        ring: dict[KeyId, PublicKey] = {}
        for key in keys:
            if key.key_id in ring:
                raise KeyWrong(f"two keys have the id {key.key_id}")
            ring[key.key_id] = key
        return cls(ring)

    def find(self, key_id: KeyId) -> PublicKey | None:
        """The key with this id, whether it counts now or not; None: unknown."""
        return self.keys.get(key_id)

    def of(self, institution: InstitutionCode) -> tuple[PublicKey, ...]:
        """Every key of an institution, in order of validity."""
        own = (key for key in self.keys.values() if key.institution == institution)
        return tuple(sorted(own, key=lambda key: (key.not_before, key.key_id)))
