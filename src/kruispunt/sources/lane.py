"""The way to one source: so many at once, so many waiting, and a rest after too much silence.

Each source has a lane of its own, so a slow or silent one holds nobody else up.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from math import ceil
from typing import TypeVar

from kruispunt.sources.fault import Cause, SilentSource
from kruispunt.vocabulary import Problem

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How much a source may ask of us before we leave it alone."""

    at_once: int = 64
    """Questions under way at one source."""

    waiting: int = 256
    """Questions that wait for their turn; one more is told to come back."""

    silences: int = 5
    """Silent answers in a row after which the source gets a rest."""

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
        self._rests_until = 0.0
        self._probing = False

    @property
    def resting(self) -> bool:
        """True while the source is left alone, but for the one question that probes it."""
        return self._silences >= self._patience.silences

    async def take(self, ask: Callable[[], Awaitable[T]], *, timeout_s: float) -> T:
        """Ask when it is our turn; waiting and asking together stay within the limit.

        Any answer counts as one, also a wrong one: only silence makes a source rest.

        Raises:
            SilentSource: not asked, since crowded or resting; or no answer within the limit.
        """
        probe = self._enter()
        asked = False
        try:
            async with asyncio.timeout(timeout_s), self._turns:
                asked = True
                answer = await ask()
            self._silences = 0
            return answer
        except TimeoutError:
            raise self._silent(asked=asked) from None
        except SilentSource as silent:
            if silent.cause is Cause.NO_ANSWER:
                self._silent(asked=True)
            raise
        except Problem:
            self._silences = 0
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

    def _silent(self, *, asked: bool) -> SilentSource:
        if not asked:
            return SilentSource(Cause.CROWDED)
        self._silences += 1
        self._rests_until = self._clock() + self._patience.rest_s
        return SilentSource(Cause.NO_ANSWER)
