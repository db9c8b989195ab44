"""Changes of lines by message: once for each id, with their entry of the trail, or not at all."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol
from uuid import UUID

import pytest
from msgspec import structs
from tests.bringing_house import JANUARY, OTHER, OURS, YEAR, a_file, a_message
from tests.contract.ledger_house import a_ledger
from tests.house import NOON
from tests.law.inventing import PERSON, a_number, facts_of

from kruispunt.audit import Trail
from kruispunt.directory import UNSEEN, Lines, MemoryLines, Removal, WrongLine
from kruispunt.exchange import Files, MemoryFiles, SeatFiles, new_ticket
from kruispunt.vocabulary import (
    Act,
    DirectoryLine,
    Entry,
    InstitutionCode,
    LawDigest,
    LinesAsked,
    Period,
    Reason,
    Refusal,
)

ONCE = UUID(int=7)
DUE, LATE = NOON + timedelta(minutes=1), NOON + timedelta(hours=1)
LATER = Period(date(2031, 2, 1), YEAR.end)


class Count(Protocol):
    async def __call__(self) -> int: ...


@dataclass(frozen=True)
class Seat:
    files: Files
    written: Count
    """How many changes the trail tells."""


@asynccontextmanager
async def memory(_dsn: str) -> AsyncGenerator[Seat]:
    files = MemoryFiles(MemoryLines())

    async def written() -> int:
        return len(files.told)

    yield Seat(files, written)


@asynccontextmanager
async def postgres(dsn: str) -> AsyncGenerator[Seat]:
    async with a_ledger(dsn, clock=lambda: NOON) as (ledger, rooms):
        database = rooms.database
        assert database is not None
        trail = ledger.trail
        assert isinstance(trail, Trail)
        await Lines(database, UNSEEN).take_seat(names_members=False)
        files = SeatFiles(
            database=database, trail=trail, now=lambda: NOON, random_bytes=os.urandom
        )

        async def written() -> int:
            async with database.transaction() as connection:
                return int(await connection.fetchval("select count(*) from audit.change") or 0)

        yield Seat(files, written)


@pytest.fixture(params=[memory, postgres])
async def seat(request: pytest.FixtureRequest, empty_database: str) -> AsyncGenerator[Seat]:
    async with request.param(empty_database) as seat:
        yield seat


def an_entry() -> Entry:
    return Entry(
        id=new_ticket(NOON, os.urandom),
        recorded_at=NOON,
        question=a_message(),
        facts=facts_of(number=a_number()),
        decision=Refusal(reason=Reason.NO_CLAUSE),
        lawbook=LawDigest("0" * 64),
    )


def a_removal() -> Removal:
    return Removal(ssin=PERSON, sector=OURS, period=JANUARY)


async def test_all_changes_of_a_message_stand_and_each_is_told(seat: Seat):
    changes = (a_file(), a_file(OTHER, YEAR), a_removal())

    assert await seat.files.take(PERSON, changes, once=ONCE, entry=an_entry())

    rest = structs.replace(a_file(), period=LATER)
    assert list(await seat.files.list(PERSON)) == [rest, structs.replace(rest, quality=OTHER)]
    assert await seat.written() == 3


async def test_what_was_taken_under_an_id_is_not_taken_again(seat: Seat):
    await seat.files.take(PERSON, [a_file()], once=ONCE, entry=an_entry())
    await seat.files.take(PERSON, [a_removal()], once=UUID(int=8), entry=an_entry())

    again = await seat.files.take(PERSON, [a_file()], once=ONCE, entry=an_entry())

    assert not again
    assert JANUARY.begin not in [line.period.begin for line in await seat.files.list(PERSON)]
    assert await seat.written() == 2


async def test_of_many_at_the_same_time_one_takes_it(seat: Seat):
    takes = (seat.files.take(PERSON, [a_file()], once=ONCE, entry=an_entry()) for _ in range(5))

    assert sorted(await asyncio.gather(*takes)) == [False] * 4 + [True]
    assert await seat.written() == 1


async def test_where_one_change_is_wrong_none_stands_and_the_id_is_free(seat: Seat):
    wrong = structs.replace(a_file(), member=InstitutionCode("somebody"))

    with pytest.raises(WrongLine):
        await seat.files.take(PERSON, [a_file(), wrong], once=ONCE, entry=an_entry())

    assert await seat.files.list(PERSON) == ()
    assert await seat.files.take(PERSON, [a_file()], once=ONCE, entry=an_entry())


async def test_nothing_to_change_is_taken_too(seat: Seat):
    none: list[DirectoryLine] = []

    assert await seat.files.take(PERSON, none, once=ONCE, entry=an_entry())
    assert not await seat.files.take(PERSON, [a_file()], once=ONCE, entry=an_entry())


async def test_what_was_taken_is_taken_back_once_and_nothing_else_goes(seat: Seat):
    await seat.files.take(PERSON, [a_file(period=JANUARY)], once=UUID(int=8), entry=an_entry())
    changes = (a_file(), a_removal(), a_file(OTHER, YEAR))
    await seat.files.take(PERSON, changes, once=ONCE, entry=an_entry())
    late = a_file(OTHER, Period(date(2032, 5, 1), date(2032, 6, 1)))
    await seat.files.take(PERSON, [late], once=UUID(int=9), entry=an_entry())

    undone = [await seat.files.undo(PERSON, once=ONCE, entry=an_entry()) for _ in range(2)]

    assert undone == [True, False]
    assert list(await seat.files.list(PERSON)) == [a_file(period=JANUARY), late]
    assert await seat.written() == 5 + 3


async def test_what_was_never_taken_is_not_taken_back(seat: Seat):
    assert not await seat.files.undo(PERSON, once=ONCE, entry=an_entry())
    assert await seat.written() == 0


async def test_what_changed_nothing_is_not_taken_back(seat: Seat):
    await seat.files.take(PERSON, [a_removal()], once=ONCE, entry=an_entry())

    assert not await seat.files.undo(PERSON, once=ONCE, entry=an_entry())


async def test_lines_that_may_not_stand_so_do_not_and_the_id_is_free(seat: Seat):
    seen = list[frozenset[DirectoryLine]]()

    def refuse(lines: frozenset[DirectoryLine]) -> None:
        seen.append(lines)
        raise WrongLine("too long")

    await seat.files.take(PERSON, [a_file(OTHER)], once=UUID(int=8), entry=an_entry())
    with pytest.raises(WrongLine):
        await seat.files.take(PERSON, [a_file()], once=ONCE, entry=an_entry(), check=refuse)

    assert seen == [{a_file(), a_file(OTHER)}]
    assert list(await seat.files.list(PERSON)) == [a_file(OTHER)]
    assert await seat.written() == 1
    assert await seat.files.take(PERSON, [a_file()], once=ONCE, entry=an_entry())


OWED = LinesAsked(
    act=Act.REMOVE, sector=OURS, quality=OTHER, phase=1, line_begin=JANUARY.begin, whole=True
)


async def test_what_the_hub_above_has_to_hear_stands_with_the_change_until_it_is_settled(
    seat: Seat,
):
    entry = an_entry()
    await seat.files.take(PERSON, [a_file()], once=entry.id, entry=entry, owed=OWED)
    await seat.files.take(PERSON, [a_removal()], once=entry.id, entry=entry, owed=OWED)

    early = await seat.files.take_owed(NOON, until=LATE, limit=9)
    (due,) = await seat.files.take_owed(DUE, until=LATE, limit=9)
    taken = await seat.files.take_owed(DUE, until=LATE, limit=9)
    (again,) = await seat.files.take_owed(LATE, until=LATE, limit=9)
    await seat.files.settle(entry.id)

    assert not early
    assert not taken
    assert due == again
    assert (due.ticket, due.entry, due.recorded_at) == (entry.id, entry.id, NOON)
    assert due.asked == OWED
    assert not await seat.files.take_owed(LATE, until=LATE, limit=9)


async def test_what_did_not_stand_or_was_taken_back_is_not_owed(seat: Seat):
    def refuse(_lines: frozenset[DirectoryLine]) -> None:
        raise WrongLine("too long")

    entry = an_entry()
    with pytest.raises(WrongLine):
        await seat.files.take(PERSON, [a_file()], once=ONCE, entry=entry, check=refuse, owed=OWED)
    await seat.files.take(PERSON, [a_file()], once=entry.id, entry=entry, owed=OWED)
    await seat.files.undo(PERSON, once=entry.id, entry=entry)

    assert not await seat.files.take_owed(LATE, until=LATE, limit=9)
