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
from kruispunt.audit.change import CHANGES
from kruispunt.audit.published import Published
from kruispunt.postgres import Connection, Database, read_queries
from kruispunt.vocabulary import Expired
from kruispunt.web import Note, Signer, cosign, sign_note

EXPIRING: Final = read_queries(Path(__file__).with_name("retention.sql"))


class NotExpired(Exception):
    """Nothing was taken away. The message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What will be gone."""

    expired: Expired
    months: tuple[date, ...]
    decisions: int
    outcomes: int


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
            NotExpired: such months are to be kept, wait for their place, or are not published.
        """
        async with self.database.connected() as connection:
            latest = await self._latest(connection)
            before = latest if before is None else before
            if before.day != 1 or before > latest:
                raise NotExpired(
                    f"{self.keep_years} years are kept: expected a month up to {latest:%Y-%m}"
                )
            return await self._plan(connection, before)

    async def expire(self, plan: Plan, *, asked_by: str) -> None:
        """Do it: for ever, and for everyone.

        Raises:
            NotExpired: more was expired meanwhile.
            Unavailable: the database is away, or in use for too long: do the same again.
        """
        standing = self.published.expired()
        if standing is None or Expired.read(standing.text).before <= plan.expired.before:
            self.published.publish_expired(self._note(plan.expired))
        else:
            raise NotExpired("more than that is expired already")
        found = plan.expired
        async with self.database.transaction() as connection:
            await connection.execute(EXPIRING["lock_expiry"].sql)
            row = (found.before, self.now(), found.position, plan.decisions, plan.outcomes)
            await connection.execute(EXPIRING["add_expired"].sql, *row, asked_by)
            await connection.execute(EXPIRING["drop_months"].sql, found.before)
            await connection.execute(CHANGES["drop_changes"].sql, _midnight(found.before))
        await self.database.execute(EXPIRING["rewrite_keys"])

    async def _latest(self, connection: Connection) -> date:
        """The month before which nothing need be kept.

        The clock alone is not believed: one that is years ahead would take away everything.
        """
        ended: datetime | None = await connection.fetchval(EXPIRING["last_moment"].sql)
        month = month_of(self.now() if ended is None else min(ended, self.now()))
        return month.replace(year=month.year - self.keep_years)

    async def _plan(self, connection: Connection, before: date) -> Plan:
        begin = _midnight(before)
        if await connection.fetchval(EXPIRING["count_waiting"].sql, begin):
            raise NotExpired("entries of these months wait for their place in the tree")
        position: int = await connection.fetchval(EXPIRING["position_of"].sql, begin)
        checkpoint = self.published.checkpoint()
        if position > (0 if checkpoint is None else checkpoint.size):
            raise NotExpired("the tree of these months is not published")
        counted = await connection.fetch(EXPIRING["count_content"].sql, begin)
        months = await connection.fetch(EXPIRING["list_months"].sql, before)
        return Plan(
            expired=Expired(origin=self.origin, position=position, before=before),
            months=tuple(row["month"] for row in months),
            decisions=counted[0]["decisions"],
            outcomes=counted[0]["outcomes"],
        )

    def _note(self, expired: Expired) -> Note:
        key, at = self.signer.current(), int(self.now().timestamp())
        lines = (
            sign_note(expired.text, name=self.origin, key=key),
            cosign(expired.text, name=self.origin, key=key, at=at),
        )
        return Note(expired.text, lines)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
