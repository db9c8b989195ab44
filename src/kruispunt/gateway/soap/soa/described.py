"""A service as its WSDL describes it, and the WSDL of it: one document, schemas inside."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from lxml import etree

from kruispunt.gateway.soap.xml import Element

WSDL: Final = "http://schemas.xmlsoap.org/wsdl/"
SOAP: Final = "http://schemas.xmlsoap.org/wsdl/soap/"
XSD: Final = "http://www.w3.org/2001/XMLSchema"
HTTP: Final = "http://schemas.xmlsoap.org/soap/http"
SCHEMAS: Final = Path(__file__).parents[1] / "schemas"

PLAIN: Final = etree.XMLParser(remove_blank_text=True, resolve_entities=False, no_network=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """One operation in document/literal form, and the elements that it takes and gives.

    `request`, `response` and `fault` are elements of `space`, declared by one of the schemas.
    """

    name: str
    space: str
    operation: str
    action: str
    request: str
    response: str
    fault: str
    schemas: tuple[bytes, ...]
    """Each in a namespace of its own, after those that it imports."""

    words: str = ""

    @property
    def port_type(self) -> str:
        return f"{self.name}PortType"

    @property
    def binding(self) -> str:
        return f"{self.name}HTTPBinding"


@cache
def own_schema(file: str) -> bytes:
    """The bytes of one of our schemas."""
    return (SCHEMAS / file).read_bytes()


def wsdl_of(service: Described, address: str) -> bytes:
    """The WSDL of a service that stands at `address`."""
    root = etree.Element(
        _wsdl("definitions"),
        {"name": service.name, "targetNamespace": service.space},
        nsmap={"wsdl": WSDL, "soap": SOAP, "tns": service.space},
    )
    if service.words:
        etree.SubElement(root, _wsdl("documentation")).text = service.words
    types = etree.SubElement(root, _wsdl("types"))
    for schema in service.schemas:
        types.append(etree.fromstring(schema, PLAIN))
    for kind in (service.request, service.response, service.fault):
        message = etree.SubElement(root, _wsdl("message"), {"name": f"{kind}Msg"})
        part = {"name": "parameters", "element": f"tns:{kind}"}
        etree.SubElement(message, _wsdl("part"), part)
    _port_type(root, service)
    _binding(root, service)
    _service(root, service, address)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _port_type(root: Element, service: Described) -> None:
    port_type = etree.SubElement(root, _wsdl("portType"), {"name": service.port_type})
    operation = etree.SubElement(port_type, _wsdl("operation"), {"name": service.operation})
    _message(operation, "input", service.request)
    _message(operation, "output", service.response)
    _message(operation, "fault", service.fault)


def _message(operation: Element, direction: str, kind: str) -> None:
    says = {"name": kind, "message": f"tns:{kind}Msg"}
    etree.SubElement(operation, _wsdl(direction), says)


def _binding(root: Element, service: Described) -> None:
    says = {"name": service.binding, "type": f"tns:{service.port_type}"}
    binding = etree.SubElement(root, _wsdl("binding"), says)
    etree.SubElement(binding, _soap("binding"), {"style": "document", "transport": HTTP})
    operation = etree.SubElement(binding, _wsdl("operation"), {"name": service.operation})
    etree.SubElement(operation, _soap("operation"), {"soapAction": service.action})
    for direction, kind in (("input", service.request), ("output", service.response)):
        one = etree.SubElement(operation, _wsdl(direction), {"name": kind})
        etree.SubElement(one, _soap("body"), {"use": "literal"})
    fault = etree.SubElement(operation, _wsdl("fault"), {"name": service.fault})
    etree.SubElement(fault, _soap("fault"), {"name": service.fault, "use": "literal"})


def _service(root: Element, service: Described, address: str) -> None:
    one = etree.SubElement(root, _wsdl("service"), {"name": service.name})
    says = {"name": service.name, "binding": f"tns:{service.binding}"}
    port = etree.SubElement(one, _wsdl("port"), says)
    etree.SubElement(port, _soap("address"), {"location": address})


def _wsdl(name: str) -> str:
    return f"{{{WSDL}}}{name}"


def _soap(name: str) -> str:
    return f"{{{SOAP}}}{name}"
