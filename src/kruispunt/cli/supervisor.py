"""The supervisor: starts every process, watches it, brings it back, and stops all in the end."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from kruispunt.cli.supervisor_state import RunNote, StateFolder, birth

FIRST_PAUSE_S: Final = 0.2
LAST_PAUSE_S: Final = 10.0
NOTE_AGAIN_S: Final = 1.0
STEADY_S: Final = 30.0
"""Who was up for so long starts over with the first pause."""

READY_S: Final = 120.0
STOP_S: Final = 20.0
FALSE_STARTS: Final = 5
LOOK_S: Final = 0.03
READY_FILE: Final = "KRUISPUNT_READY_FILE"
"""Names the file that a child writes when it is ready, where its `Process.ready` is None."""


class StartFailed(RuntimeError):
    """A process never became ready: the message names it, and shows the end of its log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process to keep alive. Its argv holds no secret: everyone on the machine can read it.

    `ready` tells whether it answers; None: it writes the file named by `KRUISPUNT_READY_FILE`.
    `before` runs each time before it starts. `dies_with_us`: its own command line sees to that.
    """

    name: str
    argv: Sequence[str]
    ready: Callable[[], Awaitable[bool]] | None = None
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    address: str = ""
    pass_fds: tuple[int, ...] = ()
    before: Callable[[], None] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    dies_with_us: bool = False

    def command(self) -> list[str]:
        """The command line, with the wish to be stopped when the supervisor dies."""
        if self.dies_with_us:
            return list(self.argv)
        name = self.stop_signal.name.removeprefix("SIG")
        return ["setpriv", "--pdeathsig", name, *self.argv]


def program(*words: str) -> list[str]:
    """The command line of one of our own commands, in the same interpreter."""
    return [sys.executable, "-m", "kruispunt", *words]


Stage = Callable[[], Awaitable[Sequence[Process]]]
"""Makes the processes that start together, when all of the stages before are ready."""


class Supervisor:
    """Owns a state folder and everything that runs on it.

    Stages start one after the other and stop in reverse. A process that ends comes back after a
    pause, 0.2 s doubling to 10 s; the others are left alone.
    """

    def __init__(
        self, state: StateFolder, stages: Sequence[Stage], *, now: Callable[[], datetime]
    ) -> None:
        self._state = state
        self._stages = stages
        self._now = now
        self._kept: list[list[_Kept]] = []
        self.stopping = asyncio.Event()

    async def start(self) -> list[RunNote]:
        """Start every stage; return when all is ready, with what runs.

        Raises:
            StartFailed: a process did not become ready; call `stop`.
        """
        self._state.clear_leftovers()
        for stage in self._stages:
            kept = [_Kept(self._state, process, now=self._now) for process in await stage()]
            self._kept.append(kept)
            for one in kept:
                one.start()
            await self._ready(kept)
            if self.stopping.is_set():
                break
        notes = self.notes()
        self._state.ready_note.write_bytes(msgspec.json.encode([note.name for note in notes]))
        return notes

    async def _ready(self, kept: Sequence["_Kept"]) -> None:
        """Wait until all are ready, one has failed, or we are told to stop."""
        stopped = asyncio.create_task(self.stopping.wait())
        waits = [asyncio.create_task(one.wait_ready()) for one in kept]
        ready = asyncio.gather(*waits)
        try:
            await asyncio.wait({stopped, ready}, return_when=asyncio.FIRST_COMPLETED)
            if ready.done():
                ready.result()
        finally:
            for task in (stopped, *waits):
                task.cancel()
            with suppress(asyncio.CancelledError, StartFailed):
                await ready

    def notes(self) -> list[RunNote]:
        """What runs now, in the order of starting."""
        return [one.note for kept in self._kept for one in kept if one.note is not None]

    async def stop(self) -> None:
        """Stop everything in reverse order; who does not stop in time is killed."""
        self.stopping.set()
        self._state.ready_note.unlink(missing_ok=True)
        for kept in reversed(self._kept):
            await asyncio.gather(*[one.stop() for one in kept])
        self._kept.clear()


class _Kept:
    """One process being kept alive."""

    def __init__(
        self, state: StateFolder, process: Process, *, now: Callable[[], datetime]
    ) -> None:
        self._state = state
        self._process = process
        self._now = now
        self._stopping = asyncio.Event()
        self._first_ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._task: asyncio.Task[None] | None = None
        self._starts = 0
        self._stands = False
        self.note: RunNote | None = None

    def start(self) -> None:
        """Begin to keep it."""
        self._task = asyncio.create_task(self._keep(), name=f"keep {self._process.name}")

    async def wait_ready(self) -> None:
        """Return when it has been ready once.

        Raises:
            StartFailed: it ended several times before, or takes too long.
        """
        try:
            async with asyncio.timeout(READY_S):
                await asyncio.shield(self._first_ready)
        except TimeoutError:
            raise self._failed("is not ready in time") from None

    async def stop(self) -> None:
        """Stop it, and do not bring it back."""
        self._stopping.set()
        if self._task is not None:
            await self._task

    async def _keep(self) -> None:
        pause_s = FIRST_PAUSE_S
        loop = asyncio.get_running_loop()
        while not self._stopping.is_set():
            began = loop.time()
            try:
                await self._live()
            except OSError as error:
                self._say("process.not_started", error=str(error))
            if self._stopping.is_set():
                break
            self._give_up_when_hopeless()
            if loop.time() - began > STEADY_S:
                pause_s = FIRST_PAUSE_S
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._stopping.wait()
            pause_s = min(2 * pause_s, LAST_PAUSE_S)
        self._state.drop_note(self._process.name)

    async def _live(self) -> None:
        """One life of the process, from its start to its end."""
        child = await self._spawn()
        ended = asyncio.create_task(child.wait())
        stopped = asyncio.create_task(self._stopping.wait())
        watched = asyncio.create_task(self._watch())
        try:
            await asyncio.wait({ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():
                await _end(child, self._process.stop_signal)
            self._say("process.ended", pid=child.pid, status=await ended)
        finally:
            for task in (watched, stopped):
                task.cancel()

    async def _spawn(self) -> asyncio.subprocess.Process:
        process, state = self._process, self._state
        if process.before is not None:
            await asyncio.to_thread(process.before)
        ready_file = state.ready_file(process.name)
        ready_file.unlink(missing_ok=True)
        with state.log(process.name).open("ab") as log:
            child = await asyncio.create_subprocess_exec(
                *process.command(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **process.env, READY_FILE: str(ready_file)},
                pass_fds=process.pass_fds,
                start_new_session=True,  # Ctrl-C is for the supervisor: it stops all in order
            )
        self._starts += 1
        self._write_note(child.pid, ready=False)
        self._say("process.started", pid=child.pid, restarts=self._starts - 1)
        return child

    async def _watch(self) -> None:
        """Notice that it is ready, and say so."""
        while True:
            if await self._is_ready():
                break
            await asyncio.sleep(LOOK_S)
        if self.note is not None:
            self._write_note(self.note.pid, ready=True)
        self._say("process.ready")
        if not self._first_ready.done():
            self._first_ready.set_result(None)
        while self.note is not None and not self._stands:
            await asyncio.sleep(NOTE_AGAIN_S)
            self._write_note(self.note.pid, ready=True)

    async def _is_ready(self) -> bool:
        if self._process.ready is not None:
            return await self._process.ready()
        return self._state.ready_file(self._process.name).exists()

    def _write_note(self, pid: int, *, ready: bool) -> None:
        self.note = RunNote(
            name=self._process.name,
            pid=pid,
            born=birth(pid),
            started_at=self._now(),
            restarts=self._starts - 1,
            address=self._process.address,
            ready=ready,
        )
        try:
            self._state.write_note(self.note)
            self._stands = True
        except OSError:  # no room: it runs all the same, we know its pid, and write again
            self._stands = False

    def _give_up_when_hopeless(self) -> None:
        if not self._first_ready.done() and self._starts >= FALSE_STARTS:
            self._first_ready.set_exception(self._failed(f"ended {FALSE_STARTS} times"))
            self._first_ready.exception()  # whoever waits is told; nobody need be waiting

    def _failed(self, why: str) -> StartFailed:
        log = self._state.log(self._process.name)
        return StartFailed(f"{self._process.name} {why}; the end of {log}:\n{tail(log)}")

    def _say(self, event: str, **words: object) -> None:
        line = {"at": self._now(), "event": event, "name": self._process.name, **words}
        # What can't be told, for want of room, must not stop what is told of.
        with suppress(OSError), self._state.log("supervisor").open("ab") as log:
            log.write(msgspec.json.encode(line) + b"\n")


async def _end(child: asyncio.subprocess.Process, stop_signal: signal.Signals) -> None:
    """Ask a child to end, by its pid, and kill it where it does not."""
    for stopping in (stop_signal, signal.SIGKILL):
        with suppress(ProcessLookupError):
            child.send_signal(stopping)
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_S):
                await child.wait()
                return


def tail(log: Path, lines: int = 12) -> str:
    """The last lines of a log."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
