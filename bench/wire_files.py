"""Files at a hub: integrations (I605) and questions to the directory (L609), a line at a time.

Each line is decided, has an entry of the trail, and is told in the result; a block is one commit.
"""

import os
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from time import perf_counter, process_time
from typing import Final

from bench.cpu import Used, descendants, used
from bench.figures import Figure
from bench.mailbox_door import a_key
from bench.many_lines import numbers, write_lines
from bench.page import tell
from bench.search import a_register
from kruispunt.audit import MasterKey, Trail
from kruispunt.cli.clock import now, random_bytes
from kruispunt.cli.collector import leave_the_start_alone
from kruispunt.cli.file_run import FileRun, Taken
from kruispunt.cli.network import Network, read_network
from kruispunt.directory import UNSEEN, Directory, Lines
from kruispunt.directory.loading import load_file
from kruispunt.exchange import FileTaking, Order
from kruispunt.gateway import LineFile
from kruispunt.identity import CODES, Registers
from kruispunt.law import read_lawbook
from kruispunt.postgres import Database
from kruispunt.vocabulary import (
    Act,
    FlowId,
    InstitutionCode,
    NumberStatus,
    PurposeId,
    Quality,
    Sector,
    Ssin,
)

Figures = dict[str, Figure]

DAYS: Final = "2005-01-01,2005-06-30"
"""Days that the lines in the directory cover."""

KNOWN: Final = ((Sector(11), Quality(1)), (Sector(12), Quality(10)))
"""The lines that stand of each person: a member of an insurer, who works."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKind:
    """A kind of file: whose, of which flow, and what a line says of a person."""

    name: str
    figure: str
    institution: InstitutionCode
    flow: FlowId
    purpose: PurposeId
    act: Act | None
    head: str
    line: Callable[[Ssin], str]
    right: str
    """The count of a run in which every line of such a file stands."""


KINDS: Final = (
    FileKind(
        name="i605",
        figure="i605_lines_per_second",
        institution=InstitutionCode("PODMI"),
        flow=FlowId("repertory.integrate"),
        purpose=PurposeId("pcsa-social-inquiry"),
        act=Act.INTEGRATE,
        head="ssin,sector,quality,begin,end",
        line=lambda ssin: f"{ssin.digits},17,040,{DAYS}",
        right="done",
    ),
    FileKind(
        name="l609",
        figure="l609_persons_per_second",
        institution=InstitutionCode("NIC"),
        flow=FlowId("L609"),
        purpose=PurposeId("asr-benefits"),
        act=None,
        head="ssin,begin,end",
        line=lambda ssin: f"{ssin.digits},{DAYS}",
        right="given",
    ),
)


class FileFailed(RuntimeError):
    """Not every line of a file came to what it should: figures of it would mean nothing."""


async def file_figures(folder: Path, *, lines: int) -> Figures:
    """Lines per second of each kind of file, on a server of its own with fsync on."""
    async with a_register(folder) as database, _a_hub(database, lines, folder) as hub:
        figures: Figures = {"file_lines": lines}
        for kind in KINDS:
            tell(f"{lines:,} lines of {kind.name}")
            figures |= await hub.taken(kind)
        return figures


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hub:
    database: Database
    trail: Trail
    network: Network
    persons: int
    folder: Path

    async def taken(self, kind: FileKind) -> Figures:
        """What one file takes, from the first line read to the last commit."""
        file = self.folder / f"{kind.name}.csv"
        ssins: Iterable[Ssin] = map(Ssin.of, numbers(self.persons))
        with file.open("w", encoding="ascii") as out:
            out.write(f"{kind.head}\n")
            out.writelines(f"{kind.line(one)}\n" for one in ssins)
        run = FileRun(
            taking=self._taking(kind, file),
            file=LineFile(path=file, act=kind.act),
            into=self.folder / f"{kind.name}.told.csv",
        )
        leave_the_start_alone()  # as the command does
        began, began_cpu, before = perf_counter(), process_time(), _servers()
        taken: Taken = await run.take()
        took_s, cpu_s = perf_counter() - began, process_time() - began_cpu
        database_s = _servers().since(before) / 1e9
        if getattr(taken, kind.right) != self.persons:
            raise FileFailed(f"expected {self.persons} lines {kind.right}, found {taken}")
        return {
            kind.figure: round(self.persons / took_s),
            f"{kind.name}_cpu_us": round(cpu_s * 1e6 / self.persons, 1),
            f"{kind.name}_database_cpu_us": round(database_s * 1e6 / self.persons, 1),
        }

    def _taking(self, kind: FileKind, file: Path) -> FileTaking:
        law = self.network.lawbook.jurisdiction(self.network.hub)
        with file.open("rb") as opened:
            digest = file_digest(opened, "sha256").digest()
        order = Order(
            institution=kind.institution,
            flow=kind.flow,
            purpose=kind.purpose,
            digest=digest,
            name=file.name,
            account="bench",
            act=kind.act,
        )
        return FileTaking(
            database=self.database,
            trail=self.trail,
            identity=Registers(self.database),
            directory=Directory(self.database, jurisdiction=law),
            law=law,
            order=order,
            zone=self.network.zone,
            now=now,
            random_bytes=random_bytes,
        )


def _servers() -> Used:
    """What the database has used: all of it is below this process."""
    return used(descendants([os.getpid()]))


@asynccontextmanager
async def _a_hub(database: Database, persons: int, folder: Path) -> AsyncGenerator[_Hub]:
    """A directory with lines of so many persons, and a trail before it."""
    network = read_network(read_lawbook())
    trail = Trail.over(
        database,
        master=MasterKey(random_bytes(32)),
        signer=a_key(network.hub),
        origin=network.hub,
        now=now,
        random_bytes=random_bytes,
    )
    await trail.start(now())
    directory = Lines(database, UNSEEN)
    await directory.take_seat(names_members=False)
    known = CODES[NumberStatus.KNOWN]
    await Registers(database).load((number, known, None, None) for number in numbers(persons))
    path = folder / "lines.parquet"
    write_lines(path, persons=persons, each=len(KNOWN), pairs=KNOWN)
    await load_file(directory, path)
    path.unlink()
    yield _Hub(database=database, trail=trail, network=network, persons=persons, folder=folder)
