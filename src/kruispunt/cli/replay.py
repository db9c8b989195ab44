"""`kruispunt audit replay`: decide every entry again, and name every decision that differs."""

import asyncio
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

import msgspec
from cyclopts import Parameter
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from kruispunt.audit import MasterKeyWrong, Reader, Replay, Replayed, Tampered, read_master_key
from kruispunt.authorisation import decide_many
from kruispunt.cli.compose import open_house, open_institution
from kruispunt.cli.supervisor import StartFailed
from kruispunt.exchange import KeptLaws
from kruispunt.law import read_lawbook
from kruispunt.vocabulary import InstitutionCode, Problem

DONE: Final = 0
AWAY: Final = 1
WRONG: Final = 2
DIFFERS: Final = 3
NOT_WHOLE: Final = 4

EVER: Final = datetime(1, 1, 2, tzinfo=UTC)


class ShownDifference(msgspec.Struct, frozen=True, rename="camel"):
    """One thing in which one entry differs, as it is printed for machines."""

    entry: UUID
    recorded_at: datetime
    differs: str
    stands: str
    again: str


class ShownReplay(msgspec.Struct, frozen=True, rename="camel"):
    """What was found, as it is printed for machines."""

    entries: int
    replayed: int
    differing: int
    differences: tuple[ShownDifference, ...]
    not_replayed: dict[str, int]
    lawbooks: tuple[str, ...]
    seconds: float
    per_second: int


def replay(
    *,
    at: Annotated[str | None, Parameter(help="Whose trail: the hub (default) or a node.")] = None,
    since: Annotated[
        date | None, Parameter(help="Only what was recorded since this day (UTC) began.")
    ] = None,
    json: Annotated[bool, Parameter(negative="", help="One JSON object.")] = False,
    state: Annotated[Path | None, Parameter(help="State folder; else `.kruispunt`.")] = None,
) -> int:
    """Decide every entry of a trail again, from its own facts and the lawbook of its day.

    Exit codes: 0 every decision is the one that stands, and only entries whose month was shredded
    could not be decided again; 1 the database is not there; 2 wrong input; 3 a decision differs;
    4 none differs, but some could not be decided again: a lawbook or a key is lost, or a row can't
    be read.
    """
    began = time.monotonic()
    try:
        code = InstitutionCode(at) if at is not None else read_lawbook().hub
        found = asyncio.run(_replay(code, since, state))
    except FileNotFoundError as wrong:
        return _say(f"not found: {wrong}", code=WRONG)
    except (MasterKeyWrong, Tampered) as wrong:
        return _say(wrong, code=WRONG)
    except (Problem, StartFailed) as away:
        return _say(str(away) or "the database is not there", code=AWAY)
    if json:
        shown = _shown(found, seconds=time.monotonic() - began)
        print(msgspec.json.encode(shown).decode())
    else:
        _show(found)
    if found.differing:
        return DIFFERS
    return DONE if found.is_whole else NOT_WHOLE


async def _replay(code: InstitutionCode, since: date | None, state: Path | None) -> Replayed:
    house = open_house(state)
    laws = KeptLaws(now=house.network.lawbook.jurisdiction(code), folder=house.place.lawbooks)
    begin = EVER if since is None else datetime.combine(since, time_of_day(), UTC)
    async with open_institution(state, code) as database:
        master = read_master_key(house.place.home(code).master)
        reader = Reader.over(database, master=master)
        run = Replay(
            reader=reader,
            laws=laws.of,
            judge=decide_many,
            zone=house.network.zone,
            since=begin,
        )
        with _followed(await run.about_many()) as run.tell:
            return await run.run()


@contextmanager
def _followed(total: int) -> Generator[Callable[[int], None]]:
    """How far it is, on a terminal; elsewhere nothing."""
    columns = (TextColumn("decided again"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    with Progress(
        *columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("", total=total or None)
        yield lambda read: progress.update(task, completed=read)


def _shown(found: Replayed, *, seconds: float) -> ShownReplay:
    return ShownReplay(
        entries=found.entries,
        replayed=found.replayed,
        differing=found.differing,
        differences=tuple(
            ShownDifference(
                entry=one.entry,
                recorded_at=one.recorded_at,
                differs=one.differs.value,
                stands=one.stands,
                again=one.again,
            )
            for one in found.differences
        ),
        not_replayed={why.value: count for why, count in sorted(found.not_replayed.items())},
        lawbooks=tuple(sorted(found.lawbooks)),
        seconds=round(seconds, 3),
        per_second=round(found.entries / seconds) if seconds else 0,
    )


def _show(found: Replayed) -> None:
    for one in found.differences:
        print(
            f"{one.entry}  {one.recorded_at:%Y-%m-%d %H:%M:%SZ}  {one.differs.value}: "
            f"stands {one.stands!r}, decided again {one.again!r}",
            file=sys.stderr,
        )
    for why, count in sorted(found.not_replayed.items()):
        print(f"{count} not decided again: {why.value}")
    laws = len(found.lawbooks)
    by = f"by {laws} lawbook{'' if laws == 1 else 's'}"
    print(f"{found.replayed} of {found.entries} decided again {by}; {found.differing} differ")


def _say(words: object, *, code: int) -> int:
    print(words, file=sys.stderr)
    return code
