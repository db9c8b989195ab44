"""The SOAP door of a seat: who may come through it, and the services behind it."""

from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from kruispunt.cli.chair import Chair
from kruispunt.exchange import Integration, Once
from kruispunt.gateway import (
    Entrance,
    Passwords,
    ReplySigner,
    SoapDoor,
    SoapGate,
    SoapService,
    Waist,
    soa_services,
    ssdn_service,
)
from kruispunt.web import CallersFile, CertificatesFile


def open_soap(
    chair: Chair, entrance: Entrance, nonces: Once, *, waist: Waist, integration: Integration
) -> SoapDoor:
    """The envelopes of a seat: its own law, clock and keys, as at its other doors."""
    home = chair.place.home(chair.code)
    callers = CallersFile.open(home.callers)
    gate = SoapGate(
        lawbook=entrance.lawbook,
        zone=entrance.zone,
        now=chair.now,
        certificates=CertificatesFile.open(home.certificates),
        callers=callers,
        nonces=nonces,
        front=entrance.front,
        passwords=Passwords(callers=callers, random_bytes=chair.random_bytes),
        on_loopback=is_loopback(chair.url),
    )
    services = _services(chair, entrance, waist, integration)
    signer = ReplySigner.open(key=home.soap_key, certificate=home.soap_certificate)
    return SoapDoor(gate=gate, services=tuple(services), url=chair.url, signer=signer)


def _services(
    chair: Chair, entrance: Entrance, waist: Waist, integration: Integration
) -> Iterator[SoapService]:
    """A service for each flow that this seat answers at once, and classic XML."""
    yield from soa_services(
        entrance.lawbook,
        flows=entrance.offered,
        waist=waist,
        zone=entrance.zone,
        now=chair.now,
        random_bytes=chair.random_bytes,
    )
    yield ssdn_service(
        waist=waist,
        lawbook=entrance.lawbook,
        offered=entrance.offered,
        zone=entrance.zone,
        now=chair.now,
        random_bytes=chair.random_bytes,
        integration=integration,
    )


def is_loopback(url: str) -> bool:
    """True for an address at which only this machine can come."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
