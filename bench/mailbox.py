"""What mail costs: `python -m bench.mailbox [--json] [--short] [--mails N]`.

Mail put as a seat puts it (one bundle each, by the group committer), then read and acknowledged
from the store, and over HTTP by owners who sign, through a door in a process of its own. CPU per
mail of each process; what sealing and opening cost apart. On a server of its own, fsync on.
"""

import asyncio
import os
import sys
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Annotated
from uuid import UUID

import uvloop
from cyclopts import App, Parameter

from bench import page, record
from bench.cpu import used
from bench.figures import Figure
from bench.machine import commit, machine
from bench.mailbox_door import SEAT, a_key, ring_of, serve
from bench.page import tell
from kruispunt.cli.clock import now
from kruispunt.client import Mailbox
from kruispunt.mailbox import Mailboxes, put_mail
from kruispunt.postgres import (
    Bundle,
    Commit,
    Database,
    EmbeddedCluster,
    migrate,
    migrated_rooms,
    migrations_folder,
)
from kruispunt.vocabulary import FlowId, InstitutionCode, KeyId, Mail, MailKind
from kruispunt.web import Http, seal_for

OWNERS = tuple(InstitutionCode(f"OWNER-{place}") for place in range(4))
BY_STORE, OVER_HTTP = OWNERS[:2], OWNERS[2:]
PUTTERS = 256
SEALED = 2000
READ = 500
CONTENT = 800
"""Bytes of an answer with some rows."""

app = App(help="Measure mailboxes.")

Figures = dict[str, Figure]

