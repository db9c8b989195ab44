"""Persons in the registers, found by what they are called and when they were born.

It keeps what finds a number and nothing more: names in plain letters, birth and sex. Nothing of it
is ever shown: a search gives numbers, and what is told of each person comes from its source, under
a grant of its own.

Trust: who writes to this store can hide a person from searches, or have somebody else's number
found in its place; whoever looks at that one is told who it is by the source, with an entry.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Final

from asyncpg.exceptions import UniqueViolationError as UniqueViolation

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
from kruispunt.postgres import Connection, Database, read_queries
from kruispunt.vocabulary import Ssin

QUERIES: Final = read_queries(Path(__file__).with_name("search.sql"))
COLUMNS: Final = ("ssin", "born", "sex", "last_name", "given_names")
WORD_COLUMNS: Final = ("word", "born", "ssin")

PART: Final = 50_000
"""Persons, or words, that are written at once."""


class Persons:
    """Finds persons, and is told how they are called."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, criteria: Criteria) -> list[Ssin]:
        """The numbers of who may be meant, the likeliest first: the same for the same registers.

        Raises:
            Unavailable: the database is away; asking again is safe.
        """
        wanted = Wanted.of(criteria)
        rows = await (self._born(wanted) if wanted.few else self._called(wanted))
        return ranked(wanted, rows, most=criteria.most)

    async def _born(self, wanted: Wanted) -> list[Row]:
        born = wanted.births
        found = await self._database.fetch(
            QUERIES["find_born"], born.first, born.last, born.unsure, wanted.born, BORN
        )
        return [_row(*row) for row in found]

    async def _called(self, wanted: Wanted) -> list[Row]:
        places, shared = zip(*wanted.spellings, strict=True)
        used = await self._database.fetch(QUERIES["find_words"], places, shared)
        weighed = wanted.weighed((place, word) for place, word in used)
        if not weighed:
            return []
        born = wanted.births
        found = await self._database.fetch(
            QUERIES["find_called"],
            (born.first, *born.unsure),
            (born.last, *born.unsure),
            *zip(*weighed, strict=True),
            wanted.born,
            CALLED,
        )
        return [_row(*row) for row in found]

    async def keep(self, person: Person) -> None:
        """The person is found by this from now on, and by nothing else."""
        row = row_of(person)
        async with self._database.transaction() as connection:
            await _drop_words(connection, person.ssin)
            await connection.execute(QUERIES["put_person"].sql, *row)
            found_by = sorted(words_of(row))
            await connection.execute(QUERIES["put_words"].sql, row[0], row[1], found_by)
            await _spell(connection, found_by)

    async def forget(self, ssin: Ssin) -> None:
        """The person is not found any more: the number was replaced, or a mistake."""
        async with self._database.transaction() as connection:
            await drop_person(connection, ssin)

    async def load(self, persons: Iterable[Person] | Iterable[Row]) -> int:
        """Add many new persons by COPY, all or none. Names in a row may be in any letters.

        Raises:
            WrongChange: a number stands twice, or there already.
        """
        rows = map(plain_row, persons)
        used: set[str] = set()
        loaded = 0
        try:
            async with self._database.transaction() as connection:
                while part := list(islice(rows, PART)):
                    loaded += len(part)
                    used.update(await _copy(connection, part))
                await _spell(connection, sorted(used))
                await connection.execute(QUERIES["count_anew"].sql)
        except UniqueViolation:
            raise WrongChange("expected every number once, and none that is found") from None
        return loaded


async def _copy(connection: Connection, rows: Sequence[Row]) -> set[str]:
    """Write new persons and their words; returns these."""
    called = [(word, row[1], row[0]) for row in rows for word in words_of(row)]
    await connection.copy_records_to_table(
        "person", schema_name="identity", columns=COLUMNS, records=rows
    )
    await connection.copy_records_to_table(
        "called", schema_name="identity", columns=WORD_COLUMNS, records=sorted(called)
    )
    return {word for word, _, _ in called}


async def drop_person(connection: Connection, ssin: Ssin) -> None:
    """In this transaction: the person is not found any more, if ever."""
    await _drop_words(connection, ssin)
    await connection.execute(QUERIES["drop_person"].sql, ssin.number)


async def _drop_words(connection: Connection, ssin: Ssin) -> None:
    """Whoever holds the person's row writes its words: nobody else does at the same time."""
    for row in await connection.fetch(QUERIES["lock_person"].sql, ssin.number):
        old = _row(*row)
        gone = sorted(words_of(old))
        await connection.execute(QUERIES["drop_words"].sql, ssin.number, old[1], gone)


async def _spell(connection: Connection, used: Sequence[str]) -> None:
    """Write every spelling of words in use, in one order, so that two writers never cross."""
    pairs = iter(sorted(chain.from_iterable(_spelled(word) for word in used)))
    while part := list(islice(pairs, PART)):
        await connection.execute(QUERIES["put_spellings"].sql, *zip(*part, strict=True))


def _spelled(word: str) -> Iterator[tuple[str, str]]:
    return ((spelling, word) for spelling in spellings(word))


def _row(number: int, born: int, sex: int, last_name: str, given_names: str) -> Row:
    return (number, born, sex, last_name, given_names)
