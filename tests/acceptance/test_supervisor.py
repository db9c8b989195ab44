"""The supervisor with real processes: killed ones come back, and nothing outlives it."""

import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kruispunt.cli.settings import DatabaseSettings
from kruispunt.cli.supervisor import Process, Stage, StartFailed, Supervisor
from kruispunt.cli.supervisor_reach import answers, attach_or_start, listen
from kruispunt.cli.supervisor_state import StateFolder, StateTaken, birth
from kruispunt.cli.up import Clock, database_stage, open_cluster
from kruispunt.postgres.driver import connect

SLEEPER = """
import os, pathlib, sys, time
pathlib.Path(os.environ["KRUISPUNT_READY_FILE"]).touch()
print('{"event": "awake"}', flush=True)
time.sleep(600)
"""
DOOR = """
import os, socket, sys
door = socket.socket(fileno=int(sys.argv[1]))
while True:
    caller, _ = door.accept()
    caller.recv(65536)
    head = b"HTTP/1.1 200 OK\\r\\nConnection: close\\r\\n\\r\\n"
    caller.sendall(head + str(os.getpid()).encode())
    caller.close()
"""
UP = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from kruispunt.cli.supervisor import Process
from kruispunt.cli.up import up

async def stage():
    return [Process(name="sleeper", argv=[sys.executable, "-c", sys.argv[2]])]

asyncio.run(up(Path(sys.argv[1]), [stage], now=lambda: datetime.now(UTC)))
"""


def now() -> datetime:
    return datetime.now(UTC)


def sleeper(name: str = "sleeper") -> Process:
    return Process(name=name, argv=[sys.executable, "-c", SLEEPER])


def stage(*processes: Process) -> Stage:
    async def make() -> Sequence[Process]:
        return processes

    return make


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    return StateFolder.at(tmp_path / "state")


@asynccontextmanager
async def supervised(state: StateFolder, *stages: Stage) -> AsyncGenerator[Supervisor]:
    with state.owned():
        supervisor = Supervisor(state, stages, now=now)
        try:
            await supervisor.start()
            yield supervisor
        finally:
            await supervisor.stop()


async def until(condition: Callable[[], object], *, within_s: float = 15) -> None:
    async with asyncio.timeout(within_s):
        while True:
            if condition():
                return
            await asyncio.sleep(0.02)


async def test_everything_is_up_when_start_returns_and_gone_when_stop_returns(state: StateFolder):
    async with supervised(state, stage(sleeper("first")), stage(sleeper("second"))):
        running = {note.name: note.pid for note in state.notes()}
        was_ready = state.is_ready()
        log = state.log("first").read_text()

    assert list(running) == ["first", "second"]
    assert was_ready
    assert json.loads(log) == {"event": "awake"}
    assert [birth(pid) for pid in running.values()] == ["", ""]
    assert not state.is_ready()
    assert state.notes() == []


async def test_a_killed_process_comes_back_and_its_neighbour_is_left_alone(state: StateFolder):
    async with supervised(state, stage(sleeper("killed"), sleeper("neighbour"))) as supervisor:
        before = {note.name: note for note in supervisor.notes()}
        os.kill(before["killed"].pid, signal.SIGKILL)

        await until(lambda: supervisor.notes()[0].ready and supervisor.notes()[0].restarts == 1)

        after = {note.name: note for note in supervisor.notes()}
        assert after["killed"].pid != before["killed"].pid
        assert after["neighbour"].pid == before["neighbour"].pid


async def test_a_process_whose_note_can_not_be_written_is_kept_and_noted_later(
    state: StateFolder,
):
    async with supervised(state, stage(sleeper("killed"))) as supervisor:
        before = supervisor.notes()[0]
        no_room = state.run / "killed.draft"
        no_room.mkdir()
        os.kill(before.pid, signal.SIGKILL)
        await until(lambda: supervisor.notes()[0].ready and supervisor.notes()[0].restarts == 1)
        unnoted = [note.pid for note in state.notes()]
        no_room.rmdir()
        running = supervisor.notes()[0].pid
        await until(lambda: [note.pid for note in state.notes()] == [running])

        assert running not in unnoted
        assert supervisor.notes()[0].restarts == 1


async def test_a_process_that_can_not_start_stops_the_start_and_shows_why(state: StateFolder):
    broken = Process(name="broken", argv=[sys.executable, "-c", "raise SystemExit('no key')"])

    with pytest.raises(StartFailed, match=r"(?s)broken ended 5 times.*no key"):
        async with supervised(state, stage(sleeper()), stage(broken)):
            pass

    assert state.notes() == []


async def test_two_supervisors_can_not_own_one_state(state: StateFolder):
    with state.owned(), pytest.raises(StateTaken), state.owned():
        pass

    assert not state.is_owned()


async def test_workers_share_one_socket(state: StateFolder):
    door = await listen("127.0.0.1", 0)
    port = door.getsockname()[1]
    argv = [sys.executable, "-c", DOOR, str(door.fileno())]
    ready = answers("127.0.0.1", port)
    workers = [
        Process(name=f"hub-{i}", argv=argv, ready=ready, pass_fds=(door.fileno(),)) for i in (1, 2)
    ]

    async with supervised(state, stage(*workers)) as supervisor:
        pids = {note.pid for note in supervisor.notes()}
        answered: set[int] = set()
        for _ in range(200):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET / HTTP/1.1\r\n\r\n")
            answered.add(int((await reader.read()).rpartition(b"\r\n")[2]))
            writer.close()

    assert answered
    assert answered <= pids
    assert len(pids) == 2
    door.close()


async def test_children_of_a_killed_supervisor_do_not_outlive_it_and_a_new_one_starts(
    state: StateFolder,
):
    command = [sys.executable, "-c", UP, str(state.path), SLEEPER]
    supervisor = await asyncio.create_subprocess_exec(*command)
    await until(state.is_ready)
    left = state.notes()

    supervisor.kill()
    await supervisor.wait()
    await until(lambda: not any(birth(note.pid) == note.born for note in left))
    async with supervised(state, stage(sleeper())) as again:
        restarted = again.notes()

    assert [note.name for note in left] == ["sleeper"]
    assert [note.name for note in restarted] == ["sleeper"]


async def test_a_command_attaches_to_what_runs_or_starts_it_for_a_while(state: StateFolder):
    command = [sys.executable, "-c", UP, str(state.path), SLEEPER]

    async with attach_or_start(state.path, command=command) as started:
        async with attach_or_start(state.path, command=["false"]) as attached:
            same = [note.pid for note in started] == [note.pid for note in attached]
        still = state.is_ready()

    assert same
    assert still
    assert not state.is_owned()
    assert birth(started[0].pid) == ""


@pytest.fixture
def short_state() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="kruispunt-up-"))
    yield folder
    shutil.rmtree(folder)


async def test_a_killed_database_comes_back_with_everything_it_said_was_durable(short_state: Path):
    clock = Clock(now=now, random_bytes=os.urandom)
    server = open_cluster(short_state, DatabaseSettings(), clock=clock)
    async with supervised(StateFolder.at(short_state), database_stage(server)) as supervisor:
        connection = await connect(server.dsn("postgres"), name="test", timeout_s=10)
        await connection.execute("create table kept (n integer)")
        await connection.execute("insert into kept values (7)")
        os.kill(supervisor.notes()[0].pid, signal.SIGKILL)

        await until(lambda: supervisor.notes()[0].ready and supervisor.notes()[0].restarts)

        again = await connect(server.dsn("postgres"), name="test", timeout_s=10)
        assert await again.fetchval("select n from kept") == 7
        await again.close()
        connection.terminate()
