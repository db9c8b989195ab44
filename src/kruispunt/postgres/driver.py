"""The part of the driver that rooms may use, typed: asyncpg itself has no types."""

from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from types import MappingProxyType
from typing import Any, Final, Protocol, cast

import asyncpg
from asyncpg import Record

from kruispunt.vocabulary import Unavailable

APPLICATION: Final = "application_name"
CONNECT_S: Final = 10.0
AWAY: Final = ("08", "53", "57")
"""SQLSTATE classes: connection; resources such as disk; intervention such as starting up."""

AGAIN: Final = "40"
"""SQLSTATE class: rolled back for the sake of another transaction; the same again may succeed."""

SETTINGS: Final[Mapping[str, str]] = MappingProxyType(
    {"synchronous_commit": "on", "timezone": "UTC"}
)
"""Those of every connection: commits are durable whatever the role's defaults say."""

NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
BY_KEY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "plan_cache_mode": "force_generic_plan",
        "enable_seqscan": "off",
        "enable_hashjoin": "off",
        "enable_mergejoin": "off",
    }
)
"""Settings of a connection that only adds rows and finds few, each by its key.

Planned once. A plan made while a table was empty would else read all of it for each statement
until the server has counted its rows, when there may be many.
"""


class Prepared(Protocol):
    """A statement that the server has parsed and planned."""

    async def fetch(self, *args: object) -> list[Record]: ...


class Connection(Protocol):
    """One connection, as `Database.transaction` lends it."""

    async def execute(self, query: str, *args: object) -> str: ...

    async def executemany(self, command: str, args: Iterable[Sequence[object]]) -> None: ...

    async def fetch(self, query: str, *args: object) -> list[Record]: ...

    async def fetchrow(self, query: str, *args: object) -> Record | None: ...

    async def fetchval(self, query: str, *args: object) -> Any: ...

    async def prepare(self, query: str) -> Prepared: ...

    def cursor(self, query: str, *args: object, prefetch: int) -> AsyncIterable[Record]: ...

    async def copy_records_to_table(
        self,
        table_name: str,
        *,
        records: Iterable[Sequence[object]] | AsyncIterable[Sequence[object]],
        columns: Sequence[str],
        schema_name: str,
    ) -> str: ...

    async def copy_to_table(
        self,
        table_name: str,
        *,
        source: AsyncIterable[bytes],
        columns: Sequence[str],
        schema_name: str,
        format: str,  # noqa: A002 as the driver has it
        freeze: bool = False,
    ) -> str: ...

    async def add_listener(
        self, channel: str, callback: Callable[[object, int, str, str], None]
    ) -> None: ...

    def add_termination_listener(self, callback: Callable[[object], None]) -> None: ...

    def transaction(self) -> AbstractAsyncContextManager[None]: ...

    def is_closed(self) -> bool: ...

    def terminate(self) -> None: ...

    async def close(self, *, timeout: float | None = None) -> None: ...  # noqa: ASYNC109 as the driver has it


class Pool(Protocol):
    """A pool of connections."""

    async def fetch(self, query: str, *args: object) -> list[Record]: ...

    async def execute(self, query: str, *args: object) -> str: ...

    def acquire(self) -> AbstractAsyncContextManager[Connection]: ...

    def get_size(self) -> int: ...

    def get_idle_size(self) -> int: ...

    async def close(self) -> None: ...

    def terminate(self) -> None: ...


async def connect(
    dsn: str, *, name: str, timeout_s: float | None, settings: Mapping[str, str] = NOTHING
) -> Connection:
    """A connection of one's own; its commits are durable whatever the role's defaults say.

    `timeout_s` bounds every statement; None: a statement may take as long as it needs. `settings`
    are those of the server, for this connection.

    Raises:
        Unavailable: the database is not there now.
    """
    opening = cast("Callable[..., Awaitable[Connection]]", asyncpg.connect)  # pyright: ignore[reportUnknownMemberType] untyped
    try:
        return await opening(
            dsn,
            command_timeout=timeout_s,
            timeout=timeout_s or CONNECT_S,
            server_settings={APPLICATION: name, **SETTINGS, **settings},
        )
    except DRIVER_ERRORS as error:
        raise told(error) from error


async def create_pool(dsn: str, *, name: str, size: int, timeout_s: float) -> Pool:
    """A pool whose connections are opened when needed and keep no state of their borrowers.

    Raises:
        Unavailable: the database is not there now.
    """
    opening = cast("Callable[..., Awaitable[Pool]]", asyncpg.create_pool)  # pyright: ignore[reportUnknownMemberType] untyped
    try:
        return await opening(
            dsn,
            min_size=1,
            max_size=size,
            command_timeout=timeout_s,
            timeout=timeout_s,
            server_settings={APPLICATION: name, **SETTINGS},
            reset=_leave_as_it_is,
        )
    except DRIVER_ERRORS as error:
        raise told(error) from error


async def _leave_as_it_is(_connection: Connection) -> None:
    """Rooms set no session state: a reset of each borrowed connection would cost a round trip."""


DRIVER_ERRORS: Final = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""All that a statement can raise: `told` says which of them mean that the database is away."""


def is_away(error: BaseException) -> bool:
    """True where the database, the connection to it or its disk is gone, perhaps not for long."""
    if isinstance(error, asyncpg.PostgresError):
        return _sqlstate(error).startswith(AWAY)
    if isinstance(error, asyncpg.InterfaceError):
        return "clos" in str(error)  # connection or pool closed or closing; else our own mistake
    return isinstance(error, OSError | asyncpg.InternalClientError)


def may_succeed_again(error: BaseException) -> bool:
    """True for a deadlock, or a plan that a migration made stale: do the same again."""
    if isinstance(error, asyncpg.InvalidCachedStatementError):
        return True
    return isinstance(error, asyncpg.PostgresError) and _sqlstate(error).startswith(AGAIN)


def told(error: Exception) -> Exception:
    """The error that rooms see: `Unavailable` where the database is away, else itself."""
    if is_away(error):
        return Unavailable("the database is not there now", retry_after_s=1)
    return error


def _sqlstate(error: asyncpg.PostgresError) -> str:
    return str(getattr(error, "sqlstate", ""))
