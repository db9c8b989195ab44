"""The arithmetic of figures: from what was counted to what is printed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import linear_regression, median

Figure = float | int | str | None
"""None: not measured, or not reached."""

AIM_PER_SECOND = 650.0
"""The peak that one machine is designed for; the open loop runs at it where the machine can."""

SHARE = 0.6
"""Of what passes at most, where the machine can't: a queue that only grows tells nothing."""


HELD = 0.97
"""Of the rate that was asked for: with less, the queue has grown all the while."""

FLAT_SAMPLES = 6
"""With fewer samples no slope is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One load: what came back, in how long, and the CPU of every group in nanoseconds.

    `late`: how many were not sent when they were due, since all connections were busy.
    """

    ms: tuple[float, ...]
    failed: int
    seconds: float
    cpu_ns: Mapping[str, int]
    late: int = 0

    @property
    def answered(self) -> int:
        return len(self.ms) - self.failed

    @property
    def per_second(self) -> float:
        return self.answered / self.seconds if self.seconds else 0.0

    def cpu_us(self, group: str) -> float:
        """CPU of a group per answered exchange, in microseconds."""
        return self.cpu_ns[group] / 1000 / self.answered if self.answered else 0.0

    def at(self, share: float) -> float:
        return percentile(self.ms, share)

    def held(self, rate: float) -> bool:
        """True where so many were answered every second, and none failed."""
        return not self.failed and self.per_second >= HELD * rate


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of all values does not exceed; 0 of none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


def open_rate(per_second: float) -> float:
    """The rate of the open loop where so much passes at most, in whole tens."""
    if per_second * SHARE >= AIM_PER_SECOND:
        return AIM_PER_SECOND
    return max(10.0, per_second * SHARE // 10 * 10)


def slope_per_hour(points: Sequence[tuple[float, float]]) -> float | None:
    """How fast the values of (second, value) grow, by least squares; None of a few points."""
    if len(points) < FLAT_SAMPLES:
        return None
    seconds, values = zip(*points, strict=True)
    return linear_regression(seconds, values).slope * 3600


def ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def medians(runs: Sequence[Mapping[str, float | None]]) -> dict[str, float | None]:
    """The median of each figure over the runs; None where a run does not have it."""
    return {name: _over(runs, name, median) for name in runs[0]}


def spreads(runs: Sequence[Mapping[str, float | None]]) -> dict[str, float | None]:
    """For each figure how far its runs lie apart, as a share of their median."""
    return {name: _over(runs, name, _spread) for name in runs[0]}


def _over(
    runs: Sequence[Mapping[str, float | None]], name: str, fold: Callable[[Sequence[float]], float]
) -> float | None:
    values = [value for run in runs if (value := run[name]) is not None]
    return fold(values) if len(values) == len(runs) else None


def _spread(values: Sequence[float]) -> float:
    return ratio(max(values) - min(values), median(values))


def rounded(name: str, value: float | None) -> float | None:
    """As many digits as a figure of this name is good for."""
    if value is None:
        return None
    name = name.rstrip("0123456789").removesuffix("_")
    if value == int(value) and not name.endswith(
        ("_us", "_ms", "_mb", "_seconds", "per_second", "share")
    ):
        return int(value)
    digits = 3 if name.startswith("ratio") or name.endswith("ratio") else 2
    return round(value, 1 if name.endswith(("_us", "per_second")) else digits)
