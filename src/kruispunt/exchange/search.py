"""The search for a person, as a question about nobody in particular: its entry stands first.

Who asks is told numbers alone. Each person shown is a question of its own, with its entry and its
ground, so that nobody is looked at beyond the maximum. No word of a search stands in the trail but
the digest of what was asked: names that were typed may be anyone's.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from kruispunt.identity import MOST, Criteria, WrongCriteria
from kruispunt.law import Flow
from kruispunt.vocabulary import (
    NOBODY,
    Details,
    IncompleteDate,
    Malformed,
    Question,
    Reply,
    Ssin,
)

LONGEST: Final = 200
"""Characters of a name that is asked for."""


class FoundByName(Protocol):
    """Finds persons in the registers: `identity.Persons`, or its twin."""

    async def find(self, criteria: Criteria) -> list[Ssin]: ...


def check_search(question: Question) -> None:
    """Nothing, where a question is a search that can be made.

    Raises:
        Malformed: it is about a person, or its criteria would find nobody, whoever there is.
    """
    if question.ssin != NOBODY:
        raise Malformed("expected a search to be about nobody: the number that nobody has")
    criteria_of(question.details)


def criteria_of(details: Details) -> Criteria:
    """What a search asks, as its question tells it.

    Raises:
        Malformed: criteria that would find nobody, whoever there is.
    """
    said = dict(details)
    given_names = " ".join(filter(None, (said.get("first_name"), said.get("middle_name"))))
    if max(len(given_names), len(said.get("last_name", ""))) > LONGEST:
        raise Malformed(f"expected names of at most {LONGEST} characters")
    try:
        return Criteria(
            last_name=said.get("last_name", ""),
            given_names=given_names,
            birth_date=IncompleteDate.parse(said.get("birth_date", "")),
            sex=said.get("sex", ""),
            tolerance=_whole(said.get("tolerance", "0")),
            most=_whole(said.get("maximum", str(MOST))),
        )
    except WrongCriteria as wrong:
        raise Malformed(str(wrong)) from None
    except ValueError:
        # What was parsed is in no message: it may be the birth of somebody.
        expected = "expected a birth date, and whole numbers for tolerance and maximum"
        raise Malformed(expected) from None


async def search(persons: FoundByName, question: Question, flow: Flow) -> Reply:
    """Who is found, the likeliest first: one row for each, of the one field that a search has.

    Raises:
        Malformed: as `check_search`.
        Unavailable: the registers are away; asking again is safe.
    """
    check_search(question)
    (field,) = flow.fields
    found: Sequence[Ssin] = await persons.find(criteria_of(question.details))
    return Reply(ssin=NOBODY, rows=tuple({field.name: one.digits} for one in found))


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 4:
        raise ValueError("expected a whole number")
    return int(text)
