"""The institution's own tables behind one flow: concurrent questions become one query."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Final, Protocol, cast

import structlog
from asyncpg.exceptions import (
    DataError,
    FeatureNotSupportedError,
    PostgresError,
    SyntaxOrAccessError,
)

from kruispunt.client import LookFault
from kruispunt.postgres import Coalesced, Database, Query
from kruispunt.station.columns import Column, Offer, WrongColumns
from kruispunt.station.settings import Asked
from kruispunt.station.sql import describing, wrapped
from kruispunt.vocabulary import FlowId, Period, Ssin

NOBODY: Final = "00000000000"
"""A number that is never issued: asking about it really reads the tables and tells nothing."""

SOMETIME: Final = Period(date(2000, 1, 1), date(2000, 1, 2))

Found = tuple[Sequence[object], ...]

_log: Final = structlog.stdlib.get_logger(__name__)

WRONG_SELECT: Final = (SyntaxOrAccessError, FeatureNotSupportedError, DataError)


@dataclass(frozen=True, slots=True)
class Key:
    """What one look puts into the select: number, begin, and end exclusive or None."""

    ssin: str
    begin: date
    end: date | None

    @classmethod
    def of(cls, ssin: Ssin | None, about: Period) -> "Key":
        """The key of a person, or of nobody: the select runs for both."""
        return cls(NOBODY if ssin is None else ssin.digits, about.begin, about.end)


class Source:
    """One flow's select, described once and then run for many people at a time."""

    def __init__(self, *, asked: Asked, offer: Offer, database: Database) -> None:
        self.asked = asked
        self.offer = offer
        self._database = database
        sql = wrapped(asked.sql, offer.names, max_rows=asked.max_rows)
        self._query = Query(name=f"station {asked.flow}", sql=sql)
        self._lookup: Coalesced[tuple[Key, ...], tuple[Found | LookFault, ...]] = Coalesced(
            one=self._one, many=self._many
        )

    @property
    def flow(self) -> FlowId:
        return self.asked.flow

    async def rows(self, keys: Sequence[Key]) -> tuple[Found | LookFault, ...]:
        """All rows of each key, in the order and with the columns of the select, or its fault.

        Raises:
            Unavailable: the tables can't be read, or not within the statement time-out.
        """
        return await self._lookup.get(tuple(keys))

    async def touch(self) -> None:
        """Run the select about nobody.

        Raises:
            Unavailable: the tables can't be read.
        """
        await self._read([Key(NOBODY, SOMETIME.begin, SOMETIME.end)])

    async def _one(self, keys: Sequence[Key]) -> tuple[Found | LookFault, ...]:
        try:
            return tuple(self._checked(found) for found in await self._read(keys))
        except PostgresError as wrong:
            if len(keys) == 1:
                # Only the code: the text could quote the row.
                _log.warning("station.select_failed", flow=self.flow, sqlstate=sqlstate_of(wrong))
                return (LookFault.SELECT_FAILED,)
        # One person's odd row must not silence the others who are asked about at the same moment.
        return tuple([(await self._one((key,)))[0] for key in keys])

    async def _many(
        self, requests: Sequence[tuple[Key, ...]]
    ) -> Sequence[tuple[Found | LookFault, ...]]:
        """What several requests ask at once, as one query."""
        found = iter(await self._one([key for keys in requests for key in keys]))
        return [tuple(islice(found, len(keys))) for keys in requests]

    def _checked(self, found: Found) -> Found | LookFault:
        return LookFault.TOO_MANY_ROWS if len(found) > self.asked.max_rows else found

    async def _read(self, keys: Sequence[Key]) -> Sequence[Found]:
        records = await self._database.fetch(
            self._query,
            [key.ssin for key in keys],
            [key.begin for key in keys],
            [key.end for key in keys],
        )
        found: list[list[Sequence[object]]] = [[] for _ in keys]
        place = len(self.offer.names)
        for record in cast("list[Sequence[object]]", records):
            found[cast("int", record[place]) - 1].append(record)
        return [tuple(rows) for rows in found]


def sqlstate_of(error: PostgresError) -> str:
    """What kind of failure it is; the text could quote a row."""
    return cast("str | None", getattr(error, "sqlstate", None)) or ""


class _Type(Protocol):
    @property
    def name(self) -> str: ...


class _Attribute(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def type(self) -> _Type: ...


class _Described(Protocol):
    def get_attributes(self) -> Sequence[_Attribute]: ...


async def describe(asked: Asked, database: Database) -> Offer:
    """Ask PostgreSQL what the select gives and whether it stands as we will run it. Runs nothing.

    Raises:
        WrongColumns: the select does not stand, or has columns that can't be given.
        Unavailable: the database can't be reached.
    """
    return await offered(
        asked.sql,
        database,
        as_run=lambda names: wrapped(asked.sql, names, max_rows=asked.max_rows),
    )


async def offered(
    sql: str, database: Database, *, as_run: Callable[[Sequence[str]], str]
) -> Offer:
    """What a select gives, and whether it stands as it will be run with its columns.

    Raises:
        WrongColumns: it does not stand, or has columns that can't be given.
        Unavailable: the database can't be reached.
    """
    async with database.transaction() as connection:
        try:
            described = cast("_Described", await connection.prepare(describing(sql)))
            columns = described.get_attributes()
            offer = Offer([Column(name=each.name, type=each.type.name) for each in columns])
            await connection.prepare(as_run(offer.names))
        except WRONG_SELECT as wrong:
            raise WrongColumns(str(wrong)) from None
    return offer
