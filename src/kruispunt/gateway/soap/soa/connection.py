"""TestConnectionService: says back what it is told, to whoever is proven to call."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from lxml import etree

from kruispunt.gateway.soap import reasons
from kruispunt.gateway.soap.envelope import CLIENT, SoapFault, soap
from kruispunt.gateway.soap.port import Opened, SoapCaller
from kruispunt.gateway.soap.soa.common_v3 import Ours, fault_detail, informed, put, write_ours
from kruispunt.gateway.soap.soa.described import Described, own_schema, wsdl_of
from kruispunt.gateway.soap.soa.taking import UNFIT, Taking
from kruispunt.gateway.soap.xml import Element
from kruispunt.vocabulary import Malformed
from kruispunt.web import HttpReply, Request

PATH: Final = "TestConnectionService"
"""As in the addresses that clients know."""

SPACE: Final = "http://kszbcss.fgov.be/intf/TestConnectionServiceService/v1"
ECHO: Final = re.compile(r".{0,1024}", re.DOTALL)

DESCRIBED: Final = Described(
    name="TestConnectionServiceService",
    space=SPACE,
    operation="sendTestMessage",
    action="http://kszbcss.fgov.be/TestConnectionServiceService/sendTestMessage",
    request="sendTestMessageRequest",
    response="sendTestMessageResponse",
    fault="sendTestMessageFault",
    schemas=(own_schema("CommonV3.xsd"), own_schema("TestConnectionV1.xsd")),
    words="Says back what it is told. Nothing is asked, and nothing is written down.",
)
REQUEST: Final = f"{{{SPACE}}}{DESCRIBED.request}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """The service by which a client finds out that it is connected, and as whom."""

    now: Callable[[], datetime]

    @property
    def path(self) -> str:
        return PATH

    def wsdl(self, name: str, address: str) -> bytes | None:
        """The WSDL. Its schemas stand inside, so it imports nothing."""
        return wsdl_of(DESCRIBED, address) if name == "wsdl" else None

    async def answer(self, request: Request, opened: Opened, caller: SoapCaller) -> HttpReply:
        """What was said, and by which key its caller was proven.

        Raises:
            SoapFault: the body does not fit its schema.
        """
        ours = Ours(
            ticket=UUID(request.trace.trace_id),
            received_at=caller.received_at,
            replied_at=self.now(),
        )
        echo = _read(opened.body, ours)
        root = etree.Element(f"{{{SPACE}}}{DESCRIBED.response}", nsmap={"k": SPACE})
        write_ours(root, ours)
        put(root, "echo", echo)
        put(root, "sslCertificate", caller.proof.key_id)
        return soap(root)


def _read(body: Element, ours: Ours) -> str:
    taking = Taking.of_body(body, REQUEST, spaces=(SPACE,))
    echo = taking.text("echo", ECHO, "a text of at most 1024 characters")
    taking.close()
    try:
        taking.check()
    except Malformed as wrong:
        detail = fault_detail(
            f"{{{SPACE}}}{DESCRIBED.fault}",
            customer=None,
            ours=ours,
            code=reasons.for_problem(wrong).soa.code,
            told=[(f"{name}: {rule}", ()) for name, rule in informed(wrong.issues)],
        )
        raise SoapFault(CLIENT, UNFIT, detail=detail) from None
    return echo
