"""The one clock and the one source of chance: everyone else is given them."""

import os
from datetime import UTC, datetime


def now() -> datetime:
    """This moment, aware of its zone."""
    return datetime.now(UTC)


def random_bytes(size: int) -> bytes:
    """Bytes that nobody can guess."""
    return os.urandom(size)
