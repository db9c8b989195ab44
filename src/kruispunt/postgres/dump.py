"""One database as one file and back, by PostgreSQL's own `pg_dump` and `pg_restore`."""

import asyncio
import shutil
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from kruispunt.postgres.confine import NoServer, wheel_binaries
from kruispunt.postgres.driver import Connection, connect
from kruispunt.postgres.migrate import QUERIES


class DumpFailed(RuntimeError):
    """PostgreSQL's program failed: the message is what it said, which holds no row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """Where `pg_dump` and `pg_restore` stand."""

    folder: Path | None

    @classmethod
    def find(cls) -> "Programs":
        """Those in the wheel, else those in the path: of a server's version or newer."""
        try:
            return cls(folder=wheel_binaries())
        except NoServer:
            return cls(folder=None)

    def path(self, name: str) -> str:
        """Where one of them is.

        Raises:
            NoServer: it is nowhere.
        """
        found = shutil.which(name) if self.folder is None else str(self.folder / name)
        if found is None:
            raise NoServer(f"{name} is not installed")
        return found


@asynccontextmanager
async def one_moment(dsn: str) -> AsyncGenerator[tuple[str, Mapping[str, int]]]:
    """A snapshot that others can share while this is open, and how many rows each table has.

    Raises:
        Unavailable: the database is not there now.
    """
    connection = await connect(dsn, name="kruispunt backup", timeout_s=None)
    try:
        await connection.execute("begin isolation level repeatable read, read only")
        snapshot = await connection.fetchval("select pg_export_snapshot()")
        yield str(snapshot), await _rows(connection)
    finally:
        await connection.close()


async def server_version(dsn: str) -> str:
    """The version of a server."""
    connection = await connect(dsn, name="kruispunt backup", timeout_s=10)
    try:
        return str(await connection.fetchval("select current_setting('server_version')"))
    finally:
        await connection.close()


async def count_rows(dsn: str) -> Mapping[str, int]:
    """How many rows each table has now."""
    connection = await connect(dsn, name="kruispunt restore", timeout_s=None)
    try:
        return await _rows(connection)
    finally:
        await connection.close()


async def _rows(connection: Connection) -> Mapping[str, int]:
    names = [str(row["name"]) for row in await connection.fetch(QUERIES["list_tables"].sql)]
    # The names come from the catalogue, quoted by the server itself.
    return {
        name: int(await connection.fetchval(f"select count(*) from {name}"))  # noqa: S608 see above
        for name in names
    }


async def dump(dsn: str, into: Path, *, snapshot: str, programs: Programs) -> None:
    """Write a database as it was at a snapshot into a file that only its owner may read.

    Raises:
        DumpFailed: no room, or the server is newer than the program.
    """
    await asyncio.to_thread(into.touch, mode=0o600)
    await _run(
        programs.path("pg_dump"),
        *("--format=custom", "--compress=1", f"--snapshot={snapshot}"),
        *(f"--file={into}", f"--dbname={dsn}"),
    )


async def load_dump(dsn: str, file: Path, *, programs: Programs) -> None:
    """Load such a file into an empty database, whole or not at all.

    Raises:
        DumpFailed: it holds something already, or the file is not whole.
    """
    await _run(
        programs.path("pg_restore"),
        *("--no-owner", "--exit-on-error", "--single-transaction"),
        *(f"--dbname={dsn}", str(file)),
    )


async def _run(*words: str) -> None:
    child = await asyncio.create_subprocess_exec(
        *words, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    _, said = await child.communicate()
    if child.returncode != 0:
        raise DumpFailed(_without_detail(said.decode(errors="replace")))


def _without_detail(said: str) -> str:
    """What it said, but for lines that may quote a row."""
    kept = [line for line in said.splitlines() if not line.startswith(("DETAIL", "CONTEXT"))]
    return "\n".join(kept[:5])
