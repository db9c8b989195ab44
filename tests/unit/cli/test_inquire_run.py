"""A run through a file of members goes on where it broke off, and amounts are read whole."""

from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from kruispunt.cli.case_options import NoAmount, read_cents
from kruispunt.cli.inquire_run import RunWrong, open_run

TODAY = date(2031, 3, 5)
FIRST, SECOND = UUID(int=1), UUID(int=2)


def notes(members: Path) -> Path:
    return members.with_name(f"{members.name}.run")


def test_a_run_goes_on_under_the_same_id_on_the_day_that_it_began(tmp_path: Path):
    members = tmp_path / "members.jsonl"
    with open_run(members, digest="a", fresh=FIRST, today=TODAY) as run:
        run.note([1, 2])
        run.note([])
        run.note([4])

    with open_run(members, digest="a", fresh=SECOND, today=date(2031, 3, 9)) as again:
        assert (again.id, again.on, again.done) == (FIRST, TODAY, frozenset({1, 2, 4}))
        again.note([3])

    with open_run(members, digest="a", fresh=SECOND, today=TODAY) as last:
        assert last.done == {1, 2, 3, 4}
    assert notes(members).stat().st_mode & 0o077 == 0


def test_a_note_that_was_not_written_whole_is_no_note(tmp_path: Path):
    members = tmp_path / "members.jsonl"
    with open_run(members, digest="a", fresh=FIRST, today=TODAY) as run:
        run.note([1, 2])
    with notes(members).open("ab") as file:
        file.write(b"34")

    with open_run(members, digest="a", fresh=SECOND, today=TODAY) as again:
        assert again.done == {1, 2}
        again.note([3])
    with open_run(members, digest="a", fresh=SECOND, today=TODAY) as last:
        assert last.done == {1, 2, 3}


def test_another_file_does_not_go_on_with_the_notes_of_this_one(tmp_path: Path):
    members = tmp_path / "members.jsonl"
    with open_run(members, digest="a", fresh=FIRST, today=TODAY):
        pass

    with pytest.raises(RunWrong, match="is not what it was"):  # noqa: SIM117
        with open_run(members, digest="b", fresh=FIRST, today=TODAY):
            pass
    notes(members).write_bytes(b"{}\n")
    with pytest.raises(RunWrong, match="not readable"):  # noqa: SIM117
        with open_run(members, digest="a", fresh=FIRST, today=TODAY):
            pass


@pytest.mark.parametrize(("text", "cents"), [("0", 0), ("27550.86", 2_755_086), ("12.30", 1230)])
def test_an_amount_is_read_to_the_cent(text: str, cents: int):
    assert read_cents(text) == cents


@pytest.mark.parametrize("text", ["", "1.5", "1,50", "-1", "1e3", "٣", "1.500", " 1", "1\n"])
def test_what_would_have_to_be_rounded_or_guessed_is_no_amount(text: str):
    with pytest.raises(NoAmount):
        read_cents(text)
