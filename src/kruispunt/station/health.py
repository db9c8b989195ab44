"""How a station is: it reads its own tables and its log, and says whether that worked."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from asyncpg.exceptions import PostgresError

from kruispunt.station.log import Log
from kruispunt.station.source import Source
from kruispunt.vocabulary import Unavailable
from kruispunt.web import Component, Health, HealthReport, KeyRingFile, expiring

LIMIT_S: Final = 2.0
FRESH_S: Final = 1.0
KEYS_WITHIN: Final = timedelta(days=30)


class Pulse:
    """Feels the tables at most once a second, however often someone asks."""

    def __init__(
        self,
        *,
        sources: Sequence[Source],
        log: Log,
        ring: KeyRingFile,
        now: Callable[[], datetime],
    ) -> None:
        self._sources = sources
        self._log = log
        self._ring = ring
        self._now = now
        self._report = HealthReport()
        self._until = 0.0
        self._feeling = asyncio.Lock()

    async def health(self) -> HealthReport:
        """UP where each select runs (about nobody) and looks can be written; else DOWN.

        DEGRADED when a key of the hub ends soon: then its questions will be refused.
        """
        async with self._feeling:
            loop = asyncio.get_running_loop()
            if loop.time() >= self._until:
                self._report = HealthReport(components=await self._feel())
                self._until = loop.time() + FRESH_S
            return self._report

    async def _feel(self) -> dict[str, Component]:
        found = {"log": await _touched(self._log.touch, why="looks can't be written")}
        for source in self._sources:
            why = "the select does not run"
            found[f"flow {source.flow}"] = await _touched(source.touch, why=why)
        soon = expiring(self._ring.now(), self._now(), within=KEYS_WITHIN)
        if soon:
            why = f"{len(soon)} keys end within {KEYS_WITHIN.days} days"
            return {**found, "keys": Component(status=Health.DEGRADED, why=why)}
        return {**found, "keys": Component()}


async def _touched(touch: Callable[[], Awaitable[None]], *, why: str) -> Component:
    try:
        async with asyncio.timeout(LIMIT_S):
            await touch()
    except (Unavailable, PostgresError, TimeoutError):
        return Component(status=Health.DOWN, why=why)
    return Component()
