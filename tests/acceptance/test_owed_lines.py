"""kill -9 of a node between its own line and the hub's: the line comes to the hub all the same."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Generator
from contextlib import suppress
from time import monotonic
from typing import Final

import pytest
from tests.acceptance.standing import House, a_standing_house
from tests.acceptance.test_lines import CENTRE, LINES, NODE, lines

from kruispunt.client import AskFailed
from kruispunt.vocabulary import InstitutionCode

OWED: Final = "select count(*) as n from exchange.owed_lines"
BACK_S: Final = 120.0


@pytest.fixture(scope="module")
def killed() -> Generator[House]:
    """A house of its own: what happens to it here, no other test should feel."""
    with a_standing_house(workers=1) as house:
        yield house


def send(house: House, code: InstitutionCode, number: signal.Signals) -> None:
    """To every process of a seat."""
    for note in house.notes():
        if note.name.split("-")[0] == code.lower():
            with suppress(ProcessLookupError):
                os.kill(note.pid, number)


async def owed(house: House) -> int:
    (row,) = await house.fetch(NODE, OWED)
    return int(str(row["n"]))


async def test_a_line_that_the_hub_did_not_hear_of_comes_there_when_the_node_is_back(
    killed: House,
):
    person = killed.persons["full-time"]
    send(killed, killed.hub, signal.SIGSTOP)
    asked = asyncio.create_task(lines(killed, person, by=CENTRE))
    await _until(lambda: owed(killed), 1)

    send(killed, NODE, signal.SIGKILL)
    send(killed, killed.hub, signal.SIGKILL)
    with pytest.raises(AskFailed):
        await asked
    at_hub = await killed.fetch(killed.hub, LINES, person.ssin.number)

    assert at_hub == []
    await _until(lambda: owed(killed), 0)
    (line,) = await killed.fetch(killed.hub, LINES, person.ssin.number)
    assert line["code"] is None


async def _until(count: Callable[[], Awaitable[int]], wanted: int) -> None:
    until = monotonic() + BACK_S
    while await count() != wanted:
        assert monotonic() < until, f"expected {wanted} within {BACK_S} s"
        await asyncio.sleep(0.05)
