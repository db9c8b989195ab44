"""The steady load: questions of every kind, one after the other, whatever happens meanwhile."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from storm.ask import Asker, Sent, Wishes
from storm.kept import ANSWERED, REFUSED

MIX: Final = (
    ("data",) * 5 + ("directory",) * 3 + ("empty",) * 2 + ("refused",) * 2 + ("other",) * 2
)
REPEATED: Final = 0.06
"""So many questions are asked again, as the same message under a new signature."""

MOST: Final = 600
"""More than this are never under way: then we wait."""

REMEMBERED: Final = 400


@dataclass(slots=True, kw_only=True)
class Load:
    """Asks `per_second` questions for as long as it runs."""

    asker: Asker
    wishes: Wishes
    per_second: float
    answered: deque[Sent] = field(default_factory=lambda: deque[Sent](maxlen=REMEMBERED))
    """The latest that were answered or refused: they can be replayed."""

    under_way: set["asyncio.Task[None]"] = field(default_factory=set["asyncio.Task[None]"])
    travels: float = 0.0
    """Share of the questions signed by the clock that is off, while one is."""

    async def run(self) -> None:
        """Until cancelled."""
        due = monotonic()
        while True:
            due = max(due + 1 / self.per_second, monotonic() - 1)
            await asyncio.sleep(max(0.0, due - monotonic()))
            if len(self.under_way) < MOST:
                task = asyncio.create_task(self._one())
                self.under_way.add(task)
                task.add_done_callback(self.under_way.discard)

    async def settle(self) -> None:
        """Wait for what is under way."""
        if self.under_way:
            await asyncio.wait(set(self.under_way), timeout=30)

    async def settle_briefly(self) -> None:
        """Wait a moment for what is under way, and no longer."""
        if self.under_way:
            await asyncio.wait(set(self.under_way), timeout=3)

    async def _one(self) -> None:
        chance = self.wishes.chance
        traveller = chance.random() < self.travels
        off_s = None if traveller else 0
        if self.answered and chance.random() < REPEATED:
            old = chance.choice(self.answered)
            sent = self.asker.new(old.wish, message=old.kept.message, off_s=off_s, kind="repeated")
        else:
            sent = self.asker.new(self.wishes.one(chance.choice(MIX)), off_s=off_s)
        await self.asker.send(sent)
        if sent.kept.status in (ANSWERED, REFUSED) and not traveller:
            self.answered.append(sent)
