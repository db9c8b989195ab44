"""Persons as a clerk types them: with an error of one kind, and a date of birth as it is known."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import ascii_lowercase
from typing import Final

from anyascii import anyascii

from kruispunt.identity import SEXES, Criteria, unit_of
from kruispunt.vocabulary import IncompleteDate, Ssin

SHOWN: Final = 10
"""Persons whom a clerk looks through."""

Row = tuple[int, int, int, str, str]
Names = tuple[str, str]

Typing = Callable[[str, random.Random], str]


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed, and who was meant."""

    criteria: Criteria
    meant: Ssin


def substitution(word: str, chance: random.Random) -> str:
    """Another letter in the place of one, the first too."""
    place = chance.randrange(len(word))
    others = [letter for letter in ascii_lowercase if letter != word[place].lower()]
    return word[:place] + chance.choice(others) + word[place + 1 :]


def deletion(word: str, chance: random.Random) -> str:
    """A letter too few."""
    place = chance.randrange(len(word))
    return word[:place] + word[place + 1 :]


def insertion(word: str, chance: random.Random) -> str:
    """A letter too many."""
    place = chance.randrange(len(word) + 1)
    return word[:place] + chance.choice(ascii_lowercase) + word[place:]


def transposition(word: str, chance: random.Random) -> str:
    """Two neighbours that differ, swapped."""
    places = [p for p in range(len(word) - 1) if word[p].lower() != word[p + 1].lower()]
    if not places:
        return word
    place = chance.choice(places)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


TYPED: Final[Mapping[str, Typing]] = {
    "substitution": substitution,
    "deletion": deletion,
    "insertion": insertion,
    "transposition": transposition,
}
KINDS: Final = ("none", *TYPED, "accents", "swapped")


def has_accents(row: Row) -> bool:
    """True where the names of a person lose something as they are typed."""
    return anyascii(row[3] + row[4]) != row[3] + row[4]


def mistype(kind: str, last: str, given: str, chance: random.Random) -> Names:
    """Both names, as typed with one error of that kind: anywhere in both."""
    match kind:
        case "none":
            return last, given
        case "accents":
            return anyascii(last).upper(), anyascii(given).upper()
        case "swapped":
            return given, last
        case _:
            in_last = chance.randrange(len(last) + len(given)) < len(last)
            typing = TYPED[kind]
            return (typing(last, chance), given) if in_last else (last, typing(given, chance))


def typed(row: Row, kind: str, chance: random.Random) -> Typed:
    """Who is meant by the whole date of birth, as far as it is known."""
    last, given = mistype(kind, row[3], row[4], chance)
    born = birth_of(row[1])
    return Typed(
        criteria=Criteria(
            last_name=last, given_names=given, birth_date=born, sex=_sex(row), most=SHOWN
        ),
        meant=Ssin.of(row[0]),
    )


def roughly(row: Row, known: str, chance: random.Random) -> Typed:
    """Who is meant by one typing error, and a birth that is known in days, months or years."""
    last, given = mistype(chance.choice(list(TYPED)), row[3], row[4], chance)
    born = birth_of(row[1])
    month = born.month if known != "years" else None
    day = born.day if known == "days" else None
    birth_date = IncompleteDate(born.year, month, day if month else None)
    return Typed(
        criteria=Criteria(
            last_name=last,
            given_names=given,
            birth_date=birth_date,
            sex=_sex(row),
            tolerance=TOLERANCES[unit_of(birth_date)],
            most=SHOWN,
        ),
        meant=Ssin.of(row[0]),
    )


TOLERANCES: Final = {"days": 30, "months": 2, "years": 2}


def birth_of(born: int) -> IncompleteDate:
    """A birth as it is stored, as a date."""
    return IncompleteDate(born // 10_000, born // 100 % 100 or None, born % 100 or None)


def _sex(row: Row) -> str:
    return next(sex for sex, code in SEXES.items() if code == row[2])
