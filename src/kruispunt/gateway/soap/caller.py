"""Who calls over SOAP: by a signed envelope, a client certificate or a password."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from kruispunt.gateway.soap.passwords import AUTHORIZATION, Passwords
from kruispunt.gateway.soap.port import Opened, SoapCaller
from kruispunt.gateway.soap.signed import SignedBy, security_of, verify_envelope
from kruispunt.law import Lawbook
from kruispunt.vocabulary import (
    InstitutionCode,
    KeyId,
    NotAuthenticated,
    Proof,
    ProofKind,
    WrongSignature,
    day_of_asking,
)
from kruispunt.web import (
    Caller,
    CallersFile,
    CertificatesFile,
    Front,
    Request,
    brings_certificate,
)

LIFE: Final = timedelta(seconds=60)
"""How long a question may take to be claimed whose proof has no end of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Who was proven to call, and when, before the envelope was read."""

    at: datetime
    proofs: tuple[SignedBy, ...] = ()
    named: Caller | None = None


class Nonces(Protocol):
    """Claims that a signed envelope came once."""

    async def claim(self, institution: InstitutionCode, proof: Proof) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SoapGate:
    """Whose certificates and passwords count, by which law, clock and zone.

    `front`: the proxy before our private socket; None: no certificate that is forwarded counts.
    `passwords` None: none count at all, since the door is open to others than this machine.
    """

    lawbook: Lawbook
    zone: ZoneInfo
    now: Callable[[], datetime]
    certificates: CertificatesFile
    callers: CallersFile
    nonces: Nonces
    front: Front | None = None
    passwords: Passwords | None = None
    on_loopback: bool = False
    """The open door is of this machine alone: a password may come through it."""

    def takes_passwords(self, request: Request) -> bool:
        """True where a password may come as this request did."""
        return self.passwords is not None and (request.private or self.on_loopback)

    async def shown(self, request: Request) -> Shown:
        """What a certificate and a password prove: nothing of the envelope is needed for it.

        Raises:
            NotAuthenticated, WrongSignature: one came that does not hold, or they disagree.
            Unavailable: too many passwords at once.
        """
        now = self.now()
        shown = list(self._certified(request, now))
        named = await self._named(request, now)
        if named is not None:
            shown.append(SignedBy(institution=named.institution, proof=_told(request, named, now)))
        self._check_one(shown)
        return Shown(at=now, proofs=tuple(shown), named=named)

    async def caller(self, request: Request, opened: Opened, shown: Shown) -> SoapCaller:
        """Who is proven to call. All proofs that are shown must hold, and be of one institution.

        A signed envelope is claimed: it never comes twice.

        Raises:
            NotAuthenticated, WrongSignature: nobody is proven.
            Unavailable: a signature can't be claimed now.
        """
        signed = self._signed(request, opened, shown.at)
        proofs = [*([] if signed is None else [signed]), *shown.proofs]
        if not proofs:
            raise NotAuthenticated("expected a signature, a certificate or a password")
        self._check_one(proofs)
        if signed is not None:
            await self.nonces.claim(signed.institution, signed.proof)
        return self._caller(proofs[0], shown.named, shown.at)

    def _check_one(self, proofs: Sequence[SignedBy]) -> None:
        """Proofs must be of one institution, which is in the law."""
        institutions = {one.institution for one in proofs}
        if len(institutions) > 1:
            raise WrongSignature("expected proofs of one institution")
        if not institutions <= self.lawbook.institutions.keys():
            raise WrongSignature("the institution is not in the law")

    def _signed(self, request: Request, opened: Opened, now: datetime) -> SignedBy | None:
        security = security_of(opened)
        if security is None:
            return None
        return verify_envelope(
            opened, security, body=request.body, certificates=self.certificates.now(), now=now
        )

    def _certified(self, request: Request, now: datetime) -> Iterator[SignedBy]:
        if self.front is None or not request.private or not brings_certificate(request.headers):
            return
        found = self.front.whose(request.headers, now=now)
        kind = ProofKind.CLIENT_CERTIFICATE
        proof = _proof(request, found.fingerprint, kind=kind, now=now)
        yield SignedBy(institution=found.institution, proof=proof)

    async def _named(self, request: Request, now: datetime) -> Caller | None:
        header = request.headers.get(AUTHORIZATION)
        if header is None:
            return None
        if self.passwords is None or not self.takes_passwords(request):
            raise NotAuthenticated("no password may come this way")
        return await self.passwords.caller(header, now=now)

    def _caller(self, first: SignedBy, named: Caller | None, now: datetime) -> SoapCaller:
        all_known = self.callers.now().values()
        known = [one for one in all_known if one.institution == first.institution]
        own = [named] if named is not None else [one for one in known if one.counts(now)]
        sectors = {one.sector for one in own if one.sector is not None}
        if not sectors:
            sectors = {int(one) for one in self.lawbook.institutions[first.institution].sectors}
        types = {one.institution_type for one in own if one.institution_type is not None}
        return SoapCaller(
            institution=first.institution,
            proof=first.proof,
            received_at=now,
            asked_on=day_of_asking(now, self.zone),
            org_units=frozenset(one.enterprise for one in own),
            sector=sectors.pop() if len(sectors) == 1 else None,
            institution_type=types.pop() if len(types) == 1 else None,
        )


def _told(request: Request, named: Caller, now: datetime) -> Proof:
    return _proof(request, named.user, kind=ProofKind.BASIC, now=now)


def _proof(request: Request, key: str, *, kind: ProofKind, now: datetime) -> Proof:
    """A proof that covers nothing of the request; its nonce is given to each question."""
    return Proof(
        key_id=KeyId(key),
        nonce=b"",
        created=int(now.timestamp()),
        expires=int((now + LIFE).timestamp()),
        signature=b"",
        digest=sha256(request.body).digest(),
        kind=kind,
    )
