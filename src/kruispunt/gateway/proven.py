"""Who signed a request, by a ring of keys. What each of them may do, the doors decide."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kruispunt.vocabulary import InstitutionCode, Proof
from kruispunt.web import MAX_LIFE_S, SKEW_S, Front, Request, Ring, verify_request


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Who signed a request, with what, and when it came."""

    institution: InstitutionCode
    proof: Proof
    received_at: datetime


class Proven(Protocol):
    """Says who signed a request."""

    def caller(self, request: Request, *, tag: str) -> Signed: ...


class Gate(Protocol):
    """Whose keys count, by which clock, and at which address."""

    @property
    def base_url(self) -> str:
        """Our own public address: what callers sign, whatever their Host header says."""
        ...

    @property
    def ring(self) -> Ring: ...

    @property
    def now(self) -> Callable[[], datetime]: ...

    @property
    def front(self) -> Front | None:
        """The proxy before our private socket; None: nothing that such a one says is believed."""
        ...

    @property
    def max_life_s(self) -> int: ...

    @property
    def skew_s(self) -> int: ...


def prove(gate: Gate, request: Request, *, tag: str) -> Signed:
    """Who is proven to have signed a request of this kind. Its nonce is not claimed.

    Raises:
        NotAuthenticated, WrongSignature: nobody is.
    """
    received_at = gate.now()
    front = gate.front if request.private else None
    key, proof = verify_request(
        method=request.method,
        target_uri=(front.url if front else gate.base_url) + request.target,
        headers=request.headers,
        body=request.body,
        ring=gate.ring,
        now=int(received_at.timestamp()),
        tag=tag,
        max_life_s=gate.max_life_s,
        skew_s=gate.skew_s,
    )
    if front is not None:
        front.check(request.headers, institution=key.institution, now=received_at)
    return Signed(institution=key.institution, proof=proof, received_at=received_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyHolders:
    """Believes every key of its ring: employers and mandataries are in no lawbook."""

    base_url: str
    ring: Ring
    now: Callable[[], datetime]
    front: Front | None = None
    max_life_s: int = MAX_LIFE_S
    skew_s: int = SKEW_S

    def caller(self, request: Request, *, tag: str) -> Signed:
        """Who is proven to have signed a request of this kind. Its nonce is not claimed.

        Raises:
            NotAuthenticated, WrongSignature: nobody is.
        """
        return prove(self, request, tag=tag)
