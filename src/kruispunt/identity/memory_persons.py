"""Persons who are found by what they are called, in memory."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from kruispunt.identity.criteria import Criteria
from kruispunt.identity.names import spellings
from kruispunt.identity.search import (
    BORN,
    CALLED,
    Person,
    Row,
    Wanted,
    plain_row,
    ranked,
    row_of,
    words_of,
)
from kruispunt.identity.status import WrongChange
from kruispunt.vocabulary import Ssin


@dataclass(frozen=True, slots=True)
class MemoryPersons:
    """The twin of `Persons`."""

    rows: dict[int, Row] = field(default_factory=dict[int, Row])

    async def find(self, criteria: Criteria) -> list[Ssin]:
        """As `Persons.find`."""
        wanted = Wanted.of(criteria)
        born = [row for row in self.rows.values() if row[1] in wanted.births]
        near = sorted(born, key=lambda row: (abs(row[1] - wanted.born), row[0]))
        rows = near[:BORN] if wanted.few else _called(wanted, near)
        return ranked(wanted, rows, most=criteria.most)

    async def keep(self, person: Person) -> None:
        """As `Persons.keep`."""
        row = row_of(person)
        self.rows[row[0]] = row

    async def forget(self, ssin: Ssin) -> None:
        """As `Persons.forget`."""
        self.rows.pop(ssin.number, None)

    async def load(self, persons: Iterable[Person] | Iterable[Row]) -> int:
        """As `Persons.load`."""
        new = [plain_row(person) for person in persons]
        rows = {row[0]: row for row in new}
        if len(rows) < len(new) or rows.keys() & self.rows.keys():
            raise WrongChange("expected every number once, and none that is found")
        self.rows.update(rows)
        return len(new)


def _called(wanted: Wanted, rows: list[Row]) -> list[Row]:
    """Those whom most of the words find, of equals the first."""
    told = [(row, _told(wanted, row)) for row in rows]
    met = [(row, weight) for row, weight in told if weight]
    return [row for row, _ in sorted(met, key=lambda one: -one[1])][:CALLED]


def _told(wanted: Wanted, row: Row) -> int:
    """What the words of a person tell."""
    shared = [
        (place, word)
        for place, asked in enumerate(wanted.words)
        for word in words_of(row)
        if spellings(asked) & spellings(word)
    ]
    return sum(weight for _, weight in wanted.weighed(shared))
