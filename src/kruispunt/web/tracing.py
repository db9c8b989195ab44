"""Which steps belong together: the `traceparent` header (W3C Trace Context), and sampled spans."""

import re
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

import structlog

_TRACEPARENT: Final = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_NO_TRACE: Final = "0" * 32
_NO_SPAN: Final = "0" * 16
_SHARE_DIGITS: Final = 8

_log: Final = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Trace:
    """One step of a trace: the id of the whole, and that of this step.

    `sampled`: what this step did and how long it took is told in the log. The id of the whole
    decides it, so processes with one rate tell the same traces from end to end; the caller's own
    flag does not, so no caller can fill our log.
    """

    trace_id: str
    span_id: str
    flags: str = "00"
    parent_id: str = field(default="", compare=False)
    sampled: bool = field(default=False, compare=False)

    @property
    def header(self) -> str:
        """Value of `traceparent` for a request that this step makes."""
        flags = "01" if self.sampled else self.flags
        return f"00-{self.trace_id}-{self.span_id}-{flags}"

    @property
    def urn(self) -> str:
        """Name of this trace in a problem's `instance`, to be looked up in the log."""
        trace = self.trace_id
        return f"urn:uuid:{trace[:8]}-{trace[8:12]}-{trace[12:16]}-{trace[16:20]}-{trace[20:]}"


def parse_traceparent(value: str) -> Trace | None:
    """The caller's step; None where the header is not of version 00 or names nothing."""
    words = _words(value)
    return None if words is None else Trace(*words)


def next_step(
    value: str | None, *, random_bytes: Callable[[int], bytes], rate: float = 0.0
) -> Trace:
    """Our step in the caller's trace, or the first of a new one; `rate` of all are sampled."""
    words = None if value is None else _words(value)
    if words is None:
        fresh = random_bytes(24).hex()
        return Trace(fresh[:32], fresh[32:], sampled=_is_sampled(fresh[:32], rate))
    trace_id, caller, flags = words
    return Trace(trace_id, random_bytes(8).hex(), flags, caller, _is_sampled(trace_id, rate))


def _words(value: str) -> tuple[str, str, str] | None:
    """The ids of trace and step, and the flags."""
    match = _TRACEPARENT.fullmatch(value)
    if match is None or match[1] == _NO_TRACE or match[2] == _NO_SPAN:
        return None
    return match[1], match[2], match[3]


def _is_sampled(trace_id: str, rate: float) -> bool:
    return rate > 0 and int(trace_id[-_SHARE_DIGITS:], 16) < rate * 16**_SHARE_DIGITS


_current: Final[ContextVar[Trace | None]] = ContextVar("trace", default=None)
"""The step under way in this task: it travels beside a question, and decides nothing."""


def enter(trace: Trace) -> None:
    """This task works on this step from now on."""
    _current.set(trace)


def traceparent() -> str | None:
    """Value of `traceparent` for a request that this task makes; None outside of any step."""
    trace = _current.get()
    return None if trace is None else trace.header


def tell_span(trace: Trace, name: str, ms: float) -> None:
    """Tell a whole step in the log, where it is sampled. `name` is of a closed list."""
    if trace.sampled:
        _log.info(
            "span",
            trace=trace.trace_id,
            span=trace.span_id,
            parent=trace.parent_id,
            name=name,
            ms=round(ms, 3),
        )


def tell_stage(name: str, ms: float) -> None:
    """Tell a part of the step under way, as a child of it, where it is sampled."""
    trace = _current.get()
    if trace is None or not trace.sampled:
        return
    own = sha256(f"{trace.span_id} {name}".encode()).hexdigest()[:16]
    _log.info(
        "span", trace=trace.trace_id, span=own, parent=trace.span_id, name=name, ms=round(ms, 3)
    )
