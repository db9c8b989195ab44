"""The registers on PostgreSQL: what is known of a number, by the same query whatever comes out.

Trust: who writes to this store can have questions refused, or asked of the successor that they
name; whether anything is given then depends on the successor's own lines.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from asyncpg.exceptions import CheckViolationError as CheckViolation

from kruispunt.identity.persons import drop_person
from kruispunt.identity.status import (
    CODES,
    KNOWN,
    MAX_CHAIN_DOUBLINGS,
    STATUSES,
    UNKNOWN,
    Registered,
    WrongChange,
    after_cancel,
    after_decease,
    after_register,
    after_replace,
    check_replace,
)
from kruispunt.postgres import Coalesced, Connection, Database, in_parts, read_queries
from kruispunt.vocabulary import NumberFact, NumberStatus, Question, Settled, Ssin

QUERIES: Final = read_queries(Path(__file__).with_name("store.sql"))
COLUMNS: Final = ("ssin", "status", "successor", "deceased_on")

KNOWN_CODE: Final = CODES[NumberStatus.KNOWN]

GONE: Final = frozenset((NumberStatus.REPLACED, NumberStatus.CANCELLED))
"""Of such a number nobody is found by name."""

PART: Final = 4_000
"""Persons in one query of a set."""

Row = tuple[int, int, int | None, date | None]


class Registers:
    """Numbers and their statuses. Concurrent questions are settled by one query."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._facts: Coalesced[int, NumberFact] = Coalesced(one=self._one, many=self._many)

    async def settle(self, question: Question) -> Settled:
        """Look the question's number up.

        Raises:
            Unavailable: the database is away; asking again is safe.
        """
        number = await self._facts.get(question.ssin.number)
        return Settled(question=question, number=number)

    async def settle_many(self, questions: Sequence[Question]) -> list[Settled]:
        """As `settle`, for a whole set of persons, in its order: few queries, side by side.

        Raises:
            Unavailable: the database is away; asking again is safe.
        """
        return await in_parts(questions, self._settle_part, size=PART)

    async def _one(self, ssin: int) -> NumberFact:
        (row,) = await self._database.fetch(QUERIES["find_number"], ssin)
        return _fact(*row)

    async def _many(self, ssins: Sequence[int]) -> Sequence[NumberFact]:
        return [_fact(*row) for row in await self._database.fetch(QUERIES["find_numbers"], ssins)]

    async def _settle_part(self, questions: Sequence[Question]) -> list[Settled]:
        numbers = "{" + ",".join([question.ssin.digits for question in questions]) + "}"
        (columns,) = await self._database.fetch(QUERIES["find_number_columns"], numbers)
        found: dict[int, NumberFact] = {}
        if columns[0] is not None:
            for ssin, status, successor, deceased_on in zip(*columns, strict=True):
                simple = status == KNOWN_CODE
                found[ssin] = KNOWN if simple else _fact(status, successor, deceased_on)
        return [
            Settled(question=question, number=found.get(question.ssin.number, UNKNOWN))
            for question in questions
        ]

    async def register(self, ssin: Ssin) -> None:
        """A new number is given out.

        Raises:
            WrongChange: it was given out before.
        """
        await self._change(ssin, after_register)

    async def cancel(self, ssin: Ssin) -> None:
        """A number was made by mistake. Nobody is found by name under it any more.

        Raises:
            WrongChange: it is not simply known.
        """
        await self._change(ssin, after_cancel)

    async def decease(self, ssin: Ssin, deceased_on: date) -> None:
        """The person died, or the day of it is corrected.

        Raises:
            WrongChange: the number is not in use.
        """
        await self._change(ssin, lambda now: after_decease(now, deceased_on=deceased_on))

    async def replace(self, ssin: Ssin, successor: Ssin) -> None:
        """A number leads to another one from now on, and with it all that led to it.

        Who was found by name under it is found no more, but for what is kept of the successor.

        Raises:
            WrongChange: one of them is not in use, or the second leads back to the first.
        """
        async with self._database.transaction() as connection:
            facts = await _lock(connection, ssin, successor)
            check_replace(ssin, successor, facts[successor])
            fact = after_replace(facts[ssin], successor=successor, successor_now=facts[successor])
            await _put(connection, ssin, fact)
            last = fact.successor or successor
            await connection.execute(QUERIES["lead_on"].sql, ssin.number, last.number)

    async def load(self, numbers: Iterable[Registered] | Iterable[Row]) -> int:
        """Add many new numbers by COPY, all or none; chains of replacements are shortened.

        A row is (number, code of its status in `CODES`, successor, day of decease).

        Raises:
            WrongChange: a number stands twice, or a replaced one leads nowhere or in a circle.
        """
        async with self._database.transaction() as connection:
            await connection.execute(QUERIES["stage_numbers"].sql)
            status = await connection.copy_records_to_table(
                "number_staged", records=map(_row, numbers), columns=COLUMNS, schema_name="pg_temp"
            )
            if await connection.fetchval(QUERIES["count_doubles"].sql):
                raise WrongChange("expected every number once, and none that stands already")
            await connection.execute(QUERIES["take_staged"].sql)
            await _shorten(connection)
        return int(status.removeprefix("COPY "))

    async def _change(self, ssin: Ssin, change: Callable[[NumberFact], NumberFact]) -> None:
        async with self._database.transaction() as connection:
            facts = await _lock(connection, ssin)
            await _put(connection, ssin, change(facts[ssin]))


async def _shorten(connection: Connection) -> None:
    """Lead every replaced number to the end of its chain; each pass halves the chains."""
    if await connection.fetchval(QUERIES["count_lost"].sql):
        raise WrongChange("expected a successor that is in a register")
    for _ in range(MAX_CHAIN_DOUBLINGS):
        try:
            if not await connection.fetchval(QUERIES["shorten_chains"].sql):
                return
        except CheckViolation:
            break
    raise WrongChange("expected chains of replacements that end")


async def _lock(connection: Connection, *ssins: Ssin) -> dict[Ssin, NumberFact]:
    rows = await connection.fetch(QUERIES["lock_numbers"].sql, [ssin.number for ssin in ssins])
    found = {Ssin.of(ssin): _fact(*fact) for ssin, *fact in rows}
    return {ssin: found.get(ssin, UNKNOWN) for ssin in ssins}


async def _put(connection: Connection, ssin: Ssin, fact: NumberFact) -> None:
    if fact.status in GONE:
        await drop_person(connection, ssin)
    await connection.execute(QUERIES["put_number"].sql, *_row(Registered(ssin=ssin, fact=fact)))


def _row(number: Registered | Row) -> Row:
    if not isinstance(number, Registered):
        return number
    fact = number.fact
    successor = None if fact.successor is None else fact.successor.number
    return (number.ssin.number, CODES[fact.status], successor, fact.deceased_on)


def _fact(status: int | None, successor: int | None, deceased_on: date | None) -> NumberFact:
    if status is None:
        return UNKNOWN
    return NumberFact(
        status=STATUSES[status],
        successor=None if successor is None else Ssin.of(successor),
        deceased_on=deceased_on,
    )
