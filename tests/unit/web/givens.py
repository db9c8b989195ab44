"""What the tests of signatures start from: an institution with a key, and its request."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from kruispunt.vocabulary import Proof
from kruispunt.web import (
    KeyRing,
    PublicKey,
    Ring,
    SigningKey,
    make_key,
    sign_request,
    verify_request,
)

NOW = 1_800_000_000
NOON = datetime.fromtimestamp(NOW, UTC)
YEAR = timedelta(days=365)
TAG = "kruispunt-ask"
URI = "https://hub.example/v1/ask/some.flow"


def a_key(institution: str = "A", *, key_id: str = "") -> SigningKey:
    name = key_id or f"{institution}-1"
    return make_key(institution, key_id=name, random_bytes=random.Random(name).randbytes)


def public(key: SigningKey, *, revoked_at: datetime | None = None) -> PublicKey:
    found = key.public(not_before=NOON - YEAR, not_after=NOON + YEAR)
    return PublicKey(
        key_id=found.key_id,
        institution=found.institution,
        raw=found.raw,
        not_before=found.not_before,
        not_after=found.not_after,
        revoked_at=revoked_at,
    )


def a_ring(*keys: SigningKey) -> KeyRing:
    return KeyRing.holding(public(key) for key in keys)


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A request on its way, as a test may bend it."""

    method: str = "POST"
    target_uri: str = URI
    body: bytes = b'{"a":1}'
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    def arrives(self, ring: Ring, *, now: int = NOW, tag: str = TAG) -> tuple[PublicKey, Proof]:
        return verify_request(
            method=self.method,
            target_uri=self.target_uri,
            headers=self.headers,
            body=self.body,
            ring=ring,
            now=now,
            tag=tag,
        )


def a_request(
    key: SigningKey,
    *,
    body: bytes = b'{"a":1}',
    target_uri: str = URI,
    created: int = NOW,
    life_s: int = 60,
    nonce: bytes = b"0123456789abcdef",
    tag: str = TAG,
) -> Sent:
    headers = sign_request(
        key,
        method="POST",
        target_uri=target_uri,
        body=body,
        created=created,
        expires=created + life_s,
        nonce=nonce,
        tag=tag,
    )
    return Sent(body=body, target_uri=target_uri, headers=headers)
