"""The SOAP door of a seat: who may come through it, and the services behind it."""

from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from kruispunt.cli.chair import Chair
from kruispunt.exchange import Once
from kruispunt.gateway import (
    Entrance,
    Passwords,
    SoapDoor,
    SoapGate,
    SoapService,
    Waist,
    ssdn_service,
)
from kruispunt.web import CallersFile, CertificatesFile


def open_soap(
    chair: Chair, entrance: Entrance, nonces: Once, *, services: Sequence[SoapService]
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
    return SoapDoor(gate=gate, services=services, url=chair.url)


def soap_services(chair: Chair, entrance: Entrance, waist: Waist) -> Sequence[SoapService]:
    """What envelopes may ask of a seat: what its other doors answer."""
    return (
        ssdn_service(
            waist=waist,
            lawbook=entrance.lawbook,
            offered=entrance.offered,
            zone=entrance.zone,
            now=chair.now,
            random_bytes=chair.random_bytes,
        ),
    )


def is_loopback(url: str) -> bool:
    """True for an address at which only this machine can come."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
