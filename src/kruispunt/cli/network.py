"""The network file: who is the hub, who are nodes, who puts a station in front."""

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from kruispunt.law import Lawbook
from kruispunt.vocabulary import UNREADABLE, InstitutionCode, data_folder


class NetworkWrong(ValueError):
    """The network file can't be used; the message names file and place."""


class OwnTables(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What answers are made of: a mapping, and the tables it reads, beside this file.

    The tables stand in a schema named like their file; `fill` says which frame of synthetic people
    goes into which of them. Of a frame with a column `member` each gets its own rows.
    """

    mapping: str
    tables: str
    fill: dict[str, str] = {}

    @property
    def schema(self) -> str:
        return self.tables.rpartition("/")[2].removesuffix(".sql")


class Asking(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    tag="ask",
    tag_field="they",
):
    """Members of a node with one of these roles ask it."""

    roles: tuple[str, ...]


class Answering(OwnTables, frozen=True, kw_only=True, tag="answer", tag_field="they"):
    """Members of a node with one of these roles collect its requests, and answer by mail."""

    roles: tuple[str, ...]


class Node(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A node, and the institutions behind it by what they do; its directory names them.

    `lines`: which frame of synthetic people fills that directory.
    """

    institution: InstitutionCode
    lines: str
    members: tuple[Asking | Answering, ...] = ()

    @property
    def answers(self) -> bool:
        """True where the hub asks it: it is asked before those that ask the hub are answered."""
        return any(isinstance(group, Answering) for group in self.members)


class StationOf(OwnTables, frozen=True, kw_only=True):
    """The station of an institution, which the hub asks."""

    institution: InstitutionCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """An institution that answers its node's requests by mail, from its own tables."""

    institution: InstitutionCode
    node: InstitutionCode
    own: OwnTables


class Manager(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A file manager at an insurer: what an employer is told of one (05/022 §35), and no more."""

    last_name: str
    first_name: str
    address: str | None = None
    email: str | None = None
    phone: str | None = None
    mobile: str | None = None
    fax: str | None = None


class Running(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An institution that runs cases here, and the numbers of who may take its mail there."""

    institution: InstitutionCode
    declarants: tuple[InstitutionCode, ...] = ()
    """Enterprises that have a key here: employers and mandataries who chose to be asked so."""

    contact: Manager | None = None
    """The file manager of cases that name none."""

    members: str = ""
    """Frame of the synthetic people for its register of members: name, address, language."""


class NetworkFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole of `network.toml`."""

    zone: str
    hub: InstitutionCode
    nodes: tuple[Node, ...] = ()
    stations: tuple[StationOf, ...] = ()
    circuits: tuple[Running, ...] = ()
    """Institutions that run cases: each has a process with a door for that."""

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
    circuits: tuple[Running, ...] = ()

    def members(self, node: Node) -> tuple[InstitutionCode, ...]:
        """The active institutions behind a node that ask it or answer, in order of code."""
        found = {code for group in node.members for code in self._with(node, group.roles)}
        return tuple(sorted(found))

    @property
    def collectors(self) -> tuple[Collector, ...]:
        """Who answers a node's requests, in order of node and code."""
        return tuple(
            Collector(institution=code, node=node.institution, own=group)
            for node in self.nodes
            for group in node.members
            if isinstance(group, Answering)
            for code in self._with(node, group.roles)
        )

    @property
    def sources(self) -> tuple[tuple[InstitutionCode, OwnTables], ...]:
        """Everybody with tables of their own: stations, then collectors."""
        stations = [(one.institution, one) for one in self.stations]
        return (*stations, *((one.institution, one.own) for one in self.collectors))

    def _with(self, node: Node, roles: tuple[str, ...]) -> list[InstitutionCode]:
        behind = (o for o in self.lawbook.institutions.values() if o.node == node.institution)
        return sorted(o.code for o in behind if o.active and not o.roles.isdisjoint(roles))

    def node_of(self, code: InstitutionCode) -> Node | None:
        """The node behind which an institution stands; None: it talks to the hub."""
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
    except (OSError, KeyError, *UNREADABLE) as error:
        raise NetworkWrong(f"{path}: {error}") from None
    named = [found.hub, *(n.institution for n in found.nodes)]
    named += [*(s.institution for s in found.stations), *found.readers]
    named += [one.institution for one in found.circuits]
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
        circuits=found.circuits,
    )
