"""Who writes down what changes in a directory, in the transaction that changes it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

from kruispunt.directory.change import Removal
from kruispunt.postgres import Connection
from kruispunt.vocabulary import DirectoryLine


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOfLines:
    """A file that was loaded: its SHA-256, lines that were taken, and lines left out."""

    digest: bytes
    lines: int
    skipped: int


Seen = DirectoryLine | Removal | FileOfLines
"""A line that was integrated, what was de-integrated, or a file of lines."""


class Witness(Protocol):
    """Writes changes down. Where it can't, it raises, and nothing has changed."""

    async def saw(self, connection: Connection, seen: Seen) -> None:
        """Called once for each change, with the open transaction, before that ends."""
        ...


Beside = Callable[[Connection], Awaitable[None]]
"""Writes what has to stand with a change, in its transaction."""


async def nothing(_connection: Connection) -> None:
    """Nothing has to stand beside."""


class Nobody:
    """Writes nothing down: for people who do not exist."""

    async def saw(self, connection: Connection, seen: Seen) -> None:
        """As `Witness.saw`."""


UNSEEN: Final = Nobody()
