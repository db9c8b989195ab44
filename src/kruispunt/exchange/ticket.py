"""Tickets: random and time-ordered, so that they index well and can't be guessed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND: Final = timedelta(milliseconds=1)


def new_ticket(now: datetime, random_bytes: Callable[[int], bytes]) -> UUID:
    """A UUID version 7 (RFC 9562): milliseconds since 1970, then 74 random bits."""
    milliseconds = (now - EPOCH) // MILLISECOND  # whole numbers: a float would lose some
    tail = int.from_bytes(random_bytes(10))
    version_and_a = 0x7000 | (tail >> 68) & 0xFFF
    variant_and_b = 0x8000000000000000 | tail & 0x3FFFFFFFFFFFFFFF
    return UUID(int=milliseconds << 80 | version_and_a << 64 | variant_and_b)
