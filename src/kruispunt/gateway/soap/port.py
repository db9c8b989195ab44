"""What stands behind the SOAP door: the services, and what each is given of a request."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from kruispunt.gateway.soap.xml import Element
from kruispunt.vocabulary import InstitutionCode, Proof
from kruispunt.web import HttpReply, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A SOAP 1.1 envelope that was opened: its header, and the one element in its body."""

    root: Element
    header: Element | None
    body: Element


@dataclass(frozen=True, slots=True, kw_only=True)
class SoapCaller:
    """Who is proven to call, and what an envelope may say that it is.

    `org_units` are its enterprise numbers. A sector or institution type that is None is not known
    here: an envelope that names one does not match.
    """

    institution: InstitutionCode
    proof: Proof
    received_at: datetime
    asked_on: date
    """The day of asking, in the seat's zone: it chooses the law."""

    org_units: frozenset[str] = frozenset()
    sector: int | None = None
    institution_type: int | None = None


class SoapService(Protocol):
    """One service of the SOAP door, at `/soap/{path}`.

    What it raises becomes a fault at the door: a `SoapFault` as it says, a `Problem` in its own
    words with code Server or Client, anything else code Server without a word of what it was.
    """

    @property
    def path(self) -> str:
        """Its last step in the address: letters, digits, `.`, `_` and `-`."""
        ...

    def wsdl(self, name: str, address: str) -> bytes | None:
        """What describes it: `wsdl`, or `xsd=N` that the WSDL imports. None: there is no such.

        `address`: where the service stands for whoever asks, without a query.
        """
        ...

    async def answer(self, request: Request, opened: Opened, caller: SoapCaller) -> HttpReply:
        """The reply to an envelope whose caller is proven."""
        ...
