"""Who may be meant: what is kept of persons, and how well each fits what is asked. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import OSA

from kruispunt.identity.criteria import SEXES, Births, Criteria, births, stamp
from kruispunt.identity.names import found_by, joined, spellings, telling, words
from kruispunt.identity.sounds import sound
from kruispunt.vocabulary import IncompleteDate, Ssin

FEW_DAYS: Final = 7
"""Persons born within so many days are all compared, whatever they are called."""

BORN: Final = 5_000
"""Of them so many at most, those born nearest first."""

CALLED: Final = 400
"""Persons who are compared of those that words find."""

FLOOR: Final = 0.68
"""Below, it is somebody else: nobody is shown for sharing a word of a name."""

LAST_NAME: Final = 0.6
"""What the last name weighs where there are given names too."""

SWAPPED: Final = 0.03
"""What it costs that last and given names stand in each other's place."""

NO_GIVEN: Final = 0.7
"""How well a person without given names fits given names."""

IN_PART: Final = 0.9
"""How well a name fits of which only a word is told, or that has another one besides."""

ALIKE: Final = 0.86
"""How well names fit that sound alike."""

SHORT: Final = 4
"""A letter weighs in a shorter word as it does in one of so many."""

BIRTH: Final = 0.04
"""What a birth at the edge of the tolerance costs; one that is not fully known costs a quarter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What is kept of a person to be found by: no more than that, and nothing of it is shown."""

    ssin: Ssin
    birth_date: IncompleteDate
    last_name: str
    given_names: str = ""
    sex: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Criteria as they are compared with: names in words, births in numbers."""

    last: tuple[str, ...]
    given: tuple[str, ...]
    born: int
    births: Births
    sex: int

    @classmethod
    def of(cls, criteria: Criteria) -> "Wanted":
        """What these criteria want."""
        return cls(
            last=words(criteria.last_name),
            given=words(criteria.given_names),
            born=stamp(criteria.birth_date),
            births=births(criteria.birth_date, criteria.tolerance),
            sex=SEXES[criteria.sex],
        )

    @property
    def words(self) -> tuple[str, ...]:
        """The words by which whoever is meant is found, in their order."""
        return tuple(sorted(found_by(self.last) | found_by(self.given)))

    @property
    def spellings(self) -> list[tuple[int, str]]:
        """What a word in use must share with one of them: its place among them, and a spelling."""
        return [(place, each) for place, word in enumerate(self.words) for each in spellings(word)]

    def weighed(self, found: Iterable[tuple[int, str]]) -> list[tuple[str, int]]:
        """Of words in use that share a spelling with one of them, those that may be meant by it.

        Each once, with what it tells: a word as it was asked for tells most.
        """
        own, told = self.words, dict[str, int]()
        for place, word in found:
            told[word] = max(told.get(word, 0), _weight(own[place], word))
        return [(word, weight) for word, weight in told.items() if weight]

    @property
    def few(self) -> bool:
        """True where so few days are allowed that everyone born on them is compared."""
        return self.births.days <= FEW_DAYS


Row = tuple[int, int, int, str, str]
"""A person as stored: number, birth, sex, last name and given names in plain words."""


def row_of(person: Person) -> Row:
    """A person as stored.

    Raises:
        ValueError: a sex that is none of F, M or nothing.
    """
    if person.sex not in SEXES:
        raise ValueError("expected sex F, M or nothing")
    return (
        person.ssin.number,
        stamp(person.birth_date),
        SEXES[person.sex],
        " ".join(words(person.last_name)),
        " ".join(words(person.given_names)),
    )


def plain_row(person: Person | Row) -> Row:
    """A person as stored; of a row the names may be in any letters."""
    if isinstance(person, Person):
        return row_of(person)
    number, born, sex, last_name, given_names = person
    return (number, born, sex, " ".join(words(last_name)), " ".join(words(given_names)))


def words_of(row: Row) -> frozenset[str]:
    """The words by which a stored person is found."""
    return found_by(tuple(row[3].split())) | found_by(tuple(row[4].split()))


def ranked(wanted: Wanted, rows: Iterable[Row], *, most: int) -> list[Ssin]:
    """The numbers of who may be meant, the likeliest first; of equals the lowest number first."""
    likeness = _Likeness()
    fits = [(-_fit(wanted, row, likeness), row[0]) for row in rows]
    return [Ssin.of(number) for fit, number in sorted(fits) if -fit >= FLOOR][:most]


def _weight(asked: str, word: str) -> int:
    """What a word in use tells of one that was asked for: nothing where two letters differ."""
    if asked == word:
        return 10
    if OSA.distance(asked, word, score_cutoff=1) == 1:
        return 9
    return 8 if sound(asked) == sound(word) else 0


def _fit(wanted: Wanted, row: Row, likeness: "_Likeness") -> float:
    """How well a person fits: 1 is perfect, 0 somebody else."""
    _number, born, sex, last_name, given_names = row
    if born not in wanted.births or (wanted.sex and sex and sex != wanted.sex):
        return 0.0
    last, given = tuple(last_name.split()), tuple(given_names.split())
    straight = _names_fit(wanted, last, given, likeness)
    if given and straight < 1 - SWAPPED:
        straight = max(straight, _names_fit(wanted, given, last, likeness) - SWAPPED)
    return straight - BIRTH * _off(wanted, born)


def _names_fit(
    wanted: Wanted, last: tuple[str, ...], given: tuple[str, ...], likeness: "_Likeness"
) -> float:
    last_fit = likeness(wanted.last, last)
    if not wanted.given:
        return last_fit
    given_fit = likeness(wanted.given, given) if given else NO_GIVEN
    return LAST_NAME * last_fit + (1 - LAST_NAME) * given_fit


def _off(wanted: Wanted, born: int) -> float:
    """How far a birth lies from the one told: 0 the same, 1 at the edge of the tolerance."""
    if born == wanted.born:
        return 0.0
    if not born % 100 or not wanted.born % 100:
        # One of them is not fully known: in the same month or year it is as near as can be.
        part = 100 if born % 10_000 and wanted.born % 10_000 else 10_000
        if born // part == wanted.born // part:
            return 0.0 if born % 100 else 0.25
    births_ = wanted.births
    edge = max(_apart(births_.first, wanted.born), _apart(births_.last, wanted.born), 1)
    return min(_apart(born, wanted.born) / edge, 1.0)


def _apart(one: int, other: int) -> int:
    """Days between two births, near enough: what is not known counts as the middle."""
    return abs(_rough_day(one) - _rough_day(other))


def _rough_day(born: int) -> int:
    year, month, day = born // 10_000, born // 100 % 100, born % 100
    return year * 372 + (month or 6) * 31 + (day or 15)


class _Likeness:
    """How alike two names are, from 0 to 1; each pair is compared once."""

    def __init__(self) -> None:
        self._known: dict[tuple[tuple[str, ...], tuple[str, ...]], float] = {}

    def __call__(self, one: tuple[str, ...], other: tuple[str, ...]) -> float:
        pair = (one, other)
        known = self._known.get(pair)
        if known is None:
            known = self._known[pair] = _alike(one, other)
        return known


def _alike(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """Whole names first; then without particles, in another order, or only a word of a name."""
    if not one or not other:
        return 0.0
    core, other_core = telling(one), telling(other)
    whole = _word_alike(joined(one), joined(other))
    bare = _word_alike(joined(core), joined(other_core)) - 0.01
    turned = _word_alike(joined(tuple(sorted(core))), joined(tuple(sorted(other_core)))) - 0.01
    part = 0.0
    if len(core) != len(other_core):
        short, long = sorted((core, other_core), key=len)
        best = (max(_word_alike(word, each) for each in long) for word in short)
        part = IN_PART * sum(best) / len(short)
    return max(whole, bare, turned, part)


def _word_alike(one: str, other: str) -> float:
    if one == other:
        return 1.0
    # OSA counts two swapped neighbours as one error, as whoever types makes it.
    alike = 1.0 - OSA.distance(one, other) / max(len(one), len(other), SHORT)
    return max(alike, ALIKE) if sound(one) == sound(other) else max(alike, 0.0)
