"""The classic prefix (A1): 146 characters before every message that was once a fixed record."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from kruispunt.gateway.soap.reasons import FOUND, for_problem, for_reason
from kruispunt.gateway.soap.ssdn.served import Served
from kruispunt.gateway.soap.ssdn.summary import wrong
from kruispunt.vocabulary import Answer, NoAnswer, Period, Problem

LENGTH: Final = 146
OK: Final = FOUND.a1.code

_VERSION: Final = slice(4, 6)
_SECTOR: Final = slice(6, 9)
_TYPE: Final = slice(9, 12)
_SSIN: Final = slice(41, 52)
_FORM: Final = slice(52, 56)
_QUALITY: Final = slice(103, 106)
_INTEGRATED: Final = slice(108, 124)
_REQUESTED: Final = slice(124, 140)
_DAY: Final = 8

_Part = Literal["integrated", "requested"]


@dataclass(frozen=True, slots=True)
class Prefix:
    """A prefix as it came, filled up with the blanks that a text may have lost at its end."""

    text: str

    @property
    def sector(self) -> str:
        """The sector of the sender."""
        return self.text[_SECTOR]

    @property
    def institution_type(self) -> str:
        """What the sender is within its sector."""
        return self.text[_TYPE]

    @property
    def ssin(self) -> str:
        """The person that the message is about; empty: it is about an employer."""
        return self.text[_SSIN].strip()

    @property
    def form(self) -> str:
        """The code of the form."""
        return self.text[_FORM]

    @property
    def quality(self) -> str:
        """In which quality the sender has a file, as it says; empty: it doesn't."""
        return self.text[_QUALITY].strip()

    def period(self, part: _Part) -> Period | None:
        """The days between which the sender has a file, or asks; None: none, or no days."""
        text = self.text[_INTEGRATED if part == "integrated" else _REQUESTED]
        try:
            return Period.through(_day(text[:_DAY]), _day(text[_DAY:]))
        except ValueError:
            return None

    def returned(self, code: str) -> str:
        """The prefix of the answer: the same, with the return code behind it."""
        return self.text[: LENGTH - len(code)] + code


def read_prefix(text: str, form: str) -> Prefix | Served:
    """The prefix of a message with this form."""
    found = Prefix(text.strip("\r\n\t").ljust(LENGTH))
    fits = (
        len(found.text) == LENGTH
        and found.text.isascii()
        and found.text[_VERSION] == "A1"
        and found.form == form
    )
    if fits:
        return found
    return Served(details=(wrong("ClassicPrefix", "not the prefix of such a message"),))


def code_of(told: Answer | NoAnswer | Problem) -> str:
    """The return code of what was told: an empty answer is no problem."""
    match told:
        case Answer():
            return OK
        case NoAnswer(refusal=refusal):
            return for_reason(refusal.reason).a1.code
        case Problem():
            return for_problem(told).a1.code


def _day(text: str) -> date:
    if not text.isdecimal():
        raise ValueError("expected digits")
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))
