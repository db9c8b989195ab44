"""One file from its first block, or the one after the last that counted, to its end."""

import fcntl
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from kruispunt.exchange import FileMark, FileTaking, FileTold
from kruispunt.gateway import LineFile, WrongFile, file_told
from kruispunt.vocabulary import FieldName

QUIET_S: Final = 2.0


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a file; the counts are of this run, after the lines taken `before`."""

    lines: int
    before: int
    done: int
    given: int
    empty: int
    refused: int
    wrong: int


@dataclass(slots=True, kw_only=True)
class FileRun:
    """Takes a file; what each line came to goes into another, which only its owner may read."""

    taking: FileTaking
    file: LineFile
    into: Path
    quiet: bool = True
    block: int = 5_000
    came: Counter[str] = field(default_factory=Counter[str])

    async def take(self) -> Taken:
        """Take what was not taken yet.

        Raises:
            Forbidden: no file of this flow is taken here.
            WrongFile: no such file, or not the result that was begun.
            Unavailable: the database is away, or another process takes this file.
        """
        fields = [one.name for one in self.taking.check().fields]
        mark = await self.taking.so_far()
        before, since = mark.lines, time.monotonic()
        if mark.ended:
            return self._taken(mark, before)
        async with self._result(mark) as result:
            await self.taking.begin()
            if not mark.told_bytes and self.file.path.suffix == ".csv":
                result.write(file_told.csv_head(fields))
            for lines, to, raw in self.file.blocks(mark, size=self.block):
                write = self._writer(result, raw, fields)
                mark = await self.taking.block(lines, of=mark, to=to, tell=write)
                since = self._say(mark, since)
        return self._taken(mark, before)

    @asynccontextmanager
    async def _result(self, mark: FileMark) -> AsyncGenerator[BinaryIO]:
        """The result up to what counts of it, held: no other process writes it meanwhile."""
        handle = os.open(self.into, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(handle, "r+b") as result:
            try:
                fcntl.flock(result, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise WrongFile("another process writes this result") from None
            size = result.seek(0, os.SEEK_END)
            if size < mark.told_bytes:
                raise WrongFile("expected the result that was begun, to go on with it")
            if size and not mark.begun:
                raise WrongFile("expected no file where the result goes")
            result.truncate(mark.told_bytes)
            result.seek(mark.told_bytes)
            yield result

    def _writer(
        self, result: BinaryIO, raw: Sequence[bytes], fields: Sequence[FieldName]
    ) -> Callable[[Sequence[FileTold]], int]:
        """Writes what the lines of one block came to, so that it is there when they count."""

        def write(told: Sequence[FileTold]) -> int:
            match self.file.path.suffix:
                case ".a1":
                    result.write(file_told.records(told, raw))
                case ".ndjson":
                    result.write(file_told.json_lines(told, fields))
                case _:
                    result.write(file_told.csv_lines(told, fields))
            result.flush()
            os.fsync(result.fileno())
            self.came.update(map(file_told.result_of, told))
            return result.tell()

        return write

    def _say(self, mark: FileMark, since: float) -> float:
        if self.quiet or time.monotonic() - since < QUIET_S:
            return since
        print(f"{mark.lines} lines", file=sys.stderr)
        return time.monotonic()

    def _taken(self, mark: FileMark, before: int) -> Taken:
        counts = {word: self.came[word] for word in file_told.RESULTS}
        return Taken(lines=mark.lines, before=before, **counts)
