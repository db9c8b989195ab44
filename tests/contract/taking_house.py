"""A hub on PostgreSQL that takes files by the invented law, and online beside it."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.bringing_house import BRINGING, bringing_law
from tests.contract.ledger_house import a_ledger
from tests.house import NOON
from tests.law.inventing import NODE, PURPOSE, SUCCESSOR

from kruispunt.audit import Change, Pages, Trail
from kruispunt.audit.reader import EVER, LAST
from kruispunt.cli.file_run import FileRun
from kruispunt.directory import UNSEEN, Directory, Lines
from kruispunt.exchange import FileTaking, Order
from kruispunt.gateway import LineFile
from kruispunt.identity import Registers
from kruispunt.postgres import Database
from kruispunt.vocabulary import Act, DirectoryLine, Ssin


@dataclass(frozen=True, kw_only=True)
class TakingHub:
    database: Database
    trail: Trail

    def taking(
        self, file: Path, act: Act | None = Act.INTEGRATE, *, order: str = ""
    ) -> FileTaking:
        law = bringing_law().jurisdiction(bringing_law().hub)
        ordered = Order(
            institution=NODE,
            flow=BRINGING,
            purpose=PURPOSE,
            digest=sha256(file.read_bytes()).digest(),
            name=file.name,
            account="somebody",
            act=act,
            id=order,
        )
        return FileTaking(
            database=self.database,
            trail=self.trail,
            identity=Registers(self.database),
            directory=Directory(self.database, jurisdiction=law),
            law=law,
            order=ordered,
            zone=ZoneInfo("Europe/Brussels"),
            now=lambda: NOON,
            random_bytes=os.urandom,
        )

    def run(
        self, file: Path, act: Act = Act.INTEGRATE, *, block: int = 3, order: str = ""
    ) -> FileRun:
        into = file.with_name(f"{file.stem}.told{order}{file.suffix}")
        source = LineFile(path=file, act=act)
        taking = self.taking(file, act, order=order)
        return FileRun(taking=taking, file=source, into=into, block=block)

    async def register(self, *persons: Ssin) -> None:
        registers = Registers(self.database)
        for ssin in persons:
            await registers.register(ssin)

    async def replace(self, ssin: Ssin) -> None:
        await Registers(self.database).replace(ssin, SUCCESSOR)

    async def lines(self, *persons: Ssin) -> set[DirectoryLine]:
        found = [await Lines(self.database, UNSEEN).list(ssin) for ssin in persons]
        return {line for lines in found for line in lines}

    async def changes(self, *persons: Ssin) -> list[Change]:
        """What the trail tells of changes of these persons' lines; of one moment, in no order."""
        pages, found = Pages(reader=self.trail.reader), list[Change]()
        for ssin in persons:
            told = await pages.changes_about(
                ssin, begin=EVER[0], before=(EVER[1], LAST), limit=1_000
            )
            found += [one for one in told if isinstance(one, Change)]
        return found

    async def count(self, sql: str) -> int:
        async with self.database.transaction() as connection:
            return int(await connection.fetchval(sql) or 0)

    async def entries(self) -> int:
        return await self.count("select count(*) from audit.decision")


@asynccontextmanager
async def a_taking_hub(dsn: str) -> AsyncGenerator[TakingHub]:
    async with a_ledger(dsn, clock=lambda: NOON) as (ledger, rooms):
        assert rooms.database is not None
        assert isinstance(ledger.trail, Trail)
        await Lines(rooms.database, UNSEEN).take_seat(names_members=False)
        yield TakingHub(database=rooms.database, trail=ledger.trail)
