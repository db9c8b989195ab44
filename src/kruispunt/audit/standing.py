"""Every row of the trail in the order of its id, as all of them stood at one moment."""

from bisect import bisect_right
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Final
from uuid import UUID

from asyncpg import Record

from kruispunt.audit.sealer import SEALING
from kruispunt.postgres import Connection, Database

PAGE: Final = 4_096
LAST: Final = UUID(int=(1 << 128) - 1)

_IDS: Final = {"decisions": "id", "outcomes": "entry", "readings": "id", "changes": "id"}


@asynccontextmanager
async def one_moment(database: Database) -> AsyncGenerator[Connection]:
    """A connection that reads the database as it stood when this began, and can't write."""
    async with database.connected() as connection:
        await connection.execute("begin isolation level repeatable read, read only")
        yield connection
        await connection.execute("rollback")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Rows of the four kinds with ids up to `upto`, each kind in order of id and time.

    INVARIANT: a later page holds no id up to `upto`, unless two decisions have it.
    """

    decisions: list[Record]
    outcomes: list[Record]
    readings: list[Record]
    changes: list[Record]
    upto: UUID

    @property
    def all(self) -> list[Record]:
        """The rows of every kind."""
        return [*self.decisions, *self.outcomes, *self.readings, *self.changes]


async def standing(connection: Connection, *, page: int = PAGE) -> AsyncGenerator[Standing]:
    """All rows, a page of decisions at a time with all else beside them.

    Read by cursors: no id is the first, and all rows of one id are read.
    """
    await connection.fetch(SEALING["in_order"].sql)
    kinds = tuple(_IDS)
    for kind in kinds:
        await connection.execute(SEALING[f"all_{kind}"].sql)
    decisions, outcomes, readings, changes = (_Rows(connection, kind, page) for kind in kinds)
    while not decisions.ended:
        rows = await decisions.page()
        upto = LAST if decisions.ended else rows[-1]["id"]
        yield Standing(
            decisions=rows,
            outcomes=await outcomes.upto(upto),
            readings=await readings.upto(upto),
            changes=await changes.upto(upto),
            upto=upto,
        )


@dataclass(slots=True)
class _Rows:
    """The rows of one table, in order, as they are asked for."""

    connection: Connection
    cursor: str
    size: int
    ahead: list[Record] = field(default_factory=list[Record])
    ended: bool = False

    async def page(self) -> list[Record]:
        """The next rows; `ended` where there are no more."""
        rows = await self.connection.fetch(f"fetch forward {self.size} from {self.cursor}")
        self.ended = len(rows) < self.size
        return rows

    async def upto(self, last: UUID) -> list[Record]:
        """The next rows up to and with that id."""
        ahead, name = self.ahead, _IDS[self.cursor]
        while not self.ended and (not ahead or ahead[-1][name] <= last):
            ahead += await self.page()
        cut = bisect_right(ahead, last, key=itemgetter(name))
        self.ahead = ahead[cut:]
        return ahead[:cut]
