"""One connection of a caller: its requests are answered one after the other, within limits.

httptools reads what comes, and a reply leaves in one write. Who hangs up after a whole request
stops nobody: the work goes on. Who only stops sending still gets his answer.

What one caller can make us keep is bounded: a head, one read, the requests that a piece of it
holds, and the body of the request that is answered, as far as its route takes one.
"""

import asyncio
import re
import socket
from collections import deque
from collections.abc import Awaitable
from typing import Final, Protocol, cast

import httptools

from kruispunt.vocabulary import Malformed, Unavailable
from kruispunt.web.arriving import Arriving, HungUp
from kruispunt.web.pouring import Pouring
from kruispunt.web.problems import PROBLEM_JSON, render
from kruispunt.web.reply import HttpReply, Parts, head_of

KEEP_ALIVE_S: Final = 75
MAX_HEAD: Final = 16 * 1024
HEAD_S: Final = 10.0
LINGER_S: Final = 5.0
"""How long one who was cut off may go on sending, so that our last words reach him."""

PIECE: Final = 4 * 1024
"""So much is parsed at once; no more of it while a request waits for its turn."""

MAX_IGNORED: Final = 64 * 1024
"""Bytes of a body that nobody reads; beyond, the caller is cut off."""

SPARE: Final = 64
"""Connections beyond the most that there may be, told so; others are closed unheard."""

_NEVER: Final = float("inf")
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_NOT_HTTP: Final = "expected a request of HTTP/1.1"
_NO_HOST: Final = render(Malformed("expected one header Host, with a host"))
_NO_ROOM: Final = render(Unavailable("too many connections", retry_after_s=1))
_HOST: Final = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=%:\[\]-]*")
"""One host; two are joined with a space between, and do not fit."""

_TOO_LARGE: Final = HttpReply(
    status=431,
    headers={"content-type": PROBLEM_JSON},
    body=b'{"type":"urn:problem-type:kruispunt:headersTooLarge","title":"headers too large",'
    b'"status":431,"detail":"expected at most %d bytes"}' % MAX_HEAD,
)


class Hall(Protocol):
    """What the connections of one server share."""

    connections: set["Connection"]
    tasks: set[asyncio.Task[None]]
    date: bytes
    """The line that tells the time in every head."""

    is_closing: bool
    most: int
    """Connections that there may be."""

    turned_away: int
    buffer: memoryview
    """What a read fills: it is taken over before the next."""

    def respond(self, arriving: Arriving, /) -> Awaitable[HttpReply | None]:
        """The reply; None where nobody is left to answer."""
        ...


