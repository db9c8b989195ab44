"""The sealer: gives every leaf its place in the tree, for any number of processes that record.

A place is given in the database, in the transaction that takes the leaf out of the waiting ones;
then the files are written; then the checkpoint. Killed in between, the next sealer writes the same
files again. It holds no key that opens an entry.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TextIO

from kruispunt.audit.published import HistoryChanged, Published
from kruispunt.postgres import Connection, Database, read_queries
from kruispunt.vocabulary import Checkpoint, Edge
from kruispunt.web import Note, Signer, cosign, sign_note

SEALING: Final = read_queries(Path(__file__).with_name("seal.sql"))

MAX_LEAVES: Final = 32_768
"""Leaves of one transaction."""

KEEP_FRESH: Final = timedelta(days=1)
"""So long the data of a leaf stay in the database too."""

LOTS: Final = 16
LOOK_S: Final = 0.1
LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
RENEW: Final = timedelta(seconds=0.9)
"""A checkpoint of this age is signed again, with the time of now."""


class NotWritten(Exception):
    """What is published can't be written now: the disk is full or away. Nothing is lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What one round did: how many leaves got a place, and how large the tree is."""

    leaves: int
    size: int


@dataclass(slots=True, kw_only=True)
class Sealer:
    """The one sealer of a trail. `open_sealer` makes it; after any error, open another."""

    connection: Connection
    published: Published
    signer: Signer
    origin: str
    now: Callable[[], datetime]
    edge: Edge = field(default_factory=Edge)
    signed_at: datetime = LONG_AGO

    async def round(self, *, limit: int = MAX_LEAVES) -> Sealed:
        """Seal what waits and publish it; sign again what is a second old when nothing waits.

        Raises:
            HistoryChanged: the database or the files are not what was published.
            Unavailable: the database is away; nothing is lost, open another.
            NotWritten: the disk of the files is full; nothing is lost, open another.
        """
        grown = await self._seal(limit)
        leaves = 0 if grown is None else grown.size - self.edge.size
        if grown is not None:
            await self._publish(grown)
        elif not timedelta() <= self.now() - self.signed_at < RENEW:
            with _writing():
                self.published.publish(self._note())
        return Sealed(leaves=leaves, size=self.edge.size)

    async def _seal(self, limit: int) -> "_Grown | None":
        """Give places in the database; None: nothing waited."""
        connection = self.connection
        async with connection.transaction():
            row = await connection.fetchrow(SEALING["take_pending"].sql, limit)
            if row is None or not row["size"]:
                return None
            edge, files = self.edge.grow(row["blinded"])
            place = (self.edge.size, row["size"], row["began"], row["ended"], edge.root)
            added = await connection.fetch(SEALING["add_sealed"].sql, *place, row["places"])
            if not added:
                raise HistoryChanged("another sealer gave places in this database")
            at = self.now()
            fresh = (self.edge.size, at, row["blinded"])
            await connection.execute(SEALING["add_fresh"].sql, *fresh)
            await connection.execute(SEALING["drop_stale"].sql, at - KEEP_FRESH)
        return _Grown(edge=edge, files=files)

    async def _publish(self, grown: "_Grown") -> None:
        """Write tiles, then the checkpoint. Held in a thread: a slow disk must not stop us."""
        with _writing():
            await asyncio.to_thread(self.published.add_tiles, grown.files)
            self.edge = grown.edge
            self.published.publish(self._note())
        self.published.drop_parts(grown.files)

    def _note(self) -> Note:
        """The checkpoint, signed as a log and, with the time of now, as its own witness."""
        edge, key = self.edge, self.signer.current()
        text = Checkpoint(origin=self.origin, size=edge.size, root=edge.root).text
        self.signed_at = self.now()
        at = int(self.signed_at.timestamp())
        lines = (
            sign_note(text, name=self.origin, key=key),
            cosign(text, name=self.origin, key=key, at=at),
        )
        return Note(text, lines)

    async def catch_up(self) -> None:
        """Take up the tree where it was left, and write the files that a killed sealer did not.

        Raises:
            HistoryChanged: the database is behind what was published, or tells another history,
                or files are missing that it can't make again.
        """
        checkpoint = self.published.checkpoint()
        size = 0 if checkpoint is None else checkpoint.size
        if checkpoint is not None and checkpoint.origin != self.origin:
            raise HistoryChanged(f"the files are of {checkpoint.origin}, not of {self.origin}")
        await self._compare(checkpoint)
        self.edge = self.published.edge(size)
        if checkpoint is not None and self.edge.root != checkpoint.root:
            raise HistoryChanged(f"the tiles of {size} leaves do not lead to the checkpoint")
        while await self._write_again():
            pass

    async def _compare(self, checkpoint: Checkpoint | None) -> None:
        last = await self.connection.fetchrow(SEALING["last_sealed"].sql)
        known = 0 if last is None else last["size"]
        if checkpoint is None or checkpoint.size == 0:
            return
        if known < checkpoint.size:
            raise HistoryChanged(
                f"the database is older than what was published: it knows {known} leaves, "
                f"published are {checkpoint.size}"
            )
        row = await self.connection.fetchrow(SEALING["root_at"].sql, checkpoint.size)
        if row is None or row["root"] != checkpoint.root:
            raise HistoryChanged(
                f"the database tells another history than the checkpoint of {checkpoint.size}"
            )

    async def _write_again(self) -> bool:
        """Publish lots that have places and no files yet; False: there is none."""
        rows = await self.connection.fetch(SEALING["list_fresh"].sql, self.edge.size, LOTS)
        for row in rows:
            if row["blinded"] is None or row["first"] != self.edge.size:
                raise HistoryChanged(f"the files of leaf {self.edge.size} and after are missing")
            edge, files = self.edge.grow(row["blinded"])
            if edge.root != row["root"]:
                raise HistoryChanged(f"the leaves from {row['first']} on were changed")
            await self._publish(_Grown(edge=edge, files=files))
        return bool(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grown:
    edge: Edge
    files: dict[str, bytes]

    @property
    def size(self) -> int:
        return self.edge.size


@asynccontextmanager
async def open_sealer(
    database: Database,
    *,
    published: Published,
    signer: Signer,
    origin: str,
    now: Callable[[], datetime],
) -> AsyncGenerator[Sealer]:
    """The one sealer of this trail and this folder; a second one waits until it has gone.

    Raises:
        HistoryChanged: nothing may be sealed here; see `Sealer.catch_up`.
        Unavailable: the database is not there now.
    """
    lock = await _wait(published)
    with lock:
        async with database.connected() as connection:
            await connection.fetch(SEALING["lock_sealer"].sql)
            sealer = Sealer(
                connection=connection,
                published=published,
                signer=signer,
                origin=origin,
                now=now,
            )
            await sealer.catch_up()
            yield sealer


@contextmanager
def _writing() -> Generator[None]:
    """A disk that is full is not a database that is away, which is an OSError too."""
    try:
        yield
    except OSError as error:
        raise NotWritten(f"what is published can't be written: {error}") from error


async def _wait(published: Published) -> TextIO:
    """The right to write the files. Another process holds it, so there is nothing to await."""
    while (lock := published.lock()) is None:  # noqa: ASYNC110 no event crosses processes
        await asyncio.sleep(LOOK_S)
    return lock
