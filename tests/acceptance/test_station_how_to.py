"""`docs/how-to/put-a-source-on-the-network.md` does what it says: its blocks are run here."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from tests.contract.station_house import as_role, connected

from kruispunt.station import open_station, read_station

PAGE = Path(__file__).parents[2] / "docs/how-to/put-a-source-on-the-network.md"
TEXT = PAGE.read_text("utf-8")
RUN = "from kruispunt.cli.station import station; station()"


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


def promised(command: str) -> list[str]:
    """What the page says that a command prints."""
    [block] = [block for block in blocks("console") if block.startswith(f"$ {command}")]
    return block.splitlines()[1:]


@pytest.fixture
def folder(tmp_path: Path, database_url: str) -> Generator[Path]:
    """The page's tables and roles in a database of their own, and its addresses in files."""
    name = f"pensions_{os.getpid()}"
    dsn = urlunsplit(urlsplit(database_url)._replace(path=f"/{name}"))
    asyncio.run(run_sql(database_url, f"create database {name}"))
    asyncio.run(run_sql(dsn, "".join(blocks("sql"))))
    asyncio.run(run_sql(dsn, f"grant create on database {name} to pension_log"))
    for role, password in (("reader", "choose-one"), ("log", "choose-another")):
        address = as_role(dsn, f"pension_{role}", password)
        (tmp_path / f"{role}.dsn").write_text(address)
    yield tmp_path
    asyncio.run(run_sql(database_url, f"drop database {name} with (force)"))
    asyncio.run(run_sql(database_url, "drop role pension_reader; drop role pension_log"))


async def run_sql(dsn: str, statements: str) -> None:
    async with connected(dsn) as connection:
        await connection.execute(statements)


def run(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    words = command.removeprefix("kruispunt station ").split()
    return subprocess.run(
        [sys.executable, "-c", RUN, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


async def open_and_close(file: Path) -> None:
    """The log's role can make its schema, and every start after the first finds it."""
    for _ in range(2):
        opened = open_station(
            read_station(file), url="http://a", now=lambda: datetime.now(UTC), random_bytes=bytes
        )
        async with opened:
            pass


def test_who_follows_the_page_has_a_station_that_works(folder: Path):
    [file] = blocks("toml")
    (folder / "station.toml").write_text(file)

    key = run(folder, "kruispunt station key --institution PENSIONS")
    (folder / "keys.toml").write_text((folder / "key.public.toml").read_text())
    check = run(folder, "kruispunt station check station.toml")
    again = run(folder, "kruispunt station key --institution PENSIONS")
    asyncio.run(open_and_close(folder / "station.toml"))

    assert key.stdout.splitlines() == promised("kruispunt station key")
    assert check.stdout.splitlines() == promised("kruispunt station check"), check.stderr
    assert (folder / "key.toml").stat().st_mode & 0o077 == 0
    assert again.returncode == 2
