"""The server: uvicorn on uvloop and httptools, with limits, started and stopped by ourselves."""

import asyncio
import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kruispunt.web.asgi import PRIVATE, App

BACKLOG: Final = 2048
KEEP_ALIVE_S: Final = 75
GRACE_S: Final = 20
MAX_HEAD: Final = 16 * 1024
HEAD_S: Final = 10.0

_TOLD: Final = (
    b'{"type":"urn:problem-type:kruispunt:headersTooLarge","title":"headers too large",'
    b'"status":431,"detail":"expected at most %d bytes"}' % MAX_HEAD
)
_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: application/problem+json\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n%b" % (len(_TOLD), _TOLD)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to listen: a host and port (0: any free one), a unix socket, or an inherited fd."""

    host: str = "127.0.0.1"
    port: int = 0
    path: Path | None = None
    fd: int | None = None

    def listen(self) -> socket.socket:
        """The socket, bound and listening.

        A unix socket is made for its owner and group only; one left by a process that died is
        taken away.
        """
        if self.fd is not None:
            return socket.socket(fileno=self.fd)
        if self.path is not None:
            self.path.unlink(missing_ok=True)
            door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            door.bind(str(self.path))
            self.path.chmod(0o660)
        else:
            family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
            door = socket.create_server((self.host, self.port), family=family, backlog=BACKLOG)
        door.listen(BACKLOG)
        return door


class _Protocol(HttpToolsProtocol):
    """httptools with what it lacks: limits on the head of a request, and whence it came."""

    _head = 0
    _private = False
    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - as uvicorn has it
        super().connection_made(transport)
        self._private = _is_private(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_came()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        self._head = 0
        if self._patience is None:
            self._wait_for_head()
        super().on_message_begin()
        cast("dict[str, object]", self.scope)[PRIVATE] = self._private

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value) + 4)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._head_came()
        if self._head <= MAX_HEAD:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if self._head <= MAX_HEAD:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if self._head <= MAX_HEAD:
            super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        if not self.transport.is_closing():
            super().data_received(data)

    def _count(self, size: int) -> None:
        self._head += size
        if self._head > MAX_HEAD and not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def _wait_for_head(self) -> None:
        self._patience = self.loop.call_later(HEAD_S, self._no_head_came)

    def _no_head_came(self) -> None:
        self.transport.close()

    def _head_came(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


def _is_private(transport: asyncio.Transport) -> bool:
    """True where our end of the connection is a unix socket: only who may enter it came in."""
    door: socket.socket | None = transport.get_extra_info("socket")
    return door is not None and isinstance(door.getsockname(), str | bytes)


class _Uvicorn(uvicorn.Server):
    """A server that leaves signals to us."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


class Server:
    """Serves one application until it is told to stop, on its door, and on a private one.

    Stopping is graceful: no new connections, and requests under way get their answer within
    `GRACE_S` seconds. Run it on uvloop: `asyncio.Runner(loop_factory=uvloop.new_event_loop)`.
    """

    def __init__(self, app: App, address: Address, *, private: Address | None = None) -> None:
        """`private` is a unix socket for the proxy in front.

        Raises:
            ValueError: it is another kind of socket.
        """
        self._door = address.listen()
        self._doors = [self._door]
        if private is not None:
            self._doors.append(private.listen())
            if self._doors[-1].family != socket.AF_UNIX:
                raise ValueError("expected a unix socket for the proxy in front")
        config = uvicorn.Config(
            app,
            http=_Protocol,
            loop="none",
            lifespan="off",
            ws="none",
            interface="asgi3",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=GRACE_S,
        )
        self._server = _Uvicorn(config)

    @property
    def port(self) -> int:
        """The port that was taken, 0 for a unix socket."""
        return 0 if self._door.family == socket.AF_UNIX else self._door.getsockname()[1]

    async def run(self, *, signals: bool = True) -> None:
        """Serve until `stop`, or until SIGTERM or SIGINT where `signals` are ours to catch."""
        caught = (signal.SIGTERM, signal.SIGINT) if signals else ()
        loop = asyncio.get_running_loop()
        for number in caught:
            loop.add_signal_handler(number, self.stop)
        try:
            await self._server.serve(sockets=self._doors)
        finally:
            for number in caught:
                loop.remove_signal_handler(number)

    def stop(self) -> None:
        """Ask the server to end gracefully; `run` returns once it has."""
        self._server.should_exit = True
