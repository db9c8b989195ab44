"""Databases for tests: one server for the session, a fresh migrated database for each test.

`KRUISPUNT_TEST_DATABASE` names an installed server instead, by the address of a role that may
make databases and roles.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from kruispunt.postgres import (
    EmbeddedCluster,
    ExternalCluster,
    Secrets,
    migrate,
    migrated_rooms,
    migrations_folder,
)
from kruispunt.postgres.driver import connect

NUMBERS = count(1)

# What hangs is a fault; what only waits for another process on this machine is none.
settings.register_profile(
    "kruispunt",
    deadline=timedelta(seconds=60),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("kruispunt")


@pytest.fixture(scope="session")
def cluster() -> Iterator[EmbeddedCluster | ExternalCluster]:
    """The server of this session: our own in a folder of its own, or the one that is named."""
    folder = Path(tempfile.mkdtemp(prefix="kruispunt-test-"))
    given = os.environ.get("KRUISPUNT_TEST_DATABASE")
    if given:
        secrets = Secrets(folder=folder / "secrets", random_bytes=os.urandom)
        server = ExternalCluster(admin_dsn=given, secrets=secrets)
    else:
        server = EmbeddedCluster(folder=folder, random_bytes=os.urandom)
    asyncio.run(server.start())
    yield server
    asyncio.run(server.stop())
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def database_url(cluster: EmbeddedCluster | ExternalCluster) -> str:
    """The address of the server's administrator."""
    return cluster.dsn()


@pytest.fixture(scope="session")
def migrated_database(
    cluster: EmbeddedCluster | ExternalCluster,
) -> Iterator[str]:
    """The name of a database with all migrations, from which others are copied."""
    name = f"kruispunt_test_{os.getpid()}_template"
    asyncio.run(_run(cluster.dsn(), f"create database {name}"))
    folder = migrations_folder()
    asyncio.run(migrate(cluster.dsn(name), folder=folder, rooms=migrated_rooms(folder)))
    yield name
    asyncio.run(_run(cluster.dsn(), f"drop database {name} with (force)"))


@pytest.fixture
def empty_database(
    cluster: EmbeddedCluster | ExternalCluster, migrated_database: str
) -> Iterator[str]:
    """The address of a fresh database in which every migration has been done."""
    name = f"kruispunt_test_{os.getpid()}_{next(NUMBERS)}"
    asyncio.run(_run(cluster.dsn(), f"create database {name} template {migrated_database}"))
    yield cluster.dsn(name)
    asyncio.run(_run(cluster.dsn(), f"drop database {name} with (force)"))


async def _run(dsn: str, statement: str) -> None:
    connection = await connect(dsn, name="kruispunt tests", timeout_s=60)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
