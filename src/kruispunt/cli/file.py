"""`kruispunt file take`: lines of the directory or questions, a whole file of them, at a hub."""

import asyncio
import re
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from hashlib import file_digest
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from cyclopts import App, Parameter

from kruispunt.audit import MasterKeyWrong, Shredded, Tampered, Trail, read_master_key
from kruispunt.cli.clock import now, random_bytes
from kruispunt.cli.collector import leave_the_start_alone
from kruispunt.cli.compose import open_house, open_institution
from kruispunt.cli.file_run import FileRun, Taken
from kruispunt.cli.operator import account
from kruispunt.cli.supervisor import StartFailed
from kruispunt.directory import Directory
from kruispunt.exchange import FileTaking, Order
from kruispunt.gateway import LineFile, WrongFile
from kruispunt.identity import Registers
from kruispunt.law import keep_lawbook
from kruispunt.vocabulary import Act, FlowId, Forbidden, InstitutionCode, Problem, PurposeId
from kruispunt.web import SigningKeyFile

DONE: Final = 0
AWAY: Final = 1
WRONG: Final = 2
PARTLY: Final = 3
UNWRITTEN: Final = 4
TAKEN_BEFORE: Final = 5

ORDER: Final = re.compile(r"[\w.:-]{0,64}", re.ASCII)

file_app: Final = App(name="file", help="Files of lines or questions: take one, go on with one.")


@file_app.command
def take(
    file: Annotated[Path, Parameter(help="A .csv, .ndjson or .a1 file.")],
    *,
    institution: Annotated[str, Parameter(name="--as", help="Whose file it is.")],
    flow: Annotated[str, Parameter(help="The flow of every line.")],
    purpose: Annotated[str, Parameter(help="What every line is asked for.")],
    into: Annotated[Path, Parameter(help="Where what each line came to is written.")],
    act: Annotated[
        Literal["integrate", "remove"] | None,
        Parameter(help="What is to be done with each line (I605, S607); else it is a question."),
    ] = None,
    order: Annotated[
        str,
        Parameter(
            help="By which order of theirs; the same file can be taken again under another."
        ),
    ] = "",
    json: Annotated[bool, Parameter(negative="", help="JSON instead of words.")] = False,
    state: Annotated[Path | None, Parameter(help="State folder; else `.kruispunt`.")] = None,
) -> int:
    """Take a file at the hub, line by line as if each had been asked alone.

    Columns of CSV and names of NDJSON: ssin, begin, end (last day included; empty: open), and of
    lines sector, quality, phase, line_begin. Records (.a1) are taken of integrations.

    Each line that can be read has an entry of the trail, in the name of your account. A file
    that was broken off goes on at its last block, by the same words; one that was taken before is
    not taken again, unless it comes under another `--order`.

    Exit codes: 0 every line was done or answered; 1 the database is not there; 2 no such file,
    flow or institution; 3 some lines were refused or can't be read: the result says which; 4 the
    trail can't be written, so nothing was done; 5 this file was taken before under this order, so
    nothing was done again.
    """

    given = (InstitutionCode(institution), FlowId(flow), PurposeId(purpose))
    try:
        taken = asyncio.run(
            _take(file, into, *given, act=act, order=order, state=state, quiet=json)
        )
    except (WrongFile, Forbidden, OSError) as wrong:
        print(str(wrong), file=sys.stderr)
        return WRONG
    except (MasterKeyWrong, Shredded, Tampered) as unwritten:
        print(f"nothing is done without an entry in the trail: {unwritten}", file=sys.stderr)
        return UNWRITTEN
    except (Problem, StartFailed) as away:
        print(str(away) or "the database is not there", file=sys.stderr)
        return AWAY
    return _tell(taken, json=json)


async def _take(
    file: Path,
    into: Path,
    institution: InstitutionCode,
    flow: FlowId,
    purpose: PurposeId,
    *,
    act: str | None,
    order: str,
    state: Path | None,
    quiet: bool,
) -> Taken:
    asked = Order(
        institution=institution,
        flow=flow,
        purpose=purpose,
        digest=await asyncio.to_thread(_digest, file),
        name=file.name,
        account=account(),
        act=None if act is None else Act(act),
        id=_order(order),
    )
    async with _taking(asked, state) as taking:
        leave_the_start_alone()
        source = LineFile(path=file, act=asked.act)
        return await FileRun(taking=taking, file=source, into=into, quiet=quiet).take()


@asynccontextmanager
async def _taking(order: Order, state: Path | None) -> AsyncGenerator[FileTaking]:
    house = open_house(state)
    lawbook, code = house.network.lawbook, house.network.hub
    if order.institution not in lawbook.institutions or order.purpose not in lawbook.purposes:
        raise WrongFile("expected an institution and a purpose of the law")
    home = house.place.home(code)
    async with open_institution(state, code) as database:
        keep_lawbook(lawbook, house.place.lawbooks)
        trail = Trail.over(
            database,
            master=read_master_key(home.master),
            signer=SigningKeyFile.open(home.key, now=now),
            origin=code,
            now=now,
            random_bytes=random_bytes,
        )
        await trail.start(now())
        law = lawbook.jurisdiction(code)
        yield FileTaking(
            database=database,
            trail=trail,
            identity=Registers(database),
            directory=Directory(database, jurisdiction=law),
            law=law,
            order=order,
            zone=house.network.zone,
            now=now,
            random_bytes=random_bytes,
        )


def _order(order: str) -> str:
    if not ORDER.fullmatch(order):
        raise WrongFile("expected an order of at most 64 letters, digits, and any of _ . : -")
    return order


def _digest(file: Path) -> bytes:
    with file.open("rb") as opened:
        return file_digest(opened, "sha256").digest()


def _tell(taken: Taken, *, json: bool) -> int:
    """Print what came of it; the exit code."""
    if json:
        print(msgspec.json.encode(taken).decode())
    elif taken.again:
        print(f"{taken.lines} lines, taken before under this order: nothing was done")
    else:
        before = f", {taken.before} of them before" if taken.before else ""
        done = f"{taken.done} done, {taken.given} given, {taken.empty} empty"
        print(f"{taken.lines} lines{before}: {done}, {taken.refused} refused, {taken.wrong} wrong")
    if taken.again:
        return TAKEN_BEFORE
    return PARTLY if taken.refused or taken.wrong else DONE
