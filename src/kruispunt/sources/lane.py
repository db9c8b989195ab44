"""The way to one source: so many at once, so many waiting, and a rest after too much silence.

Each source has a lane of its own, so a slow or silent one holds nobody else up.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from math import ceil
from typing import Final, TypeVar

from kruispunt.sources.fault import Cause, SilentSource
from kruispunt.vocabulary import FlowId, Problem

T = TypeVar("T")
Call = Callable[[], object | None]
"""Tells the call that a question left with; None: it is still here."""

REMEMBERED: Final = 64
"""Silent calls that are told apart: more than can be under way at one source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How much a source may ask of us before we leave it alone."""

    at_once: int = 64
    """Questions under way at one source."""

    waiting: int = 256
    """Questions that wait for their turn; one more is told to come back."""

    silences: int = 5
    """Silent calls in a row after which the source gets a rest."""

    rest_s: float = 5.0
    """How long it rests; then a single question finds out whether it is back."""


class Lane:
    """Turns at one source, and the memory of its silences. `clock` is monotonic, in seconds."""

    def __init__(self, *, patience: Patience, clock: Callable[[], float]) -> None:
        self._patience = patience
        self._clock = clock
        self._turns = asyncio.Semaphore(patience.at_once)
        self._inside = 0
        self._silences = 0
        self._silent_calls: deque[object] = deque(maxlen=REMEMBERED)
        self._rests_until = 0.0
        self._probing = False

    @property
    def resting(self) -> bool:
        """True while the source is left alone, but for the one question that probes it."""
        return self._silences >= self._patience.silences

    async def take(
        self, ask: Callable[[], Awaitable[T]], *, timeout_s: float, call: Call | None = None
    ) -> T:
        """Ask when it is our turn; waiting and asking together stay within the limit.

        `call` tells with which call the question left, which others may share; without it, each
        question is a call of its own. Any answer counts as one, also a wrong one: only silence
        makes a source rest, and a silent call counts once, however many waited for it.

        Raises:
            SilentSource: not asked, since crowded or resting; or no answer within the limit.
        """
        probe = self._enter()
        own: list[object] = []
        try:
            async with asyncio.timeout(timeout_s), self._turns:
                own.append(own)
                answer = await ask()
            self._heard()
            return answer
        except TimeoutError:
            left_with = call() if call is not None else own or None
            raise self._silent(left_with) from None
        except SilentSource as silent:
            if silent.cause is Cause.NO_ANSWER:
                self._silent(own if call is None else call())
            raise
        except Problem:
            self._heard()
            raise
        finally:
            self._leave(probe=probe)

    def _enter(self) -> bool:
        """Come in, and say whether this question probes a resting source."""
        if self._inside >= self._patience.at_once + self._patience.waiting:
            raise SilentSource(Cause.CROWDED)
        probe = self.resting
        if probe:
            left_s = self._rests_until - self._clock()
            if left_s > 0 or self._probing:
                raise SilentSource(Cause.RESTING, retry_after_s=max(1, ceil(left_s)))
            self._probing = True
        self._inside += 1
        return probe

    def _leave(self, *, probe: bool) -> None:
        self._inside -= 1
        if probe:
            self._probing = False

    def _heard(self) -> None:
        self._silences = 0
        self._silent_calls.clear()

    def _silent(self, left_with: object | None) -> SilentSource:
        """What is told of a question that had no answer; None: it never left us."""
        if left_with is None:
            return SilentSource(Cause.CROWDED)
        if not any(one is left_with for one in self._silent_calls):
            self._silent_calls.append(left_with)
            self._silences += 1
            self._rests_until = self._clock() + self._patience.rest_s
        return SilentSource(Cause.NO_ANSWER)


class Lanes:
    """One lane for each flow that is asked: a slow source of one slows no other."""

    def __init__(self, *, patience: Patience, clock: Callable[[], float]) -> None:
        self._patience = patience
        self._clock = clock
        self._of: dict[FlowId, Lane] = {}

    @property
    def resting(self) -> tuple[str, ...]:
        """Flows of which too much silence was heard lately."""
        return tuple(flow for flow, lane in self._of.items() if lane.resting)

    def of(self, flow: FlowId) -> Lane:
        """The lane of a flow, which the law knows: there are not many."""
        lane = self._of.get(flow)
        if lane is None:
            lane = self._of[flow] = Lane(patience=self._patience, clock=self._clock)
        return lane
