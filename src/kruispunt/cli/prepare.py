"""Before anything serves: databases, tables, keys and rings, made where they are missing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from kruispunt.audit import make_master_key
from kruispunt.cli.network import Network, OwnTables
from kruispunt.cli.place import Home, Place
from kruispunt.directory import UNSEEN, Lines
from kruispunt.postgres import (
    Cluster,
    Database,
    migrate,
    migrations_folder,
    provision,
)
from kruispunt.vocabulary import InstitutionCode, KeyId
from kruispunt.web import (
    PublicKey,
    add_keys,
    make_key,
    merge_keys,
    read_key,
    read_ring,
    write_key,
)

SEAT_ROOMS: Final = ("identity", "directory", "exchange", "audit", "mailbox")
STATION_ROOMS: Final = ("station",)
CIRCUIT_ROOMS: Final = ("circuits", "exchange", "mailbox")
MAIL_SECRET_BYTES: Final = 32
KEY_LIFE: Final = timedelta(days=2 * 365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """Makes the homes of a network's institutions; what stands already is left as it is."""

    place: Place
    network: Network
    cluster: Cluster
    now: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]

    async def run(self) -> None:
        """Provision, migrate and hand out keys. Done again it changes nothing."""
        network = self.network
        await self._seat(network.hub, names_members=False)
        for node in network.nodes:
            await self._seat(node.institution, names_members=True)
        for code, own in network.sources:
            await self._source(code, own)
        for one in network.circuits:
            await self._circuit(one.institution)
        self._keys()

    async def _seat(self, code: InstitutionCode, *, names_members: bool) -> None:
        home = await self._home(code)
        dsn = home.dsn.read_text("utf-8").strip()
        await migrate(dsn, folder=migrations_folder(), rooms=SEAT_ROOMS)
        async with home.database() as database:
            await Lines(database, UNSEEN).take_seat(names_members=names_members)
        if not home.master.exists():
            make_master_key(home.master, random_bytes=self.random_bytes)

    async def _source(self, code: InstitutionCode, own: OwnTables) -> None:
        home = await self._home(code)
        dsn = home.dsn.read_text("utf-8").strip()
        await migrate(dsn, folder=migrations_folder(), rooms=STATION_ROOMS)
        _write(home.log_dsn, dsn)
        home.station.write_bytes((self.network.folder / own.mapping).read_bytes())
        async with home.database() as database:
            await _make_tables(database, self.network.folder / own.tables)

    async def _circuit(self, code: InstitutionCode) -> None:
        """The institution's cases, and the mailboxes in which it asks employers."""
        home = await self._home(code)
        dsn = home.dsn.read_text("utf-8").strip()
        await migrate(dsn, folder=migrations_folder(), rooms=CIRCUIT_ROOMS)
        home.letters.mkdir(mode=0o700, exist_ok=True)
        if not home.mail_secret.exists():
            _write(home.mail_secret, self.random_bytes(MAIL_SECRET_BYTES).hex())

    async def _home(self, code: InstitutionCode) -> Home:
        home = self.place.home(code)
        home.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        own = await provision(self.cluster, code)
        home.write_addresses(owner=own.owner_dsn, reader=own.reader_dsn)
        return home

    def _keys(self) -> None:
        """Everyone knows the keys of whom it talks to, and of nobody else.

        The hub knows nodes and stations, never the members behind a node. Mail is sealed to the
        same keys, so whoever writes to another knows that one's key.
        """
        network = self.network
        stations = [station.institution for station in network.stations]
        nodes = [node.institution for node in network.nodes]
        self._know(network.hub, [*nodes, *stations, *network.readers])
        for station in stations:
            self._know(station, [network.hub])
        for node in network.nodes:
            members = network.members(node)
            self._know(node.institution, [network.hub, *members, *network.readers])
            for member in members:
                self._know(member, [node.institution])
        for reader in network.readers:
            self._know(reader, [network.hub, *nodes])
        for one in network.circuits:
            # Its own clerks come to its door under its own key.
            self._know(one.institution, [one.institution, *one.declarants])
            for declarant in one.declarants:
                self._know(declarant, [one.institution])

    def _know(self, code: InstitutionCode, others: Iterable[InstitutionCode]) -> None:
        self._public(code)
        ring = self.place.home(code).ring
        held = set(read_ring(ring).keys) if ring.exists() else set[KeyId]()
        wanted = [key for other in others for key in self._public(other)]
        add_keys([key for key in wanted if key.key_id not in held], ring)

    def _public(self, code: InstitutionCode) -> tuple[PublicKey, ...]:
        """Every public key of an institution; its first pair is made if it has none."""
        home = self.place.home(code)
        home.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not home.key.exists():
            fresh = make_key(code, key_id=f"{code}/1", random_bytes=self.random_bytes)
            write_key(fresh, home.key)
        if not home.public.exists():
            made_at = datetime.fromtimestamp(home.key.stat().st_mtime, tz=self.now().tzinfo)
            begin = made_at.replace(microsecond=0)
            own = read_key(home.key).public(not_before=begin, not_after=begin + KEY_LIFE)
            merge_keys([own], home.public)
        return read_ring(home.public).of(code)


def _write(path: Path, text: str) -> None:
    """A file that only its owner may read."""
    path.touch(mode=0o600)
    path.write_text(text + "\n", "utf-8")


async def _make_tables(database: Database, path: Path) -> None:
    """The institution's own tables: the file makes what is missing and leaves what stands."""
    async with database.transaction() as connection:
        await connection.execute(path.read_text("utf-8"))
