"""Retention: what the law keeps no longer is gone for everyone, and a signed note says since when.

First the note, then rows and keys, in one transaction: cut off in between, the same again ends it.
Leaves, places and tiles stay, so every proof and receipt that someone holds stays true.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from kruispunt.audit.blinding import month_of
from kruispunt.audit.fault import Verified
from kruispunt.audit.published import Published
from kruispunt.postgres import Connection, Database, read_queries
from kruispunt.vocabulary import Expired
from kruispunt.web import Note, Signer, cosign, sign_note

EXPIRING: Final = read_queries(Path(__file__).with_name("retention.sql"))


class NotExpired(Exception):
    """Nothing was taken away. The message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What will be gone: all that was recorded in months before `before`."""

    before: date
    months: tuple[date, ...]
    decisions: int
    outcomes: int
    readings: int
    changes: int

    @property
    def rows(self) -> int:
        """How many rows that is."""
        return self.decisions + self.outcomes + self.readings + self.changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Ends the months of one trail whose time is over."""

    database: Database
    published: Published
    signer: Signer
    origin: str
    now: Callable[[], datetime]
    keep_years: int

    async def plan(self, before: date | None = None) -> Plan:
        """What would be gone: the months before that one, else all whose time is over.

        Raises:
            NotExpired: such months are to be kept, or wait for their place.
        """
        async with self.database.connected() as connection:
            latest = await self._latest(connection)
            before = latest if before is None else before
            if before.day != 1 or before > latest:
                raise NotExpired(
                    f"{self.keep_years} years are kept: expected a month up to {latest:%Y-%m}"
                )
            return await self._plan(connection, before)

    async def expire(self, plan: Plan, found: Verified, *, asked_by: str) -> None:
        """Do it: for ever, and for everyone. `found`: the trail, verified with an eye to it.

        Raises:
            NotExpired: the trail has faults, these months changed meanwhile, their tree is not
                published, or more was expired already.
            Unavailable: the database is away, or in use for too long: do the same again.
        """
        expired = self._expired(plan, found)
        standing = self.published.expired()
        if standing is not None and Expired.read(standing.text).before > plan.before:
            raise NotExpired("more than that is expired already")
        async with self.database.connected() as connection, connection.transaction():
            await connection.execute(EXPIRING["lock_expiry"].sql)
            if (await self._plan(connection, plan.before)).rows != plan.rows:
                raise NotExpired("entries of these months came meanwhile: do the same again")
            self.published.publish_expired(self._note(expired))
            row = (plan.before, self.now(), expired.position)
            counted = (plan.decisions, plan.outcomes, plan.readings, plan.changes)
            await connection.execute(EXPIRING["add_expired"].sql, *row, *counted, asked_by)
            await connection.execute(EXPIRING["drop_months"].sql, plan.before)
        await self.finish()

    async def finish(self) -> None:
        """Leave nothing of keys and rows behind in files, also of what was ended before.

        Raises:
            Unavailable: the database is away, or in use for too long: do the same again.
        """
        (row,) = await self.database.fetch(EXPIRING["count_unwritten"])
        if row["times"]:
            begun = self.now()
            async with self.database.connected() as connection:
                await connection.execute(EXPIRING["rewrite"].sql)
            await self.database.execute(EXPIRING["mark_rewritten"], begun)

    def _expired(self, plan: Plan, found: Verified) -> Expired:
        """What the note will say: counted and hashed from the rows that were verified."""
        if found.faulty:
            raise NotExpired(f"the trail has {found.faulty} faults: see `audit verify`")
        ending = found.ending
        if ending is None or (ending.before, ending.rows) != (plan.before, plan.rows):
            raise NotExpired("entries of these months came meanwhile: do the same again")
        if ending.position > found.size:
            raise NotExpired("the tree of these months is not published")
        return Expired(
            origin=self.origin,
            position=ending.position,
            before=plan.before,
            leaves=ending.leaves,
            digest=ending.digest,
        )

    async def _latest(self, connection: Connection) -> date:
        """The month before which nothing need be kept.

        The clock alone is not believed: one that is years ahead would take away everything.
        """
        ended: datetime | None = await connection.fetchval(EXPIRING["last_moment"].sql)
        month = month_of(self.now() if ended is None else min(ended, self.now()))
        return month.replace(year=month.year - self.keep_years)

    async def _plan(self, connection: Connection, before: date) -> Plan:
        begin = datetime(before.year, before.month, 1, tzinfo=UTC)
        if await connection.fetchval(EXPIRING["count_waiting"].sql, begin):
            raise NotExpired("entries of these months wait for their place in the tree")
        counted = await connection.fetch(EXPIRING["count_content"].sql, begin)
        months = await connection.fetch(EXPIRING["list_months"].sql, before)
        return Plan(
            before=before,
            months=tuple(row["month"] for row in months),
            decisions=counted[0]["decisions"],
            outcomes=counted[0]["outcomes"],
            readings=counted[0]["readings"],
            changes=counted[0]["changes"],
        )

    def _note(self, expired: Expired) -> Note:
        key, at = self.signer.current(), int(self.now().timestamp())
        lines = (
            sign_note(expired.text, name=self.origin, key=key),
            cosign(expired.text, name=self.origin, key=key, at=at),
        )
        return Note(expired.text, lines)
