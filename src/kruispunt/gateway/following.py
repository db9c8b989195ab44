"""Following a case: its steps as server-sent events, each signed, from where a follower left."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import msgspec

from kruispunt.circuits import Happened, Telling
from kruispunt.gateway.case_body import step_body
from kruispunt.gateway.places import Place

HEARTBEAT_S: Final = 15.0
LIFE_S: Final = 3600.0
"""After so long a follower is let go, and comes back with a new signature."""

HEARTBEAT: Final = b": still here\n\n"
RETRY: Final = b"retry: 2000\n\n"
"""How long who lost the connection waits before it comes back, in milliseconds."""

_encode: Final = msgspec.json.Encoder().encode

Prove = Callable[[bytes], str]
"""Signs a part for this follower."""


@dataclass(slots=True, kw_only=True)
class Following:
    """What one follower is sent; the parts of one reply.

    INVARIANT: the case is told from its first event on, whatever the follower has: what a step
    answers stands in those before it. Steps up to `after` are told to nobody.
    """

    events: AsyncGenerator[Happened]
    telling: Telling
    after: int
    prove: Prove
    place: Place
    until: float
    """Moment of the loop's clock after which no more is said."""

    _coming: asyncio.Task[Happened | None] | None = None
    _is_over: bool = False

    @classmethod
    def of(
        cls,
        case: UUID,
        events: AsyncGenerator[Happened],
        *,
        after: int,
        prove: Prove,
        place: Place,
    ) -> "Following":
        """Follow a case after its event with this number."""
        until = asyncio.get_running_loop().time() + LIFE_S
        telling = Telling.of(case)
        return cls(
            events=events, telling=telling, after=after, prove=prove, place=place, until=until
        )

    async def next(self) -> bytes | None:
        """The next step; a comment where none came for a while; None after the last."""
        while not self._is_over:
            if self._coming is None:
                self._coming = asyncio.create_task(_next(self.events))
            done, _ = await asyncio.wait((self._coming,), timeout=HEARTBEAT_S)
            if not done:
                return self._quiet()
            happened, self._coming = self._coming.result(), None
            if happened is None:
                return self._end("end", {"steps": self.telling.n})
            told = self.telling.tell(happened.event)
            if told.n > self.after:
                return self._event("step", _encode(step_body(told)), n=told.n)
        return None

    async def close(self) -> None:
        """The follower left, or all was told: its place is free."""
        if self._coming is not None:
            self._coming.cancel()
            await asyncio.wait((self._coming,))
        await self.events.aclose()
        self.place.leave()

    def _quiet(self) -> bytes:
        if asyncio.get_running_loop().time() < self.until:
            return HEARTBEAT
        return self._end("again", {"steps": self.telling.n})

    def _end(self, event: str, said: dict[str, int]) -> bytes:
        self._is_over = True
        return self._event(event, _encode(said), n=self.telling.n)

    def _event(self, event: str, data: bytes, *, n: int) -> bytes:
        """`proof` is a line that readers of events pass over, unless they look for it."""
        told = b"id: %d\nevent: %b\ndata: %b\n" % (n, event.encode(), data)
        return told + b"proof: %b\n\n" % self.prove(told).encode()


async def _next(events: AsyncGenerator[Happened]) -> Happened | None:
    return await anext(events, None)
