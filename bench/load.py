"""A load generator that costs little: requests are built and signed before the clock starts.

`python -m bench.load FILE TOLD` reads one `Job` as JSON on standard input and requests from FILE
(each with its length before it), and writes what it `Told` to the file TOLD, as JSON: through a
pipe, an answer of some hundred kilobytes arrived cut off twice in hours of load. It runs in a
process of its own: its CPU, from the first request to the last answer, is told beside that of the
others, never in it.
"""

import asyncio
import ssl
import sys
from array import array
from collections import Counter, deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from time import perf_counter, process_time_ns, sleep
from typing import cast

import msgspec
import uvloop

LINES = 64
"""Connections of an open loop, as many as a closed one has: where all are busy requests wait."""

PATIENCE_S = 120.0
"""How long we wait for the last answer once it was due."""

CONNECT_S = 2.0
"""So long before its begin a load knocks: nobody keeps a connection open that says nothing."""

LATE_S = 0.01
"""A request that is sent so long after it was due is counted as late."""

LOST = 0


class Tls(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a connection trusts, and with which client certificate it comes."""

    authority: str
    certificate: str
    key: str
    host: str = "localhost"

    def context(self) -> ssl.SSLContext:
        """TLS as the library says, with our certificate."""
        made = ssl.create_default_context(cafile=self.authority)
        made.load_cert_chain(self.certificate, self.key)
        return made


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One load: always `at_once` under way, or else `per_second` from the moment `begin` on."""

    port: int
    at_once: int = 0
    per_second: float = 0.0
    begin: float = 0.0
    """On the clock of `perf_counter`, which all processes share; 0: as soon as we are ready."""

    tls: Tls | None = None


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What came back: milliseconds of each answer, how often each status (0: no answer).

    `late`: requests of an open loop that were not sent when they were due.
    """

    ms: list[float]
    statuses: dict[int, int]
    seconds: float
    late: int
    cpu_ns: int


@dataclass(slots=True)
class Tally:
    """What came back so far."""

    ms: "array[float]" = field(default_factory=lambda: array("d"))
    statuses: Counter[int] = field(default_factory=Counter[int])
    late: int = 0
    began: float = 0.0
    ended: float = 0.0
    cpu_ns: int = 0

    def begin(self, moment: float = 0.0) -> None:
        self.cpu_ns = -process_time_ns()
        self.began = self.ended = moment or perf_counter()

    def end(self) -> None:
        self.cpu_ns += process_time_ns()

    def add(self, status: int, *, since: float) -> None:
        self.ended = perf_counter()
        self.ms.append((self.ended - since) * 1000)
        self.statuses[status] += 1

    def told(self) -> Told:
        return Told(
            ms=self.ms.tolist(),
            statuses=dict(self.statuses),
            seconds=self.ended - self.began,
            late=self.late,
            cpu_ns=self.cpu_ns,
        )


class Line(asyncio.Protocol):
    """One kept connection, one request under way; its owner hears the status of each answer."""

    def __init__(self, answered: Callable[["Line", int], None]) -> None:
        self.since = 0.0
        self._answered = answered
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is no subclass

    def ask(self, request: bytes, *, since: float) -> None:
        """Send a request; `since` is when it was due."""
        self.since, self._busy = since, True
        if self._transport is None or self._transport.is_closing():
            asyncio.get_running_loop().call_soon(self._tell, LOST)
        else:
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        end = whole(buffer)
        if end:
            self._buffer = buffer[end:]
            self._tell(int(buffer[9:12]))
        else:
            self._buffer = buffer

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's
        if self._busy:
            self._tell(LOST)

    def _tell(self, status: int) -> None:
        self._busy = False
        self._answered(self, status)


def whole(buffer: bytes) -> int:
    """Where the first answer ends, by its content-length; 0 while it is not whole."""
    head = buffer.find(b"\r\n\r\n")
    if head < 0:
        return 0
    lower = buffer[:head].lower()
    start = lower.index(b"content-length:") + 15
    stop = lower.find(b"\r\n", start)
    end = head + 4 + int(lower[start : stop if stop > 0 else None])
    return end if len(buffer) >= end else 0


async def closed_loop(job: Job, requests: list[bytes]) -> Tally:
    """Always `at_once` requests under way: how much passes."""
    tally, waiting, done = Tally(), iter(requests), asyncio.Event()

    def next_one(line: Line) -> None:
        request = next(waiting, None)
        if request is not None:
            line.ask(request, since=perf_counter())

    def answered(line: Line, status: int) -> None:
        tally.add(status, since=line.since)
        if len(tally.ms) == len(requests):
            done.set()
        next_one(line)

    lines = await _connect(job, min(job.at_once, len(requests)), answered)
    tally.begin()
    for line in lines:
        next_one(line)
    await _wait(done, requests, PATIENCE_S)
    tally.end()
    return tally


async def open_loop(job: Job, requests: list[bytes]) -> Tally:
    """A request every 1/`per_second`, answered or not: how long one waits, queueing included."""
    tally, done = Tally(), asyncio.Event()
    # In turns: a connection that says nothing for some seconds is closed on us.
    free, waiting = deque[Line](), deque[tuple[float, bytes]]()

    def ask(line: Line, due: float, request: bytes) -> None:
        tally.late += perf_counter() - due > LATE_S
        line.ask(request, since=due)

    def answered(line: Line, status: int) -> None:
        tally.add(status, since=line.since)
        if len(tally.ms) == len(requests):
            done.set()
        elif waiting:
            ask(line, *waiting.popleft())
        else:
            free.append(line)

    def send(due: float, request: bytes) -> None:
        if free:
            ask(free.popleft(), due, request)
        else:
            waiting.append((due, request))

    await asyncio.sleep(max(0.0, job.begin - CONNECT_S - perf_counter()))
    free += await _connect(job, LINES, answered)
    loop = asyncio.get_running_loop()
    tally.begin(job.begin)

    def tick() -> None:
        """Wait for each due moment: timers of an event loop are only good to a millisecond."""
        for due, request in _due(requests, began=tally.began, per_second=job.per_second):
            pause = due - perf_counter()
            if pause > 0:
                sleep(pause)
            loop.call_soon_threadsafe(send, due, request)

    Thread(target=tick, daemon=True).start()
    lasts_s = tally.began - perf_counter() + len(requests) / job.per_second
    await _wait(done, requests, lasts_s + PATIENCE_S)
    tally.end()
    return tally


def _due(
    requests: list[bytes], *, began: float, per_second: float
) -> Iterable[tuple[float, bytes]]:
    return ((began + n / per_second, request) for n, request in enumerate(requests))


async def _wait(done: asyncio.Event, requests: list[bytes], patience_s: float) -> None:
    """Until all are answered; who was not by then is missing from what is told."""
    if requests:
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await done.wait()


async def _connect(job: Job, number: int, answered: Callable[[Line, int], None]) -> list[Line]:
    """So many connections, TLS shaken hands: none is made while the clock runs."""
    loop = asyncio.get_running_loop()
    tls = job.tls and job.tls.context()
    lines: list[Line] = []
    for _ in range(number):
        _, line = await loop.create_connection(
            lambda: Line(answered),
            "127.0.0.1",
            job.port,
            ssl=tls,
            server_hostname=job.tls.host if job.tls else None,
        )
        lines.append(line)
    return lines


def read_requests(path: Path) -> list[bytes]:
    """The requests of a file as `write_requests` wrote them."""
    data, at, requests = path.read_bytes(), 0, list[bytes]()
    while at < len(data):
        size = int.from_bytes(data[at : at + 4])
        requests.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return requests


def write_requests(path: Path, requests: Iterable[bytes]) -> None:
    """Each request with its length in 4 bytes before it."""
    path.write_bytes(b"".join(len(r).to_bytes(4) + r for r in requests))


async def send(job: Job, requests: list[bytes]) -> Told:
    """Do one job."""
    loop = open_loop if job.per_second else closed_loop
    return (await loop(job, requests)).told()


def main() -> None:
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    requests = read_requests(Path(sys.argv[1]))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        told = runner.run(send(job, requests))
    Path(sys.argv[2]).write_bytes(msgspec.json.encode(told))


if __name__ == "__main__":
    main()
