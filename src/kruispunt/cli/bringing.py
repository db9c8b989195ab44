"""What a seat needs so that lines come into its directory and leave it by message."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from kruispunt.audit import Trail
from kruispunt.exchange import Above, Hub, Integration, SeatFiles


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
