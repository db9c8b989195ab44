"""Being the one process that brings mail from the mailboxes of a seat."""

import asyncio
from collections.abc import Awaitable, Callable

from kruispunt.mailbox.store import QUERIES
from kruispunt.postgres import Database


async def carry_alone(database: Database, work: Callable[[], Awaitable[None]]) -> None:
    """Wait until no other process carries, then work until this is cancelled.

    Returns where the connection that says so is gone: another may carry by then.

    Raises:
        Unavailable: the database is away.
    """
    gone = asyncio.Event()
    async with database.connected() as connection:
        connection.add_termination_listener(lambda _: gone.set())
        await connection.fetchval(QUERIES["hold_carrier"].sql)
        working = asyncio.ensure_future(work())
        leaving = asyncio.create_task(gone.wait())
        try:
            await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            working.cancel()
            await asyncio.wait((working, leaving))
        if not working.cancelled():
            working.result()
