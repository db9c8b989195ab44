"""Who sits at the machine is written down: before it is shown, and with what it changes."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path

import pytest
from tests.contract.reading_house import (
    PORTAL,
    SUPERVISOR,
    Read,
    a_read_trail,
    a_reading_law,
    asking,
)
from tests.contract.seal_house import a_sealer, seal_all
from tests.law.inventing import NODE
from tests.unit.audit.entries import ANNA, BORIS, RECORDED_AT, a_line

from kruispunt.audit import (
    OPERATOR,
    AtMachine,
    Change,
    LoadedFile,
    Made,
    Operator,
    Part,
    Prover,
    Published,
    Reading,
    Shredded,
    Verification,
    Wrong,
    read_leaf,
)
from kruispunt.cli.clock import random_bytes
from kruispunt.cli.operator import OperatorSaw
from kruispunt.cli.prove import prove_once
from kruispunt.directory import Lines, Removal, WrongLine
from kruispunt.directory.loading import BadRows, load_file
from kruispunt.exchange import Page, new_ticket
from kruispunt.law import Reads
from kruispunt.postgres import Database
from kruispunt.vocabulary import InstitutionCode, LawDigest, Period, Quality, Sector

WHY = "form I605 of 2 June"
MADE_UP = Period(date(2031, 1, 1), date(2031, 2, 1))


@dataclass
class Machine:
    """A node's trail and directory in one database, and its operator."""

    read: Read
    lines: Lines
    operator: Operator

    @property
    def database(self) -> Database:
        return self.read.database

    async def page(self) -> Page:
        return await self.read.shelf.read(
            asking(Reads.PERSON, institution=PORTAL, role="citizen", ssin=ANNA)
        )

    async def audited(self) -> Page:
        return await self.read.shelf.read(
            asking(Reads.ALL, institution=SUPERVISOR, role="auditor")
        )

    async def count(self, table: str) -> int:
        async with self.database.transaction() as connection:
            return int(await connection.fetchval(f"select count(*) from {table}"))

    async def sql(self, words: str, *values: object) -> None:
        async with self.database.transaction() as connection:
            await connection.execute(words, *values)


async def an_operator(read: Read) -> Operator:
    ticks = count()
    return await Operator.at(
        read.trail.reader,
        institution=NODE,
        user="kim",
        why=WHY,
        lawbook=a_reading_law().digest,
        now=lambda: RECORDED_AT + next(ticks) * timedelta(milliseconds=1),
        new_id=lambda moment: new_ticket(moment, random_bytes),
        random_bytes=random_bytes,
    )


@pytest.fixture
async def machine(empty_database: str) -> AsyncGenerator[Machine]:
    async with a_read_trail(empty_database) as read:
        operator = await an_operator(read)
        lines = Lines(read.database, OperatorSaw(operator))
        await lines.take_seat(names_members=True)
        yield Machine(read, lines, operator)


async def faults(machine: Machine, folder: Path) -> list[tuple[Wrong, int | None]]:
    published = Published(folder)
    checkpoint = published.checkpoint()
    assert checkpoint is not None
    reader = machine.read.trail.reader
    found = await Verification(reader=reader, published=published, checkpoint=checkpoint).run()
    assert found.changes == await machine.count("audit.change")
    return [(one.wrong, one.kind) for one in found.faults]


async def test_an_operators_look_is_an_entry_that_the_person_sees(machine: Machine):
    written = await machine.operator.look(ANNA, AtMachine.LINES)

    page, audited = await machine.page(), await machine.audited()

    (seen,) = [one for one in page.readings if one.role == OPERATOR]
    assert (seen.id, seen.institution, seen.role, seen.user) == (written.id, NODE, OPERATOR, "")
    assert (seen.why, seen.reads, seen.proof) == (WHY, AtMachine.LINES, None)
    assert written in audited.readings, "with the name of the account"


async def test_what_can_not_be_written_down_is_not_looked_at(machine: Machine):
    await machine.read.trail.reader.keys.shred(RECORDED_AT.date().replace(day=1))

    with pytest.raises(Shredded):
        await an_operator(machine.read)


async def test_a_change_and_its_entry_stand_together(machine: Machine):
    line = a_line(member="FUND")
    await machine.lines.add(line)
    await machine.lines.end(
        Removal(ssin=ANNA, sector=Sector(11), quality=Quality(1), period=MADE_UP)
    )

    ended, added = (await machine.page()).changes

    assert (added.made, added.ssin, added.institution) == (Made.INTEGRATION, ANNA, NODE)
    assert (added.user, added.why) == ("", WHY)
    assert added.part == Part(
        sector=line.sector,
        quality=line.quality,
        phase=line.phase,
        period=line.period,
        member=line.member,
    )
    assert (ended.made, ended.part) == (
        Made.DEINTEGRATION,
        Part(sector=Sector(11), quality=Quality(1), phase=None, period=MADE_UP),
    )
    audited = (await machine.audited()).changes
    assert {one.user for one in audited} == {"kim"}


async def test_no_change_without_an_entry(machine: Machine):
    await machine.lines.add(a_line(member="FUND"))
    before = await machine.lines.list(ANNA)
    await machine.sql("alter table audit.pending add check (kind <> 4) not valid")

    with pytest.raises(Exception, match="pending_kind_check"):
        await machine.lines.add(a_line(sector=12, member="FUND"))
    with pytest.raises(Exception, match="pending_kind_check"):
        await machine.lines.end(Removal(ssin=ANNA, sector=Sector(11)))

    assert await machine.lines.list(ANNA) == before
    assert await machine.count("audit.change") == 1


