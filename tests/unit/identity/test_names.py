"""Names in plain letters, the words they are found by, and the spellings of each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from kruispunt.identity.names import found_by, joined, spellings, telling, words
from kruispunt.identity.sounds import sound

LETTERS = st.text(alphabet="abcdeghijklmnorstuvwy", min_size=2, max_size=14)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("PEETERS", ("peeters",)),
        ("Gérard", ("gerard",)),
        ("Müller", ("muller",)),
        ("Ayşe Yılmaz", ("ayse", "yilmaz")),
        ("Łukasz Wiśniewska", ("lukasz", "wisniewska")),
        ("D'Hondt", ("dhondt",)),
        ("d’Hondt", ("dhondt",)),
        ("Jean-Pierre", ("jean", "pierre")),
        ("Van  den\tBroeck", ("van", "den", "broeck")),
        ("Иванова", ("ivanova",)),
        ("- . '", ()),
        ("", ()),
    ],
)
def test_a_name_is_read_as_words_in_plain_small_letters(name: str, plain: tuple[str, ...]):
    assert words(name) == plain


def test_a_name_that_is_no_name_is_cut_short():
    many = words("a " * 1000)
    long = words("x" * 1000)

    assert len(many) == 8
    assert len(long[0]) == 32


@given(st.text(max_size=60))
def test_whatever_is_written_plain_words_stay_as_they_are(name: str):
    plain = words(name)

    assert words(" ".join(plain)) == plain
    assert all(word.isascii() and word.isalnum() and word == word.lower() for word in plain)


def test_particles_tell_nothing_unless_there_is_nothing_else():
    assert telling(words("Van de Velde")) == ("velde",)
    assert telling(words("De")) == ("de",)


def test_a_name_is_found_by_its_telling_words_and_by_all_of_it_in_one():
    assert found_by(words("Van de Velde")) == {"velde", "vandevelde"}
    assert found_by(words("Vandevelde")) == {"vandevelde"}
    assert found_by(words("García López")) == {"garcia", "lopez", "garcialopez"}
    assert found_by(()) == frozenset()


@given(LETTERS, st.data())
def test_one_typing_error_anywhere_leaves_a_spelling_in_common(word: str, data: st.DataObject):
    place = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from("abcxyz"))
    typed = data.draw(
        st.sampled_from(
            [
                word[:place] + letter + word[place:],
                word[:place] + word[place + 1 :],
                word[:place] + letter + word[place + 1 :],
                word[:place] + word[place + 1 : place + 2] + word[place] + word[place + 2 :],
            ]
        )
    )

    assert spellings(word) & spellings(typed)


@given(LETTERS, LETTERS)
def test_words_that_share_a_spelling_differ_by_two_letters_at_most_or_sound_alike(
    one: str, other: str
):
    shared = spellings(one) & spellings(other)

    assert not shared or OSA.distance(one, other) <= 2 or sound(one) == sound(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("claeys", "claes"),
        ("janssens", "jansens"),
        ("dhaene", "dhane"),
        ("schmidt", "schmit"),
        ("meyer", "meier"),
        ("vanderlinden", "fanderlinten"),
        ("philips", "filips"),
        ("thijs", "tijs"),
    ],
)
def test_names_that_are_heard_as_the_same_sound_alike(one: str, other: str):
    assert sound(one) == sound(other)


def test_names_that_are_not_heard_as_the_same_do_not():
    assert len({sound(name) for name in ("peeters", "maes", "willems", "claes", "wouters")}) == 5


def test_one_word_is_what_is_left_of_a_name_that_is_parted_otherwise():
    assert joined(words("Van de Velde")) == joined(words("Vandevelde"))
