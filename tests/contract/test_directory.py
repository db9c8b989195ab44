"""Both directories, the one in memory and the one on PostgreSQL, keep and bring lines alike."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import asyncpg
import polars as pl
import pytest
from msgspec import structs
from tests.unit.audit.entries import ANNA, BORIS, QUESTION

from kruispunt.directory import UNSEEN, Directory, Lines, MemoryDirectory, Removal, WrongLine
from kruispunt.directory.loading import BadRows, Loaded, load_file, load_frame
from kruispunt.postgres import Database
from kruispunt.vocabulary import (
    DirectoryLine,
    Facts,
    InstitutionCode,
    NumberFact,
    NumberStatus,
    Period,
    Quality,
    Question,
    Sector,
    Settled,
    Ssin,
)

KNOWN = NumberFact(status=NumberStatus.KNOWN)
BEGIN, MIDDLE, LATER = date(2031, 1, 1), date(2031, 2, 1), date(2031, 3, 1)


@dataclass
class Law:
    """A jurisdiction that needs the same lines for every question."""

    is_node: bool = False
    pairs: tuple[tuple[Sector, Quality], ...] = (
        (Sector(11), Quality(1)),
        (Sector(12), Quality(30)),
    )

    def wanted(self, question: Question) -> tuple[tuple[Sector, Quality], ...]:
        return self.pairs

    def lines_of(self, consumer: InstitutionCode) -> InstitutionCode | None:
        return consumer if self.is_node else None


class AnyLines(Protocol):
    async def list(self, ssin: Ssin) -> tuple[DirectoryLine, ...]: ...
    async def add(self, line: DirectoryLine) -> tuple[DirectoryLine, ...]: ...
    async def end(self, removal: Removal) -> tuple[DirectoryLine, ...]: ...


class AnyDirectory(Protocol):
    @property
    def lines(self) -> AnyLines: ...
    async def facts(self, settled: Settled) -> Facts: ...


@asynccontextmanager
async def memory(_dsn: str, law: Law) -> AsyncGenerator[AnyDirectory]:
    yield MemoryDirectory(jurisdiction=law)


@asynccontextmanager
async def postgres(dsn: str, law: Law) -> AsyncGenerator[AnyDirectory]:
    database = await Database.open(dsn, size=4)
    directory = Directory(database, jurisdiction=law)
    await directory.lines.take_seat(names_members=law.is_node)
    yield directory
    await database.close()


@pytest.fixture(params=[memory, postgres])
async def hub(request: pytest.FixtureRequest, empty_database: str) -> AsyncGenerator[AnyDirectory]:
    async with request.param(empty_database, Law()) as directory:
        yield directory


@pytest.fixture(params=[memory, postgres])
async def node(
    request: pytest.FixtureRequest, empty_database: str
) -> AsyncGenerator[AnyDirectory]:
    async with request.param(empty_database, Law(is_node=True)) as directory:
        yield directory


@pytest.fixture
async def lines(empty_database: str) -> AsyncGenerator[Lines]:
    database = await Database.open(empty_database, size=8)
    yield Lines(database, UNSEEN)
    await database.close()


def a_line(
    ssin: Ssin = ANNA,
    *,
    sector: int = 11,
    quality: int = 1,
    begin: date = BEGIN,
    end: date | None = None,
    member: str | None = None,
) -> DirectoryLine:
    return DirectoryLine(
        ssin=ssin,
        sector=Sector(sector),
        quality=Quality(quality),
        period=Period(begin, end),
        member=None if member is None else InstitutionCode(member),
    )


def asked(ssin: Ssin = ANNA, number: NumberFact = KNOWN, consumer: str = "FUND") -> Settled:
    question = structs.replace(QUESTION, ssin=ssin, consumer=InstitutionCode(consumer))
    return Settled(question=question, number=number)


async def test_facts_hold_only_the_lines_that_the_law_names(hub: AnyDirectory):
    named = [a_line(), a_line(sector=12, quality=30), a_line(sector=12, quality=30, begin=BEGIN)]
    others = [a_line(quality=2), a_line(sector=12, quality=1), a_line(sector=13), a_line(BORIS)]
    for line in (*named, *others):
        await hub.lines.add(line)

    facts = await hub.facts(asked())

    assert facts == Facts(number=KNOWN, lines=(named[0], named[1]))


async def test_facts_come_in_order_of_sector_quality_and_begin(hub: AnyDirectory):
    early, late = a_line(end=MIDDLE), a_line(begin=LATER)
    for line in (a_line(sector=12, quality=30), late, early):
        await hub.lines.add(line)

    facts = await hub.facts(asked())

    assert facts.lines == (early, late, a_line(sector=12, quality=30))


async def test_lines_of_a_replaced_number_are_those_of_its_successor(hub: AnyDirectory):
    await hub.lines.add(a_line(BORIS))
    await hub.lines.add(a_line(ANNA, begin=LATER))
    replaced = NumberFact(status=NumberStatus.REPLACED, successor=BORIS)

    facts = await hub.facts(asked(number=replaced))

    assert facts == Facts(number=replaced, lines=(a_line(BORIS),))


async def test_questions_at_the_same_time_each_get_their_own_lines(hub: AnyDirectory):
    await hub.lines.add(a_line(ANNA))
    await hub.lines.add(a_line(BORIS, sector=12, quality=30))
    unknown = Ssin("98472899765")

    found = await asyncio.gather(
        *(hub.facts(asked(ssin)) for ssin in (ANNA, BORIS, unknown, ANNA, BORIS))
    )

    anna, boris = (a_line(ANNA),), (a_line(BORIS, sector=12, quality=30),)
    assert [facts.lines for facts in found] == [anna, boris, (), anna, boris]


async def test_a_question_that_no_clause_covers_brings_no_lines(empty_database: str):
    for room in (memory, postgres):
        async with room(empty_database, Law(pairs=())) as directory:
            await directory.lines.add(a_line())

            assert await directory.facts(asked()) == Facts(number=KNOWN)


async def test_a_node_brings_only_the_lines_of_the_institution_that_asks(node: AnyDirectory):
    ours, theirs = a_line(member="FUND"), a_line(member="OTHER", begin=LATER)
    for line in (theirs, ours):
        await node.lines.add(line)

    together = await asyncio.gather(
        *(node.facts(asked(consumer=code)) for code in ("FUND", "OTHER", "THIRD"))
    )

    assert (await node.facts(asked(consumer="FUND"))).lines == (ours,)
    assert [facts.lines for facts in together] == [(ours,), (theirs,), ()]


async def test_a_hub_names_no_member(hub: AnyDirectory):
    with pytest.raises(WrongLine, match="names none"):
        await hub.lines.add(a_line(member="FUND"))


async def test_integrating_merges_and_de_integrating_splits(hub: AnyDirectory):
    await hub.lines.add(a_line(end=MIDDLE))
    grown = await hub.lines.add(a_line(begin=MIDDLE))
    removal = Removal(ssin=ANNA, sector=Sector(11), period=Period(MIDDLE, LATER))

    split = await hub.lines.end(removal)

    assert grown == (a_line(),)
    assert split == (a_line(end=MIDDLE), a_line(begin=LATER))
    assert await hub.lines.list(ANNA) == split
    assert await hub.lines.list(BORIS) == ()


async def test_every_line_of_a_node_names_a_member(node: AnyDirectory):
    with pytest.raises(WrongLine, match="expected a member"):
        await node.lines.add(a_line())

    assert await node.lines.list(ANNA) == ()


async def test_lines_of_members_stay_apart_at_a_node(node: AnyDirectory):
    for member in ("A", "B"):
        await node.lines.add(a_line(member=member))

    left = await node.lines.end(Removal(ssin=ANNA, sector=Sector(11), member=InstitutionCode("A")))

    assert left == (a_line(member="B"),)


async def test_a_hubs_database_itself_refuses_to_hold_a_member(lines: Lines):
    await lines.take_seat(names_members=False)

    async with lines.database.transaction() as connection:
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(
                "insert into directory.line (ssin, begin_date, sector, quality, phase, member)"
                " values (85073003328, '2031-01-01', 11, 1, 0, 1)"
            )


async def test_a_directory_that_took_no_seat_holds_no_member_either(lines: Lines):
    assert not await lines.names_members()
    with pytest.raises(WrongLine):
        await lines.add(a_line(member="A"))


async def test_a_directory_never_changes_its_seat(lines: Lines):
    await lines.take_seat(names_members=False)
    await lines.take_seat(names_members=False)

    with pytest.raises(asyncpg.CheckViolationError):
        await lines.take_seat(names_members=True)


async def test_changes_of_one_person_at_the_same_time_all_count(lines: Lines):
    days = [date(2031, 1, day) for day in range(1, 29)]

    await asyncio.gather(
        *(lines.add(a_line(begin=one, end=other)) for one, other in pairwise(days))
    )

    assert await lines.list(ANNA) == (a_line(begin=days[0], end=days[-1]),)


HEADER = "ssin,sector,quality,phase,begin,end"


def a_csv(folder: Path, *rows: str, header: str = HEADER) -> Path:
    file = folder / "lines.csv"
    file.write_text("\n".join((header, *rows)) + "\n")
    return file


async def test_a_file_is_merged_in_itself_and_with_what_stands(lines: Lines, tmp_path: Path):
    await lines.add(a_line(end=MIDDLE))
    await lines.add(a_line(quality=2))
    file = a_csv(
        tmp_path,
        "85073003328,11,1,,2031-02-01,2031-02-28",
        "85073003328,11,1,0,2031-02-10,2031-02-20",
        "85073003328,11,1,,2031-06-01,",
        "85073003328,11,1,,2031-07-01,2031-07-31",
        "17073003384,11,1,,2031-01-01,",
    )

    loaded = await load_file(lines, file)

    assert loaded == Loaded(rows=5, skipped=0)
    assert await lines.list(ANNA) == (
        a_line(end=LATER),
        a_line(begin=date(2031, 6, 1)),
        a_line(quality=2),
    )
    assert await lines.list(BORIS) == (a_line(BORIS),)


async def test_loading_the_same_file_twice_changes_nothing(lines: Lines, tmp_path: Path):
    file = a_csv(tmp_path, "85073003328,11,1,,2031-02-01,2031-02-28")
    await load_file(lines, file)
    before = await lines.list(ANNA)

    await load_file(lines, file)

    assert await lines.list(ANNA) == before


async def test_one_bad_row_and_nothing_is_loaded(lines: Lines, tmp_path: Path):
    file = a_csv(
        tmp_path,
        "85073003328,11,1,,2031-02-01,",
        "85073003329,11,1,,2031-02-01,",
        "17073003384,11,1,,2031-02-30,",
    )

    with pytest.raises(BadRows) as bad:
        await load_file(lines, file)

    assert [(row.number, row.rule) for row in bad.value.rows] == [
        (3, "ssin: expected a valid number"),
        (4, "begin: expected yyyy-mm-dd"),
    ]
    assert await lines.list(ANNA) == ()


async def test_bad_rows_are_left_out_only_when_there_is_a_place_for_them(
    lines: Lines, tmp_path: Path
):
    file = a_csv(tmp_path, "85073003328,11,1,,2031-02-01,", "85073003329,11,1,,2031-02-01,")
    rejects = tmp_path / "rejects.csv"

    loaded = await load_file(lines, file, rejects=rejects)

    assert loaded == Loaded(rows=1, skipped=1)
    assert rejects.stat().st_mode & 0o777 == 0o600
    bad = ("85073003329", "11", "1")
    assert pl.read_csv(rejects, infer_schema=False).rows() == [
        ("3", "ssin: expected a valid number", *bad, None, "2031-02-01", None, None)
    ]


async def test_a_node_loads_members(lines: Lines):
    await lines.take_seat(names_members=True)
    frame = pl.DataFrame(
        {
            "ssin": [ANNA.digits, ANNA.digits],
            "sector": [11, 11],
            "quality": [1, 1],
            "begin": [BEGIN, BEGIN],
            "member": ["A", "B"],
        }
    )

    await load_frame(lines, frame)

    assert await lines.list(ANNA) == (a_line(member="A"), a_line(member="B"))


async def test_parquet_loads_as_csv_does(lines: Lines, tmp_path: Path):
    csv = a_csv(tmp_path, "85073003328,11,1,,2031-01-01,")
    parquet = tmp_path / "lines.parquet"
    pl.read_csv(csv).write_parquet(parquet)

    await load_file(lines, parquet)

    assert await lines.list(ANNA) == (a_line(),)


async def test_a_load_and_a_change_at_the_same_time_leave_lines_apart(
    lines: Lines, tmp_path: Path
):
    file = a_csv(tmp_path, "85073003328,11,1,,2031-02-01,")

    await asyncio.gather(load_file(lines, file), *(lines.add(a_line(end=LATER)) for _ in range(4)))

    assert await lines.list(ANNA) == (a_line(),)


async def test_progress_tells_how_many_rows_were_staged(lines: Lines, tmp_path: Path):
    file, told = a_csv(tmp_path, "85073003328,11,1,,2031-02-01,"), list[int]()

    await load_file(lines, file, progress=told.append)

    assert told == [1]
