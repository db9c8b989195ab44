"""An institution with a plain PostgreSQL and nothing else: two tables, two roles, three files."""

import asyncio
import os
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from kruispunt.postgres import Connection
from kruispunt.postgres.driver import connect
from kruispunt.web import SigningKey, key_of, write_key, write_ring

NUMBERS = count(1)

TABLES = """
create schema farm;
create table farm.cow (
    ssin bigint not null, name text, weight numeric(6, 2), born date, died date, sold boolean,
    legs integer, odd text
);
insert into farm.cow values
    (85073003328, 'Bella', 612.50, '2020-03-01', null, false, 4, '1'),
    (85073003328, 'Clara', 580.00, '2021-05-01', '2024-12-31', true, null, '2'),
    (17073003384, 'Dora', null, '2019-01-01', null, null, 4, 'not a number');
grant usage on schema farm to READER;
grant select on farm.cow to READER;
"""

STATION = """
institution = "FARM"
hub = "HUB"
key_file = "farm.key"
ring_file = "keys.toml"

[database]
reader_dsn_file = "reader.dsn"
log_dsn_file = "log.dsn"

[flows."cow.consult"]
max_rows = 2
sql = '''
select lpad(cow.ssin::text, 11, '0') as ssin, cow.name, cow.weight, cow.born, cow.died, cow.sold,
    cow.legs
from farm.cow
where cow.ssin = :ssin::bigint
  and (cow.died is null or cow.died >= :begin) and (:end is null or cow.born < :end)
order by cow.born
'''

[flows."cow.twins"]
max_rows = 1
sql = "select cow.name from farm.cow where cow.ssin = :ssin::bigint"

[flows."cow.odd"]
sql = "select cow.odd::integer as odd from farm.cow where cow.ssin = :ssin::bigint"

[flows."cow.slow"]
sql = "select pg_sleep(30)::text as nap from farm.cow where cow.ssin = :ssin::bigint"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    folder: Path
    owner_dsn: str
    hub_key: SigningKey
    other_key: SigningKey
    own_key: SigningKey

    @property
    def file(self) -> Path:
        return self.folder / "station.toml"


@contextmanager
def a_house(folder: Path, admin_dsn: str, *, now: datetime) -> Generator[House]:
    """An institution for one test: its database holds nothing but its own table."""
    name = f"farm_{os.getpid()}_{next(NUMBERS)}"
    dsn = urlunsplit(urlsplit(admin_dsn)._replace(path=f"/{name}"))
    asyncio.run(_run(admin_dsn, f"create database {name}"))
    asyncio.run(_run(admin_dsn, f"create role {name} login password 'open'"))
    asyncio.run(_run(dsn, TABLES.replace("READER", name)))
    yield _files(folder, dsn, as_role(dsn, name, "open"), now)
    asyncio.run(_run(admin_dsn, f"drop database {name} with (force)"))
    asyncio.run(_run(admin_dsn, f"drop role {name}"))


def _files(folder: Path, dsn: str, reader_dsn: str, now: datetime) -> House:
    hub, other, own = (
        key_of(bytes([n]) * 32, key_id=f"{name}-1", institution=name)
        for n, name in enumerate(("HUB", "OTHER", "FARM"), start=1)
    )
    begin, end = now.replace(year=2000), now.replace(year=2100)
    write_key(own, folder / "farm.key")
    write_ring(
        (key.public(not_before=begin, not_after=end) for key in (hub, other, own)),
        folder / "keys.toml",
    )
    (folder / "station.toml").write_text(STATION, "utf-8")
    (folder / "log.dsn").write_text(f"{dsn}\n", "utf-8")
    (folder / "reader.dsn").write_text(f"{reader_dsn}\n", "utf-8")
    return House(folder=folder, owner_dsn=dsn, hub_key=hub, other_key=other, own_key=own)


async def _run(dsn: str, statements: str) -> None:
    async with connected(dsn) as connection:
        await connection.execute(statements)


def as_role(dsn: str, role: str, password: str) -> str:
    """The same database for another role."""
    parts = urlsplit(dsn)
    query = "&".join(part for part in parts.query.split("&") if not part.startswith("passfile"))
    place = parts.netloc.rpartition("@")[2]
    netloc = f"{quote(role)}:{quote(password)}@{place}"
    return urlunsplit(parts._replace(netloc=netloc, query=query))


@asynccontextmanager
async def connected(dsn: str) -> AsyncGenerator[Connection]:
    connection = await connect(dsn, name="farmer", timeout_s=30)
    try:
        yield connection
    finally:
        await connection.close()
