"""Plans, clocks and wires of a campaign."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from storm.campaign import ALL, SHORT, Campaign, Plan
from storm.clocks import back_over_month, on_over_month
from storm.kept import Kept, Window
from storm.offset import clock_of, write_offset
from storm.places import Places
from storm.report import p95, slower
from storm.shown import persons_in_logs
from storm.wire import Message, read_message


def a_plan(*, only: tuple[str, ...] = (), short: bool = False) -> Plan:
    return Plan(minutes=1, seed=1, per_second=1, people=1, short=short, only=only)


def test_a_plan_does_every_fault_once_and_the_same_seed_in_the_same_order():
    first, second = (a_plan().order(Random(5)) for _ in range(2))

    assert sorted(first) == sorted(ALL)
    assert first == second
    assert sorted(a_plan(short=True).order(Random(5))) == sorted(SHORT)


def test_a_plan_may_be_of_some_faults_only():
    assert sorted(a_plan(only=("kill", "disk-full")).order(Random(1))) == [
        "disk-full", "kill-backend", "kill-database", "kill-hub", "kill-node", "kill-station",
    ]  # fmt: skip


def test_a_clock_follows_its_file_while_it_runs(tmp_path: Path):
    file = tmp_path / "offset"
    write_offset(file, 0)
    clock = clock_of(file)
    right = clock()

    write_offset(file, -3600)

    assert abs(right - datetime.now(UTC)) < timedelta(seconds=5)
    assert abs(right - timedelta(hours=1) - clock()) < timedelta(seconds=5)


@pytest.mark.parametrize("day", [1, 15, 28, 31])
def test_jumps_over_a_month_end_in_the_one_before_or_after(day: int):
    moment = datetime(2031, 1, day, 12, tzinfo=UTC)

    assert (moment + timedelta(seconds=back_over_month(moment))).strftime("%Y-%m") == "2030-12"
    assert (moment + timedelta(seconds=on_over_month(moment))).strftime("%Y-%m") == "2031-02"


async def test_a_message_reads_as_it_was_written():
    message = Message(line="POST /a HTTP/1.1", headers={"host": "h"}, body=b"{}")
    reader = asyncio.StreamReader()
    reader.feed_data(message.encoded() * 2)
    reader.feed_eof()

    first, second, end = [await read_message(reader) for _ in range(3)]

    assert first == second
    assert first is not None
    assert (first.line, first.headers["host"], first.body) == (message.line, "h", b"{}")
    assert end is None


async def test_half_a_message_is_none():
    reader = asyncio.StreamReader()
    reader.feed_data(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")
    reader.feed_eof()

    with pytest.raises(EOFError):
        await read_message(reader)


def test_a_person_in_a_log_is_seen_and_another_number_is_not(tmp_path: Path):
    places = Places(folder=tmp_path)
    logs = places.state / "log"
    logs.mkdir(parents=True)
    (logs / "a.log").write_text('{"n": "85073003328"}')
    (logs / "b.log").write_text('{"n": "85073003329", "trace": "ab85073003328cd"}')

    assert [finding.what for finding in persons_in_logs(places)] == ["a.log"]


def a_kept(began: float, ms: float) -> Kept:
    kept = Kept(seat="HUB", flow="L609", consumer="NODE", message=UUID(int=1), nonce=b"")
    kept.began, kept.ended, kept.status = began, began + ms / 1000, 200
    return kept


def test_the_other_flow_is_compared_with_itself_in_calm_weather():
    calm = [a_kept(1 + n / 10, 10) for n in range(10)]
    during = [a_kept(3 + n / 10, 20) for n in range(10)]
    healing = [a_kept(6.5, 900)]
    window = Window(fault="stop-station", began=2.5, began_at=datetime.now(UTC), ended=6, over=7)
    campaign = Campaign(plan=a_plan(), windows=[window])

    campaign.kept = [*calm, *during, *healing]
    found = slower(campaign, [window])
    campaign.kept = during
    without_calm = slower(campaign, [window])

    assert p95(calm) == pytest.approx(10)
    assert found == 2.0
    assert without_calm is None
