"""Which steps belong together: the `traceparent` header (W3C Trace Context)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

_TRACEPARENT: Final = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_NO_TRACE: Final = "0" * 32
_NO_SPAN: Final = "0" * 16


@dataclass(frozen=True, slots=True)
class Trace:
    """One step of a trace: the id of the whole, and that of this step."""

    trace_id: str
    span_id: str
    flags: str = "00"

    @property
    def header(self) -> str:
        """Value of `traceparent` for a request that this step makes."""
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"

    @property
    def urn(self) -> str:
        """Name of this trace in a problem's `instance`, to be looked up in the log."""
        return UUID(hex=self.trace_id).urn


def parse_traceparent(value: str) -> Trace | None:
    """The caller's step; None where the header is not of version 00 or names nothing."""
    match = _TRACEPARENT.fullmatch(value)
    if match is None or match[1] == _NO_TRACE or match[2] == _NO_SPAN:
        return None
    return Trace(match[1], match[2], match[3])


def next_step(value: str | None, *, random_bytes: Callable[[int], bytes]) -> Trace:
    """Our step in the caller's trace, or the first of a new one."""
    caller = None if value is None else parse_traceparent(value)
    if caller is None:
        fresh = random_bytes(24).hex()
        return Trace(fresh[:32], fresh[32:])
    return Trace(caller.trace_id, random_bytes(8).hex(), caller.flags)
