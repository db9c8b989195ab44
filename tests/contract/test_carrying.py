"""Mail brought over HTTP from a real store, while seats and carriers come and go."""

import asyncio
import os
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.contract.mailbox_house import MOMENT, MailHouse, a_mail, arrivals_of, on_postgres
from tests.contract.test_mailbox_http import ANNA, RING, SEAT
from tests.contract.test_postgres_commit import end_connections

from kruispunt.client import MAIL_PATH, MAIL_TAG, Correspondent, MailBody, Reader
from kruispunt.exchange import Carrier
from kruispunt.mailbox import Mailboxes, Mode, carry_alone
from kruispunt.vocabulary import Mail, Malformed, Unavailable
from kruispunt.web import (
    Address,
    App,
    Http,
    HttpReply,
    Request,
    Route,
    Server,
    json_reply,
    signed_replies,
    verify_request,
)

PERSONS = 5


@dataclass
class Seat:
    """A seat that takes mail: what came, in order, and when it is in a bad mood."""

    url: str = ""
    came: list[MailBody] = field(default_factory=list[MailBody])
    refuses: set[int] = field(default_factory=set[int])
    fails_every: int = 0
    _asked: int = 0

    async def take(self, request: Request) -> HttpReply:
        verify_request(
            method=request.method,
            target_uri=self.url + request.target,
            headers=request.headers,
            body=request.body,
            ring=RING,
            now=int(MOMENT.timestamp()),
            tag=MAIL_TAG,
        )
        body = Reader(MailBody).read(request.body)
        self._asked += 1
        if self.fails_every and self._asked % self.fails_every == 0:
            raise Unavailable("not now", retry_after_s=1)
        if body.id.int in self.refuses:
            raise Malformed("not this one")
        self.came.append(body)
        return json_reply(b'{"id":"%s"}' % str(body.id).encode())

    def firsts(self) -> dict[int, list[int]]:
        """By person, the mails in the order in which each came first."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        for body in self.came:
            lane = found[body.id.int % PERSONS]
            if body.id.int not in lane:
                lane.append(body.id.int)
        return found

    @asynccontextmanager
    async def open(self, port: int = 0) -> AsyncGenerator[int]:
        app = App(
            [Route(method="POST", template=MAIL_PATH, handler=self.take)],
            random_bytes=os.urandom,
            seal=signed_replies(ANNA, now=lambda: MOMENT),
        )
        server = Server(app, Address(port=port))
        self.url = f"http://127.0.0.1:{server.port}"
        running = asyncio.create_task(server.run(signals=False))
        yield server.port
        server.stop()
        await running


def lettered(numbers: range) -> list[Mail]:
    return [a_mail(number, person=1 + number % PERSONS) for number in numbers]


@asynccontextmanager
async def carrying(house: MailHouse, seat: Seat) -> AsyncGenerator[asyncio.Task[None]]:
    """A carrier, as a process of its own would have it."""
    assert isinstance(house.store, Mailboxes)
    await house.store.set_modes(["ANNA"], Mode.PUSH)

    async with await Http.open() as http, arrivals_of(house) as arrivals:
        calls = Correspondent(
            http=http, key=SEAT, ring=RING, now=lambda: MOMENT, random_bytes=os.urandom
        )

        async def send(mail: Mail) -> None:
            await calls.send(seat.url, ANNA.institution, mail)

        async def shortly(seconds: float) -> None:
            await asyncio.sleep(min(seconds, 0.02))

        carrier = Carrier(
            boxes=house.store,
            arrivals=arrivals,
            send=send,
            now=lambda: MOMENT,
            recipients=["ANNA"],
            sleep=shortly,
        )
        task = asyncio.create_task(carry_alone(house.store.database, carrier.run))
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.wait([task])


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(1500):
        if await true():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("expected it within half a minute")


async def test_a_seat_that_goes_away_and_fails_now_and_then_gets_all_in_order(
    empty_database: str,
):
    seat = Seat(fails_every=7)
    async with on_postgres(empty_database) as house, carrying(house, seat):
        async with seat.open() as port:
            await house.put(*lettered(range(60)))
            await until(lambda: _came(seat, 20))
        await house.put(*lettered(range(60, 120)))
        async with seat.open(port):
            await until(lambda: _emptied(house))

    for person, lane in seat.firsts().items():
        assert lane == [number for number in range(120) if number % PERSONS == person]


async def test_one_carrier_brings_at_a_time_and_the_next_takes_over(empty_database: str):
    seat = Seat()
    async with (
        seat.open(),
        on_postgres(empty_database) as house,
        on_postgres(empty_database) as other,
        carrying(house, seat) as first,
    ):
        await house.put(*lettered(range(1, 20)))
        await until(lambda: _emptied(house))
        async with carrying(other, seat) as second:
            await house.put(*lettered(range(20, 40)))
            await until(lambda: _emptied(house))
            once = len(seat.came)

            first.cancel()
            await asyncio.wait([first])
            await house.put(*lettered(range(40, 60)))
            await until(lambda: _emptied(house))

            assert not second.done()

    assert once == 39
    assert [body.id.int for body in seat.came if body.id.int >= 40] != []
    assert len(seat.came) == 59


async def test_a_carrier_whose_connection_is_cut_ends_so_that_another_may_carry(
    empty_database: str,
):
    seat = Seat()
    async with seat.open(), on_postgres(empty_database) as house:
        async with carrying(house, seat) as first:
            await house.put(a_mail(1))
            await until(lambda: _emptied(house))
            await end_connections(empty_database)
            async with asyncio.timeout(10):
                await asyncio.wait([first])

        async with on_postgres(empty_database) as other, carrying(other, seat):
            await other.put(a_mail(2))
            await until(lambda: _emptied(other))

    assert [body.id.int for body in seat.came] == [1, 2]


async def test_a_letter_that_is_refused_waits_for_an_operator_and_then_comes_in_its_order(
    empty_database: str,
):
    seat = Seat(refuses={5})
    async with seat.open(), on_postgres(empty_database) as house, carrying(house, seat):
        await house.put(*lettered(range(1, 21)))
        await until(lambda: _came(seat, 16))
        (dead,) = await house.store.dead_letters("ANNA")
        assert dead.reason == "400 bad request: not this one"

        seat.refuses.clear()
        await house.store.release("ANNA", dead.id, at=MOMENT)
        await until(lambda: _emptied(house))

    assert seat.firsts()[0] == [5, 10, 15, 20]


async def _came(seat: Seat, count: int) -> bool:
    return len(seat.came) >= count


async def _emptied(house: MailHouse) -> bool:
    boxes = [box for box in await house.store.boxes() if box.recipient == "ANNA"]
    return [box.waiting for box in boxes] == [0]
