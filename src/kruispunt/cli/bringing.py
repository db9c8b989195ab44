"""What a seat needs so that lines come into its directory and leave it by message."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final, Protocol

from kruispunt.audit import Trail
from kruispunt.cli.lasting import now_and_then
from kruispunt.exchange import Above, Hub, Integration, Owing, SeatFiles

EVERY_S: Final = 5.0


class Seat(Protocol):
    """The clock and the dice of a seat."""

    @property
    def now(self) -> Callable[[], datetime]: ...

    @property
    def random_bytes(self) -> Callable[[int], bytes]: ...


def bringing(seat: Seat, hub: Hub, trail: Trail, above: Above | None) -> Integration:
    """Who brings lines, with the rooms of this seat; `above`: the hub above a node."""
    files = SeatFiles(
        database=trail.reader.database, trail=trail, now=seat.now, random_bytes=seat.random_bytes
    )
    return Integration(
        identity=hub.identity,
        directory=hub.directory,
        laws=hub.laws,
        ledger=hub.ledger,
        files=files,
        above=above,
    )


@asynccontextmanager
async def catching_up(seat: Seat, lines: Integration, trail: Trail) -> AsyncGenerator[None]:
    """Bring to the hub above a node what it did not hear, now and then, while the seat is open."""
    if lines.above is None:
        yield
        return
    owing = Owing(laws=lines.laws, trail=trail, files=lines.files, above=lines.above)

    async def once() -> None:
        await owing.sweep(seat.now())

    task = asyncio.create_task(
        now_and_then(once, every_s=EVERY_S, failed="lines.sweep_failed"), name="owed lines"
    )
    try:
        yield
    finally:
        task.cancel()
