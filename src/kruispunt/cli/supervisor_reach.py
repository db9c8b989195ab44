"""How the supervisor reaches its children, and how other commands reach a supervisor."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from kruispunt.cli.supervisor import READY_S, STOP_S, StartFailed, program, tail
from kruispunt.cli.supervisor_state import RunNote, StateFolder

BACKLOG: Final = 1024
PATIENCE_S: Final = 10.0
ANSWER_S: Final = 2.0
LOOK_S: Final = 0.05
HEALTHY: Final = b"HTTP/1.1 200"


async def listen(host: str, port: int, *, patience_s: float = PATIENCE_S) -> socket.socket:
    """A listening socket for several workers: hand them its `fileno()` in `Process.pass_fds`.

    Workers of a supervisor that was killed may hold the address for a moment: we wait for them.

    Raises:
        OSError: the address is in use or not ours.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience_s
    while True:
        try:
            return socket.create_server((host, port), backlog=BACKLOG)
        except OSError:
            if loop.time() > deadline:
                raise
        await asyncio.sleep(LOOK_S)


def answers(host: str, port: int, path: str = "/health") -> Callable[[], Awaitable[bool]]:
    """A `Process.ready` that asks over HTTP: 200 is ready."""

    async def ready() -> bool:
        try:
            async with asyncio.timeout(ANSWER_S):
                return await _is_healthy(host, port, path)
        except OSError:
            return False

    return ready


async def _is_healthy(host: str, port: int, path: str) -> bool:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        ask = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n"
        writer.write(ask.encode())
        return (await reader.readline()).startswith(HEALTHY)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


@asynccontextmanager
async def attach_or_start(
    state: Path, *, command: Sequence[str] | None = None, ready_s: float = READY_S
) -> AsyncGenerator[list[RunNote]]:
    """What runs on a state folder: attach to its supervisor, or start one for the duration.

    `command` starts a supervisor; by default `kruispunt up` on this folder.

    Raises:
        StartFailed: it did not become ready.
    """
    folder = StateFolder.at(state)
    folder.make()
    if folder.is_owned():
        await _wait_ready(folder, None, ready_s)
        yield folder.notes()
        return
    child = await _start(folder, command or program("up", "--state", str(folder.path)))
    try:
        await _wait_ready(folder, child, ready_s)
        yield folder.notes()
    finally:
        await _stop(child)


async def _start(folder: StateFolder, command: Sequence[str]) -> asyncio.subprocess.Process:
    folder.ready_note.unlink(missing_ok=True)
    with folder.log("up").open("ab") as log:
        return await asyncio.create_subprocess_exec(
            *("setpriv", "--pdeathsig", "TERM"),
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=dict(os.environ),
            start_new_session=True,
        )


async def _wait_ready(
    folder: StateFolder, child: asyncio.subprocess.Process | None, ready_s: float
) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + ready_s
    while not folder.is_ready():
        gone = not folder.is_owned() if child is None else child.returncode is not None
        if gone or loop.time() > deadline:
            log = folder.log("up")
            raise StartFailed(f"kruispunt up did not become ready; see {log}:\n{tail(log)}")
        await asyncio.sleep(LOOK_S)


async def _stop(child: asyncio.subprocess.Process) -> None:
    """Its own children have `STOP_S` each stage; only then is it killed, and they die with it."""
    for stopping in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            child.send_signal(stopping)
        with suppress(TimeoutError):
            async with asyncio.timeout(3 * STOP_S):
                await child.wait()
                return
