from datetime import date
from pathlib import Path

import polars as pl
import pytest

from kruispunt.directory.loading import WrongTable
from kruispunt.directory.loading.table import check_rows, read_batches

GOOD = "85073003328,11,1,0,2031-01-01,2031-01-31"
HEADER = "ssin,sector,quality,phase,begin,end"


def a_csv(folder: Path, *rows: str, header: str = HEADER) -> Path:
    file = folder / "lines.csv"
    file.write_text("\n".join((header, *rows)) + "\n")
    return file


def test_a_file_includes_the_last_day_and_a_line_does_not(tmp_path: Path):
    file = a_csv(tmp_path, GOOD, "85073003328,11,001,,2031-01-01,")

    (batch,) = read_batches(file, names_members=False)

    assert batch.bad == ()
    assert batch.lines.rows() == [
        (85073003328, 11, 1, 0, date(2031, 1, 1), date(2031, 2, 1), None),
        (85073003328, 11, 1, 0, date(2031, 1, 1), None, None),
    ]


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("85073003329,11,1,0,2031-01-01,", "ssin: expected a valid number"),
        (",11,1,0,2031-01-01,", "ssin: expected a valid number"),
        ("85073003328,1000,1,0,2031-01-01,", "sector: expected 0 to 999"),
        ("85073003328,x,1,0,2031-01-01,", "sector: expected 0 to 999"),
        ("85073003328,11,,0,2031-01-01,", "quality: expected 0 to 999"),
        ("85073003328,11,-1,0,2031-01-01,", "quality: expected 0 to 999"),
        ("85073003328,11,1,100,2031-01-01,", "phase: expected 0 to 99"),
        ("85073003328,11,1,0,2031-02-30,", "begin: expected yyyy-mm-dd"),
        ("85073003328,11,1,0,,", "begin: expected yyyy-mm-dd"),
        ("85073003328,11,1,0,2031-01-01,soon", "end: expected yyyy-mm-dd or nothing"),
        ("85073003328,11,1,0,2031-01-02,2031-01-01", "end: expected it not before begin"),
        (
            "85073003328,11,1,0,2031-01-02,9999-12-31",
            "end: expected a day before the last of the calendar",
        ),
    ],
)
def test_a_bad_row_is_told_by_its_line_and_rule(tmp_path: Path, row: str, rule: str):
    file = a_csv(tmp_path, GOOD, row, GOOD)

    (batch,) = read_batches(file, names_members=False)

    assert [(bad.number, bad.rule) for bad in batch.bad] == [(3, rule)]
    assert batch.lines.height == 2
    assert batch.rejected["line"].to_list() == [3]


def test_a_hub_takes_no_member_and_a_node_does(tmp_path: Path):
    file = a_csv(tmp_path, f"{GOOD},FUND", header=f"{HEADER},member")

    (at_hub,) = read_batches(file, names_members=False)
    (at_node,) = read_batches(file, names_members=True)

    assert [bad.rule for bad in at_hub.bad] == ["member: expected none at a hub"]
    assert at_node.bad == ()


def test_parquet_may_keep_numbers_and_dates_as_such(tmp_path: Path):
    file = tmp_path / "lines.parquet"
    rows = {"ssin": [1070300108, 85073003328], "sector": [11, 12], "quality": [1, 2]}
    begins = {"begin": [date(2031, 1, 1), date(2031, 1, 1)]}
    pl.DataFrame({**rows, **begins}).write_parquet(file)

    (batch,) = read_batches(file, names_members=False)

    assert [bad.number for bad in batch.bad] == []
    assert batch.lines["ssin"].to_list() == [1070300108, 85073003328]


def test_numbers_of_rows_go_on_from_batch_to_batch():
    frame = pl.DataFrame(
        {"ssin": ["x"], "sector": ["1"], "quality": ["1"], "begin": ["2031-01-01"]}
    )

    batch = check_rows(frame, first=100_002, names_members=False)

    assert batch.bad[0].number == 100_002


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("lines.csv", "ssin,sector,begin\n", "expected a column quality"),
        ("lines.csv", f"{HEADER},salary\n", "expected no column salary"),
        ("lines.csv", "", "can't read"),
        ("lines.parquet", "no parquet", "can't read"),
        ("lines.txt", HEADER, "expected .csv or .parquet"),
        ("none.csv", None, "can't read"),
    ],
)
def test_what_is_no_table_of_lines_is_told(tmp_path: Path, name: str, text: str | None, told: str):
    file = tmp_path / name
    if text is not None:
        file.write_text(text)

    with pytest.raises(WrongTable, match=told):
        list(read_batches(file, names_members=False))
