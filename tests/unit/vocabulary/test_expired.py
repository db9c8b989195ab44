"""What is signed of expiry reads back as it was written, and nothing else reads."""

from datetime import date

import pytest

from kruispunt.vocabulary import Checkpoint, Expired, WrongCheckpoint, WrongExpired

SAID = Expired(
    origin="HUB/trail",
    position=4711,
    before=date(2021, 6, 1),
    leaves=4700,
    digest=bytes(range(32)),
)


def test_its_text_is_frozen_and_reads_back():
    text = "kruispunt/trail-expired/v1\nHUB/trail\n4711\n2021-06\n4700\n"
    text += "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"

    assert SAID.text == text
    assert Expired.read(text) == SAID


@pytest.mark.parametrize(
    ("old", "new"),
    [("4711", "04711"), ("4711", "-1"), ("2021-06", "2021-6"), ("2021-06", "2021-13"),
     ("v1", "v2"), ("HUB/trail", ""), ("Hh8=\n", "Hh8="), ("\n4711", ""), ("4711", "x"),
     ("4700", "-1"), ("4700", "4712"),
     ("4700", "04700"), ("AAEC", "AAE"), ("AAEC", ""), ("\n4700", "")],
)  # fmt: skip
def test_another_form_is_refused(old: str, new: str):
    with pytest.raises(WrongExpired):
        Expired.read(SAID.text.replace(old, new))


def test_it_never_reads_as_a_checkpoint_nor_a_checkpoint_as_it():
    with pytest.raises(WrongCheckpoint):
        Checkpoint.read(SAID.text)
    with pytest.raises(WrongExpired):
        Expired.read(Checkpoint(origin="HUB/trail", size=1, root=bytes(32)).text)
