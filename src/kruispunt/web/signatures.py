"""HTTP signatures: who asked, who answered, and that not one byte of it was changed.

RFC 9421 with Ed25519, and RFC 9530 with SHA-256, as narrow as we need it: one signature, labelled
`kruispunt`, over exactly the components listed here, in the canonical form of its header. The
order of components and parameters is the signer's. What is narrow is quick to read and leaves
nothing to interpretation; what is not understood is refused.
"""

import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping
from hashlib import sha256
from itertools import permutations
from typing import Final

from kruispunt.vocabulary import (
    InstitutionCode,
    KeyId,
    NotAuthenticated,
    Proof,
    WrongSignature,
)
from kruispunt.web.keys import PublicKey, Ring, Signer

LABEL: Final = "kruispunt"
MAX_LIFE_S: Final = 300
SKEW_S: Final = 60

_MAX_HEADER: Final = 1024
_SF_STRING: Final = r'"[\x20\x21\x23-\x5b\x5d-\x7e]*"'
_SF_INTEGER: Final = r"(?:0|[1-9][0-9]{0,14})"
_PARAMETER: Final = re.compile(rf";([a-z]+)=({_SF_STRING}|{_SF_INTEGER})")
_INPUT: Final = re.compile(rf"{LABEL}=(\(([^()]*)\)((?:;[a-z]+=(?:{_SF_STRING}|{_SF_INTEGER}))+))")
# 64 bytes leave four bits of the last sign unused; they are 0: one text for each signature.
_SIGNATURE: Final = re.compile(rf"{LABEL}=(:([A-Za-z0-9+/]{{85}}[AQgw]==):)")
_NONCE: Final = re.compile(
    r'"((?:[A-Za-z0-9+/]{4}){4,16}(?:|[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=))"'
)

_REQUEST_PARAMETERS: Final = frozenset(("created", "expires", "nonce", "keyid", "tag"))
_REPLY_PARAMETERS: Final = frozenset(("created", "keyid"))
_BOUND: Final = f'"signature";req;key="{LABEL}"'


def _bases(*components: str) -> Mapping[str, str]:
    """For every order of the components: what stands in the header -> how the base is written."""
    numbered = [(name, f"{name}: {{{n}}}") for n, name in enumerate(components)]
    last = f'"@signature-params": {{{len(components)}}}'
    return {
        " ".join(name for name, _ in order): "\n".join((*(line for _, line in order), last))
        for order in permutations(numbered)
    }


_REQUEST_BASES: Final = _bases('"@method"', '"@target-uri"', '"content-digest"')
_REPLY_BASES: Final = _bases('"@status"', '"content-digest"', _BOUND)
_REQUEST_ORDER: Final = next(iter(_REQUEST_BASES))
_REPLY_ORDER: Final = next(iter(_REPLY_BASES))
_REQUEST_BASE: Final = _REQUEST_BASES[_REQUEST_ORDER]
_REPLY_BASE: Final = _REPLY_BASES[_REPLY_ORDER]


class ReplyNotProven(Exception):
    """The reply is not the signed answer of whom we asked to what we asked."""


def content_digest(body: bytes) -> str:
    """Value of the `Content-Digest` header (RFC 9530, SHA-256)."""
    return f"sha-256=:{_base64(sha256(body).digest())}:"


def sign_request(
    key: Signer,
    *,
    method: str,
    target_uri: str,
    body: bytes,
    created: int,
    expires: int,
    nonce: bytes,
    tag: str,
) -> dict[str, str]:
    """The three headers that sign a request. `nonce`: 16 to 48 random bytes, never used again.

    Times are seconds since 1970. `target_uri` is the address as the receiver knows itself.
    """
    digest, own = content_digest(body), key.current()
    inner = (
        f"({_REQUEST_ORDER});created={created};expires={expires}"
        f';nonce="{_base64(nonce)}";keyid="{own.key_id}";tag="{tag}"'
    )
    base = _REQUEST_BASE.format(method, target_uri, digest, inner)
    return _headers(digest, inner, own.sign(base.encode("ascii")))


