"""Who signed a request, by a ring of keys alone: employers and mandataries are in no lawbook."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kruispunt.gateway.parse import Signed
from kruispunt.web import MAX_LIFE_S, SKEW_S, Front, Request, Ring, verify_request


class Proven(Protocol):
    """Says who signed a request."""

    def caller(self, request: Request, *, tag: str) -> Signed: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyHolders:
    """Believes every key of its ring. What each of them may do, the doors decide.

    `base_url` is our own public address: what callers sign, whatever their Host header says.
    """

    base_url: str
    ring: Ring
    now: Callable[[], datetime]
    front: Front | None = None
    """The proxy before our private socket; None: nothing that such a one says is believed."""

    max_life_s: int = MAX_LIFE_S
    skew_s: int = SKEW_S

    def caller(self, request: Request, *, tag: str) -> Signed:
        """Who is proven to have signed a request of this kind. Its nonce is not claimed.

        Raises:
            NotAuthenticated, WrongSignature: nobody is.
        """
        received_at = self.now()
        front = self.front if request.private else None
        key, proof = verify_request(
            method=request.method,
            target_uri=(front.url if front else self.base_url) + request.target,
            headers=request.headers,
            body=request.body,
            ring=self.ring,
            now=int(received_at.timestamp()),
            tag=tag,
            max_life_s=self.max_life_s,
            skew_s=self.skew_s,
        )
        if front is not None:
            front.check(request.headers, institution=key.institution, now=received_at)
        return Signed(institution=key.institution, proof=proof, received_at=received_at)
