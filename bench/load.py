"""A load generator that costs little: requests are built and signed before the clock starts.

`python -m bench.load FILE` reads one job as JSON on standard input (`port`, and `at_once` or
`per_second`) and requests from FILE (each with its length before it), and prints statuses and
latencies in milliseconds as JSON. It runs in a process of its own, whose CPU nobody counts.
"""

import asyncio
import json
import sys
from array import array
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from time import perf_counter, sleep
from typing import cast

import uvloop

LINES = 64
"""Connections that an open loop keeps ready; it makes more where all are busy."""

PATIENCE_S = 120.0
LOST = 0


@dataclass(slots=True)
class Tally:
    """What came back: milliseconds of each answer, and how often each status; 0: no answer."""

    ms: "array[float]" = field(default_factory=lambda: array("d"))
    statuses: Counter[int] = field(default_factory=Counter[int])
    began: float = 0.0
    ended: float = 0.0

    def add(self, status: int, *, since: float) -> None:
        self.ended = perf_counter()
        self.ms.append((self.ended - since) * 1000)
        self.statuses[status] += 1

    def as_json(self) -> dict[str, object]:
        return {
            "ms": self.ms.tolist(),
            "statuses": {str(status): n for status, n in self.statuses.items()},
            "seconds": self.ended - self.began,
        }


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


async def closed_loop(port: int, requests: list[bytes], *, at_once: int) -> Tally:
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

    lines = [await _connect(port, answered) for _ in range(min(at_once, len(requests)))]
    tally.began = perf_counter()
    for line in lines:
        next_one(line)
    await _wait(done, requests)
    return tally


async def open_loop(port: int, requests: list[bytes], *, per_second: float) -> Tally:
    """A request every 1/`per_second`, answered or not: how long one waits, queueing included."""
    tally, done = Tally(), asyncio.Event()
    free, waiting = list[Line](), deque[tuple[float, bytes]]()

    def answered(line: Line, status: int) -> None:
        tally.add(status, since=line.since)
        if len(tally.ms) == len(requests):
            done.set()
        elif waiting:
            due, request = waiting.popleft()
            line.ask(request, since=due)
        else:
            free.append(line)

    def send(due: float, request: bytes) -> None:
        if free:
            free.pop().ask(request, since=due)
        else:
            waiting.append((due, request))

    free += [await _connect(port, answered) for _ in range(LINES)]
    loop = asyncio.get_running_loop()
    tally.began = perf_counter()

    def tick() -> None:
        """Wait for each due moment: timers of an event loop are only good to a millisecond."""
        for due, request in _due(requests, began=tally.began, per_second=per_second):
            pause = due - perf_counter()
            if pause > 0:
                sleep(pause)
            loop.call_soon_threadsafe(send, due, request)

    Thread(target=tick, daemon=True).start()
    await _wait(done, requests)
    return tally


def _due(
    requests: list[bytes], *, began: float, per_second: float
) -> Iterable[tuple[float, bytes]]:
    return ((began + n / per_second, request) for n, request in enumerate(requests))


async def _wait(done: asyncio.Event, requests: list[bytes]) -> None:
    if requests:
        async with asyncio.timeout(PATIENCE_S):
            await done.wait()


async def _connect(port: int, answered: Callable[[Line, int], None]) -> Line:
    loop = asyncio.get_running_loop()
    _, line = await loop.create_connection(lambda: Line(answered), "127.0.0.1", port)
    return line


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


async def _run(job: dict[str, float], requests: list[bytes]) -> Tally:
    port = int(job["port"])
    if "per_second" in job:
        return await open_loop(port, requests, per_second=job["per_second"])
    return await closed_loop(port, requests, at_once=int(job["at_once"]))


def main() -> None:
    job = json.load(sys.stdin)
    requests = read_requests(Path(sys.argv[1]))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        tally = runner.run(_run(job, requests))
    json.dump(tally.as_json(), sys.stdout)


if __name__ == "__main__":
    main()
