"""All services of the new style that a seat offers, and what describes them."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from kruispunt.gateway.soap.door import SOAP_PATH
from kruispunt.gateway.soap.port import SoapService
from kruispunt.gateway.soap.soa import connection, tigroups
from kruispunt.gateway.soap.soa.answering import Speaker, purposes_of
from kruispunt.gateway.soap.soa.connection import Connection
from kruispunt.gateway.soap.soa.consult import Consult
from kruispunt.gateway.soap.soa.described import Described, wsdl_of
from kruispunt.gateway.soap.soa.flow_schema import FAULT, described, offered, space_of
from kruispunt.gateway.soap.soa.tigroups import TIGroups
from kruispunt.gateway.waist import Waist
from kruispunt.law import Lawbook
from kruispunt.vocabulary import FlowId

ITEMS: Final = "person.groups"
"""The flow whose rows are items of a register: clients ask it by a service of its own too."""


def soa_services(
    lawbook: Lawbook,
    *,
    flows: Collection[FlowId],
    waist: Waist,
    zone: ZoneInfo,
    now: Callable[[], datetime],
    random_bytes: Callable[[int], bytes],
) -> Iterator[SoapService]:
    """A service for each of the flows that is answered at once, and those of known names."""
    speaker = Speaker(
        fault_tag=f"{{{tigroups.SPACE}}}{tigroups.DESCRIBED.fault}",
        waist=waist,
        purposes=purposes_of(lawbook),
        zone=zone,
        now=now,
        random_bytes=random_bytes,
    )
    yield Connection(now=now)
    for flow in offered(lawbook):
        if flow.id not in flows:
            continue
        own = replace(speaker, fault_tag=f"{{{space_of(flow.id)}}}{FAULT}")
        yield Consult(flow=flow, speaker=own)
        if flow.id == ITEMS:
            yield TIGroups(flow=flow, speaker=speaker)


def wsdl_files(lawbook: Lawbook, *, base_url: str) -> Iterator[tuple[str, str]]:
    """Name and text of the WSDL of every service that the law lets a door offer."""
    for path, service in _descriptions(lawbook):
        yield f"{path}.wsdl", wsdl_of(service, f"{base_url}{SOAP_PATH}{path}").decode()


def _descriptions(lawbook: Lawbook) -> Iterator[tuple[str, Described]]:
    yield connection.PATH, connection.DESCRIBED
    for flow in offered(lawbook):
        yield flow.id, described(flow)
        if flow.id == ITEMS:
            yield tigroups.PATH, tigroups.DESCRIBED
