"""Names of persons in plain letters: two spellings of one name are compared by them."""

from typing import Final

from anyascii import anyascii

_SPACES: Final = str.maketrans(dict.fromkeys("-_/.,;()", " "))
_NOTHING: Final = str.maketrans(dict.fromkeys("'`´’‘ʼ", ""))


def name_words(name: str) -> tuple[str, ...]:
    """The words of a name in plain small letters, in their order, without accents and marks.

    Other scripts are written in Latin letters. An apostrophe joins what stands around it, a
    hyphen parts it.
    """
    plain = anyascii(name.translate(_NOTHING)).lower().translate(_NOTHING).translate(_SPACES)
    kept = ("".join(filter(str.isalnum, word)) for word in plain.split())
    return tuple(word for word in kept if word)
