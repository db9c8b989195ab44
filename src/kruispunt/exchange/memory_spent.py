"""Which one-time files were sent, in memory: the twin for tests of the post."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast
from uuid import UUID

from kruispunt.exchange.spent import ADD_BATCH, SPEND, Came, Passed, Spending
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

    async def came(self, mail: UUID) -> Came | None:
        """As `PostgresSpent.came`."""
        found = (one for one in self.batches if one.mail == mail)
        return next((Came(sender=one.sender, digest=one.digest) for one in found), None)

    async def count(self, spending: Spending) -> int:
        """As `PostgresSpent.count`."""
        return self._count(spending.flow, spending.sender)

    def _count(self, flow: FlowId, sender: str) -> int:
        return sum((one.flow, one.sender) == (flow, sender) for one in self.batches)

    def claim(self, write: Write) -> bool:
        """True where this is the file that was sent, or the first; and a batch that is wanted."""
        if write.statement is ADD_BATCH:
            passed = cast("Passed", write.row[0])
            came = self._count(passed.flow, passed.sender)
            is_new = all(one.mail != passed.mail for one in self.batches)
            return is_new and (not passed.batches or came < passed.batches)
        spending = cast("Spending", write.row[0])
        return self.sent.setdefault((spending.flow, spending.sender), spending) == spending

    def write(self, writes: Sequence[Write]) -> None:
        """Keep what is of this room and no claim."""
        self.batches.extend(
            cast("Passed", one.row[0]) for one in writes if one.statement is ADD_BATCH
        )
