"""Chance by seed: one stream per subject, so that a change in one leaves the others alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Texts = NDArray[np.object_]
Column = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Chance:
    """The one seed of a population."""

    seed: int

    def stream(self, subject: str) -> np.random.Generator:
        """A generator of its own for a subject: the same for the same seed, on any machine."""
        entropy = np.random.SeedSequence(self.seed, spawn_key=(crc32(subject.encode()),))
        return np.random.Generator(np.random.PCG64(entropy))


def pick(rng: np.random.Generator, weights: Sequence[float] | Floats, size: int) -> Ints:
    """Indexes drawn with replacement, in proportion to the weights."""
    bounds = np.cumsum(np.asarray(weights, dtype=np.float64))
    drawn: Ints = np.searchsorted(bounds, rng.random(size) * float(bounds[-1]), side="right")
    return np.minimum(drawn, len(bounds) - 1).astype(np.int64)


def occurs(rng: np.random.Generator, share: float | Floats, size: int) -> Flags:
    """True with the given probability, each on its own."""
    return rng.random(size) < share


def normal_days(rng: np.random.Generator, *, median: float, spread: float, size: int) -> Ints:
    """Whole days of a log-normal, at least one."""
    return np.maximum(1, rng.lognormal(np.log(median), spread, size)).astype(np.int64)


def distinct(rng: np.random.Generator, heads: tuple[int, int], size: int) -> Ints:
    """Different whole numbers between two bounds, both included, in random order.

    Raises:
        ValueError: there are fewer than asked for.
    """
    first, last = heads
    if size > last - first + 1:
        raise ValueError("expected a range of heads at least as large as the number of employers")
    return rng.choice(last - first + 1, size=size, replace=False).astype(np.int64) + first
