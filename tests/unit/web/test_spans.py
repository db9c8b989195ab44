"""Sampled traces are told from end to end, and no caller decides which."""

import io
import logging
import random
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
import pytest
import structlog

from kruispunt.web import configure_log, enter, next_step, tell_span, tell_stage, traceparent

dice = random.Random(7).randbytes


@pytest.fixture
def out() -> Iterator[io.BytesIO]:
    stream = io.BytesIO()
    configure_log(now=lambda: datetime(2026, 1, 2, tzinfo=UTC), out=stream)
    yield stream
    structlog.reset_defaults()
    logging.basicConfig(force=True)


def test_the_same_traces_are_sampled_at_every_hop():
    first = [next_step(None, random_bytes=dice, rate=0.2) for _ in range(2000)]

    second = [next_step(step.header, random_bytes=dice, rate=0.2) for step in first]

    assert 300 < sum(step.sampled for step in first) < 500
    assert [step.sampled for step in first] == [step.sampled for step in second]
    assert all(two.parent_id == one.span_id for one, two in zip(first, second, strict=True))


@pytest.mark.parametrize(("rate", "sampled"), [(0.0, False), (1.0, True)])
def test_no_caller_decides_what_is_sampled(rate: float, sampled: bool):
    for flags in ("00", "01"):
        step = next_step(f"00-{'a' * 32}-{'b' * 16}-{flags}", random_bytes=dice, rate=rate)

        assert step.sampled is sampled


def test_a_sampled_step_is_told_with_its_stages(out: io.BytesIO):
    step = next_step(None, random_bytes=dice, rate=1.0)
    enter(step)

    tell_stage("commit", 3.5)
    tell_span(step, "/v1/ask/{flow}", 9.25)

    stage, whole = map(msgspec.json.decode, out.getvalue().splitlines())
    assert (stage["event"], stage["name"], stage["ms"]) == ("span", "commit", 3.5)
    assert (stage["trace"], stage["parent"]) == (step.trace_id, step.span_id)
    assert (whole["span"], whole["name"], whole["ms"]) == (step.span_id, "/v1/ask/{flow}", 9.25)
    assert traceparent() == step.header
    assert step.header.endswith("-01")


def test_of_other_steps_nothing_is_told(out: io.BytesIO):
    step = next_step(None, random_bytes=dice, rate=0.0)
    enter(step)

    tell_stage("commit", 3.5)
    tell_span(step, "/v1/ask/{flow}", 9.25)

    assert out.getvalue() == b""