async def test_no_entry_without_a_change(machine: Machine):
    with pytest.raises(WrongLine):
        await machine.lines.add(a_line(member=None))

    assert (await machine.count("audit.change"), await machine.count("audit.pending")) == (0, 0)


async def test_a_change_is_written_with_a_single_connection(empty_database: str):
    database = await Database.open(empty_database, size=1)
    async with a_read_trail(empty_database) as read:
        operator = await an_operator(read)
        lines = Lines(database, OperatorSaw(operator))
        async with asyncio.timeout(10):
            await lines.add(a_line(member=None))
    await database.close()


async def test_changes_of_a_month_that_has_just_turned_are_written(machine: Machine):
    july = datetime(2031, 7, 1, 0, 0, 1, tzinfo=UTC)
    times = iter((RECORDED_AT, july))
    operator = await Operator.at(
        machine.read.trail.reader,
        institution=NODE,
        user="kim",
        why="",
        lawbook=LawDigest("ab" * 32),
        now=lambda: next(times),
        new_id=lambda moment: new_ticket(moment, random_bytes),
        random_bytes=random_bytes,
    )

    written = await operator.look(ANNA, AtMachine.LIST)

    assert written.recorded_at == july


def a_file(folder: Path, *rows: str) -> Path:
    file = folder / "lines.csv"
    file.write_text("\n".join(("ssin,sector,quality,phase,begin,end,member", *rows)) + "\n")
    return file


@pytest.mark.parametrize("has_lines", [False, True])
async def test_a_file_is_one_entry_with_its_digest(
    machine: Machine, tmp_path: Path, has_lines: bool
):
    if has_lines:
        await machine.lines.add(a_line(BORIS, member="FUND"))
    bad = "85073003329,11,1,,2031-01-01,,FUND"
    file = a_file(tmp_path, f"{ANNA.digits},11,1,,2031-01-01,,FUND", bad)
    digest = sha256(file.read_bytes()).digest()

    await load_file(machine.lines, file, rejects=tmp_path / "bad.csv")

    (loaded,) = [one for one in (await machine.audited()).changes if one.made is Made.LOAD]
    assert loaded.file == LoadedFile(digest=digest, lines=1, skipped=1)
    assert (loaded.ssin, loaded.part, loaded.user) == (None, None, "kim")
    assert (await machine.page()).changes == (), "a file is about nobody in particular"


async def test_a_file_that_was_not_loaded_is_no_entry(machine: Machine, tmp_path: Path):
    file = a_file(tmp_path, "85073003329,11,1,,2031-01-01,,FUND")

    with pytest.raises(BadRows):
        await load_file(machine.lines, file)

    assert await machine.count("audit.change") == 0


async def test_what_the_person_is_known_as_is_stored_encrypted(machine: Machine):
    await machine.lines.add(a_line(member="SOME-FUND"))

    async with machine.database.transaction() as connection:
        row = await connection.fetchrow("select c::text as words, sealed from audit.change as c")

    assert row is not None
    assert b"SOME-FUND" not in bytes(row["sealed"])
    assert "SOME-FUND" not in row["words"]


async def test_verify_names_what_was_done_to_changes(machine: Machine, tmp_path: Path):
    await machine.operator.look(ANNA, AtMachine.LIST)
    await machine.lines.add(a_line(member="FUND"))
    await machine.lines.end(Removal(ssin=ANNA, sector=Sector(11)))
    async with a_sealer(machine.database, tmp_path) as sealer:
        assert await seal_all(sealer) == 3
    assert await faults(machine, tmp_path) == []
    one = "id = (select max(id::text)::uuid from audit.change)"

    for change in ("institution = 'x'", "ssin = ssin + 1", "sealed = sealed || '\\x00'"):
        async with machine.database.transaction() as connection:
            row = await connection.fetchrow(f"select * from audit.change where {one}")
        assert row is not None
        await machine.sql(f"update audit.change set {change} where {one}")
        assert await faults(machine, tmp_path) == [(Wrong.CHANGED, 4)]
        await machine.sql(f"delete from audit.change where {one}")
        assert await faults(machine, tmp_path) == [(Wrong.MISSING, 4)]
        await machine.sql("insert into audit.change select $1, $2, $3, $4, $5", *row)
    assert await faults(machine, tmp_path) == []


async def test_changes_and_operators_looks_are_proven(machine: Machine, tmp_path: Path):
    await machine.lines.add(a_line(member="FUND"))
    await machine.lines.add(a_line(BORIS, member="FUND"))
    await machine.operator.look(ANNA, AtMachine.PROVE)
    async with a_sealer(machine.database, tmp_path) as sealer:
        await seal_all(sealer)

    prover = Prover(reader=machine.read.trail.reader, published=Published(tmp_path))
    proof = await prove_once(prover, ANNA, lawbook=a_reading_law())

    changed, looked = [read_leaf(one.encoded) for one in proof.entries]
    assert isinstance(changed, Change)
    assert isinstance(looked, Reading)
    assert (changed.ssin, changed.user, looked.reads) == (ANNA, "kim", AtMachine.PROVE)


async def test_an_officer_sees_that_a_line_was_changed_and_not_which(machine: Machine):
    await machine.lines.add(a_line(member="FUND"))
    other = asking(Reads.INSTITUTION, institution=InstitutionCode("office"), role="officer")

    page = await machine.read.shelf.read(
        asking(Reads.INSTITUTION, institution=NODE, role="officer")
    )

    assert [(one.ssin, one.user, one.part) for one in page.changes] == [(ANNA, "kim", None)]
    assert (await machine.read.shelf.read(other)).changes == ()
