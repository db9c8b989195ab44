"""Where an insurer keeps what came to it of a one-time file: a file for each batch, done once."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import msgspec

from kruispunt.circuits.one_shot.carried import Unreadable, records_of
from kruispunt.circuits.one_shot.file import OneShotRecord
from kruispunt.circuits.one_shot.written import write_records
from kruispunt.circuits.sending import keep_letter
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
        await asyncio.to_thread(keep_file, self.folder / f"{mail}.csv", records)
        return len(records)


def keep_file(path: Path, records: Iterable[OneShotRecord]) -> None:
    """Write a file of these persons that only its owner may read: whole and durable, or none."""
    keep_letter(path, "".join(write_records(records)).encode())
