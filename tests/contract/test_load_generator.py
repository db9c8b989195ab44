"""The load generator sends what it is given, when it is due, and tells what came of it."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import perf_counter

from bench.load import LINES, Job, send

REQUEST = b"POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\nhi"
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nwell"


@dataclass
class Heard:
    """What a small server heard."""

    port: int = 0
    lines: int = 0
    each: Counter[int] = field(default_factory=Counter[int])
    at: list[float] = field(default_factory=list[float])


Reply = Callable[[int], tuple[float, bytes]]
"""For each request, how long it takes and what is said; nothing: the line is cut."""


@asynccontextmanager
async def a_server(reply: Reply) -> AsyncGenerator[Heard]:
    heard = Heard()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.lines += 1
        line = heard.lines
        try:
            while await reader.readexactly(len(REQUEST)) == REQUEST:
                heard.at.append(perf_counter())
                heard.each[line] += 1
                takes_s, said = reply(len(heard.at))
                await asyncio.sleep(takes_s)
                if not said:
                    break
                writer.write(said)
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        heard.port = server.sockets[0].getsockname()[1]
        yield heard


async def test_a_closed_loop_sends_everything_over_as_many_lines_as_it_was_told():
    async with a_server(lambda _: (0.0, ANSWER)) as heard:
        told = await send(Job(port=heard.port, at_once=8), [REQUEST] * 100)

    assert (heard.lines, len(heard.at)) == (8, 100)
    assert told.statuses == {200: 100}
    assert len(told.ms) == 100
    assert told.seconds > 0
    assert told.cpu_ns > 0


async def test_an_open_loop_keeps_its_rate_and_begins_when_it_was_told():
    async with a_server(lambda _: (0.0, ANSWER)) as heard:
        begin = perf_counter() + 0.3

        told = await send(Job(port=heard.port, per_second=200, begin=begin), [REQUEST] * 100)

    assert told.statuses == {200: 100}
    assert heard.at[0] >= begin
    assert heard.at[-1] >= begin + 99 / 200
    assert heard.lines == LINES


async def test_waiting_for_a_line_counts_as_waiting_for_an_answer_and_as_late():
    async with a_server(lambda _: (0.2, ANSWER)) as heard:
        told = await send(Job(port=heard.port, per_second=2000), [REQUEST] * (2 * LINES))

    assert told.statuses == {200: 2 * LINES}
    assert told.late >= LINES
    assert max(told.ms) >= 350


async def test_lines_take_turns_so_that_none_falls_asleep():
    async with a_server(lambda _: (0.0, ANSWER)) as heard:
        told = await send(Job(port=heard.port, per_second=500), [REQUEST] * (2 * LINES))

    assert told.statuses == {200: 2 * LINES}
    assert set(heard.each.values()) == {2}


async def test_an_answer_that_never_comes_is_told_as_lost():
    def every_tenth_is_cut(n: int) -> tuple[float, bytes]:
        return 0.0, b"" if n == 10 else ANSWER

    async with a_server(every_tenth_is_cut) as heard:
        told = await send(Job(port=heard.port, at_once=4), [REQUEST] * 20)

    assert told.statuses[0] >= 1
    assert sum(told.statuses.values()) == 20
