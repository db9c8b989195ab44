"""A PostgreSQL server that is installed already, and what every server is to us."""

from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from kruispunt.postgres.driver import connect
from kruispunt.postgres.secret import Secrets

OF_A_ROLE: Final = {"user", "password", "passfile"}
OLDEST: Final = 150_000


class WrongCluster(RuntimeError):
    """The files of the cluster are not for this server: nothing was touched."""


class Cluster(Protocol):
    """A server with databases and roles."""

    @property
    def secrets(self) -> Secrets: ...

    def dsn(self, database: str = ..., role: str = ...) -> str: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalCluster:
    """An installed server of version 15 or newer; somebody else starts and stops it.

    `admin_dsn` is of a role that may make databases and roles.
    """

    admin_dsn: str
    secrets: Secrets

    def dsn(self, database: str = "", role: str = "") -> str:
        """The address of a database; without a role, as the administrator."""
        parts = urlsplit(self.admin_dsn)
        place, path = parts.netloc, f"/{quote(database)}" if database else parts.path
        query = dict(parse_qsl(parts.query))
        if role:
            place = f"{quote(role)}@{place.rpartition('@')[2]}"
            query = {key: value for key, value in query.items() if key not in OF_A_ROLE}
            query["passfile"] = str(self.secrets.file(role))
        return f"{parts.scheme}://{place}{path}?{urlencode(query)}"

    async def start(self) -> None:
        """See that it is there.

        Raises:
            Unavailable: it is not.
            WrongCluster: it is older than version 15.
        """
        connection = await connect(self.dsn(), name="kruispunt start", timeout_s=10)
        try:
            version = int(
                await connection.fetchval("select current_setting('server_version_num')")
            )
        finally:
            await connection.close()
        if version < OLDEST:
            raise WrongCluster(f"expected PostgreSQL 15 or newer, found {version // 10_000}")

    async def stop(self) -> None:
        """Nothing: it is not ours."""