class Connection(asyncio.BufferedProtocol):
    """What comes over one connection; `deadline` (loop time) is when its patience ends."""

    def __init__(self, hall: Hall) -> None:
        self._hall = hall
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._is_private = False
        self._url = b""
        self._headers: dict[str, str] = {}
        self._head_size = 0
        self._quiet = 0
        self._in_head = True
        self._rest = b""
        self._reading: Arriving | None = None
        self._answering: Arriving | None = None
        self._waiting: deque[Arriving] = deque()
        self._pouring: Pouring | None = None
        self._last_words: HttpReply | None = None
        self._is_deaf = self._is_full = self._is_cut = False
        self._is_taking = self._is_paused = False
        self.deadline = self._loop.time() + HEAD_S

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._is_private = _is_private(transport)
        there = len(self._hall.connections)
        if there >= self._hall.most:
            self._hall.turned_away += 1
            if there >= self._hall.most + SPARE:
                self.hang_up()
                return
            self._refuse(_NO_ROOM)
        self._hall.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - as asyncio has it
        self._transport = None
        self._hall.connections.discard(self)
        self._waiting.clear()
        if self._pouring is not None:
            self._pouring.stop()
        if self._reading is not None:
            self._reading.broke(HungUp())
        del self._parser  # It knows us: the two would outlive the connection.

    def pause_writing(self) -> None:
        self._is_full = True
        if self._pouring is not None:
            self._pouring.wait()

    def resume_writing(self) -> None:
        self._is_full = False
        if self._pouring is not None:
            self._pouring.go_on()
        if self._answering is None:
            self._next()

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - as asyncio has it
        return self._hall.buffer

    def buffer_updated(self, nbytes: int) -> None:
        if not self._is_deaf:
            self._rest += self._hall.buffer[:nbytes]
            self._take()

    def eof_received(self) -> bool:
        """He sends no more: what came whole is answered, and the rest is given up."""
        self._is_deaf = True
        self._is_cut = False
        if self._pouring is not None:
            self._pouring.stop()  # Who follows and shuts its side is leaving.
        if self._reading is not None:
            self._reading.broke(HungUp())
        return self._answering is not None or bool(self._waiting)

    def close(self) -> None:
        """Close once nothing is under way: at once, or after the answer to what is."""
        if self._pouring is not None:
            self._pouring.end()
        if self._answering is None and self._transport is not None:
            self._transport.close()

    def hang_up(self) -> None:
        """Close now; what the caller does not take is thrown away."""
        if self._transport is not None:
            self._transport.abort()

    def _take(self) -> None:
        """Parse what came, as long as no request waits; and read more only once all is parsed."""
        if self._is_taking or self._transport is None:
            return
        self._is_taking = True
        while self._rest and not (self._waiting or self._is_deaf):
            piece, self._rest = self._rest[:PIECE], self._rest[PIECE:]
            self._feed(piece)
        self._is_taking = False
        if self._is_deaf:
            self._rest = b""
        is_paused = bool(self._rest or self._waiting) and not self._is_deaf
        if is_paused != self._is_paused and not self._transport.is_closing():
            self._is_paused = is_paused
            (self._transport.pause_reading if is_paused else self._transport.resume_reading)()

    def _feed(self, piece: bytes) -> None:
        self._quiet += len(piece)
        try:
            self._parser.feed_data(piece)
        except httptools.HttpParserCallbackError:
            self._is_deaf = True
            self.hang_up()
            raise  # A fault of ours, for the loop to tell.
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._refuse(render(Malformed(_NOT_HTTP)))
        else:
            if self._quiet > MAX_HEAD:  # A line without an end: the parser keeps it to itself.
                self._refuse(_TOO_LARGE)

    # What the parser tells, in its order.

    def on_message_begin(self) -> None:
        self._url, self._headers, self._head_size, self._quiet = b"", {}, 0, 0
        self._in_head = True
        if self._answering is None:
            self.deadline = self._loop.time() + HEAD_S

    def on_url(self, url: bytes) -> None:
        if self._count(len(url)):
            self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._count(len(name) + len(value) + 4) or not self._in_head:
            return  # What comes behind the body is no part of the head that was judged.
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._quiet = 0
        parser = self._parser
        version = parser.get_http_version()
        host = self._headers.get("host", "" if version == "1.0" else None)
        if host is None or _HOST.fullmatch(host) is None:
            self._refuse(_NO_HOST)
        if self._is_deaf:
            return
        self._reading = arriving = Arriving(
            method=parser.get_method().decode("ascii"),
            target=_target(self._url),
            headers=self._headers,
            private=self._is_private,
        )
        arriving.is_last = (
            not parser.should_keep_alive() or parser.should_upgrade() or version != "1.1"
        )
        arriving.takes_chunks = version == "1.1"
        if self._headers.get("expect", "").lower() == "100-continue":
            arriving.awaited = self._say_continue
        if self._answering is None and not self._is_full:
            self._start(arriving)
        else:
            self._waiting.append(arriving)

    def on_chunk_header(self) -> None:
        self._quiet = 0

    def on_body(self, body: bytes) -> None:
        self._quiet = 0
        if self._reading is None or self._is_deaf:
            return
        self._reading.came(body)
        if self._reading.ignored > MAX_IGNORED:
            self._cut()

    def on_message_complete(self) -> None:
        self._quiet = 0
        if self._reading is not None and not self._is_deaf:
            self._is_deaf = self._reading.is_last
            self._reading.ended()
            self._reading = None
            if self._answering is None:
                self._next()

    def _count(self, size: int) -> bool:
        """Whether it is still heard."""
        self._quiet = 0
        self._head_size += size
        if self._head_size > MAX_HEAD:
            self._refuse(_TOO_LARGE)
        return not self._is_deaf

    def _say_continue(self) -> None:
        if self._transport is not None:
            self._transport.write(_CONTINUE)

    def _refuse(self, last_words: HttpReply) -> None:
        """Hear nothing more, and say this once all that came before is answered."""
        if self._is_deaf:
            return
        if self._reading is not None:
            self._reading.broke(Malformed(_NOT_HTTP))
        else:
            self._last_words = last_words
        self._cut()

    def _cut(self) -> None:
        """Hear nothing more, and end once all that came before is answered."""
        self._is_deaf = self._is_cut = True
        if self._reading is not None:
            self._reading.is_last = True
        if self._answering is None:
            self._next()

    def _start(self, arriving: Arriving) -> None:
        self._answering, self.deadline = arriving, _NEVER
        task = self._loop.create_task(self._answer(arriving))
        self._hall.tasks.add(task)
        task.add_done_callback(self._hall.tasks.discard)

    async def _answer(self, arriving: Arriving) -> None:
        try:
            reply = await self._hall.respond(arriving)
            if reply is not None and reply.parts is not None:
                await self._pour(arriving, reply, reply.parts)
                reply = None
            self._answered(arriving, reply)
        except BaseException:
            self.hang_up()  # Rather no answer than half of one.
            raise

    async def _pour(self, arriving: Arriving, reply: HttpReply, parts: Parts) -> None:
        """Say a reply as it comes, cut where it breaks. The connection ends with it."""
        if self._transport is None or self._hall.is_closing:
            await parts.close()
            self.hang_up()
            return
        chunked = arriving.takes_chunks
        self._transport.write(head_of(reply, date=self._hall.date, is_last=True, chunked=chunked))
        self._pouring = Pouring(self._transport, parts, chunked=chunked)
        try:
            whole = await self._pouring.run(reply.body)
        finally:
            self._pouring = None
        if not whole:
            self.hang_up()

    def _answered(self, arriving: Arriving, reply: HttpReply | None) -> None:
        self._answering = None
        if self._transport is None:
            return
        # Who was not told to go on may send the body or not: what comes next is not known.
        is_unsure = arriving.awaited is not None and not arriving.is_whole
        is_last = arriving.is_last or self._hall.is_closing or is_unsure
        if reply is not None:
            self._say(reply, is_last=is_last, is_head=arriving.method == "HEAD")
        if reply is None or is_last:
            self._is_cut = self._is_cut or is_unsure
            self._end()
            return
        arriving.drop()
        self._next()

    def _next(self) -> None:
        """The next request that came already; without one, an end or patience for more."""
        if self._waiting and not self._is_full:
            self._start(self._waiting.popleft())
            self._take()
        elif self._is_deaf and not self._waiting:
            if self._last_words is not None:
                self._say(self._last_words, is_last=True)
            self._end()
        else:
            is_coming = self._in_head or self._reading is not None
            self.deadline = self._loop.time() + (HEAD_S if is_coming else KEEP_ALIVE_S)

    def _end(self) -> None:
        """Close, once what was said is sent; who may still be sending is heard out, in vain."""
        self._is_deaf = True
        self._waiting.clear()
        if self._transport is None or self._transport.is_closing():
            return
        if self._is_cut and not self._hall.is_closing:
            self.deadline = self._loop.time() + LINGER_S
            self._transport.write_eof()
            self._take()
        else:
            self.deadline = self._loop.time() + KEEP_ALIVE_S
            self._transport.close()

    def _say(self, reply: HttpReply, *, is_last: bool, is_head: bool = False) -> None:
        if self._transport is not None:
            head = head_of(reply, date=self._hall.date, is_last=is_last)
            self._transport.write(head if is_head else head + reply.body)


def _target(url: bytes) -> str:
    """Path and query as they came; of a whole address, what stands behind the host."""
    if url.startswith(b"/"):
        return url.decode("latin-1")
    try:
        parts = httptools.parse_url(url)
    except httptools.HttpParserInvalidURLError:
        return "*"
    path = (parts.path or b"/").decode("latin-1")
    return f"{path}?{parts.query.decode('latin-1')}" if parts.query else path


def _is_private(transport: asyncio.BaseTransport) -> bool:
    """True where our end of the connection is a unix socket: only who may enter it came in."""
    door: socket.socket | None = transport.get_extra_info("socket")
    return door is not None and isinstance(door.getsockname(), str | bytes)
