"""`sendXML`: an envelope of classic XML, whose requests are served in their order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from lxml import etree

from kruispunt.gateway.soap.envelope import soap
from kruispunt.gateway.soap.port import Opened, SoapCaller
from kruispunt.gateway.soap.reasons import for_problem
from kruispunt.gateway.soap.ssdn.asking import Asking, SsdnBody
from kruispunt.gateway.soap.ssdn.names import CONNECTOR
from kruispunt.gateway.soap.ssdn.reply import Times, refused_reply, served_reply
from kruispunt.gateway.soap.ssdn.request import (
    ServiceRequest,
    SsdnRequest,
    inner_text,
    read_request,
)
from kruispunt.gateway.soap.ssdn.served import Served
from kruispunt.gateway.soap.ssdn.shape import Shape
from kruispunt.gateway.soap.ssdn.summary import Detail, missing, told, wrong
from kruispunt.gateway.soap.ssdn.writing import Xml
from kruispunt.gateway.soap.ssdn.wsdl import describe
from kruispunt.gateway.soap.xml import learn
from kruispunt.gateway.waist import Waist
from kruispunt.law import Flow
from kruispunt.vocabulary import FlowId, Forbidden, NotFound
from kruispunt.web import HttpReply, Request

NOT_YOU = Detail(
    what=for_problem(Forbidden).ssdn,
    words="the authorized user is not who is proven to call",
)
"""One remark for whatever in it is not the caller's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SsdnService:
    """The one service by which all of classic XML is asked, at `/soap/ssdn`."""

    waist: Waist
    flows: Mapping[FlowId, Flow]
    services: Sequence[SsdnBody]
    envelope: Shape
    zone: ZoneInfo
    now: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]
    path: str = "ssdn"

    def wsdl(self, name: str, address: str) -> bytes | None:
        """What describes it; the schemas of the documents inside the strings come after it."""
        return describe(name, address)

    async def answer(self, request: Request, opened: Opened, caller: SoapCaller) -> HttpReply:  # noqa: ARG002 - the port's
        """The reply to one string, as a string."""
        text = inner_text(opened.body)
        element = etree.Element(f"{{{CONNECTOR}}}xmlString", nsmap={"con": CONNECTOR})
        element.text = await self.reply_to(text, caller)
        return soap(element)

    async def reply_to(self, text: str, caller: SoapCaller) -> Xml:
        """The reply to an envelope: whatever is wrong with it is told inside one."""
        asked = await read_request(text, self.envelope)
        if not isinstance(asked, SsdnRequest):
            return self._refused(asked, None, caller)
        if not asked.user.is_of(caller):
            return self._refused((NOT_YOU,), None, caller)
        asking = Asking(
            waist=self.waist,
            flows=self.flows,
            caller=caller,
            user=asked.user.user,
            reference=asked.reference,
            sent_at=asked.sent_at(self.zone),
            random_bytes=self.random_bytes,
        )
        served = [await self._serve(one, asking) for one in asked.services]
        if all(one.ticket for one in served):
            learn(text.encode(errors="replace"))
        ticket = next((one.ticket for one in served if one.ticket), None)
        return served_reply(
            asked, served, ticket=ticket or self._no_ticket(), times=self._times(caller)
        )

    async def _serve(self, request: ServiceRequest, asking: Asking) -> Served:
        said = (request.service, request.version)
        service = next((one for one in self.services if (one.service, one.version) == said), None)
        if service is None:
            return Served(details=(told(NotFound("no service of this id and version is here")),))
        body = request.body
        if body is None:
            return Served(details=(missing(etree.QName(service.element).localname),))
        if body.tag != service.element:
            return Served(details=(wrong("ServiceRequest", "another request than its service"),))
        if faults := service.faults(body):
            return Served(details=faults)
        return await service.serve(body, asking)

    def _refused(
        self, details: Sequence[Detail], asked: SsdnRequest | None, caller: SoapCaller
    ) -> Xml:
        times = self._times(caller)
        return refused_reply(details, asked=asked, ticket=self._no_ticket(), times=times)

    def _times(self, caller: SoapCaller) -> Times:
        return Times(received=caller.received_at, replied=self.now(), zone=self.zone)

    def _no_ticket(self) -> str:
        """A ticket where no look was recorded: it looks like any other and leads nowhere."""
        return str(UUID(bytes=self.random_bytes(16), version=4))
