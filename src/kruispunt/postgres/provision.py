"""A database and roles for each institution, so that none can read another's."""

import re
from dataclasses import dataclass
from typing import Final

from kruispunt.postgres.cluster import Cluster
from kruispunt.postgres.driver import Connection, connect
from kruispunt.postgres.migrate import QUERIES
from kruispunt.vocabulary import InstitutionCode

PLAIN: Final = re.compile(r"[^a-z0-9]+")
STATEMENT_S: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """An institution's own database: the address of its owner, and of its reader.

    The reader sees the tables and changes nothing: a station asks its source through it.
    """

    database: str
    owner_dsn: str
    reader_dsn: str


def database_name(institution: InstitutionCode) -> str:
    """The name of an institution's database and of the role that owns it."""
    return "kruispunt_" + PLAIN.sub("_", institution.lower()).strip("_")


async def database_exists(cluster: Cluster, institution: InstitutionCode) -> bool:
    """True where the server has a database of this institution already."""
    admin = await connect(cluster.dsn(), name="kruispunt provision", timeout_s=60)
    try:
        name = database_name(institution)
        return bool(await admin.fetchval(QUERIES["find_database"].sql, name))
    finally:
        await admin.close()


async def provision(cluster: Cluster, institution: InstitutionCode) -> Home:
    """Make an institution's database and its two roles where they are missing; else leave them.

    Nobody but the two may connect; the reader's transactions are read-only and end in time.

    Raises:
        Unavailable: the server is not there now.
    """
    name = database_name(institution)
    reader = f"{name}_reader"
    admin = await connect(cluster.dsn(), name="kruispunt provision", timeout_s=60)
    try:
        for role in (name, reader):
            await _make_role(admin, role, cluster.secrets.make(role))
        await _make_database(admin, name)
        await admin.execute(f"revoke all on database {name} from public")
        await admin.execute(f"grant connect on database {name} to {reader}")
        for setting, value in READER.items():
            await admin.execute(f"alter role {reader} set {setting} = '{value}'")
    finally:
        await admin.close()
    home = Home(
        database=name,
        owner_dsn=cluster.dsn(name, name),
        reader_dsn=cluster.dsn(name, reader),
    )
    await _let_read(home.owner_dsn, reader)
    return home


READER: Final = {
    "default_transaction_read_only": "on",
    "statement_timeout": f"{STATEMENT_S}s",
    "idle_in_transaction_session_timeout": f"{STATEMENT_S}s",
}


async def _make_role(admin: Connection, role: str, password: str) -> None:
    """Make the role, or give it the password of its file again; both words are plain."""
    exists = await admin.fetchval(QUERIES["find_role"].sql, role)
    verb = "alter" if exists else "create"
    await admin.execute(f"{verb} role {role} login password '{password}'")


async def _make_database(admin: Connection, name: str) -> None:
    if await admin.fetchval(QUERIES["find_database"].sql, name):
        return
    if not await admin.fetchval(QUERIES["is_superuser"].sql):
        await admin.execute(f"grant {name} to current_user")
    await admin.execute(f"create database {name} owner {name} template template0 encoding 'UTF8'")


async def _let_read(owner_dsn: str, reader: str) -> None:
    """Tables that the owner makes from now on are the reader's to see."""
    owner = await connect(owner_dsn, name="kruispunt provision", timeout_s=60)
    try:
        for kind in ("usage on schemas", "select on tables"):
            await owner.execute(f"alter default privileges grant {kind} to {reader}")
    finally:
        await owner.close()
