"""Tickets: random and time-ordered, so that they index well and can't be guessed."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID


def new_ticket(now: datetime, random_bytes: Callable[[int], bytes]) -> UUID:
    """A UUID version 7 (RFC 9562): milliseconds since 1970, then 74 random bits."""
    milliseconds = int(now.timestamp() * 1000)
    tail = int.from_bytes(random_bytes(10))
    version_and_a = 0x7000 | (tail >> 68) & 0xFFF
    variant_and_b = 0x8000000000000000 | tail & 0x3FFFFFFFFFFFFFFF
    return UUID(int=milliseconds << 80 | version_and_a << 64 | variant_and_b)
