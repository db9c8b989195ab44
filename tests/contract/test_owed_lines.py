"""A node that dies between its own lines and the hub's: the next process tells the hub."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from tests.bringing_house import (
    HubAbove,
    a_file,
    a_message,
    a_seat,
    bring,
    bringing_law,
    remove,
)
from tests.contract.ledger_house import a_ledger
from tests.house import NOON
from tests.law.inventing import FUND, NODE, PERSON

from kruispunt.audit import Trail
from kruispunt.directory import UNSEEN, Directory, Lines
from kruispunt.exchange import Integration, KeptLaws, Owing, SeatFiles
from kruispunt.identity import LeftToHub
from kruispunt.postgres import Database
from kruispunt.sources import Cause, RefusedUpstream, SilentSource
from kruispunt.vocabulary import DirectoryLine, LinesAsked, Reason, Refusal

LATER = NOON + timedelta(minutes=1)


class Killed(BaseException):
    """What ends a process in the middle."""


@dataclass(frozen=True, kw_only=True)
class NodeProcess:
    """A node over PostgreSQL, with all that one process has of its own."""

    database: Database
    integration: Integration
    owing: Owing

    async def lines(self) -> set[DirectoryLine]:
        return set(await self.integration.files.list(PERSON))

    async def count(self, sql: str) -> int:
        async with self.database.transaction() as connection:
            return int(await connection.fetchval(sql) or 0)

    async def owed(self) -> int:
        return await self.count("select count(*) from exchange.owed_lines")

    async def changes(self) -> int:
        return await self.count("select count(*) from audit.change")


@asynccontextmanager
async def a_process(dsn: str, above: HubAbove) -> AsyncGenerator[NodeProcess]:
    async with a_ledger(dsn, clock=lambda: NOON) as (ledger, rooms):
        database, trail = rooms.database, ledger.trail
        assert database is not None
        assert isinstance(trail, Trail)
        await Lines(database, UNSEEN).take_seat(names_members=True)
        here = bringing_law().jurisdiction(NODE)
        laws = KeptLaws(now=here, folder=Path("/no/lawbooks/here"))
        files = SeatFiles(
            database=database, trail=trail, now=lambda: NOON, random_bytes=os.urandom
        )
        integration = Integration(
            identity=LeftToHub(),
            directory=Directory(database, jurisdiction=here),
            laws=laws,
            ledger=ledger,
            files=files,
            above=above,
        )
        owing = Owing(laws=laws, trail=trail, files=files, above=above)
        yield NodeProcess(database=database, integration=integration, owing=owing)


def kill(_asked: LinesAsked) -> None:
    raise Killed


async def killed(dsn: str, above: HubAbove, asked: LinesAsked, *, message: int = 1) -> None:
    """One process does what is asked, and is no more before it hears of the hub."""
    async with a_process(dsn, above) as node:
        with pytest.raises((Killed, SilentSource)):
            await node.integration.do(a_message(consumer=FUND, message=message), asked)
    above.wrong = above.meanwhile = None


@pytest.mark.parametrize("heard", [True, False])
async def test_a_line_of_a_node_that_died_comes_to_the_hub_by_the_next_process(
    empty_database: str, heard: bool
):
    above = HubAbove(a_seat())
    above.meanwhile = kill if heard else None
    above.wrong = None if heard else SilentSource(Cause.NO_ANSWER)
    await killed(empty_database, above, bring())

    async with a_process(empty_database, above) as node:
        owed = await node.owed()
        at_once = await node.owing.sweep(NOON)
        due = await node.owing.sweep(LATER)
        again = await node.owing.sweep(LATER + timedelta(hours=1))

        assert (owed, at_once, due, again) == (1, 0, 1, 0)
        assert above.hub.kept == {a_file()}
        assert await node.lines() == {a_file(member=FUND)}
        assert (await node.owed(), await node.changes()) == (0, 1)


async def test_a_removal_of_a_node_that_died_comes_to_the_hub_by_the_next_process(
    empty_database: str,
):
    above = HubAbove(a_seat())
    async with a_process(empty_database, above) as node:
        await node.integration.do(a_message(consumer=FUND), bring())
        assert await node.owed() == 0
    above.wrong = SilentSource(Cause.NO_ANSWER)
    await killed(empty_database, above, remove(None), message=2)

    async with a_process(empty_database, above) as node:
        await node.owing.sweep(LATER)

        assert above.hub.kept == await node.lines() == set()
        assert await node.owed() == 0


async def test_what_the_hub_refuses_the_next_process_is_taken_back(empty_database: str):
    above = HubAbove(a_seat())
    above.wrong = SilentSource(Cause.NO_ANSWER)
    await killed(empty_database, above, bring())
    above.wrong = RefusedUpstream(Refusal(reason=Reason.NO_FILE))

    async with a_process(empty_database, above) as node:
        await node.owing.sweep(LATER)

        assert await node.lines() == set()
        assert (await node.owed(), await node.changes()) == (0, 2)


async def test_of_two_processes_one_tells_the_hub(empty_database: str):
    above = HubAbove(a_seat())
    above.wrong = SilentSource(Cause.NO_ANSWER)
    await killed(empty_database, above, bring())

    async with a_process(empty_database, above) as one, a_process(empty_database, above) as other:
        due = await asyncio.gather(one.owing.sweep(LATER), other.owing.sweep(LATER))

        assert sorted(due) == [0, 1]
        assert above.hub.kept == {a_file()}
