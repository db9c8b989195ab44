"""One pool of connections to one database; it reconnects by itself."""

from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal, Self, cast

from asyncpg import Record

from kruispunt.postgres.driver import (
    CONNECT_S,
    DRIVER_ERRORS,
    Connection,
    Pool,
    connect,
    create_pool,
    told,
)
from kruispunt.postgres.query import Query

Records = Iterable[Sequence[object]] | AsyncIterable[Sequence[object]]
Form = Literal["records", "csv", "text", "binary"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """A database as rooms see it: named queries in, records out.

    Every method raises `Unavailable` where the database is away (connection lost or refused,
    starting, stopping, disk full, query longer than the time limit); asking again is safe for
    reads. Nothing else is caught.
    """

    dsn: str
    name: str
    timeout_s: float
    pool: Pool

    @classmethod
    async def open(
        cls, dsn: str, *, size: int = 4, name: str = "kruispunt", timeout_s: float = 30.0
    ) -> Self:
        """Connect. `timeout_s` bounds every statement but `copy`.

        Raises:
            Unavailable: the database is not there now.
        """
        pool = await create_pool(dsn, name=name, size=size, timeout_s=timeout_s)
        return cls(dsn=dsn, name=name, timeout_s=timeout_s, pool=pool)

    @property
    def connections(self) -> int:
        """Connections of the pool that stand."""
        return self.pool.get_size()

    @property
    def idle(self) -> int:
        """Connections of the pool that nobody uses now."""
        return self.pool.get_idle_size()

    async def fetch(self, query: Query, *args: object) -> list[Record]:
        """All rows of a query."""
        try:
            return await self.pool.fetch(query.sql, *args)
        except DRIVER_ERRORS as error:
            raise told(error) from error

    async def execute(self, query: Query, *args: object) -> None:
        """Run a query for its effect; durable when this returns."""
        try:
            await self.pool.fetch(query.sql, *args)
        except DRIVER_ERRORS as error:
            raise told(error) from error

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Connection]:
        """Several statements that stand or fall together, for the few who need that."""
        try:
            async with self.pool.acquire() as connection, connection.transaction():
                yield connection
        except DRIVER_ERRORS as error:
            raise told(error) from error

    async def copy(
        self,
        *,
        schema: str,
        table: str,
        columns: Sequence[str],
        source: Records | AsyncIterable[bytes],
        form: Form = "records",
    ) -> int:
        """COPY into a table and return how many rows went in, all or none.

        `form` "records": `source` gives rows; else it gives bytes in that form of COPY, in chunks
        that may end anywhere. There is no time limit.
        """
        async with self.connected() as connection:
            if form == "records":
                status = await connection.copy_records_to_table(
                    table,
                    schema_name=schema,
                    columns=columns,
                    records=cast("Records", source),
                )
            else:
                status = await connection.copy_to_table(
                    table,
                    schema_name=schema,
                    columns=columns,
                    source=cast("AsyncIterable[bytes]", source),
                    format=form,
                )
        return int(status.removeprefix("COPY "))

    @asynccontextmanager
    async def connected(self) -> AsyncGenerator[Connection]:
        """A connection of one's own, without a time limit, closed afterwards."""
        connection = await connect(self.dsn, name=self.name, timeout_s=None)
        try:
            yield connection
        except DRIVER_ERRORS as error:
            raise told(error) from error
        finally:
            await _leave(connection)

    async def close(self) -> None:
        """Wait for what is running and close every connection."""
        await self.pool.close()


async def _leave(connection: Connection) -> None:
    try:
        await connection.close(timeout=CONNECT_S)
    except DRIVER_ERRORS:
        connection.terminate()
