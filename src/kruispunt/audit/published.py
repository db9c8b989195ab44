"""The published files of a tree: a checkpoint, and the tiles below it, in one folder.

Any static server may give them to anyone. Written whole or not at all, tiles before the checkpoint
that needs them, and never changed.

Trust: who writes to this folder can make it disagree with what was published before. Witnesses,
proofs that people hold, and `audit verify` show it.
"""

import fcntl
import os
import shutil
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from kruispunt.vocabulary import (
    Checkpoint,
    Edge,
    TileTree,
    full_path,
    is_tile_path,
    tile_paths,
)
from kruispunt.web import Note, read_note

CHECKPOINT: Final = "checkpoint"
EXPIRED: Final = "expired"
LOCK: Final = ".lock"
WRITERS: Final = 8
"""Files on their way to the disk at once."""


class HistoryChanged(Exception):
    """The folder or the database is not as it was published. The message says how."""


@dataclass(frozen=True, slots=True)
class Published:
    """One folder of published files."""

    folder: Path

    def lock(self) -> TextIO | None:
        """The right to write here, until it is closed or the process ends; None: taken."""
        self.folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        lock = (self.folder / LOCK).open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return None
        return lock

    def note(self) -> Note | None:
        """The checkpoint with its signatures; None: nothing was published yet.

        Raises:
            WrongNote: the file is not a note.
        """
        try:
            return read_note((self.folder / CHECKPOINT).read_bytes())
        except FileNotFoundError:
            return None

    def expired(self) -> Note | None:
        """What is gone because its time was over, signed; None: nothing ever was.

        Raises:
            WrongNote: the file is not a note.
        """
        try:
            return read_note((self.folder / EXPIRED).read_bytes())
        except FileNotFoundError:
            return None

    def publish_expired(self, note: Note) -> None:
        """Say what is gone, in the place of what was said before; durable when this returns."""
        self.folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        self._write(EXPIRED, note.encode())
        _sync_folder(self.folder)

    def signed_at(self) -> float | None:
        """When the checkpoint was written, in seconds since 1970; None: never."""
        try:
            return (self.folder / CHECKPOINT).stat().st_mtime
        except OSError:
            return None

    def checkpoint(self) -> Checkpoint | None:
        """What the checkpoint says; who signed it is for the reader to check.

        Raises:
            WrongNote, WrongCheckpoint: the file is not a checkpoint.
        """
        note = self.note()
        return None if note is None else Checkpoint.read(note.text)

    def read(self, path: str) -> bytes:
        """The bytes of a tile, or of the full one that it became.

        Raises:
            HistoryChanged: it is not there.
        """
        found = self.find(path)
        if found is None:
            raise HistoryChanged(f"{path} is missing")
        return found

    def find(self, path: str) -> bytes | None:
        """The bytes of a published file; None: there is none of that name."""
        if path not in (CHECKPOINT, EXPIRED) and not is_tile_path(path):
            return None
        for name in (path, full_path(path)):
            try:
                return (self.folder / name).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                continue
        return None

    def tree(self, size: int) -> TileTree:
        """The tree of that size, read from these files."""
        return TileTree(size=size, read=self.read)

    def edge(self, size: int) -> Edge:
        """Where a tree of that size grows on.

        Raises:
            HistoryChanged, WrongTile: a file that it needs is missing or has another form.
        """
        return Edge.of(self.tree(size))

    def add_tiles(self, files: Mapping[str, bytes]) -> None:
        """Write tiles; durable when this returns. One that stands already stays.

        Raises:
            HistoryChanged: one stands there with other bytes.
        """
        new = {path: data for path, data in files.items() if not self._stands(path, data)}
        changed = self._make_folders({(self.folder / path).parent for path in new})
        with ThreadPoolExecutor(min(WRITERS, len(new) or 1)) as writers:
            list(writers.map(self._write, new.keys(), new.values()))
        for folder in changed:
            _sync_folder(folder)

    def publish(self, note: Note) -> None:
        """Put a checkpoint in the place of the last one; durable when this returns."""
        self._write(CHECKPOINT, note.encode())
        _sync_folder(self.folder)

    def drop_parts(self, files: Iterable[str]) -> None:
        """Take away the parts of tiles that have become full: readers find the full one."""
        for path in files:
            parts = self.folder / f"{path}.p"
            if ".p/" not in path and parts.is_dir():
                shutil.rmtree(parts, ignore_errors=True)

    def copy(self, to: Path) -> None:
        """Copy what the checkpoint of this moment needs, while the tree goes on growing.

        Raises:
            HistoryChanged: a file that it needs is missing.
        """
        note = self.note()
        if note is None:
            return
        copied = Published(to)
        to.mkdir(parents=True, exist_ok=True)
        for path in tile_paths(Checkpoint.read(note.text).size):
            place = to / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(self._part(path))
        expired = self.expired()
        if expired is not None:
            copied.publish_expired(expired)
        copied.publish(note)

    def _part(self, path: str) -> bytes:
        """A tile as its name says it, cut from the full one where only that is left."""
        data = self.read(path)
        width = int(path.partition(".p/")[2] or 0)
        step = 34 if "/entries/" in path else 32
        return data[: width * step] if width else data

    def _stands(self, path: str, data: bytes) -> bool:
        try:
            stands = (self.folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return False
        if stands != data:
            raise HistoryChanged(f"{path} was published with other bytes")
        return True

    def _write(self, path: str, data: bytes) -> None:
        place = self.folder / path
        draft = place.with_name(place.name + ".draft")
        fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(fd)
        draft.replace(place)

    def _make_folders(self, folders: set[Path]) -> set[Path]:
        """Make what is missing, and tell in which folders names are new: they must be durable."""
        changed = set(folders)
        for folder in folders:
            while not folder.exists():
                changed.add(folder := folder.parent)
        for folder in folders:
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        return changed


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
