"""CommonV3: what a request of the new style says of its customer, and a reply of itself."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from lxml import etree

from kruispunt.gateway.parse import ENDS_OF_TIME
from kruispunt.gateway.soap.port import SoapCaller
from kruispunt.gateway.soap.soa.taking import Taking
from kruispunt.gateway.soap.xml import Element
from kruispunt.vocabulary import Issue

COMMON: Final = "http://kszbcss.fgov.be/types/common/v3"

MOST_DETAILS: Final = 30
MOST_INFORMATION: Final = 15
LONGEST_NAME: Final = 64
LONGEST_WORDS: Final = 256
LONGEST_PLAIN_TICKET: Final = 32
"""Of a ticket that is no UUID, so many characters are kept."""

AUTHOR: Final = "CBSS"
TICKET: Final = re.compile(r".{0,36}", re.DOTALL)
MOMENT: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,12})?(Z|[+-]\d\d:\d\d)?", re.ASCII
)
UNSAID: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
CBE: Final = re.compile(r"\d{10}", re.ASCII)
SMALL: Final = re.compile(r"\d{1,3}", re.ASCII)
CONTEXT: Final = re.compile(r".{1,64}", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Who an envelope says that it is from, in its own words: they are said back as they came."""

    ticket: str | None = None
    sent: str | None = None
    cbe_number: str = ""
    sector: str = ""
    institution: str = ""

    def is_of(self, caller: SoapCaller) -> bool:
        """True where it names the caller that was proven."""
        if self.cbe_number:
            return self.cbe_number in caller.org_units
        known = None not in (caller.sector, caller.institution_type)
        said = (int(self.sector), int(self.institution))
        return known and said == (caller.sector, caller.institution_type)

    @property
    def kept_ticket(self) -> str:
        """What the trail keeps of the ticket."""
        ticket = self.ticket or ""
        try:
            return str(UUID(ticket)) if len(ticket) > LONGEST_PLAIN_TICKET else ticket
        except ValueError:
            return ticket[:LONGEST_PLAIN_TICKET]

    def sent_at(self, zone: ZoneInfo) -> datetime | None:
        """When it was sent, as it says; a moment without a zone is one of ours.

        A moment that does not exist is none: nothing is decided by it.
        """
        try:
            said = datetime.fromisoformat(_six_digits(self.sent or ""))
            moment = (said if said.tzinfo else said.replace(tzinfo=zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            return None
        return None if moment in ENDS_OF_TIME else moment


def _six_digits(text: str) -> str:
    """Parts of a second beyond a millionth are left out: a moment has none."""
    return re.sub(r"(\.\d{6})\d+", r"\1", text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """What we say of an exchange: our ticket, when it came, and when it left."""

    ticket: UUID
    received_at: datetime
    replied_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusBody:
    """How an exchange ended, in the words of SOA."""

    value: str
    code: str
    description: str
    information: tuple[tuple[str, str], ...] = ()


def read_customer(body: Taking) -> Customer:
    """The customer of a request. What is wrong stands in the issues of `body`."""
    said = body.must("informationCustomer")
    if said is None:
        return Customer()
    ticket = said.maybe("ticket", TICKET, "a text of at most 36 characters")
    sent = said.maybe("timestampSent", MOMENT, "a date and time")
    who = said.must("customerIdentification")
    said.close()
    if who is None:
        return Customer()
    cbe = who.maybe("cbeNumber", CBE, "ten digits")
    sector = institution = ""
    if cbe is None:
        sector = who.text("sector", SMALL, "a number of at most three digits")
        institution = who.text("institution", SMALL, "a number of at most three digits")
    who.close()
    return Customer(
        ticket=ticket,
        sent=sent,
        cbe_number=cbe or "",
        sector=sector,
        institution=institution,
    )


def read_context(body: Taking) -> str:
    """The legal context. `informationCBSS` of a request says nothing that we do not know."""
    body.skip("informationCBSS")
    return body.text("legalContext", CONTEXT, "a text of 1 to 64 characters")


def customer_of(element: Element, spaces: Collection[str]) -> Customer | None:
    """The customer of a request that is wrong elsewhere, to say it back; None: it is wrong too."""
    taking = Taking(element, spaces=spaces)
    customer = read_customer(taking)
    return None if taking.issues else customer


def put(parent: Element, name: str, text: str | None = None) -> Element:
    """A child in no namespace, last among the others.

    What XML can't say of a text, a source's too, is said by the character that stands for it.
    """
    child = etree.SubElement(parent, name)
    try:
        child.text = text
    except ValueError:
        child.text = UNSAID.sub("\N{REPLACEMENT CHARACTER}", text or "")
    return child


def write_customer(parent: Element, customer: Customer) -> None:
    """Say back who asked."""
    said = put(parent, "informationCustomer")
    if customer.ticket is not None:
        put(said, "ticket", customer.ticket)
    if customer.sent is not None:
        put(said, "timestampSent", customer.sent)
    who = put(said, "customerIdentification")
    if customer.cbe_number:
        put(who, "cbeNumber", customer.cbe_number)
    else:
        put(who, "sector", customer.sector)
        put(who, "institution", customer.institution)


def write_ours(parent: Element, ours: Ours) -> None:
    """Say our ticket and the times."""
    said = put(parent, "informationCBSS")
    put(said, "ticketCBSS", str(ours.ticket))
    put(said, "timestampReceive", moment(ours.received_at))
    put(said, "timestampReply", moment(ours.replied_at))


def write_status(parent: Element, status: StatusBody) -> None:
    """Say how it ended."""
    said = put(parent, "status")
    put(said, "value", status.value)
    put(said, "code", status.code)
    put(said, "description", status.description[:LONGEST_WORDS])
    write_information(said, status.information[:MOST_INFORMATION])


def write_information(parent: Element, information: Iterable[tuple[str, str]]) -> None:
    """Names and values."""
    for name, value in information:
        one = put(parent, "information")
        put(one, "fieldName", name[:LONGEST_NAME])
        put(one, "fieldValue", value[:LONGEST_WORDS])


def informed(issues: Iterable[Issue]) -> tuple[tuple[str, str], ...]:
    """What is wrong, as names and rules; the values are never said back."""
    return tuple((issue.name, issue.detail) for issue in issues)


def fault_detail(
    tag: str,
    *,
    customer: Customer | None,
    ours: Ours,
    code: str,
    told: Iterable[tuple[str, tuple[tuple[str, str], ...]]],
) -> Element:
    """What stands in the detail of a fault: one detail for each of the words that are told."""
    root = etree.Element(tag)
    if customer is not None:
        write_customer(root, customer)
    write_ours(root, ours)
    for words, information in list(told)[:MOST_DETAILS]:
        one = put(root, "detail")
        put(one, "severity", "FATAL")
        put(one, "reasonCode", code)
        put(one, "diagnostic", words[:LONGEST_WORDS])
        put(one, "authorCode", AUTHOR)
        write_information(one, information)
    return root


def moment(at: datetime) -> str:
    """A moment as replies write it: in UTC, to the thousandth of a second."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
