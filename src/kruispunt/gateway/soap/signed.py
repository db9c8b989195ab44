"""WS-Security with an X.509 certificate: the body and its timestamp, signed, fresh and alone."""

from base64 import b64decode
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

import xmlsec
from lxml import etree

from kruispunt.gateway.soap.envelope import MUST, SECURITY
from kruispunt.gateway.soap.port import Opened
from kruispunt.gateway.soap.x509 import WrongCertificate, validity
from kruispunt.gateway.soap.xml import Element
from kruispunt.vocabulary import (
    InstitutionCode,
    KeyId,
    NotAuthenticated,
    Proof,
    ProofKind,
    WrongSignature,
)
from kruispunt.web import Certificates, fingerprint

MAX_AGE: Final = timedelta(minutes=5)
SKEW: Final = timedelta(seconds=60)
MAX_REFERENCES: Final = 8

WSSE: Final = SECURITY[1:].partition("}")[0]
WSU: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
DS: Final = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
X509: Final = (
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3"
)
_MORE: Final = "http://www.w3.org/2001/04/xmldsig-more#"
_ENCRYPTION: Final = "http://www.w3.org/2001/04/xmlenc#"

SIGNATURES: Final = frozenset(
    f"{_MORE}{kind}-sha{bits}" for kind in ("rsa", "ecdsa") for bits in (256, 384, 512)
)
"""SHA-1 is not among them, nor among digests: who can forge it could move a signature."""

DIGESTS: Final = frozenset((f"{_ENCRYPTION}sha256", f"{_MORE}sha384", f"{_ENCRYPTION}sha512"))

_IDS: Final = (f"{{{WSU}}}Id", "Id", "ID", "id", "{http://www.w3.org/XML/1998/namespace}id")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedBy:
    """Whose certificate signed an envelope, and the proof of it, its nonce still to be claimed."""

    institution: InstitutionCode
    proof: Proof


def security_of(opened: Opened) -> Element | None:
    """The security header with a signature in it; None: the envelope is not signed.

    Raises:
        NotAuthenticated: there are several, or one that must be understood holds no signature.
    """
    found = [] if opened.header is None else opened.header.findall(SECURITY)
    if not found:
        return None
    if len(found) > 1:
        raise NotAuthenticated("expected one security header")
    if found[0].find(f"{{{DS}}}Signature") is not None:
        return found[0]
    if found[0].get(MUST, "0").strip() not in ("0", "false"):
        raise NotAuthenticated("expected a signature in the security header")
    return None


def verify_envelope(
    opened: Opened, security: Element, *, body: bytes, certificates: Certificates, now: datetime
) -> SignedBy:
    """Who signed the body of this very envelope, a moment ago.

    Nothing is believed by its id alone: an id stands once in the whole document, and what it
    names must be the body and the timestamp where SOAP reads them.

    Raises:
        NotAuthenticated, WrongSignature: nobody who counts did.
    """
    signature = _only(security, f"{{{DS}}}Signature")
    timestamp = _only(security, f"{{{WSU}}}Timestamp")
    der = _certificate(security, signature)
    known = certificates.get(fingerprint(der))
    if known is None or not known.counts(now):
        raise WrongSignature("expected a certificate that counts here")
    _check_validity(der, now)
    created, expires = _check_times(timestamp, now)
    signed_body = opened.body.getparent()
    assert signed_body is not None, "the body holds what was opened"
    _check_covers(opened.root, signature, (signed_body, timestamp))
    _check_signature(signature, der)
    info = etree.tostring(_only(signature, f"{{{DS}}}SignedInfo"), method="c14n", exclusive=True)
    value = _only(signature, f"{{{DS}}}SignatureValue").text or ""
    return SignedBy(
        institution=known.institution,
        proof=Proof(
            key_id=KeyId(known.fingerprint),
            # What is signed, not the signature: that of a curve can be written in two ways.
            nonce=sha256(info).digest()[:16],
            created=int(created.timestamp()),
            expires=int(expires.timestamp()),
            signature=_bytes(value),
            digest=sha256(body).digest(),
            kind=ProofKind.WS_SECURITY,
        ),
    )


def _only(parent: Element, tag: str) -> Element:
    found = parent.findall(tag)
    if len(found) != 1:
        raise NotAuthenticated(f"expected one {tag.rpartition('}')[2]}")
    return found[0]


