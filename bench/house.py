"""The real house under load: started by `kruispunt up`, filled with people, CPU by process."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from bench.cpu import Used, memory_mb, used
from kruispunt.cli.compose import House, open_house
from kruispunt.cli.supervisor_reach import attach_or_start
from kruispunt.cli.supervisor_state import RunNote
from kruispunt.postgres import Database, Query
from kruispunt.vocabulary import InstitutionCode

DATABASE = "database"

DECISIONS = Query(name="decisions", sql="select count(*) as n from audit.decision")
GIVEN = Query(
    name="given", sql="select count(*) as n from audit.outcome where ending = 1 and shown > 0"
)
OPEN_LOOKS = Query(
    name="open_looks",
    sql="select count(*) as n from audit.decision as d where d.reason in (0, 9) and not exists "
    "(select from audit.outcome as o where o.entry = d.id and o.recorded_at = d.recorded_at)",
)
SERVER = Query(
    name="server",
    sql="select current_setting('server_version') as version, "
    "current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit",
)


class NotDurable(RuntimeError):
    """The database does not wait for the disk: figures of it would mean nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A house that runs."""

    house: House
    notes: list[RunNote]

    @property
    def hub(self) -> InstitutionCode:
        return self.house.network.hub

    @property
    def node(self) -> InstitutionCode:
        return self.house.network.nodes[0].institution

    def pids(self, code: InstitutionCode) -> list[int]:
        """Every process of an institution: the workers of a hub are one group."""
        prefix = f"{code.lower()}-"
        return [note.pid for note in self.notes if note.name.startswith(prefix)]

    def cpu_of_each(self, code: InstitutionCode) -> dict[int, Used]:
        """CPU up to now of every process of an institution, by its number."""
        return {pid: used([pid]) for pid in self.pids(code)}

    def used(self, names: Mapping[str, InstitutionCode]) -> dict[str, Used]:
        """CPU of each group up to now, and of the database with all its backends."""
        cluster = [note.pid for note in self.notes if note.name == DATABASE]
        found = {name: used(self.pids(code)) for name, code in names.items()}
        return {**found, DATABASE: used(cluster, descend=True)}

    def memory_mb(self, code: InstitutionCode) -> float:
        """Resident memory of the largest process of an institution."""
        return max(memory_mb(pid) for pid in self.pids(code))

    def url(self, code: InstitutionCode) -> str:
        return self.house.place.addresses()[code]

    async def count(self, code: InstitutionCode, query: Query) -> int:
        """One number out of an institution's database."""
        async with self.house.place.home(code).database() as database:
            return int((await database.fetch(query))[0]["n"])

    async def postgres_version(self) -> str:
        """Version of the server.

        Raises:
            NotDurable: fsync or synchronous commit is off.
        """
        async with self.house.place.home(self.hub).database() as database:
            found = (await database.fetch(SERVER))[0]
        if (found["fsync"], found["commit"]) != ("on", "on"):
            raise NotDurable("expected fsync and synchronous_commit to be on")
        return str(found["version"]).partition(" ")[0]

    async def commit_ms(self, *, times: int) -> list[float]:
        """Milliseconds of durable commits of one row on this disk and cluster, one by one."""
        async with self.house.place.home(self.hub).database() as database:
            return await _commits(database, times)


async def _commits(database: Database, times: int) -> list[float]:
    async with database.connected() as connection:
        await connection.execute("drop schema if exists bench cascade; create schema bench")
        await connection.execute("create table bench.row (n bigint not null)")
        try:
            insert = await connection.prepare("insert into bench.row (n) values ($1)")
            found = list[float]()
            for n in range(times):
                began = perf_counter()
                await insert.fetch(n)
                found.append((perf_counter() - began) * 1000)
            return found
        finally:
            await connection.execute("drop schema bench cascade")


SETTINGS = "settings.toml"


def write_settings(state: Path, *, workers: int, front: Mapping[InstitutionCode, str]) -> None:
    """How a house runs that was never started: so many hub processes, and who has a proxy before
    its door. A folder that has settings keeps them.
    """
    file = state / SETTINGS
    if file.exists():
        return
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    urls = [f'{code} = "{url}"' for code, url in front.items()]
    file.write_text(
        "\n".join([f"[processes]\nworkers = {workers}", "[front.urls]", *urls, ""]), "utf-8"
    )


@asynccontextmanager
async def running(
    state: Path, *, tell: Callable[[str], None], command: Sequence[str] | None = None
) -> AsyncGenerator[Running]:
    """The house on a state folder, started for the duration unless it runs already.

    `command` starts it; by default `kruispunt up`.
    """
    house = open_house(state)
    tell("starting every process")
    async with attach_or_start(state, command=command) as notes:
        yield Running(house=house, notes=notes)
