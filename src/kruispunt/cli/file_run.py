"""One file from its first block, or the one after the last that counted, to its end."""

import asyncio
import fcntl
import os
import sys
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from kruispunt.exchange import FileMark, FileTaking, FileTold
from kruispunt.gateway import LineFile, WrongFile, file_told

QUIET_S: Final = 2.0


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a file; the counts are of this run, after the lines taken `before`.

    `again`: under this order all of it was taken before, so nothing was done now.
    """

    lines: int
    before: int
    done: int
    given: int
    empty: int
    refused: int
    wrong: int
    again: bool = False


@dataclass(slots=True, kw_only=True)
class FileRun:
    """Takes a file; what each line came to goes into another, which only its owner may read."""

    taking: FileTaking
    file: LineFile
    into: Path
    quiet: bool = True
    block: int = 5_000

    async def take(self) -> Taken:
        """Take what was not taken yet.

        Raises:
            Forbidden: no file of this flow is taken here.
            WrongFile: no such file, or not the result that was begun.
            Unavailable: the database is away, or another process takes this file.
        """
        fields = [one.name for one in self.taking.check().fields]
        telling = file_told.Telling(suffix=self.file.path.suffix, fields=fields)
        mark = await self.taking.so_far()
        before = mark.lines
        if not mark.ended:
            async with self._result(mark) as result:
                await self.taking.begin()
                if not mark.told_bytes:
                    result.write(telling.head())
                mark = await self._blocks(mark, result, telling)
            return _taken(telling, lines=mark.lines, before=before)
        return _taken(telling, lines=mark.lines, before=before, again=True)

    async def _blocks(
        self, mark: FileMark, result: BinaryIO, telling: file_told.Telling
    ) -> FileMark:
        """Decide each block, while the one before it is written where that may be."""
        since, writing = time.monotonic(), None
        try:
            for lines, to, raw in self.file.blocks(mark, size=self.block):
                if writing is not None and not self.taking.decides_ahead:
                    await writing
                block = await self.taking.decide(lines)
                if writing is not None:
                    mark = await writing
                    since = self._say(mark, since)
                write = self.taking.write(
                    block, of=mark, to=to, tell=_writer(result, raw, telling)
                )
                writing = asyncio.create_task(write)
            return mark if writing is None else await writing
        finally:
            if writing is not None and not writing.done():
                writing.cancel()
                await asyncio.gather(writing, return_exceptions=True)

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

    def _say(self, mark: FileMark, since: float) -> float:
        if self.quiet or time.monotonic() - since < QUIET_S:
            return since
        print(f"{mark.lines} lines", file=sys.stderr)
        return time.monotonic()


def _writer(
    result: BinaryIO, raw: Sequence[bytes], telling: file_told.Telling
) -> Callable[[Sequence[FileTold]], int]:
    """Writes what the lines of one block came to, so that it is there when they count."""

    def write(told: Sequence[FileTold]) -> int:
        result.write(telling.lines(told, raw))
        result.flush()
        os.fsync(result.fileno())
        return result.tell()

    return write


def _taken(telling: file_told.Telling, *, lines: int, before: int, again: bool = False) -> Taken:
    counts = {word: telling.came[word] for word in file_told.RESULTS}
    return Taken(lines=lines, before=before, again=again, **counts)
