"""Opening a collector: everything that its file names is tried before it empties its mailbox."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Final

import structlog

from kruispunt.client import AskFailed
from kruispunt.postgres import migrate, migrations_folder
from kruispunt.station.collect import Collector, Mailbox
from kruispunt.station.log import Log
from kruispunt.station.open import (
    ROOM,
    Keys,
    Meters,
    committer,
    open_database,
    open_sources,
    read_address,
)
from kruispunt.station.settings import StationSettings
from kruispunt.vocabulary import Unavailable

FORGET_EVERY_S: Final = 3600.0
WAIT_S: Final = 20
FIRST_PAUSE_S: Final = 0.5
LAST_PAUSE_S: Final = 30.0

_log: Final = structlog.stdlib.get_logger(__name__)


@asynccontextmanager
async def open_collector(
    settings: StationSettings,
    *,
    keys: Keys,
    mailbox: Mailbox,
    now: Callable[[], datetime],
    meters: Meters | None = None,
) -> AsyncGenerator[Collector]:
    """A collector over the tables of a file, at the node that the file names; `meters` count it.

    Raises:
        StationFileWrong: a select or the reader's role is not as it should be.
        Unavailable: the database is not there now.
    """
    dsn = read_address(settings, settings.tables.log_dsn_file)
    await migrate(dsn, folder=migrations_folder(), rooms=[ROOM])
    async with open_database(dsn, size=2) as own, open_sources(settings) as sources:
        commit = committer(own, meters)
        await commit.start()
        if meters is not None:
            meters.read_commit(commit)
            meters.read_pool(own)
            meters.read_keys(keys.ring)
        log = Log(database=own, commit=commit)
        forgetting = asyncio.create_task(_forget(log, now))
        try:
            yield Collector(
                node=settings.hub,
                mailbox=mailbox,
                ring=keys.ring,
                sources=sources,
                log=log,
                now=now,
            )
        finally:
            forgetting.cancel()
            await commit.stop()


async def collect_on(collector: Collector) -> None:
    """Answer for ever; while the node is away, or nothing goes on, come back later and later."""
    pause_s = FIRST_PAUSE_S
    while True:
        try:
            done = await collector.round(wait_s=WAIT_S)
        except AskFailed as failed:
            _log.warning("collect.away", why=failed.fault.value)
        else:
            if not done.waiting:
                pause_s = FIRST_PAUSE_S
                continue
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, LAST_PAUSE_S)


async def _forget(log: Log, now: Callable[[], datetime]) -> None:
    """Drop what was remembered of old mail; what fails now succeeds in an hour."""
    while True:
        with suppress(Unavailable):
            await log.forget_mail(now=now())
        await asyncio.sleep(FORGET_EVERY_S)
