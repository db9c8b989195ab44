"""The envelope on its way in: the string inside the SOAP body becomes who asks, and for what."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from kruispunt.gateway.soap.envelope import CLIENT, SoapFault
from kruispunt.gateway.soap.port import SoapCaller
from kruispunt.gateway.soap.ssdn.names import CONNECTOR, SERVICE
from kruispunt.gateway.soap.ssdn.reading import number, squeezed, word
from kruispunt.gateway.soap.ssdn.shape import Shape
from kruispunt.gateway.soap.ssdn.summary import Detail, wrong
from kruispunt.gateway.soap.xml import Element, NotXml, read_in_turn, read_inner

_IN: Final = f"{{{SERVICE}}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizedUser:
    """Who asks, as the envelope says it: a person or a program, and an institution."""

    user: str
    email: str
    org_unit: str | None
    sector: int
    institution_type: int | None

    def is_of(self, caller: SoapCaller) -> bool:
        """True where nothing of it speaks against who is proven to call."""
        return (
            self.sector == caller.sector
            and (self.org_unit is None or self.org_unit in caller.org_units)
            and self.institution_type in (None, caller.institution_type)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRequest:
    """One request of an envelope; `body` None: it holds none."""

    service: str
    version: str
    body: Element | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SsdnRequest:
    """An envelope that is as its schema says."""

    user: AuthorizedUser
    reference: str
    time_request: str
    services: tuple[ServiceRequest, ...]

    def sent_at(self, zone: ZoneInfo) -> datetime | None:
        """When it says it was sent, by the clocks of our zone; None: it doesn't say."""
        if not self.time_request:
            return None
        try:
            return datetime.fromisoformat(self.time_request).replace(tzinfo=zone)
        except ValueError:
            return None


def inner_text(body: Element) -> str:
    """The document inside the one element of a SOAP body, escaped or in CDATA: both are text.

    Raises:
        SoapFault: it is another element, or holds elements.
    """
    if body.tag != f"{{{CONNECTOR}}}xmlString" or len(body):
        raise SoapFault(CLIENT, "expected one xmlString that holds a document as text")
    return body.text or ""


async def read_request(text: str, shape: Shape) -> SsdnRequest | tuple[Detail, ...]:
    """The envelope, or what is wrong with it. Clients put line ends around it."""
    try:
        root = await read_in_turn(read_inner, text.strip())
    except NotXml:
        return (wrong("", "expected an XML document"),)
    if root.tag != f"{_IN}SSDNRequest":
        return (wrong("SSDNRequest", "expected an SSDNRequest"),)
    if faults := shape.faults(root):
        return faults
    return _read(root)


def _read(root: Element) -> SsdnRequest:
    context, *services = root.iterchildren(f"{_IN}*")
    user, message = context[0], context.find(f"{_IN}Message")
    return SsdnRequest(
        user=AuthorizedUser(
            user=word(user, f"{_IN}UserID"),
            email=word(user, f"{_IN}Email"),
            org_unit=word(user, f"{_IN}OrgUnit") or None,
            sector=int(word(user, f"{_IN}MatrixID")),
            institution_type=number(word(user, f"{_IN}MatrixSubID")),
        ),
        reference="" if message is None else word(message, f"{_IN}Reference"),
        time_request="" if message is None else word(message, f"{_IN}TimeRequest"),
        services=tuple(map(_service, services)),
    )


def _service(element: Element) -> ServiceRequest:
    inside = list(element.iterchildren("*"))
    return ServiceRequest(
        service=squeezed(inside[0].text),
        version=squeezed(inside[1].text),
        body=inside[2] if len(inside) > 2 else None,
    )
