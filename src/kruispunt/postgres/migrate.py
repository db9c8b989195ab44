"""Migrations: numbered SQL files, done once each, in order, never changed afterwards."""

import re
from collections.abc import Collection, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from kruispunt.postgres.driver import Connection, connect
from kruispunt.postgres.query import read_queries
from kruispunt.vocabulary import data_folder

QUERIES: Final = read_queries(Path(__file__).with_name("store.sql"))
NAME: Final = re.compile(r"\d{4}_([a-z]+)_[a-z0-9_]+\.sql")
OWN_ROOM: Final = "postgres"


class WrongMigration(ValueError):
    """A file that is named wrong, or was changed after it was done: nothing more was done."""


def migrations_folder() -> Path:
    """Where the migrations stand: beside the code in a checkout, else inside the package."""
    return data_folder("migrations")


def migrated_rooms(folder: Path) -> frozenset[str]:
    """The rooms that have a migration in the folder."""
    return frozenset(_room(path) for path in folder.glob("*.sql"))


async def migrate(dsn: str, *, folder: Path, rooms: Collection[str]) -> list[str]:
    """Do what was not done yet for these rooms; return the names of the files that were done.

    Each file is one transaction, and two processes that migrate at once wait for each other.

    Raises:
        WrongMigration: a file was changed after it was done, or is named wrong.
        Unavailable: the database is not there now.
    """
    wanted = _read(folder, {*rooms, OWN_ROOM})
    connection = await connect(dsn, name="kruispunt migrate", timeout_s=None)
    try:
        await connection.execute(QUERIES["lock_migrations"].sql)
        done = await _done(connection)
        _check(wanted, done)
        missing = [name for name in sorted(wanted) if name not in done]
        for name in missing:
            await _apply(connection, name, wanted[name])
        return missing
    finally:
        await connection.close()


def _read(folder: Path, rooms: Collection[str]) -> Mapping[str, bytes]:
    files = {path.name: path.read_bytes() for path in folder.glob("*.sql") if _room(path) in rooms}
    numbers = sorted(name[:4] for name in files)
    if len(set(numbers)) != len(numbers):
        raise WrongMigration("expected one migration for each number")
    return files


def _room(path: Path) -> str:
    match = NAME.fullmatch(path.name)
    if match is None:
        raise WrongMigration(f"{path.name}: expected NNNN_room_verb_noun.sql")
    return match[1]


async def _done(connection: Connection) -> Mapping[str, bytes]:
    if not await connection.fetchval(QUERIES["is_migrated"].sql):
        return {}
    records = await connection.fetch(QUERIES["list_migrations"].sql)
    return {record["name"]: record["checksum"] for record in records}


def _check(wanted: Mapping[str, bytes], done: Mapping[str, bytes]) -> None:
    for name, content in wanted.items():
        if name in done and done[name] != sha256(content).digest():
            raise WrongMigration(f"{name}: changed after it was done; write a new migration")


async def _apply(connection: Connection, name: str, content: bytes) -> None:
    async with connection.transaction():
        await connection.execute(content.decode())
        checksum = sha256(content).digest()
        await connection.execute(QUERIES["note_migration"].sql, name, checksum)
