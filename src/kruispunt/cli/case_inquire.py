"""`kruispunt case inquire`: an insurer looks on its own initiative (05/022 §2.2, §6(2)).

It goes through a file of its members. Each is a case of its own, opened once: what was done stands
beside the file, so that a run which broke off goes on where it was.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from hashlib import file_digest
from itertools import islice
from pathlib import Path
from typing import Annotated, BinaryIO, Final
from uuid import UUID, uuid5

import msgspec
from cyclopts import Parameter

from kruispunt.cli.ask_told import WRONG
from kruispunt.cli.case_desk import Desk, at_desk
from kruispunt.cli.case_options import As, Json, State
from kruispunt.cli.clients import new_message
from kruispunt.cli.clock import now
from kruispunt.cli.inquire_run import Run, RunWrong, open_run
from kruispunt.cli.reading import file_fault
from kruispunt.client import (
    AskFailed,
    CaseClient,
    CaseHead,
    CaseRequest,
    Fault,
    OwnFilesBody,
    Reader,
)
from kruispunt.vocabulary import Malformed, day_of_asking

MOST_LINES: Final = 1_000_000
MOST_LINE: Final = 16 * 1024
AT_ONCE: Final = 16
"""Cases that are opened at once; what follows from them is the circuit's own work."""

OWNER_ONLY: Final = 0o077


class Member(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """One line: a member, and what the insurer's own files say."""

    ssin: str
    own_files: OwnFilesBody = OwnFilesBody()


class Opened(msgspec.Struct, rename="camel", kw_only=True, omit_defaults=True):
    """What one line came to. `ending`: it ended before anything was asked."""

    line: int
    case: UUID | None = None
    ending: str = ""
    unemployment: str = ""
    wrong: str = ""


_read: Final = Reader(Member).read


def inquire(
    members: Annotated[Path, Parameter(help="JSON lines: `ssin`, and what `ownFiles` say.")],
    *,
    as_: As,
    json: Json = False,
    state: State = None,
) -> int:
    """Look, for each member in a file, whether the right may be given ex officio (05/022 §6(2)).

    What the insurer's own files exclude ends there; only of the others is anything asked. A member
    of whom an earlier look is open is left to that one. Run it again after a break: it goes on
    with the lines that are not done.

    Exit codes: 0 a case stands for each line; 1 it broke off: run it again; 2 lines are wrong, and
    are named, or the file is; 3 refused.
    """

    async def work(desk: Desk) -> int:
        try:
            return await _run(desk, members)
        except OSError as wrong:
            raise RunWrong(file_fault(wrong)) from wrong

    return asyncio.run(at_desk(as_, work, state=state, json=json))


async def _run(desk: Desk, members: Path) -> int:
    today = day_of_asking(now(), desk.house.network.zone)
    with members.open("rb") as file:
        if members.stat().st_mode & OWNER_ONLY:
            raise RunWrong(f"{members} can be read by others: chmod 600")
        digest = file_digest(file, "sha256").hexdigest()
        file.seek(0)
        with open_run(members, digest=digest, fresh=new_message(), today=today) as run:
            return await _work(desk, run, file)


async def look_at(cases: CaseClient, run: Run, file: BinaryIO) -> AsyncGenerator[list[Opened]]:
    """Open a case for each line of a file that is not done, some at once; each is noted.

    Raises:
        RunWrong: the file is larger than such files are.
        AskFailed: nobody can tell whether a case is open; run it again.
    """
    left = (one for one in _lines(file) if one[0] not in run.done)
    while some := list(islice(left, AT_ONCE)):
        told = await asyncio.gather(*(_open(cases, run, *one) for one in some))
        run.note([one.line for one in told if not one.wrong])
        yield told


async def _work(desk: Desk, run: Run, file: BinaryIO) -> int:
    found: Counter[str] = Counter()
    async with aclosing(look_at(desk.cases, run, file)) as looking:
        async for told in looking:
            for one in told:
                found[(one.wrong and "wrong") or one.ending or "open"] += 1
            _print(desk, told)
    if not desk.json:
        desk.console.print(summary(found, before=len(run.done)))
    return WRONG if found["wrong"] else 0


def summary(found: Mapping[str, int], *, before: int) -> str:
    """What the lines of a run came to, and how many were done when it began."""
    words = ", ".join(f"{count} {what.replace('-', ' ')}" for what, count in sorted(found.items()))
    if not words and not before:
        return "the file has no lines"
    done = f" ({before} line{' was' if before == 1 else 's were'} done before)" if before else ""
    return f"{words or 'nothing was left to do'}{done}"


async def _open(cases: CaseClient, run: Run, line: int, written: bytes) -> Opened:
    """Open the case of one line; a line that is wrong is told, and the others go on.

    Raises:
        AskFailed: nobody can tell whether it is open.
    """
    try:
        member = _read(written)
        own_files = msgspec.structs.replace(member.own_files, on=run.on)
        request = CaseRequest(id=uuid5(run.id, str(line)), ssin=member.ssin, own_files=own_files)
        head = (await cases.start(request)).head
    except Malformed as wrong:
        return Opened(line=line, wrong=_named((one.name, one.detail) for one in wrong.issues))
    except AskFailed as failed:
        return Opened(line=line, wrong=_wrong_field(failed))
    return _opened(line, head)


def _wrong_field(failed: AskFailed) -> str:
    problem = failed.problem
    if failed.fault is not Fault.PROBLEM or problem is None or problem.status != 400:
        raise failed
    return _named((one.name, one.detail) for one in problem.issues) or problem.detail


def _named(issues: Iterable[tuple[str, str]]) -> str:
    """What is wrong by name of its field; without one where the line as a whole is."""
    return "; ".join(f"{name}: {detail}" if name else detail for name, detail in issues)


def _opened(line: int, head: CaseHead) -> Opened:
    return Opened(line=line, case=head.case, ending=head.ending, unemployment=head.unemployment)


def _print(desk: Desk, told: Sequence[Opened]) -> None:
    for one in told:
        if desk.json:
            print(msgspec.json.encode(one).decode())
        elif one.wrong:
            desk.console.print(f"line {one.line}: {one.wrong}", markup=False)


def _lines(file: Iterator[bytes]) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(file, 1):
        if number > MOST_LINES or len(line) > MOST_LINE:
            raise RunWrong(f"expected at most {MOST_LINES} lines of {MOST_LINE} bytes")
        if line.strip():
            yield number, line