def _bytes(text: str) -> bytes:
    try:
        return b64decode("".join(text.split()), validate=True)
    except ValueError:
        raise NotAuthenticated("expected base64") from None


def _certificate(security: Element, signature: Element) -> bytes:
    """The certificate that the signature names: the one token, or the one in its key info."""
    info = _only(signature, f"{{{DS}}}KeyInfo")
    inside = list(info.iter(f"{{{DS}}}X509Certificate"))
    if len(inside) == 1:
        return _bytes(inside[0].text or "")
    token = _only(security, f"{{{WSSE}}}BinarySecurityToken")
    named = list(info.iter(f"{{{WSSE}}}Reference"))
    is_named = len(named) == 1 and named[0].get("URI") == f"#{token.get(_IDS[0])}"
    if not is_named or token.get("ValueType") != X509:
        raise NotAuthenticated("expected the key to be one X.509 certificate")
    return _bytes(token.text or "")


def _check_validity(der: bytes, now: datetime) -> None:
    try:
        begin, end = validity(der)
    except WrongCertificate:
        raise WrongSignature("expected an X.509 certificate") from None
    if not begin <= now <= end:
        raise WrongSignature("the certificate is not valid now")


def _check_times(timestamp: Element, now: datetime) -> tuple[datetime, datetime]:
    """From when until when this envelope may be claimed, no longer than we would let it."""
    created = _moment(_only(timestamp, f"{{{WSU}}}Created"))
    said = timestamp.findall(f"{{{WSU}}}Expires")
    expires = min(map(_moment, said), default=created + MAX_AGE)
    if len(said) > 1 or not now - MAX_AGE <= created <= now + SKEW or not created < expires > now:
        raise WrongSignature("expected a timestamp of the last minutes")
    return created, min(expires, created + MAX_AGE)


def _moment(element: Element) -> datetime:
    try:
        said = datetime.fromisoformat((element.text or "").strip())
        return said.replace(tzinfo=UTC) if said.tzinfo is None else said.astimezone(UTC)
    except (ValueError, OverflowError):
        raise NotAuthenticated("expected a timestamp") from None


def _check_covers(root: Element, signature: Element, signed: tuple[Element, ...]) -> None:
    """The signature must cover each of these by an id that stands once in the document."""
    info = _only(signature, f"{{{DS}}}SignedInfo")
    _check_algorithm(_only(info, f"{{{DS}}}CanonicalizationMethod"), (EXCLUSIVE,))
    _check_algorithm(_only(info, f"{{{DS}}}SignatureMethod"), SIGNATURES)
    references = info.findall(f"{{{DS}}}Reference")
    if not 1 <= len(references) <= MAX_REFERENCES:
        raise NotAuthenticated("expected references")
    for one in references:
        _check_algorithm(_only(one, f"{{{DS}}}DigestMethod"), DIGESTS)
        transforms = _only(one, f"{{{DS}}}Transforms")
        _check_algorithm(_only(transforms, f"{{{DS}}}Transform"), (EXCLUSIVE,))
    ids = list(_ids_in(root))
    covered = {one.get("URI", "")[1:] for one in references if one.get("URI", "")[:1] == "#"}
    own = {one.get(_IDS[0], "") for one in signed}
    are_alone = len(set(ids)) == len(ids) and len(covered) == len(references)
    if not are_alone or not own <= covered <= {*ids}:
        raise WrongSignature("expected the body and the timestamp to be signed, by their own ids")


def _ids_in(root: Element) -> Iterator[str]:
    for element in root.iter():
        for name in _IDS:
            value = element.get(name)
            if value is not None:
                yield value


def _check_algorithm(element: Element, allowed: Collection[str]) -> None:
    if element.get("Algorithm") not in allowed:
        raise WrongSignature("expected another algorithm")


def _check_signature(signature: Element, der: bytes) -> None:
    """Digests and signature fit. What is signed is found by its wsu:Id, and by no other."""
    try:
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(der, xmlsec.constants.KeyDataFormatCertDer)
        for one in signature.getroottree().iterfind(f".//*[@{_IDS[0]}]"):
            context.register_id(one, "Id", WSU)
        context.verify(signature)
    except (xmlsec.Error, ValueError):
        raise WrongSignature("the signature does not fit") from None
