"""What a seat does beside answering: forget old claims, open months, list those that are over."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from kruispunt.audit import Trail, list_months
from kruispunt.cli.lasting import now_and_then
from kruispunt.directory import UNSEEN, Lines
from kruispunt.exchange import Claims
from kruispunt.postgres import StoreClock

EVERY_S: Final = 300.0
NONCES_FOR: Final = timedelta(days=1)
"""A signature past its expiry is refused for that; the rest is for a wall clock that is set back:
signatures that had expired count again, and their nonces should still be known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """One process's sweeping. What is old is told by the store's `clock`, not by `now`.

    Message ids are remembered for as long as `keep`.
    """

    claims: Claims
    trail: Trail
    clock: StoreClock
    keep: timedelta
    now: Callable[[], datetime]

    async def once(self) -> None:
        """Open the months that come, list those that are over, and forget what is old.

        Raises:
            Unavailable: the database can't be reached; the next time makes up for it.
        """
        moment = self.now()
        at = await self.clock.tick(now=moment)
        await self.claims.forget(nonces_before=at - NONCES_FOR, messages_before=at - self.keep)
        await Lines(self.trail.reader.database, UNSEEN).forget(at - self.keep)
        await self.trail.start(moment)
        await list_months(self.trail.reader.database, moment)


@asynccontextmanager
async def sweeping(
    claims: Claims, trail: Trail, *, keep: timedelta, now: Callable[[], datetime]
) -> AsyncGenerator[None]:
    """Sweep now and then while the seat is open.

    Raises:
        Unavailable: the database is not there now.
    """
    clock = claims.clock()
    await clock.tick(now=now())
    sweep = Sweep(claims=claims, trail=trail, clock=clock, keep=keep, now=now)
    task = asyncio.create_task(
        now_and_then(sweep.once, every_s=EVERY_S, failed="sweep.failed"), name="sweep"
    )
    try:
        yield
    finally:
        task.cancel()
