"""How a station is: it reads its own tables and its log, and says whether that worked."""

import asyncio
from collections.abc import Sequence
from typing import Final

from asyncpg.exceptions import PostgresError

from kruispunt.station.log import Log
from kruispunt.station.source import Source
from kruispunt.vocabulary import Unavailable
from kruispunt.web import Health

LIMIT_S: Final = 2.0
FRESH_S: Final = 1.0


class Pulse:
    """Feels the tables at most once a second, however often someone asks."""

    def __init__(self, *, sources: Sequence[Source], log: Log) -> None:
        self._sources = sources
        self._log = log
        self._health = Health.DOWN
        self._until = 0.0
        self._feeling = asyncio.Lock()

    async def health(self) -> Health:
        """UP where each select runs (about nobody) and the log can be read; else DOWN."""
        async with self._feeling:
            loop = asyncio.get_running_loop()
            if loop.time() >= self._until:
                self._health = await self._feel()
                self._until = loop.time() + FRESH_S
            return self._health

    async def _feel(self) -> Health:
        try:
            async with asyncio.timeout(LIMIT_S):
                await self._log.touch()
                for source in self._sources:
                    await source.touch()
        except (Unavailable, PostgresError, TimeoutError):
            return Health.DOWN
        return Health.UP
