"""A trail with a tree: leaves that wait, a sealer, and a folder of published files."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

from kruispunt.audit import Published, Sealer, open_sealer
from kruispunt.postgres import Database
from kruispunt.vocabulary import Checkpoint, TileTree, consistency_path, is_consistent, tree_root
from kruispunt.web import Note, SigningKey, Verifier, make_key

ORIGIN: Final = "HUB/trail"
KEY: Final[SigningKey] = make_key("HUB", key_id="HUB/1", random_bytes=Random(4).randbytes)
VERIFIER: Final = Verifier(ORIGIN, KEY.raw)
FILL: Final = """
insert into audit.pending (recorded_at, kind, entry, blinded)
select now(), 1, gen_random_uuid(), sha256(convert_to($2 || n::text, 'UTF8'))
from generate_series(1, $1::integer) as n
"""


def now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def a_sealer(database: Database, folder: Path) -> AsyncGenerator[Sealer]:
    published = Published(folder)
    async with open_sealer(
        database, published=published, signer=KEY, origin=ORIGIN, now=now
    ) as sealer:
        yield sealer


async def fill(database: Database, leaves: int, *, name: str = "") -> None:
    """Leaves that wait, as any number of processes write them."""
    async with database.transaction() as connection:
        await connection.execute(FILL, leaves, name or os.urandom(8).hex())


async def seal_all(sealer: Sealer) -> int:
    while (await sealer.round()).leaves:
        pass
    return sealer.edge.size


async def scalar(database: Database, sql: str) -> int:
    async with database.transaction() as connection:
        return int(await connection.fetchval(sql))


def checked(folder: Path) -> Checkpoint:
    """The published checkpoint: signed by the key, and the root of its tiles and entries."""
    published = Published(folder)
    note = published.note()
    assert isinstance(note, Note)
    assert VERIFIER.signed(note)
    at = VERIFIER.cosigned_at(note)
    assert at is not None
    assert abs(now() - datetime.fromtimestamp(at, UTC)) < timedelta(minutes=1)
    checkpoint = Checkpoint.read(note.text)
    tree = published.tree(checkpoint.size)
    assert tree_root(tree.node, size=checkpoint.size) == checkpoint.root
    return checkpoint


def leaves(tree: TileTree) -> list[bytes]:
    return [tree.blinded(index) for index in range(tree.size)]


def grew(folder: Path, old: Checkpoint, new: Checkpoint) -> bool:
    tree = Published(folder).tree(new.size)
    path = consistency_path(tree.node, old=old.size, new=new.size)
    return is_consistent(path, old=old.size, old_root=old.root, new=new.size, new_root=new.root)
