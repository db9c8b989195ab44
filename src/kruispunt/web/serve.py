"""The server: sockets to listen on, the connections that come, and a graceful end."""

import asyncio
import resource
import signal
import socket
from contextlib import suppress
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import Final

import structlog

from kruispunt.web.asgi import App
from kruispunt.web.connection import Connection

BACKLOG: Final = 2048
GRACE_S: Final = 20
SWEEP_S: Final = 0.5
"""How often connections are looked through for those whose time is over."""

READ: Final = 16 * 1024
KEPT: Final = 512
"""Descriptors that callers never get: for the database, the sources, files, and refusals."""

_log: Final = structlog.stdlib.get_logger(__name__)


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
        self.respond = app.respond
        self._leave = app.leave
        self.connections: set[Connection] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        self.date = _date()
        self.is_closing = False
        self.most = _room(app.limits.connections)
        self.turned_away = 0
        self.buffer = memoryview(bytearray(READ))
        self._told = asyncio.Event()

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
            servers = [
                await loop.create_server(lambda: Connection(self), sock=door, backlog=BACKLOG)
                for door in self._doors
            ]
            while not self._told.is_set():
                self._sweep(loop.time())
                with suppress(TimeoutError):
                    async with asyncio.timeout(SWEEP_S):
                        await self._told.wait()
            for server in servers:
                server.close()
            for door in self._doors:
                door.close()
            await self._end()
        finally:
            for number in caught:
                loop.remove_signal_handler(number)

    def stop(self) -> None:
        """Ask the server to end gracefully; `run` returns once it has."""
        self._told.set()

    def _sweep(self, now: float) -> None:
        self.date = _date()
        if self.turned_away:
            _log.warning("server.full", most=self.most, turned_away=self.turned_away)
            self.turned_away = 0
        for connection in tuple(self.connections):
            if connection.deadline <= now:
                connection.hang_up()

    async def _end(self) -> None:
        self.is_closing = True
        self._leave()
        for connection in tuple(self.connections):
            connection.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE_S):
                while self.tasks or self.connections:  # noqa: ASYNC110 - once, at the end
                    await asyncio.sleep(0.02)
        if self.tasks:
            _log.error("server.cut", requests=len(self.tasks))
        for task in tuple(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        for connection in tuple(self.connections):
            connection.hang_up()


def _room(wanted: int) -> int:
    """So many connections, or what the system leaves of them, asked for all it may give us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    endless = resource.RLIM_INFINITY
    if soft not in (endless, hard) and soft < wanted + KEPT:
        soft = wanted + KEPT if hard == endless else min(wanted + KEPT, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    room = wanted if soft == endless else min(wanted, max(soft - KEPT, 1))
    if room < wanted:
        _log.warning("server.room", connections=room, wanted=wanted)
    return room


def _date() -> bytes:
    return f"date: {formatdate(usegmt=True)}\r\n".encode()
