"""The arithmetic of figures."""

import pytest
from bench.cpu import Used
from bench.figures import Leg, medians, open_rate, percentile, rounded, spreads


def a_leg(
    *,
    ms: tuple[float, ...] = (1.0, 2.0),
    failed: int = 0,
    cpu_ns: int = 0,
    seconds: float = 2.0,
) -> Leg:
    return Leg(ms=ms, failed=failed, seconds=seconds, cpu_ns={"hub": cpu_ns})


@pytest.mark.parametrize(
    ("share", "expected"), [(0.5, 50.0), (0.95, 95.0), (0.99, 99.0), (1.0, 100.0), (0.001, 1.0)]
)
def test_a_percentile_is_a_value_that_was_measured(share: float, expected: float):
    values = [float(n) for n in range(100, 0, -1)]

    assert percentile(values, share) == expected


def test_a_percentile_of_one_value_is_that_value_and_of_none_is_nothing():
    assert percentile([7.0], 0.99) == 7.0
    assert percentile([], 0.5) == 0.0


def test_cpu_and_throughput_count_only_what_was_answered():
    leg = a_leg(ms=(1.0,) * 10, failed=6, cpu_ns=4_000_000)

    assert leg.answered == 4
    assert leg.cpu_us("hub") == 1000.0
    assert leg.per_second == 2.0


def test_a_load_that_nobody_answered_has_figures_of_nothing():
    leg = a_leg(ms=(1.0,), failed=1, cpu_ns=5)

    assert (leg.cpu_us("hub"), leg.per_second) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("most", "rate"),
    [(2000.0, 650.0), (1084.0, 650.0), (1000.0, 600.0), (428.3, 250.0), (5.0, 10.0)],
)
def test_the_open_loop_runs_at_the_design_rate_or_well_below_what_passes(most: float, rate: float):
    assert open_rate(most) == rate


@pytest.mark.parametrize(
    ("seconds", "failed", "held"),
    [(2.0, 0, True), (2.06, 0, True), (2.07, 0, False), (2.0, 1, False)],
)
def test_a_rate_is_held_where_all_are_answered_as_fast_as_they_come(
    seconds: float, failed: int, held: bool
):
    leg = a_leg(ms=(1.0,) * 1300, failed=failed, seconds=seconds)

    assert leg.held(650.0) is held


def test_figures_are_medians_of_the_runs_and_tell_how_far_these_lie_apart():
    runs: list[dict[str, float | None]] = [{"us": 100.0}, {"us": 300.0}, {"us": 200.0}]

    assert medians(runs) == {"us": 200.0}
    assert spreads(runs) == {"us": 1.0}


def test_a_figure_that_was_not_measured_stays_so():
    runs: list[dict[str, float | None]] = [{"ratio_nginx": None}, {"ratio_nginx": 1.0}]

    assert medians(runs) == {"ratio_nginx": None}
    assert rounded("ratio_nginx", None) is None


def test_figures_are_printed_with_the_digits_they_are_good_for():
    assert rounded("hub_cpu_us", 512.3456) == 512.3
    assert rounded("ratio_bare_proxy", 0.51234) == 0.512
    assert rounded("p99_ms", 12.3456) == 12.35
    assert rounded("hub_cpu_us_20000", 512.3456) == 512.3
    assert rounded("ratio_p50_2000000", 1.23456) == 1.235


def test_cpu_of_a_process_that_ended_during_the_load_counts_once():
    before = Used(by_pid={1: 100, 2: 50}, reaped=1000)

    after = Used(by_pid={1: 130, 3: 7}, reaped=1080)

    assert after.since(before) == 30 + 7 + (80 - 50)
