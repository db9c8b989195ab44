"""Which one-time files were sent, in memory: the twin for tests of the post."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast
from uuid import UUID

from kruispunt.exchange.spent import ADD_BATCH, SPEND, Passed, Spending
from kruispunt.postgres import Write
from kruispunt.vocabulary import FlowId

Place = tuple[FlowId, str]


@dataclass(frozen=True, slots=True)
class MemorySpent:
    """The twin of `PostgresSpent`. Rows are the values themselves."""

    sent: dict[Place, Spending] = field(default_factory=dict[Place, Spending])
    batches: list[Passed] = field(default_factory=list[Passed])

    def spend(self, spending: Spending, *, mail: UUID, now: datetime) -> Write:  # noqa: ARG002 - the port's
        """As `PostgresSpent.spend`."""
        return Write(SPEND, (spending,))

    def add(self, passed: Passed) -> Write:
        """As `PostgresSpent.add`."""
        return Write(ADD_BATCH, (passed,))

    async def find(self, spending: Spending) -> UUID | None:
        """As `PostgresSpent.find`."""
        found = self.sent.get((spending.flow, spending.sender))
        return None if found is None else found.file

    def claim(self, write: Write) -> bool:
        """True where this is the file that was sent, or the first."""
        spending = cast("Spending", write.row[0])
        return self.sent.setdefault((spending.flow, spending.sender), spending) == spending

    def write(self, writes: Sequence[Write]) -> None:
        """Keep what is of this room and no claim."""
        self.batches.extend(
            cast("Passed", one.row[0]) for one in writes if one.statement is ADD_BATCH
        )
