"""Replies signed with WS-Security, for whoever signed the request: body and timestamp."""

import ssl
from base64 import b64encode
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import xmlsec
from lxml import etree

from kruispunt.gateway.soap.envelope import MUST, SECURITY, SOAP
from kruispunt.gateway.soap.signed import DS, WSSE, WSU, X509
from kruispunt.gateway.soap.xml import Element, write_xml
from kruispunt.web import Followed, HttpReply, KeyWrong

COUNTS: Final = timedelta(minutes=5)
"""How long a signed reply is fresh."""

_ID: Final = f"{{{WSU}}}Id"
_BASE64: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
_OTHERS: Final = 0o077
_THEN: Final = datetime(2000, 1, 1, tzinfo=UTC)
_TRIAL: Final = f'<s:Envelope xmlns:s="{SOAP}"><s:Body/></s:Envelope>'.encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signer:
    """A key (PEM) with its certificate (DER)."""

    key: bytes
    der: bytes
    of_curve: bool

    def sign(self, envelope: bytes, now: datetime) -> Element:
        """The envelope with a security header.

        Raises:
            xmlsec.Error: this is no key of this kind.
        """
        root = etree.fromstring(envelope)
        body = root.find(f"{{{SOAP}}}Body")
        assert body is not None, "our own envelopes have a body"
        body.set(_ID, "body")
        security, stamp = _headed(root, self.der, now)
        kinds = xmlsec.constants
        method = kinds.TransformEcdsaSha256 if self.of_curve else kinds.TransformRsaSha256
        signature = xmlsec.template.create(root, kinds.TransformExclC14N, method, ns="ds")
        security.append(signature)
        info = xmlsec.template.ensure_key_info(signature)
        token = etree.SubElement(info, f"{{{WSSE}}}SecurityTokenReference")
        etree.SubElement(token, f"{{{WSSE}}}Reference", URI="#token", ValueType=X509)
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(self.key, kinds.KeyDataFormatPem)
        for part in (body, stamp):
            context.register_id(part, "Id", WSU)
            uri = f"#{part.get(_ID)}"
            reference = xmlsec.template.add_reference(signature, kinds.TransformSha256, uri=uri)
            xmlsec.template.add_transform(reference, kinds.TransformExclC14N)
        context.sign(signature)
        return root


@dataclass(frozen=True, slots=True)
class ReplySigner:
    """Signs as the seat, by the key and certificate in two files, read again once they changed.

    Trust: who reads the key can answer as the seat to those who believe its certificate.
    """

    _held: Followed[_Signer | None]

    @classmethod
    def open(cls, *, key: Path, certificate: Path) -> "ReplySigner":
        """Read both (PEM) and follow them; where there is neither, nothing is signed.

        Raises:
            KeyWrong: one is missing or can't be read, they are not of each other, or others may
                read the key.
        """
        return cls(Followed(key, certificate, read=lambda: _read(key, certificate)))

    def sign(self, reply: HttpReply, *, now: datetime) -> HttpReply:
        """The same reply with a security header: its body and a timestamp of five minutes, signed.

        RSA or ECDSA with SHA-256, exclusive canonicalisation, the certificate as token.
        """
        signer = self._held.now()
        if signer is None:
            return reply
        return replace(reply, body=write_xml(signer.sign(reply.body, now)))


def _headed(root: Element, der: bytes, now: datetime) -> tuple[Element, Element]:
    """A security header with token and timestamp, and that timestamp."""
    header = etree.Element(f"{{{SOAP}}}Header")
    root.insert(0, header)
    security = etree.SubElement(header, SECURITY, nsmap={"wsse": WSSE, "wsu": WSU})
    security.set(MUST, "1")
    token = etree.SubElement(security, f"{{{WSSE}}}BinarySecurityToken")
    token.set("EncodingType", _BASE64)
    token.set("ValueType", X509)
    token.set(_ID, "token")
    token.text = b64encode(der).decode("ascii")
    stamp = etree.SubElement(security, f"{{{WSU}}}Timestamp")
    stamp.set(_ID, "stamp")
    for name, moment in (("Created", now), ("Expires", now + COUNTS)):
        told = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        etree.SubElement(stamp, f"{{{WSU}}}{name}").text = told
    return security, stamp


def _read(key: Path, certificate: Path) -> _Signer | None:
    if not key.exists() and not certificate.exists():
        return None
    try:
        der = ssl.PEM_cert_to_DER_cert(certificate.read_text("ascii"))
        pem, mode = key.read_bytes(), key.stat().st_mode
    except (OSError, ValueError) as error:
        raise KeyWrong(f"{certificate}: expected a certificate and its key in PEM") from error
    if mode & _OTHERS:
        raise KeyWrong(f"{key}: expected a key that nobody else may read")
    for of_curve in (False, True):
        signer = _Signer(key=pem, der=der, of_curve=of_curve)
        if _fits(signer):
            return signer
    raise KeyWrong(f"{key}: expected the RSA or ECDSA key of the certificate beside it")


def _fits(signer: _Signer) -> bool:
    """True where the certificate verifies what the key signs."""
    try:
        signed = signer.sign(_TRIAL, _THEN)
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(signer.der, xmlsec.constants.KeyDataFormatCertDer)
        for part in signed.iterfind(f".//*[@{_ID}]"):
            context.register_id(part, "Id", WSU)
        context.verify(next(signed.iter(f"{{{DS}}}Signature")))
    except (xmlsec.Error, ValueError):
        return False
    return True
