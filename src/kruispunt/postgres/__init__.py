"""PostgreSQL: pool, named queries, migrations, embedded cluster and the one group committer."""

from asyncpg import Record

from kruispunt.postgres.bundle import Bundle, Committed, Group, Lost, Statement, Write
from kruispunt.postgres.cluster import Cluster, ExternalCluster, WrongCluster
from kruispunt.postgres.coalesced import Coalesced
from kruispunt.postgres.commit import Commit
from kruispunt.postgres.confine import NoServer
from kruispunt.postgres.database import Database
from kruispunt.postgres.driver import Connection
from kruispunt.postgres.dump import (
    DumpFailed,
    Programs,
    count_rows,
    dump,
    load_dump,
    one_moment,
    server_version,
)
from kruispunt.postgres.embedded import EmbeddedCluster
from kruispunt.postgres.listen import Listener
from kruispunt.postgres.migrate import (
    WrongMigration,
    migrate,
    migrated_rooms,
    migrations_folder,
)
from kruispunt.postgres.parts import in_parts
from kruispunt.postgres.provision import Home, database_exists, database_name, provision
from kruispunt.postgres.query import Query, WrongQueries, read_queries
from kruispunt.postgres.secret import Secrets
from kruispunt.postgres.store_clock import StoreClock

__all__ = [
    "Bundle",
    "Cluster",
    "Coalesced",
    "Commit",
    "Committed",
    "Connection",
    "Database",
    "DumpFailed",
    "EmbeddedCluster",
    "ExternalCluster",
    "Group",
    "Home",
    "Listener",
    "Lost",
    "NoServer",
    "Programs",
    "Query",
    "Record",
    "Secrets",
    "Statement",
    "StoreClock",
    "Write",
    "WrongCluster",
    "WrongMigration",
    "WrongQueries",
    "count_rows",
    "database_exists",
    "database_name",
    "dump",
    "in_parts",
    "load_dump",
    "migrate",
    "migrated_rooms",
    "migrations_folder",
    "one_moment",
    "provision",
    "read_queries",
    "server_version",
]
