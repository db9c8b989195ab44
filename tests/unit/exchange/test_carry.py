"""The carrier: in order about each person, again while the other is away, dead if it is final."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from tests.contract.mailbox_house import MOMENT, a_mail

from kruispunt.client import AskFailed, Fault, ProblemBody
from kruispunt.exchange import Carrier
from kruispunt.exchange.carry import LAST_PAUSE_S, MOST_FAILURES
from kruispunt.mailbox import Arrivals, MemoryMailboxes, Mode
from kruispunt.vocabulary import OWN, Mail, Unavailable


def problem(status: int, kind: str = "about:blank") -> AskFailed:
    told = ProblemBody(status=status, title="no", detail="not this one", type=kind)
    return AskFailed(Fault.PROBLEM, str(status), problem=told)


@dataclass
class Other:
    """The seat to which mail is brought, and what it says to it."""

    says: dict[int, list[AskFailed | None]] = field(
        default_factory=dict[int, list[AskFailed | None]]
    )
    came: list[int] = field(default_factory=list[int])
    under_way: dict[bytes, int] = field(default_factory=dict[bytes, int])
    most_at_once: int = 0
    slow_s: float = 0.0
    third: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, mail: Mail) -> None:
        assert mail.person not in self.under_way, "two mails about one person at once"
        self.under_way[mail.person] = mail.id.int
        self.most_at_once = max(self.most_at_once, len(self.under_way))
        await asyncio.sleep(self.slow_s)
        del self.under_way[mail.person]
        self.came.append(mail.id.int)
        if len(self.came) == 3:
            self.third.set()
        said = self.says.get(mail.id.int) or self.says.get(0)
        if said and (fault := said.pop(0)):
            raise fault


@dataclass
class Town:
    """A seat with mail for another, and its carrier."""

    other: Other = field(default_factory=Other)
    boxes: MemoryMailboxes = field(default_factory=MemoryMailboxes)
    slept: list[float] = field(default_factory=list[float])

    async def opened(self, *mails: Mail) -> "Town":
        self.boxes.add(*mails)
        await self.boxes.set_modes(["ANNA"], Mode.PUSH)
        return self

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)

    @property
    def carrier(self) -> Carrier:
        return Carrier(
            boxes=self.boxes,
            arrivals=Arrivals(look_every_s=0.01),
            send=self.other,
            now=lambda: MOMENT,
            recipients=["ANNA"],
            sleep=self.sleep,
        )

    async def left(self) -> list[int]:
        batch = await self.boxes.read("ANNA", mode=Mode.PUSH)
        return [letter.mail.id.int for letter in batch.letters]

    async def emptied(self) -> None:
        for _ in range(10_000):
            if not await self.left():
                return
            await asyncio.sleep(0.0005)

    async def dead(self) -> list[tuple[int, str]]:
        return [(one.id.int, one.reason) for one in await self.boxes.dead_letters("ANNA")]


def about(person: int, numbers: Sequence[int]) -> list[Mail]:
    return [a_mail(number, person=person) for number in numbers]


async def test_mail_is_brought_in_order_about_each_person_and_several_persons_at_once():
    other = Other(slow_s=0.01)
    mails = [
        one
        for pair in zip(about(7, range(1, 9)), about(8, range(11, 19)), strict=True)
        for one in pair
    ]
    town = await Town(other=other).opened(*mails)

    rest = await town.carrier.bring("ANNA")

    assert not rest
    assert [number for number in other.came if number < 10] == list(range(1, 9))
    assert [number for number in other.came if number > 10] == list(range(11, 19))
    assert other.most_at_once == 2
    assert await town.left() == []


async def test_while_the_other_is_away_nothing_is_lost_and_no_person_s_order_changes():
    other = Other(says={2: [AskFailed(Fault.SILENT)]})
    town = await Town(other=other).opened(*about(7, [1, 2, 3]))
    carrier = town.carrier

    assert await carrier.bring("ANNA")
    assert await town.left() == [2, 3]
    assert not await carrier.bring("ANNA")

    assert other.came == [1, 2, 2, 3]
    assert await town.left() == []


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 422])
async def test_what_the_other_will_never_take_is_a_dead_letter_and_later_mail_of_it_waits(
    status: int,
):
    other = Other(says={2: [problem(status)]})
    town = await Town(other=other).opened(*about(7, [1, 2, 3]), a_mail(4))

    assert not await town.carrier.bring("ANNA")

    assert sorted(other.came) == [1, 2, 4]
    assert await town.left() == []
    assert await town.dead() == [(2, f"{status} no: not this one")]
    assert (await town.boxes.read("ANNA", mode=Mode.PUSH)).held == 1


@pytest.mark.parametrize(
    "fault",
    [
        problem(401),
        problem(408),
        problem(409, OWN + "messageInFlight"),
        problem(429),
        problem(500),
        problem(503),
        AskFailed(Fault.NOT_PROVEN),
        AskFailed(Fault.NOT_HTTP),
        AskFailed(Fault.UNREADABLE),
    ],
)
async def test_what_may_be_taken_later_is_brought_again(fault: AskFailed):
    town = await Town(other=Other(says={1: [fault]})).opened(a_mail(1))
    carrier = town.carrier

    assert await carrier.bring("ANNA")
    assert await town.dead() == []
    assert not await carrier.bring("ANNA")

    assert town.other.came == [1, 1]


async def test_one_mail_at_which_the_other_fails_holds_up_its_own_person_only_and_dies_at_last():
    other = Other(says={1: [problem(500)] * (MOST_FAILURES + 1)})
    town = await Town(other=other).opened(*about(7, [1, 2]), a_mail(3))
    carrier = town.carrier

    rounds = 0
    while await carrier.bring("ANNA"):
        rounds += 1
        assert rounds < MOST_FAILURES

    assert 3 in other.came[:2]
    assert 2 not in other.came
    assert other.came.count(1) == MOST_FAILURES
    assert await town.dead() == [(1, f"the other failed at it {MOST_FAILURES} times")]


async def test_between_attempts_it_pauses_longer_each_time_and_is_quick_again_afterwards():
    silent: list[AskFailed | None] = [AskFailed(Fault.SILENT)] * 12
    town = await Town(other=Other(says={1: silent})).opened(a_mail(1))

    task = asyncio.create_task(town.carrier.run())
    async with asyncio.timeout(10):
        await town.emptied()
        before = len(town.slept)
        town.other.says[2] = [AskFailed(Fault.SILENT)]
        town.boxes.add(a_mail(2))
        await town.emptied()
    task.cancel()
    await asyncio.wait([task])

    assert town.slept[:before] == sorted(town.slept[:before])
    assert before == 12
    assert max(town.slept) == LAST_PAUSE_S
    assert town.slept[before:] == town.slept[:1]


async def test_stopped_in_the_middle_what_was_taken_is_acknowledged_and_the_rest_comes_again():
    other = Other(slow_s=0.02)
    town = await Town(other=other).opened(*about(7, range(1, 50)))

    task = asyncio.create_task(town.carrier.run())
    async with asyncio.timeout(10):
        await other.third.wait()
    task.cancel()
    await asyncio.wait([task])
    done = list(other.came)
    other.under_way.clear()

    assert await town.left() == list(range(done[-1] + 1, 50))
    assert not await town.carrier.bring("ANNA")
    assert other.came == list(range(1, 50))


async def test_a_released_letter_is_brought_before_what_waited_behind_it():
    town = await Town(other=Other(says={1: [problem(400)]})).opened(*about(7, [1, 2]))
    carrier = town.carrier
    await carrier.bring("ANNA")

    await town.boxes.release("ANNA", UUID(int=1), at=MOMENT)
    await carrier.bring("ANNA")

    assert town.other.came == [1, 1, 2]


async def test_a_letter_that_can_not_be_buried_now_is_brought_again_and_holds_up_nobody_else(
    monkeypatch: pytest.MonkeyPatch,
):
    async def away(*_: object, **__: object) -> bool:
        raise Unavailable("the database is away", retry_after_s=1)

    other = Other(says={1: [problem(400), problem(400)]})
    town = await Town(other=other).opened(a_mail(1), a_mail(2, person=8))
    carrier = town.carrier
    with monkeypatch.context() as patch:
        patch.setattr(MemoryMailboxes, "dead", away)
        assert await carrier.bring("ANNA")
    assert await town.left() == [1]
    assert not await carrier.bring("ANNA")

    assert sorted(other.came) == [1, 1, 2]
    assert [number for number, _ in await town.dead()] == [1]
