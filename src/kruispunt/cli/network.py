"""The network file: who is the hub, who are nodes, who puts a station in front."""

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from kruispunt.law import Lawbook
from kruispunt.vocabulary import InstitutionCode, data_folder


class NetworkWrong(ValueError):
    """The network file can't be used; the message names file and place."""


class Node(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A node, and the roles of the institutions behind it that may ask."""

    institution: InstitutionCode
    members: tuple[str, ...]


class StationOf(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The station of an institution: its mapping, and the tables it reads, beside this file.

    The tables stand in a schema named like their file; `fill` says which frame of synthetic people
    goes into which of them.
    """

    institution: InstitutionCode
    mapping: str
    tables: str
    fill: dict[str, str] = {}

    @property
    def schema(self) -> str:
        return self.tables.rpartition("/")[2].removesuffix(".sql")


class NetworkFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole of `network.toml`."""

    zone: str
    hub: InstitutionCode
    nodes: tuple[Node, ...] = ()
    stations: tuple[StationOf, ...] = ()
    readers: tuple[InstitutionCode, ...] = ()
    """Institutions that may come to read trails: hub and nodes know their keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A network that fits its lawbook."""

    folder: Path
    hub: InstitutionCode
    nodes: tuple[Node, ...]
    stations: tuple[StationOf, ...]
    zone: ZoneInfo
    lawbook: Lawbook
    readers: tuple[InstitutionCode, ...] = ()

    def members(self, node: Node) -> tuple[InstitutionCode, ...]:
        """The active institutions behind a node with one of its roles, in order of code."""
        return tuple(
            sorted(
                one.code
                for one in self.lawbook.institutions.values()
                if one.node == node.institution
                and one.active
                and not one.roles.isdisjoint(node.members)
            )
        )

    def node_of(self, code: InstitutionCode) -> Node | None:
        """The node that an institution asks; None: it asks the hub."""
        return next((node for node in self.nodes if code in self.members(node)), None)


def read_network(lawbook: Lawbook, path: Path | None = None) -> Network:
    """Read the network file, by default the country's own.

    Raises:
        NetworkWrong: unknown key, unknown institution, or a hub that the law does not know as one.
    """
    path = path or data_folder("country") / "network.toml"
    try:
        found = msgspec.toml.decode(path.read_bytes(), type=NetworkFile)
        zone = ZoneInfo(found.zone)
    except (OSError, msgspec.DecodeError, ValueError, KeyError) as error:
        raise NetworkWrong(f"{path}: {error}") from None
    named = [found.hub, *(n.institution for n in found.nodes)]
    named += [*(s.institution for s in found.stations), *found.readers]
    for code in named:
        if code not in lawbook.institutions:
            raise NetworkWrong(f"{path}: no institution {code} in the law")
    if found.hub != lawbook.hub:
        raise NetworkWrong(f"{path}: $.hub: the law's hub is {lawbook.hub}")
    return Network(
        folder=path.parent,
        hub=found.hub,
        nodes=found.nodes,
        stations=found.stations,
        zone=zone,
        lawbook=lawbook,
        readers=found.readers,
    )
