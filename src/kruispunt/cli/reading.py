"""What commands about one person share: their number from standard input, and what is kept."""

import sys
from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter

from kruispunt.client import KeptBody
from kruispunt.vocabulary import Ssin, WrongNumber

Person = Annotated[
    str,
    Parameter(help="`-`: the number is read from standard input.", allow_leading_hyphen=True),
]
"""The option by which a command is told about whom it is."""


class NoSsin(ValueError):
    """No valid number was given. The message never repeats it."""


def read_ssin_argument(given: str) -> Ssin:
    """The number on standard input; the option's only value is `-`.

    A command line can be read by everyone on the machine, so no number is taken from it.

    Raises:
        NoSsin: the value is not `-`, or what came in is not a valid number.
    """
    if given != "-":
        raise NoSsin("--ssin takes only `-`: write the number to standard input")
    digits = "".join(sign for sign in sys.stdin.readline() if sign not in " .-\n\r\t")
    try:
        return Ssin(digits)
    except WrongNumber as wrong:
        raise NoSsin(f"standard input: {wrong}") from None


def file_fault(error: OSError) -> str:
    """What is wrong with a file, for who named it: which one, and why."""
    why = (error.strerror or "can't be read or written").lower()
    return f"{error.filename}: {why}" if error.filename else why


def kept_words(kept: Sequence[KeptBody]) -> list[str]:
    """What law keeps from the person, a line for each ground."""
    return [
        f"{one.looks} not shown: {one.titles.get('en', one.id)} ({one.paragraph})" for one in kept
    ]
