"""The state folder of a running house: who owns it, what runs, and where each thing writes."""

import fcntl
import os
import signal
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Self

import msgspec

LARGEST_LOG: Final = 64 * 1024 * 1024
LEFTOVER_S: Final = 15.0


class StateTaken(RuntimeError):
    """Another supervisor owns this state folder."""


class RunNote(msgspec.Struct, frozen=True, kw_only=True):
    """What `run/<name>.json` says of a process."""

    name: str
    pid: int
    born: str
    """Start time in the kernel's clock: with the pid it names one process until a reboot."""

    started_at: datetime
    restarts: int
    address: str = ""
    ready: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StateFolder:
    """Paths of a state folder; it is made with mode 700, and its parents keep theirs."""

    path: Path

    @classmethod
    def at(cls, path: Path) -> Self:
        """The folder, whatever we stand in later."""
        return cls(path=path.absolute())

    def make(self) -> None:
        """Make the folders that are missing."""
        for folder in (self.path, self.run, self.logs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def run(self) -> Path:
        return self.path / "run"

    @property
    def logs(self) -> Path:
        return self.path / "log"

    @property
    def ready_note(self) -> Path:
        """Stands while everything is up."""
        return self.run / "up.ready"

    def ready_file(self, name: str) -> Path:
        """What a process writes when it is ready, where nothing else tells."""
        return self.run / f"{name}.ready"

    def log(self, name: str) -> Path:
        """The log of a process; one that has grown large is set aside once."""
        path = self.logs / f"{name}.log"
        if path.exists() and path.stat().st_size > LARGEST_LOG:
            path.replace(path.with_suffix(".log.1"))
        return path

    def write_note(self, note: RunNote) -> None:
        """Say what runs; a reader never sees half a note."""
        draft = self.run / f"{note.name}.draft"
        draft.write_bytes(msgspec.json.encode(note))
        draft.replace(self.run / f"{note.name}.json")

    def drop_note(self, name: str) -> None:
        """Say that it runs no more."""
        (self.run / f"{name}.json").unlink(missing_ok=True)

    def notes(self) -> list[RunNote]:
        """All that runs, by name."""
        paths = sorted(self.run.glob("*.json"))
        return [msgspec.json.decode(path.read_bytes(), type=RunNote) for path in paths]

    @contextmanager
    def owned(self) -> Generator[None]:
        """Own the folder: the lock ends with this process, however it ends.

        Raises:
            StateTaken: another supervisor owns it.
        """
        self.make()
        with (self.run / "supervisor.lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StateTaken(f"{self.path} is run by another supervisor") from None
            lock.truncate(0)
            lock.write(f"{os.getpid()}\n")
            lock.flush()
            yield

    def is_owned(self) -> bool:
        """True while a supervisor owns the folder."""
        try:
            with (self.run / "supervisor.lock").open("a+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except FileNotFoundError:
            return False
        return False

    def is_ready(self) -> bool:
        """True while a supervisor owns the folder and everything is up."""
        return self.ready_note.exists() and self.is_owned()

    def clear_leftovers(self) -> None:
        """End what a supervisor that was killed left running, and drop its notes."""
        self.ready_note.unlink(missing_ok=True)
        left = self.notes()
        for stopping in (signal.SIGTERM, signal.SIGKILL):
            for note in left:
                if birth(note.pid) == note.born:
                    os.kill(note.pid, stopping)
            deadline = time.monotonic() + LEFTOVER_S
            while any(birth(n.pid) == n.born for n in left) and time.monotonic() < deadline:
                time.sleep(0.02)
        for note in left:
            self.drop_note(note.name)


def birth(pid: int) -> str:
    """Start time of a live process in the kernel's clock, empty where there is none."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return "" if words[0] == "Z" else words[19]
