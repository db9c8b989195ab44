"""The state folder: where the keys, addresses and lawbooks of a network on this machine stand."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from kruispunt.audit import Published
from kruispunt.postgres import Database
from kruispunt.vocabulary import InstitutionCode

PUBLISHED: Final = "published"
"""Below it, a folder for the tree of each trail."""

RESTORING: Final = "restore.unfinished"
"""Stands in a state folder while a backup is loaded into it: nothing may start there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """An institution's own folder: what it alone may read."""

    folder: Path

    @property
    def key(self) -> Path:
        return self.folder / "key.toml"

    @property
    def ring(self) -> Path:
        return self.folder / "keys.toml"

    @property
    def public(self) -> Path:
        """The institution's own public keys, all that it ever had."""
        return self.folder / "key.public.toml"

    @property
    def certificates(self) -> Path:
        """With which client certificates others may come to this seat."""
        return self.folder / "certificates.toml"

    @property
    def callers(self) -> Path:
        """Who may come to this seat over SOAP with a password, and by which numbers."""
        return self.folder / "callers.toml"

    @property
    def soap_key(self) -> Path:
        """By what this seat signs replies over SOAP, with the certificate beside it."""
        return self.folder / "soap.key"

    @property
    def soap_certificate(self) -> Path:
        return self.folder / "soap.pem"

    @property
    def dsn(self) -> Path:
        return self.folder / "database.dsn"

    @property
    def reader_dsn(self) -> Path:
        return self.folder / "reader.dsn"

    @property
    def log_dsn(self) -> Path:
        """Where a station writes its log: its owner's address."""
        return self.folder / "log.dsn"

    @property
    def station(self) -> Path:
        """The selects of its station: a copy of the network's, made when that starts."""
        return self.folder / "station.toml"

    @property
    def letters(self) -> Path:
        """Letters that its circuit printed, for the post to fetch."""
        return self.folder / "letters"

    @property
    def one_shot(self) -> Path:
        """What came to it of a one-time file."""
        return self.folder / "one-shot"

    @property
    def mail_secret(self) -> Path:
        """What keys the hash that keeps its own mail about one person in order."""
        return self.folder / "mail.key"

    @property
    def master(self) -> Path:
        return self.folder / "trail.key"

    def write_addresses(self, *, owner: str, reader: str) -> None:
        """Write down the addresses of its database, where only the institution may read them."""
        for path, address in ((self.dsn, owner), (self.reader_dsn, reader)):
            path.touch(mode=0o600)
            path.write_text(address + "\n", "utf-8")

    @asynccontextmanager
    async def database(self) -> AsyncGenerator[Database]:
        """The institution's own database, for a command.

        Raises:
            FileNotFoundError: it has none here.
            Unavailable: it is not there now.
        """
        dsn = self.dsn.read_text("utf-8").strip()
        database = await Database.open(dsn, size=1, name="kruispunt command")
        try:
            yield database
        finally:
            await database.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Paths in one state folder."""

    state: Path

    def home(self, code: InstitutionCode) -> Home:
        """The folder of an institution."""
        return Home(folder=self.state / "institutions" / code)

    def homes(self) -> list[Home]:
        """The folder of every institution that has a key here."""
        folders = sorted((self.state / "institutions").glob("*/key.toml"))
        return [Home(folder=key.parent) for key in folders]

    def published(self, code: InstitutionCode) -> Published:
        """What the trail of an institution publishes: any static server may give it to anyone."""
        return Published(self.state / PUBLISHED / code.lower())

    @property
    def lawbooks(self) -> Path:
        """Every lawbook that ever decided here, by digest."""
        return self.state / "lawbooks"

    @property
    def people(self) -> Path:
        """Which synthetic people were loaded; absent: none."""
        return self.state / "people.json"

    @property
    def metrics_file(self) -> Path:
        """Where each process tells its metrics, as Prometheus reads targets from files."""
        return self.state / "metrics.json"

    @property
    def addresses_file(self) -> Path:
        return self.state / "addresses.json"

    def addresses(self) -> Mapping[InstitutionCode, str]:
        """Public address of every process with a door, by institution.

        Raises:
            FileNotFoundError: nothing was ever started here.
        """
        return msgspec.json.decode(
            self.addresses_file.read_bytes(), type=dict[InstitutionCode, str]
        )
