"""A clock that a store keeps by itself: by it is forgotten, whatever the wall clocks say."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from kruispunt.postgres.database import Database
from kruispunt.postgres.query import Query

FASTER: Final = 2
"""While it is behind the wall clock, e.g. since nobody ran, it goes this much faster than time."""


@dataclass(slots=True, kw_only=True)
class StoreClock:
    """One process's hold on the one row that is the clock of a store.

    The row is put on by the time that passed since this process saw it, by a clock that is never
    put right (`monotonic`), and by twice as much at most while it is behind the wall clock. It
    never goes back and never jumps, so what is a day old by it is half a day old at least, though
    wall clocks jump, processes start while they are wrong, and many processes put it on.

    `start` sets the row to $1 where there is none, `read` gives it, `advance` sets it to $2 where
    it is $1, and gives it.
    """

    database: Database
    start: Query
    read: Query
    advance: Query
    monotonic: Callable[[], float] = monotonic
    _seen: tuple[datetime, float] | None = field(default=None, init=False)

    async def tick(self, *, now: datetime) -> datetime:
        """Put the clock on, and say what it says; a new one starts at `now`.

        Raises:
            Unavailable: the database can't be reached; the next time makes up for it.
        """
        if self._seen is not None:
            at, since = self._seen
            mono = self.monotonic()
            to = put_on(at, now=now, passed=timedelta(seconds=mono - since))
            # INVARIANT: the row is as it was at `since`, so nobody else counted the time from
            # there to `mono`: no second is counted twice, by however many processes.
            if await self.database.fetch(self.advance, at, to):
                self._seen = to, mono
                return to
        await self.database.execute(self.start, now)
        (row,) = await self.database.fetch(self.read)
        self._seen = row["at"], self.monotonic()
        return self._seen[0]


def put_on(at: datetime, *, now: datetime, passed: timedelta) -> datetime:
    """What the clock says after `passed`: so much later, or nearer to `now` where it is behind."""
    return min(max(now, at + passed), at + FASTER * passed)
