"""What describes `sendXML`: real clients read it, and every schema behind it stands."""

import re
from io import BytesIO
from typing import Any

import pytest
from lxml import etree
from suds.client import Client as SudsClient
from suds.transport import Reply, Request, Transport
from tests.unit.gateway.soap.ssdn.givens import SaidWaist, a_service
from zeep import Client as ZeepClient
from zeep.transports import Transport as ZeepTransport

from kruispunt.gateway.soap.ssdn.names import CONNECTOR
from kruispunt.gateway.soap.ssdn.wsdl import NAMES

ADDRESS = "https://hub.test/soap/ssdn"


def described(name: str) -> bytes:
    found = a_service(SaidWaist()).wsdl(name, ADDRESS)
    assert found is not None
    return found


class FromUs(Transport):
    def open(self, request: Request) -> BytesIO:  # type: ignore[override] - theirs says it only raises
        return BytesIO(described("wsdl"))

    def send(self, request: Request) -> Reply:  # type: ignore[override] - theirs says it only raises
        raise AssertionError("nothing is sent")


def test_zeep_reads_it() -> None:
    client: Any = ZeepClient(BytesIO(described("wsdl")), transport=ZeepTransport())

    sent = client.create_message(client.service, "sendXML", "<a>&</a>")

    assert sent.findtext(f".//{{{CONNECTOR}}}xmlString") == "<a>&</a>"
    (service,) = client.wsdl.services.values()
    (port,) = service.ports.values()
    assert port.binding_options["address"] == ADDRESS


def test_suds_reads_it() -> None:
    client: Any = SudsClient(f"{ADDRESS}?wsdl", transport=FromUs(), cache=None)

    assert "sendXML" in str(client)


@pytest.mark.parametrize("name", ["", "wsdl2", "xsd", "xsd=0", f"xsd={len(NAMES) + 1}", "xsd=٣"])
def test_nothing_else_is_described(name: str) -> None:
    assert a_service(SaidWaist()).wsdl(name, ADDRESS) is None


def test_every_schema_stands_where_another_names_it() -> None:
    for number in range(1, len(NAMES) + 1):
        text = described(f"xsd={number}").decode()
        for location in re.findall(r'schemaLocation="([^"]*)"', text):
            base, _, name = location.partition("?")
            assert base == ADDRESS
            wanted = re.search(
                rf'namespace="([^"]*)"\s+schemaLocation="{re.escape(location)}"', text
            )
            assert wanted is not None
            assert etree.fromstring(described(name)).get("targetNamespace") == wanted[1]
