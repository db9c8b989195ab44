"""Proof of replies that are sent as they come: each part signed, and bound to the request."""

from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Final

from kruispunt.vocabulary import InstitutionCode, KeyId
from kruispunt.web.keys import Ring, Signer
from kruispunt.web.signatures import ReplyNotProven

_HEAD: Final = b"kruispunt/part/v1"


def part_base(request_signature: str, part: bytes) -> bytes:
    """The bytes that are signed. Frozen: head, the request's `Signature` header, SHA-256 of it."""
    bound = request_signature.strip().encode("latin-1")
    return b"\n".join((_HEAD, bound, sha256(part).hexdigest().encode()))


def sign_part(key: Signer, part: bytes, *, request_signature: str) -> str:
    """Key id and signature, as they stand beside the part."""
    own = key.current()
    return f"{own.key_id} {b64encode(own.sign(part_base(request_signature, part))).decode()}"


def verify_part(
    proof: str,
    part: bytes,
    *,
    request_signature: str,
    ring: Ring,
    now: int,
    signer: InstitutionCode,
) -> None:
    """Prove that `signer` said this part in reply to the request with that `Signature` header.

    Raises:
        ReplyNotProven: anything does not fit; the message names the rule.
    """
    key_id, _, text = proof.partition(" ")
    key = ring.find(KeyId(key_id))
    if key is None or key.institution != signer or key.fault_at(now) is not None:
        raise ReplyNotProven("part: expected a key of who was asked, in force")
    try:
        signature = b64decode(text, validate=True)
    except ValueError:
        raise ReplyNotProven("part: expected a signature in base64") from None
    if not key.verify(part_base(request_signature, part), signature):
        raise ReplyNotProven("part: the signature does not fit")