def verify_request(
    *,
    method: str,
    target_uri: str,
    headers: Mapping[str, str],
    body: bytes,
    ring: Ring,
    now: int,
    tag: str,
    max_life_s: int = MAX_LIFE_S,
    skew_s: int = SKEW_S,
) -> tuple[PublicKey, Proof]:
    """Prove who signed a request. Header names are lower case; times are seconds since 1970.

    `target_uri` is built from the receiver's own public address, never from the Host header.
    The skew is for clocks that run ahead; `expires` is taken at its word, so a nonce may be
    forgotten once it has passed. Whether a nonce is new, the caller must still find out.

    Raises:
        NotAuthenticated: no signature.
        WrongSignature: every other fault; the detail names the rule.
    """
    digest = headers.get("content-digest")
    given_input = headers.get("signature-input")
    given_signature = headers.get("signature")
    if digest is None or given_input is None or given_signature is None:
        raise NotAuthenticated("expected the headers content-digest, signature-input, signature")
    inner, template, found = _read_input(given_input, _REQUEST_BASES, _REQUEST_PARAMETERS)
    signature = _read_signature(given_signature)
    raw_digest = sha256(body).digest()
    if digest != f"sha-256=:{_base64(raw_digest)}:":
        raise WrongSignature("content-digest: expected the sha-256 of the body, and no other")
    proof = Proof(
        key_id=KeyId(_string(found, "keyid")),
        nonce=_read_nonce(found["nonce"]),
        created=_integer(found, "created"),
        expires=_integer(found, "expires"),
        signature=signature,
        digest=raw_digest,
    )
    if found["tag"] != f'"{tag}"':
        raise WrongSignature(f'tag: expected "{tag}"')
    _check_times(proof, now=now, max_life_s=max_life_s, skew_s=skew_s)
    key = _counting_key(proof.key_id, ring=ring, now=now)
    base = template.format(method, target_uri, digest, inner)
    if not key.verify(base.encode("ascii", "replace"), signature):
        raise WrongSignature("signature: does not fit the request")
    return key, proof


def sign_reply(
    key: Signer, *, status: int, body: bytes, request_signature: str, created: int
) -> dict[str, str]:
    """The three headers that sign a reply and bind it to the request it answers.

    `request_signature` is the value of the request's `Signature` header.

    Raises:
        WrongSignature: the request's signature is not of the form to bind to.
    """
    digest, own = content_digest(body), key.current()
    inner = f'({_REPLY_ORDER});created={created};keyid="{own.key_id}"'
    base = _REPLY_BASE.format(status, digest, _member(request_signature), inner)
    return _headers(digest, inner, own.sign(base.encode("ascii")))


def verify_reply(
    *,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    request_signature: str,
    ring: Ring,
    now: int,
    signer: InstitutionCode,
    max_age_s: int = MAX_LIFE_S,
    skew_s: int = SKEW_S,
) -> None:
    """Prove that `signer` gave this reply to the request with that `Signature` header.

    Raises:
        ReplyNotProven: anything does not fit; the message names the rule.
    """
    try:
        digest = headers["content-digest"]
        inner, template, found = _read_input(
            headers["signature-input"], _REPLY_BASES, _REPLY_PARAMETERS
        )
        signature = _read_signature(headers["signature"])
        key = _counting_key(_string(found, "keyid"), ring=ring, now=now)
        created = _integer(found, "created")
        base = template.format(status, digest, _member(request_signature), inner)
    except KeyError as error:
        raise ReplyNotProven(f"expected the header {error.args[0]}") from None
    except WrongSignature as error:
        raise ReplyNotProven(error.detail) from None
    if key.institution != signer:
        raise ReplyNotProven("signature: made by another institution than was asked")
    if not now - max_age_s <= created <= now + skew_s:
        raise ReplyNotProven("created: too far from our clock")
    if digest != content_digest(body):
        raise ReplyNotProven("content-digest: expected the sha-256 of the body")
    if not key.verify(base.encode("ascii", "replace"), signature):
        raise ReplyNotProven("signature: does not fit the reply and the request it answers")


