"""Following cases: who waits for what happens next in one is told when it happens."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from uuid import UUID

from kruispunt.postgres import Database, Listener

CHANNEL = "circuits"


class Followers:
    """Those who follow cases in one process.

    `heard` is told of every case that any process on the database changed, ours too, and
    `missed` when some may not have been heard.
    """

    def __init__(self) -> None:
        self._bells: defaultdict[UUID, set[asyncio.Event]] = defaultdict(set)
        self.heard: Callable[[UUID], None] = _nobody
        self.missed: Callable[[], None] = _nothing

    @contextmanager
    def joined(self, case: UUID) -> Generator[asyncio.Event]:
        """A bell that rings whenever something happened in this case, while this is open."""
        bell = asyncio.Event()
        self._bells[case].add(bell)
        try:
            yield bell
        finally:
            bells = self._bells[case]
            bells.discard(bell)
            if not bells:
                del self._bells[case]

    def ring(self, case: UUID) -> None:
        """Something happened in this case."""
        for bell in self._bells.get(case, ()):
            bell.set()

    def ring_all(self) -> None:
        """Something may have happened in any."""
        for bells in self._bells.values():
            for bell in bells:
                bell.set()

    @asynccontextmanager
    async def listening(self, database: Database) -> AsyncGenerator[None]:
        """Hear, while this is open, what other processes on this database do."""
        listener = Listener(database=database, channel=CHANNEL, hear=self._hear, missed=self._miss)
        async with listener.listening():
            yield

    def _hear(self, said: str) -> None:
        case = UUID(said)
        self.ring(case)
        self.heard(case)

    def _miss(self) -> None:
        self.ring_all()
        self.missed()


def _nobody(_case: UUID) -> None:
    """Nobody asked to be told."""


def _nothing() -> None:
    """Nobody asked to be told."""
