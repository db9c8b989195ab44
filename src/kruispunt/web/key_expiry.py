"""Keys that will soon stop counting: said in the log, once a day, long before it hurts."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

import structlog

from kruispunt.vocabulary import KeyId
from kruispunt.web.key_follow import KeyRingFile
from kruispunt.web.keys import KeyRing, PublicKey

WARN_BEFORE: Final = timedelta(days=30)
LOOK_EVERY_S: Final = 3600.0
DAY: Final = timedelta(days=1)

_log: Final = structlog.stdlib.get_logger(__name__)


def days_left(ring: KeyRing, now: datetime) -> Mapping[KeyId, float]:
    """Days until each key that is not revoked stops counting; below 0: it has stopped.

    A key that another one of its institution outlives is left out: nothing ends with it.
    """
    return {key.key_id: (key.not_after - now) / DAY for key in _last_keys(ring, now)}


def expiring(ring: KeyRing, now: datetime, *, within: timedelta) -> tuple[PublicKey, ...]:
    """Keys that stop counting within a time, or have stopped, and that no other outlives."""
    return tuple(key for key in _last_keys(ring, now) if key.not_after - now <= within)


def _last_keys(ring: KeyRing, now: datetime) -> Iterable[PublicKey]:
    """The key of each institution that counts longest, of those that are not revoked."""
    last: dict[str, PublicKey] = {}
    for key in ring.keys.values():
        if key.revoked_at is not None and key.revoked_at <= now:
            continue
        other = last.get(key.institution)
        if other is None or (key.not_after, key.key_id) > (other.not_after, other.key_id):
            last[key.institution] = key
    return last.values()


@dataclass(frozen=True, slots=True)
class ExpiryWarnings:
    """Says which keys of a ring expire, of each at most once a day."""

    told: dict[KeyId, date] = field(default_factory=dict[KeyId, date])

    def tell(self, ring: KeyRing, now: datetime) -> None:
        """Write `key.expires` to the log for each key with 30 days or less to go."""
        for key in expiring(ring, now, within=WARN_BEFORE):
            if self.told.get(key.key_id) == now.date():
                continue
            self.told[key.key_id] = now.date()
            _log.warning(
                "key.expires",
                key_id=key.key_id,
                institution=key.institution,
                not_after=key.not_after.isoformat(),
                days_left=round((key.not_after - now) / DAY, 1),
            )


@asynccontextmanager
async def warning_of_expiry(
    *rings: KeyRingFile, now: Callable[[], datetime], every_s: float = LOOK_EVERY_S
) -> AsyncGenerator[None]:
    """Say in the log which keys expire, for as long as this is open."""
    warnings = ExpiryWarnings()

    async def watch() -> None:
        while True:
            for ring in rings:
                warnings.tell(ring.now(), now())
            await asyncio.sleep(every_s)

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        watching.cancel()
