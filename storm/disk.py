"""Small disks, made for one campaign, that can be filled and emptied."""

import os
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import Final

SIZE_MB: Final = 1536
ENDING: Final = 20
"""So many half seconds may a process take to end."""

PIECES: Final = (16 * 2**20, 2**20, 4096)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallDisk:
    """A file system of its own at `where`. `why_not`: it could not be made here."""

    image: Path
    where: Path
    why_not: str = ""

    def fill(self) -> None:
        """Leave no room at all."""
        with self._ballast.open("ab") as file:
            for piece in PIECES:
                with suppress(OSError):
                    while True:
                        os.posix_fallocate(file.fileno(), file.tell(), piece)
                        file.seek(0, os.SEEK_END)

    def empty(self) -> None:
        """Give the room back."""
        self._ballast.unlink(missing_ok=True)

    def close(self) -> None:
        """Take it away; nothing may stand on it any more."""
        if not self.why_not:
            self._unmount()
        self.image.unlink(missing_ok=True)

    def _unmount(self) -> None:
        """A process that is about to end may still stand on it; then it goes with that one."""
        for _ in range(ENDING):
            if not _run("umount", str(self.where)):
                return
            sleep(0.5)
        _run("umount", "--lazy", str(self.where))

    @property
    def _ballast(self) -> Path:
        return self.where / "ballast"


def make_disk(where: Path, image: Path) -> SmallDisk:
    """A disk in a file, mounted on a folder; else in memory; else none, and the folder stays."""
    with image.open("wb") as file:
        file.truncate(SIZE_MB * 2**20)
    found = _run("mkfs.ext4", "-q", "-m", "0", str(image))
    found = found or _run("mount", "-o", "loop", str(image), str(where))
    options = f"size={SIZE_MB}m"
    memory = found and _run("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(where))
    if not memory:
        where.chmod(0o700)
    return SmallDisk(image=image, where=where, why_not=f"{found}; {memory}" if memory else "")


def _run(*words: str) -> str:
    """Nothing, or what went wrong."""
    if shutil.which(words[0]) is None:
        return f"no {words[0]} here"
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else f"{words[0]}: {done.stderr.strip()}"
