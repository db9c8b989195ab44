"""Metrics for machines: counters, histograms and gauges, told as Prometheus text.

A counter is bound to its labels once and then only adds; nothing here knows a person. What a
label may say is a closed list of the one who counts: after `MOST_SERIES` of a name, further ones
are counted together under `other`.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
MOST_SERIES: Final = 1000
OTHER: Final = "other"
MS_BUCKETS: Final = (1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1e3, 2.5e3, 5e3, 1e4)
SIZE_BUCKETS: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0)

Labels = tuple[tuple[str, str], ...]
Sample = tuple[str, Labels, float]
"""What is added to the name, labels, value."""


class Counter:
    """A number that only grows."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0

    def add(self, number: int = 1) -> None:
        self.value += number

    def samples(self) -> Iterator[Sample]:
        yield "", (), self.value


class Histogram:
    """How often a value was at most so large, and all values together."""

    __slots__ = ("_bounds", "_counts", "_total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._total = 0.0

    def observe(self, value: float) -> None:
        self._counts[bisect_left(self._bounds, value)] += 1
        self._total += value

    def samples(self) -> Iterator[Sample]:
        seen = 0
        for bound, count in zip((*self._bounds, float("inf")), self._counts, strict=True):
            seen += count
            yield "_bucket", (("le", _number(bound)),), seen
        yield "_sum", (), self._total
        yield "_count", (), seen


M = TypeVar("M", Counter, Histogram)


class Family(Generic[M]):
    """All metrics of one name, one for each set of values of its labels."""

    def __init__(self, labels: Sequence[str], make: Callable[[], M]) -> None:
        self._labels = tuple(labels)
        self._make = make
        self._bound: dict[tuple[str, ...], M] = {}

    def of(self, *values: str) -> M:
        """The metric of these values, in the order of the labels; always the same one."""
        bound = self._bound.get(values)
        return bound if bound is not None else self._bind(values)

    def _bind(self, values: tuple[str, ...]) -> M:
        if len(values) != len(self._labels):
            raise ValueError(f"expected {len(self._labels)} labels, found {len(values)}")
        if len(self._bound) >= MOST_SERIES:
            values = (OTHER,) * len(values)
        return self._bound.setdefault(values, self._make())

    def samples(self) -> Iterator[Sample]:
        for values, metric in self._bound.items():
            own = tuple(zip(self._labels, values, strict=True))
            for suffix, labels, value in metric.samples():
                yield suffix, (*own, *labels), value


Read = Callable[[], Iterable[tuple[Labels, float]]]
"""Read when someone looks: labels and value, for each series."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    name: str
    kind: str
    told: str
    samples: Callable[[], Iterable[Sample]]


@dataclass(slots=True)
class Metrics:
    """All metrics of one process. `labels` stand with each of them: whose process it is."""

    labels: Mapping[str, str]
    _named: dict[str, _Named] = field(default_factory=dict[str, _Named])

    def counter(self, name: str, told: str, *, labels: Sequence[str] = ()) -> Family[Counter]:
        """Counters of a name that ends in `_total`."""
        family = Family(labels, Counter)
        self._add(_Named(name=name, kind="counter", told=told, samples=family.samples))
        return family

    def histogram(
        self,
        name: str,
        told: str,
        *,
        labels: Sequence[str] = (),
        bounds: Sequence[float] = MS_BUCKETS,
    ) -> Family[Histogram]:
        """Histograms over these upper bounds, in growing order."""
        family = Family(labels, lambda: Histogram(bounds))
        self._add(_Named(name=name, kind="histogram", told=told, samples=family.samples))
        return family

    def read(self, name: str, told: str, read: Read, *, kind: str = "gauge") -> None:
        """What is read only when someone looks: a gauge, or a counter that others keep."""

        def samples() -> Iterator[Sample]:
            return (("", labels, value) for labels, value in read())

        self._add(_Named(name=name, kind=kind, told=told, samples=samples))

    def text(self) -> bytes:
        """All of it in the text format of Prometheus, version 0.0.4."""
        own = tuple(self.labels.items())
        lines: list[str] = []
        for named in self._named.values():
            lines.append(f"# HELP {named.name} {named.told}")
            lines.append(f"# TYPE {named.name} {named.kind}")
            lines.extend(
                f"{named.name}{suffix}{_braced((*own, *labels))} {_number(value)}"
                for suffix, labels, value in named.samples()
            )
        return ("\n".join(lines) + "\n").encode()

    def _add(self, named: _Named) -> None:
        if named.name in self._named:
            raise ValueError(f"the metric {named.name} stands already")
        self._named[named.name] = named


def one(read: Callable[[], float]) -> Read:
    """A reading of one series without labels of its own."""
    return lambda: (((), read()),)


def _braced(labels: Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _number(value: float) -> str:
    if value == float("inf"):
        return "+Inf"
    return str(int(value)) if value == int(value) else repr(float(value))
