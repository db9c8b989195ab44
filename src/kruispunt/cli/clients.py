"""Clients for institutions of a network on this machine: each asks its node, or the hub."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

from kruispunt.cli.clock import now, random_bytes
from kruispunt.cli.network import Network
from kruispunt.cli.place import Place
from kruispunt.client import Client, Patience
from kruispunt.vocabulary import InstitutionCode
from kruispunt.web import KeyRingFile, SigningKeyFile


class CannotAsk(ValueError):
    """The institution has no key here, so it can't ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clients:
    """One client per institution, opened at the first question."""

    place: Place
    network: Network
    opened: dict[InstitutionCode, Client] = field(default_factory=dict[InstitutionCode, Client])
    patience: Patience = field(default_factory=Patience)
    key: Path | None = None
    """The private key to sign with; None: each institution's own, as its files say."""

    now: Callable[[], datetime] = now
    random_bytes: Callable[[int], bytes] = random_bytes

    async def of(self, code: InstitutionCode) -> Client:
        """The client of an institution.

        Raises:
            CannotAsk: it has no key in this state folder.
        """
        client = self.opened.get(code)
        if client is None:
            client = self.opened[code] = await self._open(code)
        return client

    async def _open(self, code: InstitutionCode) -> Client:
        node = self.network.node_of(code)
        asked = node.institution if node else self.network.hub
        home = self.place.home(code)
        if not home.key.exists():
            raise CannotAsk(f"{code} has no key in this network: ask as a node or its members")
        return await Client.open(
            self.place.addresses()[asked],
            hub=asked,
            key=SigningKeyFile.open(self.key or home.key, now=self.now),
            ring=KeyRingFile.open(home.ring),
            now=self.now,
            random_bytes=self.random_bytes,
            patience=self.patience,
        )

    def new_message(self) -> UUID:
        """A message id that nobody used."""
        return new_message()

    async def close(self) -> None:
        """Close every connection."""
        for client in self.opened.values():
            await client.close()


def new_message() -> UUID:
    """A message id that nobody used."""
    return UUID(bytes=random_bytes(16), version=4)
