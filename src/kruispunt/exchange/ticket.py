"""Tickets: random and time-ordered, so that they index well and can't be guessed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND: Final = timedelta(milliseconds=1)
RANDOM: Final = 10
"""Bytes of chance for one ticket: 74 bits of them."""


def new_ticket(now: datetime, random_bytes: Callable[[int], bytes]) -> UUID:
    """A UUID version 7 (RFC 9562): milliseconds since 1970, then 74 random bits."""
    return UUID(int=_ticket(_head(now), random_bytes(RANDOM)))


def new_tickets(now: datetime, random_bytes: Callable[[int], bytes], count: int) -> list[UUID]:
    """So many tickets of one moment, in their order: so each goes to the end of its index."""
    head, chance = _head(now), random_bytes(RANDOM * count)
    places = range(0, RANDOM * count, RANDOM)
    tickets = sorted([_ticket(head, chance[place : place + RANDOM]) for place in places])
    return [UUID(int=ticket) for ticket in tickets]


def _head(now: datetime) -> int:
    milliseconds = (now - EPOCH) // MILLISECOND  # whole numbers: a float would lose some
    return milliseconds << 80


def _ticket(head: int, chance: bytes) -> int:
    tail = int.from_bytes(chance)
    version_and_a = 0x7000 | (tail >> 68) & 0xFFF
    variant_and_b = 0x8000000000000000 | tail & 0x3FFFFFFFFFFFFFFF
    return head | version_and_a << 64 | variant_and_b
