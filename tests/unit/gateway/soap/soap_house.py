"""A SOAP door in memory, and callers with certificates and passwords of their own."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID
from lxml import etree
from tests.house import Clock
from tests.law.inventing import FUND, HUB, NODE, a_lawbook

from kruispunt.gateway import Passwords, ReplySigner, SoapCaller, SoapDoor, SoapGate
from kruispunt.gateway.soap import Opened
from kruispunt.gateway.soap.envelope import SOAP, soap
from kruispunt.gateway.soap.signed import WSU
from kruispunt.vocabulary import InstitutionCode, Proof, WrongSignature
from kruispunt.web import (
    Caller,
    CallersFile,
    Certificate,
    CertificatesFile,
    Front,
    HttpReply,
    Request,
    Trace,
    add_caller,
    add_certificate,
    fingerprint,
    hash_password,
    write_client_cert,
)

ENTERPRISE: Final = "0200000043"
OTHERS: Final = "0300000016"
PASSWORD: Final = "p-of-the-fund"
URL: Final = "http://127.0.0.1:8080"
FRONT: Final = "https://soap.example"
__all__ = ["FUND", "HUB", "NODE"]


@dataclass(frozen=True, kw_only=True)
class Held:
    """A private key and its certificate, as files and as bytes."""

    key: Path
    pem: Path
    der: bytes

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.der)


def a_certificate(
    folder: Path,
    name: str,
    *,
    begin: datetime | None = None,
    end: datetime | None = None,
    curve: bool = False,
) -> Held:
    """A certificate that signs itself."""
    key = (
        ec.generate_private_key(ec.SECP256R1())
        if curve
        else rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(begin or datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(end or datetime(2049, 1, 1, tzinfo=UTC))
        .sign(key, SHA256())
    )
    held = Held(
        key=folder / f"{name}.key", pem=folder / f"{name}.pem", der=made.public_bytes(Encoding.DER)
    )
    held.key.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    )
    held.pem.write_bytes(made.public_bytes(Encoding.PEM))
    return held


@dataclass
class Once:
    """Nonces in memory."""

    seen: set[tuple[InstitutionCode, bytes]] = field(
        default_factory=set[tuple[InstitutionCode, bytes]]
    )

    async def claim(self, institution: InstitutionCode, proof: Proof) -> None:
        if (institution, proof.nonce) in self.seen:
            raise WrongSignature("the nonce of this signature was used before")
        self.seen.add((institution, proof.nonce))


@dataclass
class Parrot:
    """A service that says who called, and keeps it."""

    path: str = "parrot"
    callers: list[SoapCaller] = field(default_factory=list[SoapCaller])
    breaks: Exception | None = None

    def wsdl(self, name: str, address: str) -> bytes | None:
        return f"<wsdl at='{address}'/>".encode() if name in ("wsdl", "xsd=1") else None

    async def answer(self, request: Request, opened: Opened, caller: SoapCaller) -> HttpReply:
        self.callers.append(caller)
        if self.breaks is not None:
            raise self.breaks
        root = etree.Element("said")
        root.text = caller.institution
        return soap(root)


@dataclass(kw_only=True)
class House:
    """A door with one service, and the files that say who may come."""

    folder: Path
    clock: Clock = field(default_factory=Clock)
    parrot: Parrot = field(default_factory=Parrot)
    on_loopback: bool = True
    signer: ReplySigner | None = None

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.callers = self.folder / "callers.toml"
        self.certificates = self.folder / "certificates.toml"
        self.add(ENTERPRISE, FUND, PASSWORD)
        self.nonces = Once()
        self.door = self._door()

    def add(self, enterprise: str, institution: InstitutionCode, password: str) -> None:
        kept = hash_password(password, salt=sha256(password.encode()).digest()[:16])
        one = Caller(enterprise=enterprise, institution=institution, sector=17, password=kept)
        add_caller(one, self.callers)

    def believe(self, held: Held, institution: InstitutionCode) -> None:
        one = Certificate(fingerprint=held.fingerprint, institution=institution)
        add_certificate(one, self.certificates)

    def _door(self) -> SoapDoor:
        certificates = CertificatesFile.open(self.certificates)
        callers = CallersFile.open(self.callers)
        gate = SoapGate(
            lawbook=a_lawbook(),
            zone=ZoneInfo("Europe/Brussels"),
            now=self.clock,
            certificates=certificates,
            callers=callers,
            nonces=self.nonces,
            front=Front(url=FRONT, certificates=certificates),
            passwords=Passwords(callers=callers, random_bytes=Random(1).randbytes),
            on_loopback=self.on_loopback,
        )
        return SoapDoor(gate=gate, services=(self.parrot,), url=URL, signer=self.signer)

    async def post(
        self,
        body: bytes | None = None,
        *,
        headers: dict[str, str] | None = None,
        private: bool = False,
    ) -> HttpReply:
        return await self.door.answer(
            Request(
                method="POST",
                target="/soap/parrot",
                argument="parrot",
                headers={"content-type": "text/xml", **(headers or {})},
                body=an_envelope() if body is None else body,
                trace=Trace("1" * 32, "2" * 16),
                private=private,
            )
        )


def an_envelope(inside: str = "<ask>x</ask>", header: str = "") -> bytes:
    head = f"<s:Header>{header}</s:Header>" if header else ""
    return f'<s:Envelope xmlns:s="{SOAP}">{head}<s:Body>{inside}</s:Body></s:Envelope>'.encode()


def forwarded(held: Held) -> dict[str, str]:
    return {"client-cert": write_client_cert(held.der)}


def stamp(at: datetime, life: timedelta = timedelta(minutes=4)) -> str:
    def moment(when: datetime) -> str:
        return f"{when:%Y-%m-%dT%H:%M:%S}Z"

    return (
        f'<u:Timestamp xmlns:u="{WSU}"><u:Created>{moment(at)}</u:Created>'
        f"<u:Expires>{moment(at + life)}</u:Expires></u:Timestamp>"
    )
