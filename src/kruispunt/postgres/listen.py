"""Hearing what other connections notify, on one connection for a whole process."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import structlog

from kruispunt.postgres.commit import Address
from kruispunt.postgres.driver import DRIVER_ERRORS, connect
from kruispunt.vocabulary import Unavailable

LOG: Final = structlog.get_logger(__name__)
AGAIN_S: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Listens on one channel. `hear` is called with what is said there, in the event loop.

    What is said while the connection is away is not heard: once it is back, `missed` is called.
    So whoever waits looks again by itself too, now and then.
    """

    database: Address
    channel: str
    hear: Callable[[str], None]
    missed: Callable[[], None]
    _gone: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator[None]:
        """Listen while this is open."""
        task = asyncio.create_task(self._listen(), name=f"listen {self.channel}")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def _listen(self) -> None:
        while True:
            try:
                await self._once()
            except (Unavailable, *DRIVER_ERRORS) as away:
                LOG.warning("listen.away", channel=self.channel, why=type(away).__name__)
            await asyncio.sleep(AGAIN_S)

    async def _once(self) -> None:
        """Listen until the connection is gone."""
        name = f"{self.database.name} listen"
        connection = await connect(self.database.dsn, name=name, timeout_s=10.0)
        try:
            self._gone.clear()
            connection.add_termination_listener(lambda _: self._gone.set())
            await connection.add_listener(
                self.channel, lambda _connection, _process, _channel, said: self.hear(said)
            )
            self.missed()
            await self._gone.wait()
        finally:
            connection.terminate()
