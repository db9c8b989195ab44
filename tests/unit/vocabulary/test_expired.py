"""What is signed of expiry reads back as it was written, and nothing else reads."""

from datetime import date

import pytest

from kruispunt.vocabulary import Checkpoint, Expired, WrongCheckpoint, WrongExpired

SAID = Expired(origin="HUB/trail", position=4711, before=date(2021, 6, 1))


def test_its_text_is_frozen_and_reads_back():
    text = "kruispunt/trail-expired/v1\nHUB/trail\n4711\n2021-06\n"

    assert SAID.text == text
    assert Expired.read(text) == SAID


@pytest.mark.parametrize(
    ("old", "new"),
    [("4711", "04711"), ("4711", "-1"), ("2021-06", "2021-6"), ("2021-06", "2021-13"),
     ("v1", "v2"), ("HUB/trail", ""), ("2021-06\n", "2021-06"), ("\n4711", ""), ("4711", "x")],
)  # fmt: skip
def test_another_form_is_refused(old: str, new: str):
    with pytest.raises(WrongExpired):
        Expired.read(SAID.text.replace(old, new))


def test_it_never_reads_as_a_checkpoint_nor_a_checkpoint_as_it():
    with pytest.raises(WrongCheckpoint):
        Checkpoint.read(SAID.text)
    with pytest.raises(WrongExpired):
        Expired.read(Checkpoint(origin="HUB/trail", size=1, root=bytes(32)).text)


def test_it_covers_what_is_before_its_place_and_before_its_month():
    assert SAID.covers(4710, month=date(2021, 5, 1))
    assert not SAID.covers(4711, month=date(2021, 5, 1))
    assert not SAID.covers(4710, month=date(2021, 6, 1))
