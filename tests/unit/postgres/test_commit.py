"""The committer beside a twin of its connection: only time and order are at stake here."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from kruispunt.postgres import Bundle, Commit, Committed, Group, Query, Statement, Write
from kruispunt.postgres.session import Result
from kruispunt.vocabulary import Unavailable

NOTE = Statement(Query("note", ""), width=1)


@dataclass
class Twin:
    """A connection that takes `steps` turns of the loop for a group, and can be held."""

    steps: int = 3
    is_gone: bool = False
    groups: list[list[bytes]] = field(default_factory=list[list[bytes]])
    going: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.going.set()

    async def write(self, bundles: Sequence[Bundle]) -> list[Result]:
        marks = [bundle.mark for bundle in bundles]
        self.groups.append(marks)
        await self.going.wait()
        for _ in range(self.steps):
            await asyncio.sleep(0)
        group = Group(tuple(marks))
        return [Committed(group, place) for place in range(len(marks))]

    def drop(self) -> None:
        self.going.set()


class TwinCommit(Commit):
    """The committer on a twin instead of a database."""

    def __init__(self, twin: Twin, **limits: float) -> None:
        super().__init__(Nowhere(), order=[NOTE], **limits)  # type: ignore[arg-type] some are whole numbers
        self.twin = twin

    async def _connect(self) -> Twin:
        return self.twin


@dataclass(frozen=True)
class Nowhere:
    dsn: str = ""
    name: str = ""


def bundle(number: int) -> Bundle:
    return Bundle(writes=(Write(NOTE, (number,)),), mark=b"%d" % number)


@pytest.mark.parametrize("turns", range(12))
@pytest.mark.parametrize("steps", range(4))
async def test_a_bundle_that_comes_between_an_empty_queue_and_idle_is_not_forgotten(
    turns: int, steps: int
):
    """Every turn of the loop around the end of a group is tried: one of them is the moment."""
    commit = TwinCommit(Twin(steps=steps))
    await commit.start()
    first = asyncio.create_task(commit.run(bundle(1)))
    for _ in range(turns):
        await asyncio.sleep(0)

    second = await asyncio.wait_for(commit.run(bundle(2)), timeout=1)

    assert isinstance(second, Committed)
    assert isinstance(await first, Committed)
    await commit.stop()


async def test_a_bundle_that_comes_in_the_very_moment_of_the_answer_is_not_forgotten():
    commit = TwinCommit(Twin())
    await commit.start()
    more: list[asyncio.Task[Result]] = []
    first = asyncio.create_task(commit.run(bundle(1)))
    first.add_done_callback(lambda _: more.append(asyncio.create_task(commit.run(bundle(2)))))

    await first
    await asyncio.sleep(0)

    assert isinstance(await asyncio.wait_for(more[0], timeout=1), Committed)
    await commit.stop()


async def test_a_group_is_all_that_waited_when_the_group_before_it_ended():
    twin = Twin()
    commit = TwinCommit(twin, max_group=3)
    await commit.start()
    twin.going.clear()
    runs = [asyncio.create_task(commit.run(bundle(0)))]
    await asyncio.sleep(0.01)
    runs += [asyncio.create_task(commit.run(bundle(number))) for number in range(1, 6)]
    await asyncio.sleep(0.01)

    twin.going.set()
    results = await asyncio.gather(*runs)

    assert twin.groups == [[b"0"], [b"1", b"2", b"3"], [b"4", b"5"]]
    groups = {id(result.group) for result in results if isinstance(result, Committed)}
    assert len(groups) == 3
    await commit.stop()


async def test_a_full_queue_says_so_at_once():
    twin = Twin()
    commit = TwinCommit(twin, max_waiting=2)
    await commit.start()
    twin.going.clear()
    runs = [asyncio.create_task(commit.run(bundle(0)))]
    await asyncio.sleep(0.01)
    runs += [asyncio.create_task(commit.run(bundle(number))) for number in (1, 2)]
    await asyncio.sleep(0.01)

    with pytest.raises(Unavailable) as told:
        await commit.run(bundle(3))

    assert told.value.retry_after_s == 1
    twin.going.set()
    await asyncio.gather(*runs)
    await commit.stop()


async def test_who_stops_waiting_does_not_stop_the_group():
    twin = Twin()
    commit = TwinCommit(twin)
    await commit.start()
    twin.going.clear()
    leaving = asyncio.create_task(commit.run(bundle(1)))
    staying = asyncio.create_task(commit.run(bundle(2)))
    await asyncio.sleep(0.01)

    leaving.cancel()
    twin.going.set()

    assert isinstance(await staying, Committed)
    assert twin.groups == [[b"1", b"2"]]
    await commit.stop()


async def test_what_rides_goes_with_the_next_group_or_after_a_while_alone():
    twin = Twin()
    commit = TwinCommit(twin, linger_s=0.05)
    await commit.start()
    commit.later(bundle(1))
    await asyncio.sleep(0.01)
    before = list(twin.groups)
    await commit.run(bundle(2))
    commit.later(bundle(3))
    await asyncio.sleep(0.1)

    assert before == []
    assert twin.groups == [[b"1", b"2"], [b"3"]]
    await commit.stop()


async def test_stopping_commits_what_waits_and_takes_no_more():
    twin = Twin()
    commit = TwinCommit(twin, linger_s=60)
    await commit.start()
    commit.later(bundle(1))

    await commit.stop()

    assert twin.groups == [[b"1"]]
    assert not commit.alive
    with pytest.raises(Unavailable):
        await commit.run(bundle(2))


async def test_what_rides_is_bounded():
    commit = TwinCommit(Twin(), linger_s=60, max_waiting=2)
    await commit.start()

    for number in range(5):
        commit.later(bundle(number))

    assert commit.dropped == 3
    await commit.stop()


class Breaks(Twin):
    """A connection that raises what no database does, when it is let go."""

    async def write(self, bundles: Sequence[Bundle]) -> list[Result]:
        await super().write(bundles)
        raise RuntimeError("nobody expected this")


async def test_whatever_ends_the_work_nobody_is_left_waiting():
    twin = Breaks()
    twin.going.clear()
    commit = TwinCommit(twin)
    await commit.start()
    under_way = asyncio.create_task(commit.run(bundle(1)))
    await asyncio.sleep(0)
    queued = asyncio.create_task(commit.run(bundle(2)))
    await asyncio.sleep(0)
    twin.going.set()

    ended = await asyncio.wait_for(
        asyncio.gather(under_way, queued, return_exceptions=True), timeout=1
    )

    assert [type(one) for one in ended] == [Unavailable, Unavailable]
    assert not commit.alive
    with pytest.raises(Unavailable):
        await commit.run(bundle(3))
    with pytest.raises(RuntimeError):
        await commit.stop()
