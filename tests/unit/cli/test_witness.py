"""How long a witness waits, and what it and a long search tell."""

import pytest

from kruispunt.cli.held import progress
from kruispunt.cli.witness import still_words, wait_s
from kruispunt.client import Looked
from kruispunt.web import Note


def test_the_longer_an_outage_lasts_the_longer_it_waits_up_to_ten_minutes():
    waits = [wait_s(60, failures) for failures in range(8)]

    assert waits == [60, 60, 120, 240, 480, 600, 600, 600]
    assert wait_s(60, 10**6) == 600
    assert wait_s(3600, 5) == 3600


@pytest.mark.parametrize(
    ("looked", "words"),
    [
        (Looked(note=Note("", ()), age_s=11), "stands still since 11 s"),
        (Looked(note=None, age_s=5), "older checkpoint than the one remembered is shown, of 5 s"),
        (Looked(note=Note("", ()), age_s=-90), "90 s ahead of the clock here"),
    ],
)
def test_why_a_checkpoint_is_not_fresh_is_told(looked: Looked, words: str):
    assert looked.is_still
    assert words in still_words(looked)


def test_a_search_tells_nothing_for_two_seconds_and_then_once_a_second(
    capsys: pytest.CaptureFixture[str],
):
    times = iter([0.0, 1.9, 2.0, 2.0, 2.5, 3.1, 3.1])
    told = progress(lambda: next(times))

    for leaves in (100, 200, 300, 400):
        told(leaves)

    assert capsys.readouterr().err == "200 leaves looked at\n400 leaves looked at\n"
