"""The steady load: questions of every kind, whatever happens meanwhile.

Most come one after the other; every few seconds many at once, so that their looks travel together,
or a set under one signature.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from storm.ask import Asker, Sent, Wishes
from storm.ask_many import SentMany, new_many, send_many
from storm.kept import ANSWERED, REFUSED

MIX: Final = (
    ("data",) * 5 + ("directory",) * 3 + ("empty",) * 2 + ("refused",) * 2 + ("other",) * 2
)
REPEATED: Final = 0.06
"""So many questions are asked again, as the same message under a new signature."""

MOST: Final = 600
"""More than this are never under way: then we wait."""

REMEMBERED: Final = 400

TOGETHER: Final = 50
"""So many are asked at once."""

SET: Final = 40
"""So many stand in a set."""

GUST_S: Final = 3.0
"""Between many at once and the next set, and the other way round."""


@dataclass(slots=True, kw_only=True)
class Load:
    """Asks `per_second` questions for as long as it runs."""

    asker: Asker
    wishes: Wishes
    per_second: float
    answered: deque[Sent] = field(default_factory=lambda: deque[Sent](maxlen=REMEMBERED))
    """The latest that were answered or refused: they can be replayed."""

    sets: deque[SentMany] = field(default_factory=lambda: deque[SentMany](maxlen=10))
    """The latest sets of which something was answered or refused."""

    under_way: set["asyncio.Task[None]"] = field(default_factory=set["asyncio.Task[None]"])
    travels: float = 0.0
    """Share of the questions signed by the clock that is off, while one is."""

    async def run(self) -> None:
        """Until cancelled."""
        gusts = asyncio.create_task(self._gusts())
        due = monotonic()
        try:
            while True:
                due = max(due + 1 / self.per_second, monotonic() - 1)
                await asyncio.sleep(max(0.0, due - monotonic()))
                self._begin(self._one)
        finally:
            gusts.cancel()

    async def _gusts(self) -> None:
        while True:
            for gust in (self._burst, self._set):
                await asyncio.sleep(GUST_S)
                self._begin(gust)

    def _begin(self, ask: Callable[[], Coroutine[None, None, None]]) -> None:
        if len(self.under_way) < MOST:
            task = asyncio.create_task(ask())
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
        off_s = self._clock()
        if self.answered and chance.random() < REPEATED:
            old = chance.choice([*self.answered, *(s for m in self.sets for s in m.questions)])
            sent = self.asker.new(old.wish, message=old.kept.message, off_s=off_s, kind="repeated")
        else:
            sent = self.asker.new(self.wishes.one(chance.choice(MIX)), off_s=off_s)
        await self._send(sent, off_s)

    async def _send(self, sent: Sent, off_s: int | None) -> None:
        await self.asker.send(sent)
        if _is_told(sent) and off_s == 0:
            self.answered.append(sent)

    async def _burst(self) -> None:
        """Many at once, for one flow at one seat."""
        off_s = self._clock()
        wishes = self.wishes.alike(TOGETHER, one_consumer=False)
        sents = [self.asker.new(wish, off_s=off_s) for wish in wishes]
        await asyncio.gather(*(self._send(sent, off_s) for sent in sents))

    async def _set(self) -> None:
        """Many under one signature."""
        off_s = self._clock()
        many = new_many(self.asker, self.wishes.alike(SET, one_consumer=True), off_s=off_s)
        await send_many(self.asker, many)
        if any(map(_is_told, many.questions)) and off_s == 0:
            self.sets.append(many)

    def _clock(self) -> int | None:
        """By which clock is signed: 0, the right one; None, the one that is off."""
        return None if self.wishes.chance.random() < self.travels else 0


def _is_told(sent: Sent) -> bool:
    return sent.kept.status in (ANSWERED, REFUSED)
