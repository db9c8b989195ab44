"""An empty directory is filled on another way than one that holds lines: both give the same."""

from collections.abc import AsyncIterator, Sequence
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from tests.law.inventing import (
    FUND,
    HUB,
    NODE,
    OTHER_FUND,
    PERSON,
    SUCCESSOR,
    SUPPLIED,
    a_lawbook,
    a_question,
)

from kruispunt.directory import UNSEEN, Directory, Lines, added
from kruispunt.directory.loading import load_frame
from kruispunt.directory.loading.build import merged
from kruispunt.postgres import Database
from kruispunt.vocabulary import (
    DirectoryLine,
    InstitutionCode,
    NumberFact,
    NumberStatus,
    Period,
    Quality,
    Sector,
    Settled,
)

FIRST = date(2020, 1, 1)
KNOWN = NumberFact(status=NumberStatus.KNOWN)


@st.composite
def lines(draw: st.DrawFn) -> DirectoryLine:
    begin = FIRST + timedelta(days=draw(st.integers(0, 12)))
    length = draw(st.none() | st.integers(1, 6))
    return DirectoryLine(
        ssin=draw(st.sampled_from((PERSON, SUCCESSOR))),
        sector=Sector(draw(st.sampled_from((5, 9)))),
        quality=Quality(1),
        phase=draw(st.sampled_from((0, 1))),
        period=Period(begin, None if length is None else begin + timedelta(days=length)),
        member=draw(st.sampled_from((None, InstitutionCode("a"), InstitutionCode("b")))),
    )


def frame_of(given_lines: Sequence[DirectoryLine]) -> pl.DataFrame:
    """Lines as a file has them: the last day is included."""
    columns = {
        "ssin": [line.ssin.digits for line in given_lines],
        "sector": [line.sector for line in given_lines],
        "quality": [line.quality for line in given_lines],
        "phase": [line.phase for line in given_lines],
        "begin": [line.period.begin for line in given_lines],
        "end": [line.period.last_day for line in given_lines],
        "member": [line.member for line in given_lines],
    }
    return pl.DataFrame(columns, schema_overrides={"end": pl.Date, "member": pl.String})


@given(st.lists(lines(), min_size=1, max_size=25))
def test_lines_that_are_sorted_in_memory_merge_as_one_by_one(given_lines: list[DirectoryLine]):
    one_by_one: frozenset[DirectoryLine] = frozenset()
    for line in given_lines:
        one_by_one = added(one_by_one, line)
    frame = frame_of(given_lines).with_columns(pl.col("end").dt.offset_by("1d"))

    found = merged(frame.with_columns(pl.col("ssin").str.to_integer()))

    columns = ("ssin", "sector", "quality", "phase", "begin", "end", "member")
    assert sorted(found.select(columns).rows(), key=str) == sorted(
        (
            (
                *(n.ssin.number, n.sector, n.quality, n.phase),
                *(n.period.begin, n.period.end, n.member),
            )
            for n in one_by_one
        ),
        key=str,
    )


@pytest.fixture
async def database(empty_database: str) -> AsyncIterator[Database]:
    opened = await Database.open(empty_database)
    yield opened
    await opened.close()


A_LINE = DirectoryLine(
    ssin=PERSON, sector=Sector(5), quality=Quality(1), period=Period(FIRST, date(2021, 1, 1))
)
LATER = structs.replace(A_LINE, period=Period(date(2021, 1, 1), None))
OTHER = structs.replace(A_LINE, ssin=SUCCESSOR)


async def test_a_directory_that_was_filled_at_once_can_be_added_to(database: Database):
    directory = Lines(database, UNSEEN)

    loaded = await load_frame(directory, frame_of([A_LINE, OTHER]))
    again = await load_frame(directory, frame_of([LATER]))

    assert (loaded.rows, again.rows) == (2, 1)
    assert await directory.list(PERSON) == (structs.replace(A_LINE, period=Period(FIRST, None)),)
    assert await directory.list(SUCCESSOR) == (OTHER,)


async def test_who_asks_for_many_gets_what_each_alone_would(database: Database):
    await load_frame(
        Lines(database, UNSEEN),
        frame_of([A_LINE, OTHER, structs.replace(OTHER, quality=Quality(2))]),
    )
    directory = Directory(database, jurisdiction=a_lawbook().jurisdiction(a_lawbook().hub))
    asked = [
        Settled(question=structs.replace(a_question(), ssin=ssin), number=KNOWN)
        for ssin in (SUCCESSOR, PERSON, PERSON)
    ]

    together = await directory.facts_many(asked)

    assert together == [await directory.facts(one) for one in asked]
    assert [len(facts.lines) for facts in together] == [1, 1, 1]


async def test_many_lines_of_many_come_in_the_order_in_which_each_alone_would(database: Database):
    further = [
        structs.replace(A_LINE, sector=SUPPLIED[0], quality=SUPPLIED[1]),
        structs.replace(LATER, phase=1),
        structs.replace(A_LINE, phase=2),
        structs.replace(OTHER, phase=1),
    ]
    await load_frame(Lines(database, UNSEEN), frame_of([*further, LATER, A_LINE, OTHER]))
    directory = Directory(database, jurisdiction=a_lawbook().jurisdiction(HUB))
    asked = [
        Settled(question=structs.replace(a_question(), ssin=ssin), number=KNOWN)
        for ssin in (max(PERSON, SUCCESSOR), min(PERSON, SUCCESSOR))
    ]

    together = await directory.facts_many(asked)

    assert together == [await directory.facts(one) for one in asked]
    assert {len(facts.lines) for facts in together} == {4, 2}


async def test_a_node_that_asks_for_many_gets_lines_of_the_consumer_alone(database: Database):
    await Lines(database, UNSEEN).take_seat(names_members=True)
    of_both = [structs.replace(A_LINE, member=member) for member in (OTHER_FUND, FUND)]
    await load_frame(Lines(database, UNSEEN), frame_of(of_both))
    directory = Directory(database, jurisdiction=a_lawbook().jurisdiction(NODE))
    asked = [
        Settled(question=a_question(consumer=consumer), number=KNOWN)
        for consumer in (FUND, OTHER_FUND, FUND)
    ]

    together = await directory.facts_many(asked)

    assert [[line.member for line in facts.lines] for facts in together] == [
        [FUND],
        [OTHER_FUND],
        [FUND],
    ]
