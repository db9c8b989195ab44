"""Names of persons, made comparable: letters, words, and the spellings a mistyped one has too."""

from functools import lru_cache
from itertools import chain
from typing import Final

from kruispunt.identity.sounds import sound
from kruispunt.vocabulary import name_words

WORDS: Final = 8
"""Words of a name that are looked at: more is no name, and would cost whoever waits."""

LETTERS: Final = 32
"""Letters of a word that are looked at."""

PARTICLES: Final = frozenset({
    "van", "vande", "vanden", "vander", "von", "vom", "den", "der", "ter", "ten", "op",
    "het", "de", "du", "des", "da", "das", "do", "dos", "del", "della", "di", "la", "las",
    "le", "les", "lo", "los", "el", "al", "ul", "bin", "ibn", "ben", "y", "e", "i", "d",
    "l", "t", "s", "zu", "zum", "zur",
})  # fmt: skip
"""Words that come and go between one spelling of a name and the next."""


def words(name: str) -> tuple[str, ...]:
    """The words of a name in plain small letters, as many and as long as are looked at."""
    return tuple(word[:LETTERS] for word in name_words(name)[:WORDS])


def telling(name: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a name without its particles; all of them where it has nothing else."""
    return tuple(word for word in name if word not in PARTICLES) or name


def joined(name: tuple[str, ...]) -> str:
    """The name in one word: where it is parted differs from one spelling to the next."""
    return "".join(name)[:LETTERS]


def found_by(name: tuple[str, ...]) -> frozenset[str]:
    """The words by which a name is found: each telling one, and all of it in one word."""
    return frozenset((*telling(name), joined(name))) - {""}


@lru_cache(maxsize=65_536)
def spellings(word: str) -> frozenset[str]:
    """What two words share where one is the other with one typing error, or sounds like it.

    The word itself, the word without any one of its letters, and how it sounds. A letter too
    many, too few, another one, or two neighbours swapped leave one of them as it was, wherever in
    the word that is. Words that share a spelling may still differ by two letters.
    """
    shorter = (word[:place] + word[place + 1 :] for place in range(len(word)))
    return frozenset(chain((word, "~" + sound(word)), filter(None, shorter)))
