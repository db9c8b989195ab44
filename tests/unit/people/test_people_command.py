from datetime import date
from pathlib import Path

import msgspec
import polars as pl
import pytest
from rich.console import Console

from kruispunt.cli.people import Progress, people_app
from kruispunt.people import MARK
from kruispunt.vocabulary import Ssin

ARGUMENTS = ["--size", "300", "--seed", "2", "--today", "2026-01-15"]


def run(*arguments: str) -> int:
    return int(people_app([*arguments], result_action="return_value") or 0)


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_people_are_written_and_marked_as_synthetic(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
):
    out = tmp_path / "people"

    code = run("make", *ARGUMENTS, "--out", str(out), "--format", form, "--json")

    report = msgspec.json.decode(capsys.readouterr().out)
    assert code == 0
    assert report["people"] == report["rows"]["persons"] == 300
    assert report["today"] == "2026-01-15"
    assert "synthetic" in (out / MARK).read_text()
    read = pl.read_parquet if form == "parquet" else pl.read_csv
    assert read(out / f"hub_lines.{form}").height == report["rows"]["hub_lines"]


def test_a_text_file_keeps_the_zeros_of_a_number(tmp_path: Path):
    run("make", *ARGUMENTS, "--out", str(tmp_path), "--format", "csv", "--json")

    numbers = pl.read_csv(tmp_path / "numbers.csv", infer_schema=False)
    for column in ("ssin", "successor"):
        for digits in numbers[column].drop_nulls():
            Ssin(digits)


def test_people_are_shown_without_their_numbers(capsys: pytest.CaptureFixture[str]):
    code = run("show", *ARGUMENTS, "--rows", "5")

    shown = capsys.readouterr().out
    assert code == 0
    assert "node_lines" in shown
    assert "ssin" not in shown


def test_a_size_that_cannot_be_made_is_refused_with_the_reason(
    capsys: pytest.CaptureFixture[str],
):
    code = run("show", "--size", "0", "--today", date(2026, 1, 15).isoformat())

    assert code == 1
    assert "expected at least one person" in capsys.readouterr().err


def test_progress_speaks_only_after_two_seconds():
    ticks = iter([0.0, 1.0, 3.0, 4.0])
    console = Console(record=True, force_terminal=True, width=60)
    progress = Progress(console, clock=lambda: next(ticks))

    progress.tell("lives")
    quiet = console.export_text(clear=False)
    progress.tell("work")
    seconds = progress.stop()

    assert quiet == ""
    assert seconds == 4.0
