"""`kruispunt case inquire`: what a run says of a file, also of one that is wrong."""

from pathlib import Path

import pytest

from kruispunt.cli.case_inquire import summary
from kruispunt.cli.reading import file_fault


@pytest.mark.parametrize(
    ("found", "before", "said"),
    [
        ({}, 0, "the file has no lines"),
        ({}, 1, "nothing was left to do (1 line was done before)"),
        ({"open": 2, "not-granted": 1}, 0, "1 not granted, 2 open"),
        ({"wrong": 1}, 3, "1 wrong (3 lines were done before)"),
    ],
)
def test_a_run_says_how_many_lines_came_to_what(found: dict[str, int], before: int, said: str):
    assert summary(found, before=before) == said


def test_a_file_that_cannot_be_read_is_named_with_why():
    with pytest.raises(FileNotFoundError) as wrong:
        Path("/nowhere/members.jsonl").read_bytes()

    assert file_fault(wrong.value) == "/nowhere/members.jsonl: no such file or directory"


def test_a_file_without_a_name_tells_why_alone():
    assert file_fault(OSError(28, "No space left on device")) == "no space left on device"
