"""The one service for every flow that is answered at once, made from the lawbook alone."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from lxml import etree

from kruispunt.client import PeriodBody
from kruispunt.gateway.details import read_details
from kruispunt.gateway.soap.envelope import soap
from kruispunt.gateway.soap.port import Opened, SoapCaller
from kruispunt.gateway.soap.soa.answering import Asked, Speaker, Spoken, Wanted
from kruispunt.gateway.soap.soa.common_v3 import (
    COMMON,
    put,
    read_context,
    read_customer,
    write_status,
)
from kruispunt.gateway.soap.soa.described import wsdl_of
from kruispunt.gateway.soap.soa.flow_schema import REQUEST, RESPONSE, described, space_of
from kruispunt.gateway.soap.soa.reading import SSIN, limited, read_days
from kruispunt.gateway.soap.soa.result import write_days, write_receipt, write_result
from kruispunt.gateway.soap.soa.taking import Taking
from kruispunt.gateway.soap.xml import Element
from kruispunt.law import Flow, ValueType
from kruispunt.vocabulary import PurposeId
from kruispunt.web import HttpReply, Request

SAID: Final = re.compile(r".{0,100}", re.DOTALL)
FLAGS: Final = {"1": "true", "0": "false"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What a request asks, in its own words: they are said back as they came."""

    ssin: str
    days: PeriodBody
    details: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consult:
    """The service of one flow: the same question as any other, in the words of SOA."""

    flow: Flow
    speaker: Speaker

    @property
    def path(self) -> str:
        """The flow's own name."""
        return self.flow.id

    def wsdl(self, name: str, address: str) -> bytes | None:
        """The WSDL. Its schemas stand inside, so it imports nothing."""
        return wsdl_of(described(self.flow), address) if name == "wsdl" else None

    async def answer(self, request: Request, opened: Opened, caller: SoapCaller) -> HttpReply:
        """The answer, or why there is none.

        Raises:
            SoapFault: the body does not fit its schema, or the look failed.
        """
        asked, criteria = self._read(opened.body, caller, UUID(request.trace.trace_id))
        spoken = await self.speaker.ask(
            asked,
            caller=caller,
            flow=self.flow,
            ssin=criteria.ssin,
            wanted=lambda purpose: self._wanted(criteria, purpose),
            trace=request.trace,
        )
        return soap(self._reply(asked, criteria, spoken, caller))

    def _read(self, body: Element, caller: SoapCaller, ticket: UUID) -> tuple[Asked, Criteria]:
        space = space_of(self.flow.id)
        taking = Taking.of_body(body, f"{{{space}}}{REQUEST}", spaces=(space, COMMON))
        asked = Asked(customer=read_customer(taking), context=read_context(taking))
        criteria = self._criteria(taking)
        taking.close()
        self.speaker.check(taking, body, caller=caller, ticket=ticket)
        assert criteria, "what is missing is an issue"
        return asked, criteria

    def _criteria(self, body: Taking) -> Criteria | None:
        said = body.must("criteria")
        if said is None:
            return None
        ssin = said.text("ssin", SSIN, "at most eleven digits")
        days = read_days(said)
        inside = said.inside("details") if self.flow.details else None
        details = {} if inside is None else dict(self._details(inside))
        said.close()
        return None if days is None else Criteria(ssin=ssin, days=days, details=details)

    def _details(self, said: Taking) -> Iterator[tuple[str, str]]:
        for one in self.flow.details:
            value = said.maybe(one.name, SAID, "a text of at most 100 characters")
            if value is not None:
                is_flag = one.type is ValueType.BOOL
                yield one.name, FLAGS.get(value, value) if is_flag else value
        said.close()

    def _wanted(self, criteria: Criteria, purpose: PurposeId) -> Wanted:
        about = limited(criteria.days, most=self.flow.limits.max_days)
        details = read_details(self.flow, criteria.details, about=about, purpose=purpose)
        return Wanted(about=about, details=details)

    def _reply(
        self, asked: Asked, criteria: Criteria, spoken: Spoken, caller: SoapCaller
    ) -> Element:
        space = space_of(self.flow.id)
        root = etree.Element(f"{{{space}}}{RESPONSE}", nsmap={"k": space})
        self.speaker.open(root, asked, spoken, caller)
        said = put(root, "criteria")
        spoken.write_number(said, criteria.ssin)
        write_days(said, criteria.days)
        if criteria.details:
            details = put(said, "details")
            for name, value in criteria.details.items():
                put(details, name, value)
        write_status(root, spoken.status)
        if spoken.answer is not None:
            write_result(root, spoken.answer, [field.name for field in self.flow.fields])
        if spoken.receipt is not None:
            write_receipt(root, spoken.receipt)
        return root
