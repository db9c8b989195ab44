"""Values inside a message of the right shape: words, numbers, days and persons."""

from datetime import date

from kruispunt.gateway.soap.ssdn.served import Served
from kruispunt.gateway.soap.ssdn.summary import wrong
from kruispunt.gateway.soap.xml import Element
from kruispunt.vocabulary import IncompleteDate, Period, Ssin, WrongNumber

_TRUE = ("true", "1")
_DAY = len("yyyy-mm-dd")


def squeezed(text: str | None) -> str:
    """Text as a token has it: no spaces around, and one where there were more."""
    return " ".join((text or "").split())


def word(element: Element | None, path: str) -> str:
    """The text of an element inside; empty: there is none, or nothing in it."""
    return "" if element is None else squeezed(element.findtext(path))


def number(text: str) -> int | None:
    """The whole number that the schema saw; None: there is none."""
    return int(text) if text else None


def truth(text: str, *, unsaid: bool) -> bool:
    """What an `xs:boolean` says."""
    return text in _TRUE if text else unsaid


def read_ssin(text: str, field: str) -> Ssin | Served:
    """The number, or what is wrong with it: never the number itself."""
    try:
        return Ssin(text)
    except WrongNumber:
        return Served(details=(wrong(field, "not the number of a person"),))


def read_period(element: Element, field: str) -> Period | Served:
    """A period with its last day, or without; a day may name its zone, which changes nothing."""
    begin, *last = [squeezed(day.text)[:_DAY] for day in element.iterchildren("*")]
    try:
        return Period.through(
            date.fromisoformat(begin), date.fromisoformat(last[0]) if last else None
        )
    except ValueError:
        return Served(details=(wrong(field, "not a period of the calendar"),))


def read_birth_date(text: str, field: str) -> IncompleteDate | Served:
    """A date of which month or day may be 00."""
    try:
        return IncompleteDate.parse(text)
    except ValueError:
        return Served(details=(wrong(field, "not a date of the calendar"),))
