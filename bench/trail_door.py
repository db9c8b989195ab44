"""One person's page at the door: signed, over HTTP, from a process of its own.

The clock of both stands behind the ten years of entries, as that of a hub that recorded them does.
"""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from time import perf_counter
from typing import Final
from zoneinfo import ZoneInfo

import uvloop

from bench.cpu import used
from bench.trail_record import MASTER
from bench.trail_rows import EACH, MONTHS, month_at
from kruispunt.audit import Pages, Trail
from kruispunt.cli.collector import leave_the_start_alone
from kruispunt.client import ReadRequest, TrailClient
from kruispunt.exchange import TrailReading, commit_order
from kruispunt.gateway import Entrance
from kruispunt.gateway.reading import ReadingDoor
from kruispunt.law import Lawbook, Reads, read_lawbook
from kruispunt.postgres import Commit, Database
from kruispunt.vocabulary import InstitutionCode, Ssin
from kruispunt.web import (
    Address,
    App,
    Http,
    KeyRing,
    Server,
    SigningKey,
    configure_log,
    key_of,
    signed_replies,
)

ZONE: Final = ZoneInfo("Europe/Brussels")
AFTER: Final = datetime.combine(month_at(MONTHS), datetime.min.time(), UTC) + timedelta(days=1.5)
"""The moment of asking: the last month is over for longer than it takes to be listed."""

CONNECTIONS: Final = 4


def _key(code: str) -> SigningKey:
    return key_of(sha256(code.encode()).digest(), key_id=f"{code}/1", institution=code)


def _ring(lawbook: Lawbook) -> KeyRing:
    codes = (lawbook.hub, _portal(lawbook)[0])
    far = timedelta(days=400)
    return KeyRing.holding(
        _key(code).public(not_before=AFTER - far, not_after=AFTER + far) for code in codes
    )


def _portal(lawbook: Lawbook) -> tuple[InstitutionCode, str]:
    """Who may read a person's page, and in which role."""
    reader = next(one for one in lawbook.readers if one.reads is Reads.PERSON)
    known = lawbook.institutions.values()
    code = next(one.code for one in known if not one.roles.isdisjoint(reader.institutions))
    return code, reader.role


def _clock(began: datetime) -> Callable[[], datetime]:
    """As `began` were the moment of asking."""
    shift = AFTER - began
    return lambda: datetime.now(UTC) + shift


async def _serve(dsn: str, url: str, fd: int, began: datetime) -> None:
    law, now = read_lawbook(), _clock(began)
    configure_log(now=now, level="warning")
    key = _key(law.hub)
    database = await Database.open(dsn, size=CONNECTIONS, name="kruispunt bench")
    trail = Trail.over(
        database, master=MASTER, signer=key, origin=law.hub, now=now, random_bytes=os.urandom
    )
    await trail.start(now())
    commit = Commit(database, order=commit_order(trail))
    await commit.start()
    shelf = TrailReading.over(
        Pages(reader=trail.reader),
        lawbook=law,
        trail=trail,
        commit=commit,
        now=now,
        random_bytes=os.urandom,
    )
    entrance = Entrance(
        base_url=url, ring=_ring(law), lawbook=law, offered=frozenset(), zone=ZONE, now=now
    )
    app = App(
        ReadingDoor(entrance=entrance, shelf=shelf).routes,
        random_bytes=os.urandom,
        seal=signed_replies(key, now=now),
    )
    leave_the_start_alone()
    await Server(app, Address(fd=fd)).run()
    await commit.stop()
    await database.close()


class PageDoor:
    """A door that runs, and who asks at it."""

    def __init__(self, client: TrailClient, role: str, pid: int) -> None:
        self._client = client
        self._role = role
        self.pid = pid

    async def ms(self, about: Ssin) -> float:
        """Milliseconds from the first byte to sign until the page was believed and read."""
        request = ReadRequest(role=self._role, user="bench", ssin=about.digits)
        began = perf_counter()
        page = await self._client.page(Reads.PERSON.value, request)
        took = (perf_counter() - began) * 1000
        assert len(page.entries) == EACH, len(page.entries)
        assert all(one.ending for one in page.entries)
        return took

    @property
    def cpu_ms(self) -> float:
        """CPU of the door's process up to now."""
        return used([self.pid]).by_pid[self.pid] / 1e6


@asynccontextmanager
async def page_door(dsn: str) -> AsyncGenerator[PageDoor]:
    """The door over the trail in this database, for as long as this is open."""
    law, began = read_lawbook(), datetime.now(UTC)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url, fd = f"http://127.0.0.1:{listening.getsockname()[1]}", listening.fileno()
        words = (sys.executable, "-m", "bench.trail_door", dsn, url, str(fd), began.isoformat())
        child = await asyncio.create_subprocess_exec(*words, pass_fds=(fd,))
    code, role = _portal(law)
    try:
        async with await Http.open() as http:
            client = TrailClient(
                url=url,
                seat=law.hub,
                http=http,
                key=_key(code),
                ring=_ring(law),
                now=_clock(began),
                random_bytes=os.urandom,
            )
            yield PageDoor(client, role, child.pid)
    finally:
        child.terminate()
        await child.wait()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        _dsn, _url, _fd, _began = sys.argv[1:]
        runner.run(_serve(_dsn, _url, int(_fd), datetime.fromisoformat(_began)))
