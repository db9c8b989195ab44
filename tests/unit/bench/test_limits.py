"""A limit holds or not by the figures of a run; what a run can't tell, it does not claim."""

from pathlib import Path

import pytest
from bench import page, record
from bench.directory import ROWS as DIRECTORY_ROWS
from bench.endurance import ROWS as ENDURANCE_ROWS
from bench.figures import Figure
from bench.limits import ALL, CROSSING, DIRECTORY, ENDURANCE, SCALE, Limit, judged
from bench.scale import limits_of

AT_MOST = Limit(figure="us", bound=500, told="")
AT_LEAST = Limit(figure="per_second", bound=1200, least=True, told="")
ON_TOP = Limit(figure="p50_ms", bound=6, over="commit_ms", told="")
ONLY_WHEN = Limit(figure="seconds", bound=90, told="", when={"lines": 10_000_000})


@pytest.mark.parametrize(
    ("limit", "found", "holds"),
    [
        (AT_MOST, 500.0, True),
        (AT_MOST, 500.1, False),
        (AT_LEAST, 1200.0, True),
        (AT_LEAST, 1199.9, False),
    ],
)
def test_a_limit_is_itself_allowed(limit: Limit, found: float, holds: bool):
    verdict = limit.judge({limit.figure: found})

    assert verdict == {"is": found, "limit": limit.bound, "holds": holds}


@pytest.mark.parametrize(("p50", "holds"), [(6.5, True), (6.51, False)])
def test_a_limit_on_top_of_a_commit_moves_with_the_disk(p50: float, holds: bool):
    verdict = ON_TOP.judge({"p50_ms": p50, "commit_ms": 0.5})

    assert verdict == {"is": p50, "limit": 6.5, "holds": holds}


def test_what_was_not_reached_does_not_hold():
    assert ON_TOP.judge({"p50_ms": None, "commit_ms": 0.5})["holds"] is False
    assert AT_LEAST.judge({"per_second": None})["holds"] is False


def test_a_smaller_run_tells_nothing_about_a_limit():
    small = ONLY_WHEN.judge({"seconds": 5.0, "lines": 1_000_000})
    whole = ONLY_WHEN.judge({"seconds": 95.0, "lines": 10_000_000})

    assert (small["is"], small["holds"]) == (5.0, None)
    assert whole["holds"] is False


def test_every_limit_is_told_in_words_that_tell_which_way_it_goes():
    assert AT_MOST.words == "≤ 500"
    assert AT_LEAST.words == "≥ 1\u202f200"
    assert ON_TOP.words == "≤ `commit_ms` + 6"


def test_every_limit_stands_on_a_figure_that_is_measured():
    assert {limit.figure for limit in CROSSING} <= set(page.CROSSING)
    assert {limit.figure for limit in DIRECTORY} <= set(DIRECTORY_ROWS)
    assert {limit.figure for limit in ENDURANCE} <= set(ENDURANCE_ROWS)


def test_the_limits_of_scale_are_those_of_the_sizes_that_were_visited():
    assert limits_of([20_000, 200_000, 2_000_000]) == SCALE
    assert [one.figure for one in limits_of([1000, 4000])] == [
        "ratio_hub_cpu_4000",
        "ratio_database_cpu_4000",
        "ratio_p50_4000",
    ]
    assert limits_of([1000]) == ()


def test_every_limit_has_a_row_in_the_page_that_says_what_may_be():
    lines = record.PAGE.read_text("utf-8").splitlines()

    for limit in ALL:
        (row,) = [line for line in lines if line.startswith(f"| `{limit.figure}` |")]
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert len(cells) == 6
        assert cells[1] == limit.told
        assert cells[2].startswith(limit.words)


def test_a_recorded_run_fills_in_what_its_limits_are_and_leaves_the_others(tmp_path: Path):
    path = tmp_path / "performance.md"
    limits = (AT_MOST, AT_LEAST, ON_TOP, ONLY_WHEN)
    path.write_text("\n".join(["# P", *(record.row(limit) for limit in limits), ""]), "utf-8")
    figures: dict[str, Figure] = {
        "us": 400.0,
        "per_second": 900.0,
        "p50_ms": None,
        "commit_ms": 0.5,
        "seconds": 5.0,
        "lines": 1000,
        "commit": "aaa",
        "machine": "two cores",
    }

    verdicts = judged(limits, figures)
    record.record_limits(limits, verdicts, figures, day="2031-01-01", path=path)

    rows = path.read_text("utf-8").splitlines()[1:]
    measured = "2031-01-01, aaa, two cores"
    assert rows[0] == f"| `us` |  | ≤ 500 | 400.0 | yes | {measured} |"
    assert rows[1] == f"| `per_second` |  | ≥ 1\u202f200 | 900.0 | **no** | {measured} |"
    assert rows[2] == (
        f"| `p50_ms` |  | ≤ `commit_ms` + 6 = 6.5 | not reached | **no** | {measured} |"
    )
    assert rows[3] == record.row(ONLY_WHEN)
