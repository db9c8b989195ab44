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

from kruispunt.audit import Trail
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

    def taking(self, file: Path, act: Act | None = Act.INTEGRATE) -> FileTaking:
        law = bringing_law().jurisdiction(bringing_law().hub)
        order = Order(
            institution=NODE,
            flow=BRINGING,
            purpose=PURPOSE,
            digest=sha256(file.read_bytes()).digest(),
            name=file.name,
            account="somebody",
            act=act,
        )
        return FileTaking(
            database=self.database,
            trail=self.trail,
            identity=Registers(self.database),
            directory=Directory(self.database, jurisdiction=law),
            law=law,
            order=order,
            zone=ZoneInfo("Europe/Brussels"),
            now=lambda: NOON,
            random_bytes=os.urandom,
        )

    def run(self, file: Path, act: Act = Act.INTEGRATE, *, block: int = 3) -> FileRun:
        into = file.with_name(f"{file.stem}.told{file.suffix}")
        source = LineFile(path=file, act=act)
        return FileRun(taking=self.taking(file, act), file=source, into=into, block=block)

    async def register(self, *persons: Ssin) -> None:
        registers = Registers(self.database)
        for ssin in persons:
            await registers.register(ssin)

    async def replace(self, ssin: Ssin) -> None:
        await Registers(self.database).replace(ssin, SUCCESSOR)

    async def lines(self, *persons: Ssin) -> set[DirectoryLine]:
        found = [await Lines(self.database, UNSEEN).list(ssin) for ssin in persons]
        return {line for lines in found for line in lines}

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
