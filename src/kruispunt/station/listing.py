"""Everyone whom the institution's own tables list for a file that it sends unasked.

Nobody asked, so there is no entry yet under which to write a look down: whoever takes the file
writes one for each person in it.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final, cast

from asyncpg.exceptions import PostgresError

from kruispunt.postgres import Database
from kruispunt.station.columns import Offer, Sheet, WrongColumns, WrongGroup
from kruispunt.station.open import open_reader
from kruispunt.station.settings import StationFileWrong, StationSettings
from kruispunt.station.source import offered, sqlstate_of
from kruispunt.station.sql import listing
from kruispunt.vocabulary import FlowId, Period

PREFETCH: Final = 500
"""Rows that are held at a time."""


class ListingFailed(Exception):
    """The select fails on what stands in the tables; what it says names nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A select about everyone, described once."""

    sql: str
    offer: Offer
    database: Database

    async def rows(self, days: Period, fields: Sequence[str]) -> AsyncGenerator[Sheet]:
        """Each row with exactly these fields, all of them as the tables stood at the first.

        Raises:
            ListingFailed: the select fails, or a group of it is none.
            Unavailable: the tables can't be read, or no next row within the statement time-out.
        """
        try:
            async with self.database.transaction() as connection:
                run = partial(connection.cursor, self.sql, days.begin, days.end)
                async for record in run(prefetch=PREFETCH):
                    row = cast("Sequence[object]", record)
                    yield self.offer.sheets([row], fields)[0]
        except WrongGroup as wrong:
            raise ListingFailed(str(wrong)) from None
        except PostgresError as wrong:
            raise ListingFailed(f"the select failed: {sqlstate_of(wrong)}") from None


@asynccontextmanager
async def open_listing(
    settings: StationSettings, flow: FlowId, *, fields: Sequence[str] = ()
) -> AsyncGenerator[Listing]:
    """The select of a file, on a connection that can only read; it gives at least these fields.

    Raises:
        StationFileWrong: there is none, or it or the reader's role is not as it should be.
        Unavailable: the database is not there now.
    """
    where = f'{settings.file}: $.files."{flow}"'
    sql = settings.files.get(flow)
    if sql is None:
        raise StationFileWrong([f"{where}: expected a select, found none"])
    async with open_reader(settings, size=1) as reader:
        try:
            offer = await offered(sql, reader, as_run=partial(listing, sql))
        except WrongColumns as wrong:
            raise StationFileWrong([f"{where}.sql: {wrong}"]) from None
        missing = [fields[at] for at in offer.missing(fields)]
        if missing:
            raise StationFileWrong([f"{where}.sql: expected columns {', '.join(missing)}"])
        yield Listing(sql=listing(sql, offer.names), offer=offer, database=reader)
