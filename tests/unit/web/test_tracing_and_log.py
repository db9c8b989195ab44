"""Traces follow the caller's; the log is JSON and holds no person's number."""

import ast
import inspect
import io
import logging
import random
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo

import msgspec
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from kruispunt.vocabulary import check_digits
from kruispunt.web import asgi, configure_log, next_step, parse_traceparent, tracing
from kruispunt.web.log import CLOSED, without_numbers

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
dice = random.Random(1).randbytes

A_NUMBER = f"850730033{check_digits(850730033):02d}"


def test_a_step_belongs_to_the_trace_of_its_caller():
    step = next_step(CALLER, random_bytes=dice)

    assert step.trace_id == "0af7651916cd43dd8448eb211c80319c"
    assert step.span_id != "b7ad6b7169203331"
    assert step.header.endswith("-01")
    assert parse_traceparent(step.header) == step
    assert step.urn == "urn:uuid:0af76519-16cd-43dd-8448-eb211c80319c"


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        CALLER.upper(),
        CALLER + "-00",
        "01" + CALLER[2:],
        f"00-{'0' * 32}-b7ad6b7169203331-01",
        f"00-0af7651916cd43dd8448eb211c80319c-{'0' * 16}-01",
    ],
)
def test_a_step_without_a_readable_caller_begins_a_trace(value: str | None):
    first, second = (next_step(value, random_bytes=dice) for _ in range(2))

    assert first.trace_id != second.trace_id
    assert parse_traceparent(first.header) == first


@pytest.fixture
def out() -> Iterator[io.BytesIO]:
    stream = io.BytesIO()
    configure_log(now=lambda: datetime(2026, 1, 2, tzinfo=UTC), out=stream)
    yield stream
    structlog.reset_defaults()
    logging.basicConfig(force=True)


def test_a_log_line_is_one_line_of_json(out: io.BytesIO):
    structlog.get_logger().info("source.silent", source="A", after_ms=12)

    assert out.getvalue().count(b"\n") == 1
    assert msgspec.json.decode(out.getvalue()) == {
        "event": "source.silent",
        "source": "A",
        "after_ms": 12,
        "level": "info",
        "at": "2026-01-02T00:00:00+00:00",
    }


def test_what_libraries_say_goes_to_the_same_log_with_its_trace(out: io.BytesIO):
    try:
        raise RuntimeError(A_NUMBER)
    except RuntimeError:
        logging.getLogger("some.library").exception("it broke on %s", A_NUMBER)

    line = msgspec.json.decode(out.getvalue())
    assert line["said"] == "it broke on ***"
    assert "RuntimeError: ***" in line["exception"]
    assert A_NUMBER not in out.getvalue().decode()


@pytest.mark.parametrize(
    "told",
    [
        A_NUMBER,
        int(A_NUMBER),
        [A_NUMBER],
        {"ssin": A_NUMBER},
        {A_NUMBER: 1},
        f"{A_NUMBER[:2]}.{A_NUMBER[2:4]}.{A_NUMBER[4:6]}-{A_NUMBER[6:9]}.{A_NUMBER[9:]}",
        f"GET /people/{A_NUMBER}?x",
    ],
)
def test_a_persons_number_never_reaches_the_log(out: io.BytesIO, told: object):
    structlog.get_logger().info("slip", told=told)

    digits = "".join(c for c in out.getvalue().decode().split('"at"')[0] if c.isdigit())
    assert A_NUMBER not in digits
    assert b"***" in out.getvalue()


def test_what_is_told_of_every_request_is_of_closed_lists_and_times_alone():
    told = {"event", "method", "route", "status", "ms", "trace", "span", "parent", "name"}
    told |= {"level", "at", "exc_info"}

    for module in (asgi, tracing):
        calls = [
            node
            for node in ast.walk(ast.parse(inspect.getsource(module)))
            if isinstance(node, ast.Call)
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and node.args[0].value in CLOSED
        ]
        assert calls
        assert {word.arg for call in calls for word in call.keywords} <= told


@given(
    method=st.sampled_from(["GET", "POST", "M-SEARCH", 'QU"E']) | st.text(),
    route=st.sampled_from(["/v1/ask/{flow}", "/health", "-"]),
    status=st.integers(100, 599),
    ms=st.floats(0, 1e9).map(lambda ms: round(ms, 2)),
    second=st.integers(0, 4_000_000_000_000_000).map(lambda us: us / 1e6),
    zone=st.timezones(),
)
def test_the_line_of_a_request_is_that_of_any_other_event(
    method: str, route: str, status: int, ms: float, second: float, zone: tzinfo
):
    own, general = io.BytesIO(), io.BytesIO()
    trace, at = dice(16).hex(), datetime.fromtimestamp(second, zone)

    configure_log(now=lambda: at, out=own)(method, route, status, ms, trace)
    configure_log(now=lambda: at, out=general)
    structlog.get_logger().info(
        "http.request", method=method, route=route, status=status, ms=ms, trace=trace
    )
    structlog.reset_defaults()
    logging.basicConfig(force=True)

    assert own.getvalue() == general.getvalue() != b""


def test_requests_are_told_where_the_level_has_a_place_for_them(out: io.BytesIO):
    configure_log(now=lambda: datetime(2026, 1, 2, tzinfo=UTC), level="warning", out=out)(
        "GET", "/health", 200, 0.1, "0" * 32
    )

    assert out.getvalue() == b""


@given(st.text(st.sampled_from("0123456789abcdef-"), max_size=40))
def test_what_is_no_number_of_a_person_stays_as_it_is(text: str):
    line = f"a{text}f".encode()

    struck = without_numbers(line)

    assert struck == line or b"***" in struck
    assert without_numbers(struck) == struck


class Full(io.BytesIO):
    """A disk without room, until there is some."""

    has_room = False

    def write(self, line: object) -> int:
        if not self.has_room:
            raise OSError(28, "no space left")
        return super().write(line)  # pyright: ignore[reportArgumentType] - as the library has it


def test_a_line_that_can_not_be_written_stops_nobody_and_is_counted():
    disk = Full()
    tell = configure_log(now=lambda: datetime(2026, 1, 2, tzinfo=UTC), out=disk)
    log = structlog.get_logger("test")

    log.info("first")
    tell("GET", "/health", 200, 0.1, "0" * 32)
    log.info("second")
    disk.has_room = True
    tell("GET", "/health", 200, 0.1, "0" * 32)
    log.info("third")

    told = [msgspec.json.decode(line) for line in disk.getvalue().splitlines()]
    assert [line["event"] for line in told] == ["log.lost", "http.request", "third"]
    assert told[0]["lines"] == 3
