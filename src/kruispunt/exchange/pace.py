"""Pace: an empty answer for which nobody was asked comes as late as one for which somebody was."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from kruispunt.vocabulary import FlowId

KEPT: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long the suppliers of each flow took of late, as this process saw it.

    Each wait is as long as another of those times, in turn. Until a supplier of the flow has
    answered once, there is nothing to go by and nothing is waited for.
    """

    clock: Callable[[], float] = monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    taken: dict[FlowId, deque[float]] = field(default_factory=dict[FlowId, deque[float]])

    def learn(self, flow: FlowId, *, since: float) -> None:
        """A supplier of this flow has just answered what was asked at `since`."""
        self.taken.setdefault(flow, deque(maxlen=KEPT)).append(self.clock() - since)

    async def wait(self, flow: FlowId) -> None:
        """Let as much time pass as a supplier of this flow would have taken."""
        taken = self.taken.get(flow)
        if taken:
            await self.sleep(taken[0])
            taken.rotate(-1)
