"""Metrics say what was counted, in the form that Prometheus reads, and never grow without end."""

import re
from timeit import timeit

import pytest

from kruispunt.web import Metrics, one
from kruispunt.web.metrics import MOST_SERIES

LINE = re.compile(r'[a-z_]+(\{([a-z_]+="([^"\\\n]|\\.)*",?)*\})? (\+Inf|-?[0-9.e+-]+)')


def test_a_counter_stands_once_for_each_set_of_labels():
    metrics = Metrics({"seat": "hub"})
    asked = metrics.counter("asked_total", "Questions.", labels=("flow", "told"))

    asked.of("household", "").add()
    asked.of("household", "no-file").add(2)
    asked.of("household", "").add()

    assert metrics.text().decode().splitlines() == [
        "# HELP asked_total Questions.",
        "# TYPE asked_total counter",
        'asked_total{seat="hub",flow="household",told=""} 2',
        'asked_total{seat="hub",flow="household",told="no-file"} 2',
    ]


def test_a_histogram_counts_each_value_in_its_bucket_and_in_all_above():
    metrics = Metrics({})
    took = metrics.histogram("took_ms", "Time.", bounds=(1.0, 5.0)).of()

    for value in (0.5, 1.0, 3.0, 9.5):
        took.observe(value)

    assert metrics.text().decode().splitlines()[2:] == [
        'took_ms_bucket{le="1"} 2',
        'took_ms_bucket{le="5"} 3',
        'took_ms_bucket{le="+Inf"} 4',
        "took_ms_sum 14",
        "took_ms_count 4",
    ]


def test_a_gauge_is_read_when_someone_looks():
    metrics = Metrics({})
    waiting = [0]
    metrics.read("waiting", "Bundles.", one(lambda: waiting[0]))

    waiting[0] = 7

    assert metrics.text().endswith(b"\nwaiting 7\n")


def test_every_line_can_be_read_whatever_a_label_holds():
    metrics = Metrics({"seat": 'a "b"\\\n'})
    metrics.counter("asked_total", "Questions.", labels=("flow",)).of("x\ny").add()
    metrics.read("free", "Share.", one(lambda: 0.25))

    lines = [line for line in metrics.text().decode().splitlines() if not line.startswith("#")]

    assert len(lines) == 2
    assert all(LINE.fullmatch(line) for line in lines), lines


def test_names_that_keep_coming_are_counted_together():
    metrics = Metrics({})
    asked = metrics.counter("asked_total", "Questions.", labels=("flow",))

    for place in range(MOST_SERIES + 50):
        asked.of(str(place)).add()

    text = metrics.text().decode()
    assert text.count("\n") == MOST_SERIES + 3
    assert 'asked_total{flow="other"} 50' in text


def test_a_metric_has_one_meaning():
    metrics = Metrics({})
    asked = metrics.counter("asked_total", "Questions.", labels=("flow",))

    with pytest.raises(ValueError, match="stands already"):
        metrics.histogram("asked_total", "Again.")
    with pytest.raises(ValueError, match="expected 1 labels, found 2"):
        asked.of("household", "given")


def test_counting_costs_next_to_nothing():
    metrics = Metrics({})
    asked = metrics.counter("asked_total", "Questions.", labels=("flow", "decision", "told"))
    took = metrics.histogram("took_ms", "Time.").of()

    def count() -> None:
        asked.of("household", "granted", "").add()
        took.observe(3.2)

    best = min(timeit(count, number=2000) / 2000 for _ in range(20))

    assert best < 5e-6, "a microsecond each, with room for a slow machine"
