"""What a sample of times tells of another one: a rank test, and how often an attacker is right."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from math import erfc, sqrt
from statistics import median
from typing import Final

LEAST: Final = 0.001
MOST: Final = 1e6
HALVINGS: Final = 5
"""How finely it is sought what would have been found."""

Pair = tuple[float, float]
"""A figure of each kind, asked for at the same moment."""

TELLS: Final = 0.52
"""An attacker who is surely right more often than this has learnt something."""

GROSS: Final = 0.6
"""Surely right more often than this side by side: work was done for one kind and not the other."""

FEWEST: Final = 100
"""With fewer pairs a few lucky ones look like knowledge: then nothing is said to tell."""

SURE: Final = 1.96
"""Standard deviations around a share that hold it in 95 of 100 samples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """The rank test of two samples.

    `auc`: the chance that one of the second kind is larger than one of the first, 0.5: none is.
    `p`: how often chance alone would set samples of one kind so far apart.
    """

    auc: float
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many were right, and between which bounds the truth lies 95 times of 100."""

    right: float
    of: int

    @property
    def share(self) -> float:
        return self.right / self.of if self.of else 0.5

    @property
    def bounds(self) -> tuple[float, float]:
        """The interval of Wilson."""
        if not self.of:
            return 0.0, 1.0
        square = SURE * SURE / self.of
        middle = self.share + square / 2
        half = SURE * sqrt(self.share * (1 - self.share) / self.of + square / self.of / 4)
        return (middle - half) / (1 + square), (middle + half) / (1 + square)

    @property
    def tells(self) -> bool:
        """True where even the lower bound is more than guessing."""
        return self.bounds[0] > TELLS


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two samples held against each other, pair by pair."""

    first: float
    second: float
    ranked: Ranked
    alone: Share
    """One figure at a time, against the best threshold of the other half of the pairs."""

    beside: Share
    """Both figures of a pair side by side: which one is which?"""

    @property
    def tells(self) -> bool:
        """True where an attacker has learnt something in one of the two ways."""
        return self.beside.of >= FEWEST and (self.alone.tells or self.beside.tells)

    @property
    def gross(self) -> bool:
        """True where, side by side, even the lower bound is above what small effects reach."""
        return self.beside.of >= FEWEST and self.beside.bounds[0] > GROSS


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How an attacker tells the kinds apart: what is on this side of it is of the second."""

    threshold: float
    above: bool

    def second(self, value: float) -> bool:
        """True where this is one of the second kind."""
        return (value > self.threshold) is self.above


def compared(pairs: Sequence[Pair]) -> Compared:
    """Hold the two kinds against each other. What is learnt on one half is tried on the other."""
    halves = pairs[0::2], pairs[1::2]
    turns = (halves, halves[::-1])
    firsts, seconds = [one for one, _ in pairs], [two for _, two in pairs]
    return Compared(
        first=median(firsts),
        second=median(seconds),
        ranked=ranked(firsts, seconds),
        alone=_added([_alone(learn(known), tried) for known, tried in turns]),
        beside=_added([_beside(known, tried) for known, tried in turns]),
    )


def found_from(pairs: Sequence[Pair]) -> float | None:
    """How much more the second kind would have to be for it to tell; None: more than anything.

    So it is known what a sample in which nothing tells would have shown.
    """
    low, high = 0.0, LEAST
    while not compared([(one, two + high) for one, two in pairs]).tells:
        if high > MOST or len(pairs) < FEWEST:
            return None
        low, high = high, 2 * high
    for _ in range(HALVINGS if low else 0):
        middle = (low + high) / 2
        if compared([(one, two + middle) for one, two in pairs]).tells:
            high = middle
        else:
            low = middle
    return high


def ranked(firsts: Sequence[float], seconds: Sequence[float]) -> Ranked:
    """Mann and Whitney's test: two-sided, by the normal distribution, ties counted half."""
    together = Counter(chain(firsts, seconds))
    ranks, seen = dict[float, float](), 0
    for value in sorted(together):
        ranks[value] = seen + (together[value] + 1) / 2
        seen += together[value]
    n, m = len(firsts), len(seconds)
    u = sum(ranks[value] for value in seconds) - m * (m + 1) / 2
    ties = sum(times**3 - times for times in together.values())
    variance = n * m / 12 * (n + m + 1 - ties / ((n + m) * (n + m - 1)))
    if variance <= 0:
        return Ranked(auc=0.5, p=1.0)
    z = max(0.0, abs(u - n * m / 2) - 0.5) / sqrt(variance)
    return Ranked(auc=u / (n * m), p=erfc(z / sqrt(2)))


def learn(pairs: Sequence[Pair]) -> Rule:
    """The threshold, and the side of it, by which most of these are told apart."""
    firsts = Counter(one for one, _ in pairs)
    seconds = Counter(two for _, two in pairs)
    ahead, best = 0, (0, Rule(threshold=float("-inf"), above=True))
    for value in sorted(firsts.keys() | seconds.keys()):
        # So many more of the first kind than of the second lie at or below this value.
        ahead += firsts[value] - seconds[value]
        if abs(ahead) > best[0]:
            best = abs(ahead), Rule(threshold=value, above=ahead > 0)
    return best[1]


def _alone(rule: Rule, tried: Sequence[Pair]) -> Share:
    right = sum((not rule.second(one)) + rule.second(two) for one, two in tried)
    return Share(right=right, of=2 * len(tried))


def _beside(known: Sequence[Pair], tried: Sequence[Pair]) -> Share:
    """The larger one is of the kind that mostly was the larger; ties are guessed."""
    longer = sum(_sign(two - one) for one, two in known) >= 0
    right = sum(0.5 + _sign(two - one) * (0.5 if longer else -0.5) for one, two in tried)
    return Share(right=right, of=len(tried))


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _added(shares: Sequence[Share]) -> Share:
    return Share(right=sum(one.right for one in shares), of=sum(one.of for one in shares))
