"""What grows is told as growth: memory by the hour, cost by the number of people."""

import pytest
from bench.endurance import Look, memory, open_files
from bench.figures import slope_per_hour
from bench.scale import compared


def looks(*, begin_mb: float, mb_per_hour: float, number: int, first_mb: float) -> list[Look]:
    """One every ten seconds; the first minute climbs from `first_mb`."""
    return [
        Look(
            second=10.0 * n,
            hub_mb=first_mb if n < 6 else begin_mb + mb_per_hour * n / 360,
            station_mb=50.0,
            open_files=20 + (n == 3),
            restarts=0,
        )
        for n in range(number)
    ]


def test_a_slope_is_that_of_the_line_through_all_points():
    points = [(float(n), 100.0 + 0.002 * n) for n in range(0, 3600, 60)]

    assert slope_per_hour(points) == pytest.approx(7.2)


def test_one_wild_point_among_many_does_not_make_a_slope_of_its_own():
    points = [(10.0 * n, 100.0) for n in range(361)]
    points[180] = (1800.0, 200.0)

    assert slope_per_hour(points) == pytest.approx(0.0, abs=0.01)


def test_of_a_few_points_no_slope_is_told():
    assert slope_per_hour([(0.0, 1.0), (10.0, 2.0)]) is None


def test_what_memory_does_while_it_settles_does_not_count_as_growth():
    found = looks(begin_mb=90.0, mb_per_hour=12.0, number=361, first_mb=60.0)

    settled, whole = memory(found, settle_s=60), memory(found, settle_s=0)

    assert settled["hub_memory_slope_mb"] == 12.0
    assert whole["hub_memory_slope_mb"] != 12.0
    assert (settled["hub_memory_start_mb"], settled["hub_memory_max_mb"]) == (60.0, 102.0)
    assert settled["station_memory_slope_mb"] == 0.0
    assert (settled["open_files_max"], settled["open_files_end"]) == (21, 20)


def test_a_hub_that_was_started_anew_is_told():
    found = looks(begin_mb=90.0, mb_per_hour=0.0, number=10, first_mb=90.0)
    again = Look(second=100.0, hub_mb=70.0, station_mb=50.0, open_files=20, restarts=1)

    assert memory(found, settle_s=0)["hub_restarts"] == 0
    assert memory([*found, again], settle_s=0)["hub_restarts"] == 1


def test_open_files_are_read_from_what_a_process_tells():
    told = '# TYPE process_open_fds gauge\nprocess_open_fds{seat="X",worker="x-1"} 42\n'

    assert open_files(told) == 42
    assert open_files("# nothing\n") == 0


def test_every_number_of_people_stands_beside_the_fewest_and_two_processes_beside_one():
    found: dict[str, float | None] = {
        "hub_cpu_us_10": 100.0,
        "hub_cpu_us_20": 120.0,
        "database_cpu_us_10": 50.0,
        "database_cpu_us_20": 40.0,
        "p50_ms_10": 4.0,
        "p50_ms_20": 6.0,
        "per_second_10": 1000.0,
        "per_second_20": 900.0,
        "two_hubs_per_second": 1500.0,
        "two_hubs_cpu_us": 110.0,
    }

    assert compared(found, [10, 20]) == {
        "ratio_hub_cpu_20": 1.2,
        "ratio_database_cpu_20": 0.8,
        "ratio_p50_20": 1.5,
        "ratio_two_hubs_per_second": 1.5,
        "ratio_two_hubs_cpu": 1.1,
    }
