"""Where an insurer keeps what came to it of a one-time file: a file for each batch, done once."""

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import msgspec

from kruispunt.circuits.one_shot.carried import Unreadable, records_of
from kruispunt.circuits.one_shot.written import write_records
from kruispunt.client import BatchContent


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A folder of files in the form in which the first of them was sent.

    Trust: who writes here can change what the insurer reads; the trails say what was given.
    """

    folder: Path

    async def keep(self, mail: UUID, content: bytes) -> int:
        """Keep the persons of a batch, durably; how many. Kept again, it stands once.

        Raises:
            Unreadable: it is no batch of a one-time file; nothing was kept.
        """
        try:
            batch = msgspec.json.decode(content, type=BatchContent)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as wrong:
            raise Unreadable("expected a batch") from wrong
        records = list(records_of(batch))
        lines = "".join(write_records(records))
        await asyncio.to_thread(self._write, self.folder / f"{mail}.csv", lines)
        return len(records)

    def _write(self, path: Path, lines: str) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        draft.touch(mode=0o600)
        with draft.open("w", encoding="utf-8") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
