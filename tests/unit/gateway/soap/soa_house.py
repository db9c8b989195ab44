"""Services of the new style over a hub in memory, and what clients say to them."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Final

from lxml import etree
from tests.house import NOON, Twin
from tests.law.inventing import ASKED_ON, NODE, PERSON, PURPOSE, a_lawbook
from tests.unit.gateway.givens import ZONE

from kruispunt.gateway.soap.envelope import SoapFault, fault, opened
from kruispunt.gateway.soap.port import SoapCaller, SoapService
from kruispunt.gateway.soap.soa import soa_services
from kruispunt.gateway.soap.xml import Element, read_xml
from kruispunt.law import Flow, Lawbook, Purpose
from kruispunt.vocabulary import FlowId, KeyId, Proof
from kruispunt.web import HttpReply, Request, Trace

SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
CBE: Final = "0206653946"
CONTEXT: Final = "FUND:BENEFIT"
TRACE: Final = Trace("1" * 32, "2" * 16)
CUSTOMER: Final = (
    "<informationCustomer><ticket>T 7</ticket>"
    "<timestampSent>2031-06-15T11:59:00.123+02:00</timestampSent>"
    f"<customerIdentification><cbeNumber>{CBE}</cbeNumber></customerIdentification>"
    "</informationCustomer>"
)
DAYS: Final = "<period><beginDate>2031-03-01</beginDate><endDate>2031-03-31</endDate></period>"


def a_proof() -> Proof:
    at = int(NOON.timestamp())
    return Proof(
        key_id=KeyId("print"), nonce=b"", created=at, expires=at, signature=b"", digest=b""
    )


def a_caller(**changes: Any) -> SoapCaller:
    caller = SoapCaller(
        institution=NODE,
        proof=a_proof(),
        received_at=NOON,
        asked_on=ASKED_ON,
        org_units=frozenset({CBE}),
        sector=17,
        institution_type=1,
    )
    return replace(caller, **changes)


def a_law(*flows: Flow) -> Lawbook:
    """A lawbook whose one purpose is known on the wire by a name of its own."""
    lawbook = a_lawbook(flows=flows or None)
    purpose = Purpose(
        id=PURPOSE, titles={"nl": "x", "en": "x"}, paragraph="§1", legal_contexts=(CONTEXT,)
    )
    return replace(lawbook, purposes={PURPOSE: purpose})


def services(twin: Twin, *, flows: Collection[FlowId] | None = None) -> dict[str, SoapService]:
    lawbook = twin.laws.now.lawbook
    found = soa_services(
        lawbook,
        flows=lawbook.flows if flows is None else flows,
        waist=twin.hub,
        zone=ZONE,
        now=twin.clock,
        random_bytes=Random(3).randbytes,
    )
    return {service.path: service for service in found}


def enveloped(body: str) -> bytes:
    return (
        f"<?xml version='1.0' standalone='yes'?><e:Envelope xmlns:e='{SOAP}'>"
        f"<e:Header/><e:Body>{body}</e:Body></e:Envelope>"
    ).encode()


def a_consult(
    *,
    flow: str = "household",
    customer: str = CUSTOMER,
    context: str = CONTEXT,
    ssin: str = PERSON.digits,
    days: str = DAYS,
    details: str = "",
    prefix: str = "",
) -> bytes:
    """A request; with a prefix, children that stand in the service's namespace."""
    body = (
        f"{customer}<legalContext>{context}</legalContext>"
        f"<criteria><ssin>{ssin}</ssin>{days}{details}</criteria>"
    )
    if prefix:
        body = body.replace("</", "\0").replace("<", f"<{prefix}:").replace("\0", f"</{prefix}:")
    space = f"urn:kruispunt:soap:{flow}:v1"
    return enveloped(f"<f:consultRequest xmlns:f='{space}'>{body}</f:consultRequest>")


async def said(service: SoapService, body: bytes, caller: SoapCaller | None = None) -> HttpReply:
    """What a service says to an envelope, as the door lets it."""
    request = Request(
        method="POST", target="/soap/x", argument=service.path, headers={}, body=body, trace=TRACE
    )
    try:
        return await service.answer(request, opened(read_xml(body)), caller or a_caller())
    except SoapFault as wrong:
        return fault(wrong.code, wrong.words, detail=wrong.detail, status=wrong.status)


@dataclass(frozen=True, slots=True)
class Said:
    """A reply, opened."""

    root: Element

    @classmethod
    def of(cls, reply: HttpReply) -> "Said":
        return cls(opened(read_xml(reply.body)).body)

    @classmethod
    def of_bytes(cls, body: bytes) -> "Said":
        return cls(opened(read_xml(body)).body)

    @property
    def written(self) -> str:
        return etree.tostring(self.root).decode()

    def text(self, path: str) -> str | None:
        """The text at a path of names in whatever namespace."""
        found = self.all(path)
        return found[0] if found else None

    def all(self, path: str) -> list[str]:
        found = [self.root]
        for step in path.split("/"):
            found = [
                child
                for parent in found
                for child in parent
                if etree.QName(child).localname == step
            ]
        return [element.text or "" for element in found]

    def only(self, path: str) -> Element:
        """The element at a path of names in no namespace."""
        found = self.root.find(path)
        assert found is not None
        return found

    @property
    def names(self) -> list[str]:
        return [etree.QName(child).localname for child in self.root]
