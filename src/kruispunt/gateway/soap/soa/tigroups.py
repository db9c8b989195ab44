"""RetrieveTIGroups v2: what the register holds on a person, as clients of it read it."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from lxml import etree

from kruispunt.gateway.soap.envelope import soap
from kruispunt.gateway.soap.port import Opened, SoapCaller
from kruispunt.gateway.soap.soa.answering import Asked, Speaker, Wanted
from kruispunt.gateway.soap.soa.common_v3 import (
    COMMON,
    put,
    read_context,
    read_customer,
    write_status,
)
from kruispunt.gateway.soap.soa.described import Described, own_schema, wsdl_of
from kruispunt.gateway.soap.soa.reading import FLAG, SSIN
from kruispunt.gateway.soap.soa.rn25 import write_groups
from kruispunt.gateway.soap.soa.taking import Taking
from kruispunt.gateway.soap.xml import Element
from kruispunt.law import Flow
from kruispunt.vocabulary import Period
from kruispunt.web import HttpReply, Request

PATH: Final = "RetrieveTIGroupsService"
"""As in the addresses that clients know."""

SPACE: Final = "http://kszbcss.fgov.be/intf/RetrieveTIGroupsService/v2"
LANGUAGE: Final = re.compile("nl|fr|de")
DEFAULT_LANGUAGE: Final = "fr"
SINCE_EVER: Final = date(1800, 1, 1)
"""Nobody who is asked about has an item from before."""

DESCRIBED: Final = Described(
    name="RetrieveTIGroupsService",
    space=SPACE,
    operation="retrieveTI",
    action="http://kszbcss.fgov.be/RetrieveTIGroupsService/retrieveTI",
    request="retrieveTIGroupsRequest",
    response="retrieveTIGroupsResponse",
    fault="retrieveTIGroupsFault",
    schemas=(
        own_schema("CommonV3.xsd"),
        own_schema("rn25.xsd"),
        own_schema("RetrieveTIGroupsV2.xsd"),
    ),
    words="What the register holds on a person, item by item.",
)
REQUEST: Final = f"{{{SPACE}}}{DESCRIBED.request}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a request asks, in its own words. None: it does not say, and the default holds."""

    ssin: str
    language: str | None
    history: str | None

    @property
    def with_history(self) -> bool:
        return self.history in ("true", "1")


@dataclass(frozen=True, slots=True, kw_only=True)
class TIGroups:
    """The service of the flow whose rows are items of a register."""

    flow: Flow
    speaker: Speaker

    @property
    def path(self) -> str:
        return PATH

    def wsdl(self, name: str, address: str) -> bytes | None:
        """The WSDL. Its schemas stand inside, so it imports nothing."""
        return wsdl_of(DESCRIBED, address) if name == "wsdl" else None

    async def answer(self, request: Request, opened: Opened, caller: SoapCaller) -> HttpReply:
        """The items, or why there are none.

        Raises:
            SoapFault: the body does not fit its schema, or the look failed.
        """
        asked, search = self._read(opened.body, caller, UUID(request.trace.trace_id))
        spoken = await self.speaker.ask(
            asked,
            caller=caller,
            flow=self.flow,
            ssin=search.ssin,
            wanted=lambda _purpose: Wanted(about=_about(search, caller.asked_on)),
            trace=request.trace,
        )
        root = etree.Element(f"{{{SPACE}}}{DESCRIBED.response}", nsmap={"k": SPACE})
        self.speaker.open(root, asked, spoken, caller)
        said = put(root, "searchInformation")
        spoken.write_number(said, search.ssin)
        for name, value in (("language", search.language), ("history", search.history)):
            if value is not None:
                put(said, name, value)
        write_status(root, spoken.status)
        if spoken.answer is not None and spoken.answer.rows:
            write_groups(root, spoken.answer.rows, search.language or DEFAULT_LANGUAGE)
        return soap(root)

    def _read(self, body: Element, caller: SoapCaller, ticket: UUID) -> tuple[Asked, Search]:
        taking = Taking.of_body(body, REQUEST, spaces=(SPACE, COMMON))
        asked = Asked(customer=read_customer(taking), context=read_context(taking))
        search = _search(taking)
        taking.close()
        self.speaker.check(taking, body, caller=caller, ticket=ticket)
        return asked, search


def _search(body: Taking) -> Search:
    said = body.must("searchInformation")
    if said is None:
        return Search(ssin="", language=None, history=None)
    search = Search(
        ssin=said.text("ssin", SSIN, "at most eleven digits"),
        language=said.maybe("language", LANGUAGE, "nl, fr or de"),
        history=said.maybe("history", FLAG, "true or false"),
    )
    said.close()
    return search


def _about(search: Search, today: date) -> Period:
    """The day of asking, or every day until then."""
    tomorrow = today + timedelta(days=1)
    return Period(SINCE_EVER if search.with_history else today, tomorrow)