ROWS: page.Rows = {
    "mails": "mails",
    "mailbox_put_per_second": "put, each in a bundle of its own, per second",
    "put_cpu_us": "… CPU of the seat for each, µs",
    "put_database_cpu_us": "… CPU of the database for each, µs",
    "mailbox_per_second": "read and acknowledged from the store, per second",
    "take_cpu_us": "… CPU of the reader for each, µs",
    "take_database_cpu_us": "… CPU of the database for each, µs",
    "mailbox_http_per_second": "read and acknowledged over HTTP, signed, per second",
    "http_door_cpu_us": "… CPU of the door for each, µs",
    "http_owner_cpu_us": "… CPU of the owners for each, µs",
    "http_database_cpu_us": "… CPU of the database for each, µs",
    "seal_us": "sealing the content of one, µs",
    "open_us": "opening it, µs",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many mails, and how often each part is done."""

    mails: int
    runs: int


FULL = Size(mails=40_000, runs=3)
SHORT = Size(mails=4_000, runs=1)


@app.default
def main(
    *,
    json: Annotated[bool, Parameter(negative="", help="One JSON object.")] = False,
    short: Annotated[bool, Parameter(negative="", help="A small run, for a check.")] = False,
    keep: Annotated[
        bool, Parameter(name="--record", negative="", help="Add a row to the page of figures.")
    ] = False,
    mails: Annotated[int | None, Parameter(help="Mails of each run; else 40 000.")] = None,
) -> None:
    """Put, read and acknowledge mail on a server of its own, and print what that costs."""
    size = SHORT if short else FULL
    size = replace(size, mails=(mails or size.mails) // len(OWNERS) * len(OWNERS))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        figures = runner.run(_measure(size))
    if json:
        page.print_json(figures, {}, {})
    else:
        page.print_page("Mailbox", ROWS, figures)
    if keep:
        record.record("Mailbox", ("runs", *ROWS), figures, day=f"{now():%Y-%m-%d}")


@app.command(name="serve", show=False)
def serve_here(dsn: str) -> None:
    """The door in a process of its own: it prints its port."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(dsn, OVER_HTTP))


async def _measure(size: Size) -> Figures:
    with tempfile.TemporaryDirectory(prefix="kruispunt-mailbox-") as folder:
        cluster = EmbeddedCluster(folder=Path(folder) / "database", random_bytes=os.urandom)
        await cluster.start()
        try:
            found = await _runs(cluster, size)
            database = await Database.open(cluster.dsn(), size=1)
            (row,) = await database.pool.fetch("select current_setting('server_version') as v")
            await database.close()
        finally:
            await cluster.stop()
    told: Figures = {"mails": size.mails, "runs": size.runs, **_sealing()}
    return found | told | {"machine": machine(postgres=str(row["v"])), "commit": await commit()}


async def _runs(cluster: EmbeddedCluster, size: Size) -> Figures:
    """The medians of some runs."""
    folder = migrations_folder()
    await migrate(cluster.dsn(), folder=folder, rooms=migrated_rooms(folder))
    database = await Database.open(cluster.dsn(), name="kruispunt bench")
    boxes = Mailboxes(database=database)
    await boxes.open_days(now())
    found: list[dict[str, float]] = []
    async with _door(cluster) as (url, pid):
        for run in range(size.runs):
            bench = Bench(cluster=cluster, boxes=boxes, url=url, door=pid, run=run)
            found.append(await bench.once(size.mails))
    await database.close()
    names = found[0]
    return {name: round(median(one[name] for one in found), 1) for name in names}


@asynccontextmanager
async def _door(cluster: EmbeddedCluster) -> AsyncGenerator[tuple[str, int]]:
    words = (sys.executable, "-m", "bench.mailbox", "serve", cluster.dsn())
    child = await asyncio.create_subprocess_exec(*words, stdout=PIPE)
    assert child.stdout is not None
    port = int(await child.stdout.readline())
    try:
        yield f"http://127.0.0.1:{port}", child.pid
    finally:
        child.terminate()
        await child.wait()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """One run."""

    cluster: EmbeddedCluster
    boxes: Mailboxes
    url: str
    door: int
    run: int

    async def once(self, mails: int) -> dict[str, float]:
        """Put all, take half of them from the store and the other half over HTTP."""
        tell(f"run {self.run + 1}: {mails:,} mails put, taken from the store, and over HTTP")
        put = await self._timed(self._put(mails), mails)
        store = await self._timed(asyncio.gather(*map(self._take, BY_STORE)), mails // 2)
        http = await self._timed(asyncio.gather(*map(self._fetch, OVER_HTTP)), mails // 2)
        for box in await self.boxes.boxes():
            assert box.waiting == 0, "expected all mail to be taken"
        return {
            "mailbox_put_per_second": put[0],
            "put_cpu_us": put[1],
            "put_database_cpu_us": put[2],
            "mailbox_per_second": store[0],
            "take_cpu_us": store[1],
            "take_database_cpu_us": store[2],
            "mailbox_http_per_second": http[0],
            "http_owner_cpu_us": http[1],
            "http_database_cpu_us": http[2],
            "http_door_cpu_us": http[3],
        }

    async def _timed(
        self, work: Awaitable[object], mails: int
    ) -> tuple[float, float, float, float]:
        """Per second; then CPU of ours, of the database and of the door for each, in µs."""
        assert self.cluster.server is not None
        server = [self.cluster.server.pid]
        before, door, own = used(server, descend=True), used([self.door]), process_time()
        began = perf_counter()
        await work
        took = perf_counter() - began
        own_us = (process_time() - own) * 1e6 / mails
        database_us = used(server, descend=True).since(before) / 1e3 / mails
        door_us = used([self.door]).since(door) / 1e3 / mails
        return mails / took, own_us, database_us, door_us

    async def _put(self, mails: int) -> None:
        """Every mail in a bundle of its own, as a decision puts it, many at once."""
        committer = Commit(self.boxes.database, order=self.boxes.statements)
        await committer.start()
        waiting = iter([a_mail(n, sent_at=now()) for n in range(mails)])

        async def putter() -> None:
            for mail in waiting:
                await committer.run(Bundle(writes=put_mail(mail)))

        await asyncio.gather(*(putter() for _ in range(PUTTERS)))
        await committer.stop()

    async def _take(self, owner: InstitutionCode) -> None:
        after = 0
        while letters := (await self.boxes.read(owner, after=after, limit=READ)).letters:
            ids = [letter.mail.id for letter in letters]
            assert await self.boxes.acknowledge(owner, ids) == len(ids)
            after = letters[-1].position

    async def _fetch(self, owner: InstitutionCode) -> None:
        async with await Http.open() as http:
            mailbox = Mailbox(
                url=self.url,
                seat=SEAT,
                http=http,
                key=a_key(owner),
                ring=ring_of(SEAT, owner),
                now=now,
                random_bytes=os.urandom,
            )
            after = 0
            while letters := (await mailbox.poll(after=after, limit=READ)).letters:
                ids = [letter.mail.id for letter in letters]
                assert await mailbox.acknowledge(ids) == len(ids)
                after = letters[-1].position


def a_mail(number: int, *, sent_at: datetime) -> Mail:
    """A mail for one of the owners, about a person of its own."""
    owner = OWNERS[number % len(OWNERS)]
    return Mail(
        id=UUID(bytes=os.urandom(16)),
        recipient=owner,
        kind=MailKind.ANSWER,
        flow=FlowId("some.flow"),
        ticket=str(number),
        person=os.urandom(16),
        sealed=os.urandom(CONTENT + 48),
        sealed_for=KeyId(f"{owner}/1"),
        sent_at=sent_at,
    )


def _sealing() -> Figures:
    """What the content of one costs who seals it and who opens it."""
    key = a_key(OWNERS[0])
    public = ring_of(OWNERS[0]).of(OWNERS[0])[0]
    began = process_time()
    sealed = [seal_for(public, bytes(CONTENT)) for _ in range(SEALED)]
    between = process_time()
    for one in sealed:
        key.open(one)
    ended = process_time()
    return {
        "seal_us": round((between - began) * 1e6 / SEALED, 1),
        "open_us": round((ended - between) * 1e6 / SEALED, 1),
    }


if __name__ == "__main__":
    app()
