"""Sealing content to an institution: only who holds the private key reads what waits for it.

Sealed boxes of libsodium (X25519, XSalsa20-Poly1305), to the Ed25519 key that the institution
signs with, as a point of Curve25519. They say nothing about who sealed: who brings them signs.
docs/adr/0011 says why one key does both.
"""

from typing import Protocol

from nacl.bindings import crypto_box_seal
from nacl.exceptions import RuntimeError as NoPoint

from kruispunt.vocabulary import InstitutionCode, KeyId
from kruispunt.web.keys import KeyWrong, NotOpened, PublicKey, Ring, SigningKey, mail_point


class Opener(Protocol):
    """Who opens what is sealed: a `SigningKey`, or a `SigningKeyFile` with all that it had."""

    def opening(self, key_id: KeyId, /) -> SigningKey | None: ...


def seal_for(key: PublicKey, content: bytes) -> bytes:
    """The content as only the holder of this key can read it, 48 bytes longer.

    Its chance is libsodium's own: sealed twice, the same content looks different.

    Raises:
        KeyWrong: the bytes of the key are no point that a secret can be shared with.
    """
    try:
        point = mail_point(key.raw)
    except NoPoint:
        raise KeyWrong(f"nothing can be sealed for the key {key.key_id}") from None
    return crypto_box_seal(content, point)


def sealing_key(ring: Ring, institution: InstitutionCode, *, now: int) -> PublicKey:
    """The newest key of an institution that counts now: to which mail for it is sealed.

    Raises:
        KeyWrong: it has none.
    """
    counting = [key for key in ring.of(institution) if key.fault_at(now) is None]
    if not counting:
        raise KeyWrong(f"no key of {institution} counts now")
    return counting[-1]


def open_sealed(opener: Opener, sealed: bytes, *, key_id: KeyId) -> bytes:
    """The content that was sealed for this key of ours, rotated since or not.

    Raises:
        NotOpened: the key is not here any more, or the content is not as it was sealed.
    """
    key = opener.opening(key_id)
    if key is None:
        raise NotOpened("sealed for a key that is not here")
    return key.open(sealed)
