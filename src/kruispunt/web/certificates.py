"""Client certificates that a proxy in front forwards (RFC 9440), and whose they are."""

import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from kruispunt.vocabulary import UNREADABLE, InstitutionCode, NotAuthenticated, WrongSignature
from kruispunt.web.key_files import alone, replace_text
from kruispunt.web.key_follow import Followed
from kruispunt.web.keys import KeyWrong, checked_name

CLIENT_CERT: Final = "client-cert"
MAX_HEADER: Final = 8 * 1024

_BYTES: Final = re.compile(r":((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?):")
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{64}")
_SEQUENCE: Final = 0x30


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A client certificate by its SHA-256: whose it is, and since when it no longer counts."""

    fingerprint: str
    institution: InstitutionCode
    revoked_at: datetime | None = None

    def __post_init__(self) -> None:
        checked_name(self.institution)
        if _FINGERPRINT.fullmatch(self.fingerprint) is None:
            raise KeyWrong("expected a fingerprint of 64 hexadecimal digits")
        if self.revoked_at is not None and self.revoked_at.tzinfo is None:
            raise KeyWrong("expected times with a zone")

    def counts(self, now: datetime) -> bool:
        return self.revoked_at is None or now < self.revoked_at


Certificates = Mapping[str, Certificate]
"""Certificates by fingerprint."""


def read_client_cert(value: str) -> bytes:
    """The certificate (DER) in a `Client-Cert` header: one byte sequence, nothing beside it.

    Raises:
        NotAuthenticated: it is anything else.
    """
    found = _BYTES.fullmatch(value) if len(value) <= MAX_HEADER else None
    der = b"" if found is None else a2b_base64(found[1])
    if not der or der[0] != _SEQUENCE:
        raise NotAuthenticated("client-cert: expected one certificate, as RFC 9440 writes it")
    return der


def write_client_cert(der: bytes) -> str:
    """The header's value for a certificate."""
    return f":{b2a_base64(der, newline=False).decode('ascii')}:"


def fingerprint(der: bytes) -> str:
    """By what a certificate is known: the SHA-256 of all of it, in hexadecimal."""
    return sha256(der).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """The proxy in front of a door: its public address, and whose certificates count.

    What it forwards is believed only where a request came over the private unix socket.
    """

    url: str
    certificates: "CertificatesFile"

    def check(
        self, headers: Mapping[str, str], *, institution: InstitutionCode, now: datetime
    ) -> None:
        """Nothing, where the forwarded certificate is one of the institution that signed.

        Raises:
            NotAuthenticated: no certificate came, or none that can be read.
            WrongSignature: it is unknown, revoked, or of another institution.
        """
        found = self.certificates.now().get(fingerprint(_forwarded(headers)))
        if found is None or found.institution != institution:
            raise WrongSignature("client-cert: not a certificate of the institution that signed")
        if not found.counts(now):
            raise WrongSignature("client-cert: the certificate is revoked")

    def whose(self, headers: Mapping[str, str], *, now: datetime) -> Certificate:
        """The forwarded certificate, where it counts.

        Raises:
            NotAuthenticated: no certificate came, or none that can be read.
            WrongSignature: it is unknown or revoked.
        """
        found = self.certificates.now().get(fingerprint(_forwarded(headers)))
        if found is None or not found.counts(now):
            raise WrongSignature("client-cert: not a certificate that counts")
        return found


def brings_certificate(headers: Mapping[str, str]) -> bool:
    """True where a certificate is forwarded; a proxy may say by an empty value that none came."""
    return bool(headers.get(CLIENT_CERT, "").strip())


def _forwarded(headers: Mapping[str, str]) -> bytes:
    if not brings_certificate(headers):
        raise NotAuthenticated("expected a client certificate")
    return read_client_cert(headers[CLIENT_CERT])


@dataclass(frozen=True, slots=True)
class CertificatesFile:
    """The certificates in `certificates.toml`, read again once it changed; no file: none.

    Trust: who writes to the file decides with which certificate an institution may come. It
    still has to sign.
    """

    path: Path
    _held: Followed[Certificates]

    @classmethod
    def open(cls, path: Path) -> "CertificatesFile":
        """Read the file and follow it.

        Raises:
            KeyWrong: it is not of the form.
        """
        return cls(path, Followed(path, read=lambda: read_certificates(path)))

    def now(self) -> Certificates:
        """The certificates as the file says now."""
        return self._held.now()


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    """One `[[certificates]]` table."""

    fingerprint: str
    institution: str
    revoked_at: datetime | None = None


class _File(msgspec.Struct, forbid_unknown_fields=True):
    """The whole of `certificates.toml`."""

    certificates: list[_Entry] = []


def read_certificates(path: Path) -> Certificates:
    """Read `certificates.toml`; without the file there are none.

    Raises:
        KeyWrong: not of that form, or twice the same certificate.
    """
    if not path.exists():
        return {}
    held: dict[str, Certificate] = {}
    try:
        for entry in msgspec.toml.decode(path.read_bytes(), type=_File).certificates:
            one = Certificate(
                fingerprint=entry.fingerprint,
                institution=InstitutionCode(entry.institution),
                revoked_at=entry.revoked_at,
            )
            if held.setdefault(one.fingerprint, one) is not one:
                raise KeyWrong(f"twice the certificate {one.fingerprint}")
    except UNREADABLE as error:
        raise KeyWrong(f"{path}: {error}") from error
    return held


def add_certificate(fresh: Certificate, path: Path) -> None:
    """Let an institution come with this certificate too; known already, it stays as it was.

    Raises:
        KeyWrong: it is known as another institution's.
    """
    with alone(path.parent):
        held = dict(read_certificates(path))
        known = held.setdefault(fresh.fingerprint, fresh)
        if known.institution != fresh.institution:
            raise KeyWrong(f"{path}: this is a certificate of {known.institution}")
        _write(held.values(), path)


def revoke_certificate(name: str, path: Path, *, at: datetime) -> bool:
    """Stop believing a certificate, named by its fingerprint; False: it is not known here."""
    with alone(path.parent):
        held = dict(read_certificates(path))
        known = held.get(name)
        if known is None:
            return False
        moment = at if known.revoked_at is None else min(at, known.revoked_at)
        held[name] = replace(known, revoked_at=moment)
        _write(held.values(), path)
        return True


def _write(held: Iterable[Certificate], path: Path) -> None:
    replace_text("\n".join(_table(one) for one in held), path)


def _table(one: Certificate) -> str:
    lines = [
        "[[certificates]]",
        f'fingerprint = "{one.fingerprint}"',
        f'institution = "{one.institution}"',
    ]
    if one.revoked_at is not None:
        lines.append(f"revoked_at = {one.revoked_at.isoformat()}")
    return "\n".join(lines) + "\n"
