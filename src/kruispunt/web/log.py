"""The log for operators: one line of JSON per event, without a person's number."""

import logging
import re
import sys
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final, Protocol, cast

import msgspec
import structlog

from kruispunt.vocabulary import Ssin, WrongNumber

# It begins with a digit, not with the look behind it, so that searching skips to digits: a
# third of the time. What stands before may be no letter or digit: ids in hex are left alone.
_ELEVEN: Final = re.compile(
    rb"([0-9](?<![0-9A-Za-z][0-9])[0-9])[.]?([0-9]{2})[.]?([0-9]{2})"
    rb"[- ]?([0-9]{3})[. -]?([0-9]{2})(?![0-9A-Za-z])"
)
CLOSED: Final = frozenset(("http.request", "span"))
"""Told of every request, of words from closed lists and times alone: nothing to search for."""

_encode: Final = msgspec.json.Encoder(enc_hook=repr).encode

# The type of a processor is structlog's own; nothing of it leaves this module.
_Event = MutableMapping[str, Any]


def configure_log(
    *, now: Callable[[], datetime], level: str = "info", out: BinaryIO | None = None
) -> "TellRequest":
    """Send every log line of this process, ours and the libraries', as JSON to `out` (stderr).

    What comes back tells of requests there, where the level has a place for that.
    """
    severity = logging.getLevelNamesMapping()[level.upper()]
    lines = Lines(out or sys.stderr.buffer)

    def stamp(_logger: object, _name: str, event: _Event) -> _Event:
        event["at"] = _written(now())
        return event

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            stamp,
            _tell_exception,
            render_line,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(severity),
        logger_factory=structlog.BytesLoggerFactory(cast("BinaryIO", lines)),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_Forward()], level=max(severity, logging.WARNING), force=True)
    return _requests(lines, now) if severity <= logging.INFO else _nothing


class TellRequest(Protocol):
    """Tells the log of one request: words of closed lists and times alone."""

    def __call__(self, method: str, route: str, status: int, ms: float, trace: str, /) -> None: ...


class _Request(msgspec.Struct, gc=False):
    """The line of a request, in the order in which any other event would be written."""

    method: str
    route: str
    status: int
    ms: float
    trace: str
    event: str
    level: str
    at: str


def _requests(lines: "Lines", now: Callable[[], datetime]) -> TellRequest:
    """Writes a request as the log itself would, byte for byte, for half of the CPU."""

    def tell(method: str, route: str, status: int, ms: float, trace: str) -> None:
        at = _written(now())
        line = _Request(method, route, status, ms, trace, "http.request", "info", at)
        lines.write(_encode(line) + b"\n")

    return tell


def _nothing(_method: str, _route: str, _status: int, _ms: float, _trace: str) -> None:
    """Requests are not told at this level."""


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


class Lines:
    """Writes lines where there is room. A line that can't be written is counted, and stops nobody.

    How many were lost stands in a line of its own, as soon as one can be written again.
    """

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self.lost = 0

    def write(self, line: bytes) -> int:
        """Write one line; a full disk or a closed pipe is no fault of who told it."""
        try:
            if self.lost:
                self._out.write(b'{"event":"log.lost","lines":%d}\n' % self.lost)
            self._out.write(line)
            self._out.flush()
        except OSError:
            self.lost += 1
        else:
            self.lost = 0
        return len(line)

    def flush(self) -> None:
        """Every line was flushed when it was written."""


def _tell_exception(logger: object, name: str, event: _Event) -> _Event:
    if "exc_info" not in event:
        return event
    return structlog.processors.format_exc_info(logger, name, event)


def render_line(_logger: object, _name: str, event: _Event) -> bytes:
    """One line of JSON. A person's number is struck out, as the last line of defence."""
    line = _encode(event)
    return line if event["event"] in CLOSED else without_numbers(line)


def without_numbers(line: bytes) -> bytes:
    """The line with `***` where eleven digits stand that are a valid number of a person."""
    return _ELEVEN.sub(_struck, line)


def _struck(match: re.Match[bytes]) -> bytes:
    try:
        Ssin(b"".join(match.groups()).decode("ascii"))
    except WrongNumber:
        return match[0]
    return b"***"


class _Forward(logging.Handler):
    """Hands the records of libraries (server, asyncio) to the same log."""

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger(record.name)
        log.log(
            record.levelno,
            "library.said",
            logger=record.name,
            said=record.getMessage(),
            exc_info=record.exc_info,
        )
