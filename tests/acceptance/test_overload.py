"""More than there is room for is told to come back, and costs no memory."""

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Generator
from pathlib import Path

import pytest
from tests.acceptance.standing import House, Json, a_message, environment
from tests.acceptance.test_operation import metrics

from kruispunt.cli.compose import open_house
from kruispunt.cli.story import read_stories
from kruispunt.cli.supervisor_reach import attach_or_start
from kruispunt.vocabulary import check_digits
from kruispunt.web import Http, HttpReply

NARROW = """
[door]
at-once = 40
[commit]
max-group = 1
max-waiting = 2
"""
ASKERS, EACH = 120, 5
NOBODY = f"850730033{check_digits(850730033):02d}"
MEGABYTES = 2**20


@pytest.fixture
def state() -> Generator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="kruispunt-narrow-"))
    (folder / "settings.toml").write_text(NARROW)
    yield folder
    shutil.rmtree(folder)


def a_body(house: House) -> Json:
    return {
        "messageId": str(a_message()),
        "purpose": house.stories.stories[0].purpose,
        "ssin": NOBODY,
        "period": {"beginDate": "2026-01-01", "endDate": "2026-02-01"},
    }


async def memory(house: House) -> float:
    text = await metrics(house, f"{house.node.lower()}-1")
    (line,) = [row for row in text.splitlines() if row.startswith("process_resident")]
    return float(line.rpartition(" ")[2]) / MEGABYTES


async def overrun(house: House) -> list[HttpReply]:
    """Many ask at once, and again as soon as they were answered."""
    async with await Http.open(per_host=ASKERS) as http:

        async def insist() -> list[HttpReply]:
            return [
                await house.ask_raw(house.request(a_body(house)), http=http) for _ in range(EACH)
            ]

        found = await asyncio.gather(*(insist() for _ in range(ASKERS)))
    return [reply for replies in found for reply in replies]


async def test_too_many_at_once_are_told_to_come_back(
    state: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PYTHONPATH", environment()["PYTHONPATH"])
    async with attach_or_start(state):
        built = open_house(state)
        house = House(place=built.place, network=built.network, stories=read_stories())
        await overrun(house)
        before = await memory(house)

        replies = await overrun(house)

        after = await memory(house)
        entries = await house.entries(house.node)
        alone = await house.ask_raw(house.request(a_body(house)))
    statuses = Counter(reply.status for reply in replies)
    assert set(statuses) == {403, 503}, statuses
    assert all(reply.headers["retry-after"] for reply in replies if reply.status == 503)
    assert after - before < 30
    # Who was told to come back is not in the trail; who was answered is, once.
    assert entries >= statuses[403]
    assert alone.status == 403
