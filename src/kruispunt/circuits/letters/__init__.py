"""Letters on paper, as PDF in the language of who gets them (05/022 §5(2), §5(4))."""

from kruispunt.circuits.letters.holder import print_holder_sheet
from kruispunt.circuits.letters.paper import Addressee
from kruispunt.circuits.letters.request import print_request
from kruispunt.circuits.letters.words import Wording, Wordings, WordsWrong, read_wordings

__all__ = [
    "Addressee",
    "Wording",
    "Wordings",
    "WordsWrong",
    "print_holder_sheet",
    "print_request",
    "read_wordings",
]