def proof_stands(proof: Proof, *, method: str, target_uri: str, tag: str, key: PublicKey) -> bool:
    """Check a kept proof again, years later, from what the trail kept of it.

    The order of components and parameters is the signer's and is not kept: there are 720, ours
    comes first, and only the true one fits the signature.
    """
    digest = f"sha-256=:{_base64(proof.digest)}:"
    parameters = (
        f";created={proof.created}",
        f";expires={proof.expires}",
        f';nonce="{_base64(proof.nonce)}"',
        f';keyid="{proof.key_id}"',
        f';tag="{tag}"',
    )
    bases = (
        template.format(method, target_uri, digest, f"({components}){''.join(order)}")
        for order in permutations(parameters)
        for components, template in _REQUEST_BASES.items()
    )
    return any(key.verify(base.encode("ascii", "replace"), proof.signature) for base in bases)


def _headers(digest: str, inner: str, signature: bytes) -> dict[str, str]:
    return {
        "content-digest": digest,
        "signature-input": f"{LABEL}={inner}",
        "signature": f"{LABEL}=:{_base64(signature)}:",
    }


def _read_input(
    value: str, bases: Mapping[str, str], parameters: frozenset[str]
) -> tuple[str, str, dict[str, str]]:
    """Parameters as signed, how the base is written, and each parameter as it stands."""
    match = _INPUT.fullmatch(value) if len(value) <= _MAX_HEADER else None
    if match is None:
        raise WrongSignature(f"signature-input: expected one signature, labelled {LABEL}")
    inner, components, tail = match.groups()
    template = bases.get(components)
    if template is None:
        listed = next(iter(bases))
        raise WrongSignature(f"signature-input: expected exactly the components {listed}")
    pairs = _PARAMETER.findall(tail)
    found = dict(pairs)
    if len(pairs) != len(parameters) or found.keys() != parameters:
        listed = ", ".join(sorted(parameters))
        raise WrongSignature(f"signature-input: expected exactly the parameters {listed}")
    return inner, template, found


def _read_signature(value: str) -> bytes:
    match = _SIGNATURE.fullmatch(value)
    if match is None:
        raise WrongSignature(f"signature: expected 64 bytes, labelled {LABEL}")
    return a2b_base64(match[2])


def _member(request_signature: str) -> str:
    match = _SIGNATURE.fullmatch(request_signature)
    if match is None:
        raise WrongSignature(f"signature: expected 64 bytes, labelled {LABEL}, in the request")
    return match[1]


def _read_nonce(value: str) -> bytes:
    match = _NONCE.fullmatch(value)
    nonce = a2b_base64(match[1]) if match else b""
    # Only one text for each nonce: the signed bytes must be buildable from the bytes we keep.
    if match is None or _base64(nonce) != match[1]:
        raise WrongSignature("nonce: expected 16 to 48 bytes in base64")
    return nonce


def _integer(found: Mapping[str, str], name: str) -> int:
    text = found[name]
    if text[0] == '"':
        raise WrongSignature(f"{name}: expected an integer")
    return int(text)


def _string(found: Mapping[str, str], name: str) -> KeyId:
    text = found[name]
    if text[0] != '"':
        raise WrongSignature(f"{name}: expected a string")
    return KeyId(text[1:-1])


def _check_times(proof: Proof, *, now: int, max_life_s: int, skew_s: int) -> None:
    if proof.expires <= proof.created:
        raise WrongSignature("expires: expected a moment after created")
    if proof.expires - proof.created > max_life_s:
        raise WrongSignature(f"expires: expected at most {max_life_s} s after created")
    if proof.created > now + skew_s:
        raise WrongSignature("created: in the future")
    if proof.expires <= now:
        raise WrongSignature("expires: the signature is expired")


def _counting_key(key_id: KeyId, *, ring: Ring, now: int) -> PublicKey:
    key = ring.find(key_id)
    fault = "the key is unknown" if key is None else key.fault_at(now)
    if key is None or fault:
        raise WrongSignature(f"keyid: {fault}")
    return key


def _base64(data: bytes) -> str:
    return b2a_base64(data, newline=False).decode("ascii")
