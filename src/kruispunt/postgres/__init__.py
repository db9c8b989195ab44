"""PostgreSQL: pool, named queries, migrations, embedded cluster and the one group committer."""

from asyncpg import Record

from kruispunt.postgres.bundle import Bundle, Committed, Group, Lost, Statement, Write
from kruispunt.postgres.cluster import Cluster, ExternalCluster, WrongCluster
from kruispunt.postgres.coalesced import Coalesced
from kruispunt.postgres.commit import Commit
from kruispunt.postgres.confine import NoServer
from kruispunt.postgres.database import Database
from kruispunt.postgres.driver import Connection
from kruispunt.postgres.embedded import EmbeddedCluster
from kruispunt.postgres.migrate import (
    WrongMigration,
    migrate,
    migrated_rooms,
    migrations_folder,
)
from kruispunt.postgres.provision import Home, database_name, provision
from kruispunt.postgres.query import Query, WrongQueries, read_queries
from kruispunt.postgres.secret import Secrets

__all__ = [
    "Bundle",
    "Cluster",
    "Coalesced",
    "Commit",
    "Committed",
    "Connection",
    "Database",
    "EmbeddedCluster",
    "ExternalCluster",
    "Group",
    "Home",
    "Lost",
    "NoServer",
    "Query",
    "Record",
    "Secrets",
    "Statement",
    "Write",
    "WrongCluster",
    "WrongMigration",
    "WrongQueries",
    "database_name",
    "migrate",
    "migrated_rooms",
    "migrations_folder",
    "provision",
    "read_queries",
]
