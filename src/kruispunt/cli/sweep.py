"""What a seat does beside answering: forget old claims, and open the months that come."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final

import structlog

from kruispunt.audit import Trail
from kruispunt.exchange import Claims

_log: Final = structlog.stdlib.get_logger(__name__)

EVERY_S: Final = 300.0
NONCES_FOR: Final = timedelta(days=1)
"""A signature past its expiry is refused for that; the rest is for a clock that jumps ahead and
comes back: what it forgot meanwhile could be played again."""


@asynccontextmanager
async def sweeping(
    claims: Claims, trail: Trail, *, keep: timedelta, now: Callable[[], datetime]
) -> AsyncGenerator[None]:
    """Sweep now and then while the seat is open; what fails is logged and tried the next time.

    Message ids are remembered for as long as `keep`.
    """
    task = asyncio.create_task(_sweep(claims, trail, keep=keep, now=now), name="sweep")
    try:
        yield
    finally:
        task.cancel()


async def _sweep(
    claims: Claims, trail: Trail, *, keep: timedelta, now: Callable[[], datetime]
) -> None:
    while True:
        await asyncio.sleep(EVERY_S)
        try:
            moment = now()
            await trail.start(moment)
            await claims.forget(nonces_before=moment - NONCES_FOR, messages_before=moment - keep)
        except Exception:  # noqa: BLE001 - told, and tried again: an ended sweep would be worse
            _log.exception("sweep.failed")
