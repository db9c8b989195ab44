"""Listing months: once one is over, whose entries stand in it is written down, for pages."""

from datetime import datetime, timedelta
from typing import Final

from kruispunt.audit.blinding import month_of
from kruispunt.audit.queries import QUERIES
from kruispunt.postgres import Database

GRACE: Final = timedelta(days=1)
"""A month is listed when it has been over for so long: clocks of processes may differ, and what is
recorded in a month after it was listed costs a write more."""


async def list_months(database: Database, now: datetime) -> None:
    """List every month that is over and not listed yet. Nobody's page depends on it but for speed.

    A month of 250 000 entries takes seconds, a trail of ten years that was never listed minutes:
    there is no time limit. Cut off, it has not happened, and the next time makes up for it.

    Raises:
        Unavailable: the database is away.
    """
    before = month_of(now - GRACE)
    rows = await database.fetch(QUERIES["is_listed"], before)
    if rows[0]["listed"]:
        return
    await database.execute(QUERIES["watch_months"], before)
    async with database.connected() as connection:
        await connection.execute(QUERIES["list_months"].sql)
