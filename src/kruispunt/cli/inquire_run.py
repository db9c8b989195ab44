"""One run through a file of members: which lines are done, kept beside the file, for its owner."""

import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import msgspec


class RunWrong(ValueError):
    """The file can't be gone through."""


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """The first line: ids of cases follow from `run`; all of them look on one day."""

    run: UUID
    on: date
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run that is under way. `done`: lines whose case stood before it went on."""

    id: UUID
    on: date
    done: frozenset[int]
    file: BinaryIO

    def note(self, lines: Sequence[int]) -> None:
        """The cases of these lines stand; so it will be known after a crash."""
        self.file.write(b"".join(b"%d\n" % line for line in lines))
        self.file.flush()
        os.fsync(self.file.fileno())


@contextmanager
def open_run(members: Path, *, digest: str, fresh: UUID, today: date) -> Generator[Run]:
    """Begin a run, or go on with the one that this file has.

    A run is noted before its first case is opened: whoever comes after a crash opens each case
    under the id that it had, which opens it once.

    Raises:
        RunWrong: the file is another than the one with which its run began.
    """
    path = members.with_name(f"{members.name}.run")
    if not path.exists():
        _write(path, msgspec.json.encode(Begun(run=fresh, on=today, digest=digest)) + b"\n")
    with path.open("r+b") as file:
        begun, done = _read(file)
        if begun.digest != digest:
            raise RunWrong(f"{members.name} is not what it was when {path.name} began")
        yield Run(id=begun.run, on=begun.on, done=done, file=file)


def _read(file: BinaryIO) -> tuple[Begun, frozenset[int]]:
    """What was noted; a last line that was not written whole is cut off."""
    whole, _, _ = file.read().rpartition(b"\n")
    first, *lines = whole.split(b"\n")
    try:
        begun, done = msgspec.json.decode(first, type=Begun), frozenset(map(int, lines))
    except ValueError as wrong:
        raise RunWrong("the notes of a run are not readable") from wrong
    file.truncate(len(whole) + 1)
    file.seek(0, os.SEEK_END)
    return begun, done


def _write(path: Path, content: bytes) -> None:
    """A file for its owner only, that stands whole or not at all."""
    draft = path.with_name(f"{path.name}.draft")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
