"""How a hub or node is: whether entries can be written, and what will soon hurt."""

import asyncio
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from kruispunt.audit import Published, Trail
from kruispunt.cli.settings import WatchSettings
from kruispunt.postgres import Commit, Database, Query
from kruispunt.vocabulary import Problem
from kruispunt.web import Component, Health, HealthReport, KeyRingFile, expiring

FRESH_S: Final = 1.0
LIMIT_S: Final = 2.0
REMEMBERED_S: Final = 10.0
"""A write that failed makes us DOWN for so long; then questions may find out whether it passed."""

DROPPED_S: Final = 3600.0
"""How long outcomes that were given up are told."""

UNSEALED_S: Final = 30.0
"""A checkpoint of this age means that nobody seals."""

PULSE: Final = Query(name="pulse", sql="select 1")
UP: Final = Component()


@dataclass(slots=True, kw_only=True)
class Pulse:
    """Feels a seat at most once a second, however often someone asks."""

    database: Database
    trail: Trail
    commit: Commit
    ring: KeyRingFile
    resting: Callable[[], Iterable[str]]
    published: Published
    state: Path
    watch: WatchSettings
    now: Callable[[], datetime]
    _found: HealthReport = field(default_factory=HealthReport)
    _until: float = 0.0
    _dropped: int = 0
    _dropped_until: float = 0.0
    _feeling: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def health(self) -> HealthReport:
        """DOWN where entries can't be written; DEGRADED where something will soon hurt."""
        async with self._feeling:
            time = asyncio.get_running_loop().time()
            if time >= self._until:
                self._found = HealthReport(components=await self._feel(time))
                self._until = asyncio.get_running_loop().time() + FRESH_S
            return self._found

    async def _feel(self, time: float) -> dict[str, Component]:
        database = await self._database()
        months = await self._months() if database is UP else UP
        sources = {f"source {name}": RESTING for name in self.resting()}
        return {
            "database": database,
            "trail": self._trail(),
            "outcomes": self._outcomes(time),
            "tree": self._tree(),
            "months": months,
            "keys": self._keys(),
            "disk": self._disk(),
            **sources,
        }

    async def _database(self) -> Component:
        try:
            async with asyncio.timeout(LIMIT_S):
                await self.database.fetch(PULSE)
        except (Problem, TimeoutError):
            return Component(status=Health.DOWN, why="the database does not answer")
        return UP

    def _trail(self) -> Component:
        if not self.commit.alive:
            return Component(status=Health.DOWN, why="the committer has stopped")
        failing_s = self.commit.failing_s
        if failing_s is not None and failing_s < REMEMBERED_S:
            return Component(status=Health.DOWN, why="entries can't be written")
        return UP

    def _outcomes(self, time: float) -> Component:
        if self.commit.dropped > self._dropped:
            self._dropped, self._dropped_until = self.commit.dropped, time + DROPPED_S
        if time < self._dropped_until:
            return _degraded(f"{self._dropped} outcomes were given up")
        if self.commit.riding_s > self.watch.outcome_s:
            return _degraded("outcomes wait too long to be written")
        return UP

    def _tree(self) -> Component:
        """The sealer signs every second, also when nothing comes."""
        signed_at = self.published.signed_at()
        if signed_at is None or self.now().timestamp() - signed_at > UNSEALED_S:
            return _degraded("entries are not sealed: the log of the sealer says why")
        return UP

    async def _months(self) -> Component:
        try:
            found = await self.trail.has_months(self.now())
        except Problem:
            return Component(status=Health.DOWN, why="the database does not answer")
        return UP if found else _degraded("partitions of this month or the next miss")

    def _keys(self) -> Component:
        """How many keys end soon; which ones, the log and the metrics say."""
        within = timedelta(days=self.watch.key_days)
        soon = expiring(self.ring.now(), self.now(), within=within)
        return _degraded(f"{len(soon)} keys end within {within.days} days") if soon else UP

    def _disk(self) -> Component:
        usage = shutil.disk_usage(self.state)
        free = 100 * usage.free / usage.total
        if free < self.watch.disk_percent:
            return _degraded(f"{free:.0f} % of the disk is free")
        return UP


RESTING: Final = Component(
    status=Health.DEGRADED, why="silent too often: it is left alone for a moment"
)


def _degraded(why: str) -> Component:
    return Component(status=Health.DEGRADED, why=why)
