"""The envelope on its way out, under the prefixes that clients look for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from kruispunt.gateway.soap.ssdn.names import SERVICE
from kruispunt.gateway.soap.ssdn.request import AuthorizedUser, ServiceRequest, SsdnRequest
from kruispunt.gateway.soap.ssdn.served import Served
from kruispunt.gateway.soap.ssdn.summary import Detail, of_services, summary, worst
from kruispunt.gateway.soap.ssdn.writing import NOTHING, Xml, leaf, node

_MOMENT: Final = "%Y%m%dT%H%M%S"


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """When an envelope came and when its reply leaves, in the zone in which they are written."""

    received: datetime
    replied: datetime
    zone: ZoneInfo

    def written(self, moment: datetime) -> str:
        """A moment as the envelope writes it."""
        return moment.astimezone(self.zone).strftime(_MOMENT)


def refused_reply(
    details: Sequence[Detail], *, asked: SsdnRequest | None, ticket: str, times: Times
) -> Xml:
    """The reply to an envelope of which nothing was served."""
    return node("SSDNReply", _context(details, asked, ticket=ticket, times=times), xmlns=SERVICE)


def served_reply(
    asked: SsdnRequest, served: Sequence[Served], *, ticket: str, times: Times
) -> Xml:
    """The reply to an envelope whose requests were served, in their order."""
    details = of_services([worst(one.details) for one in served])
    return node(
        "SSDNReply",
        _context(details, asked, ticket=ticket, times=times),
        *(_service(*pair) for pair in zip(asked.services, served, strict=True)),
        xmlns=SERVICE,
    )


def _context(
    details: Sequence[Detail], asked: SsdnRequest | None, *, ticket: str, times: Times
) -> Xml:
    return node(
        "ReplyContext",
        summary("ns1", details),
        NOTHING if asked is None else _user(asked.user),
        node(
            "Message",
            leaf("Reference", asked.reference if asked else ""),
            leaf("Ticket", ticket),
            leaf("TimeRequest", asked.time_request if asked else ""),
            leaf("TimeReceive", times.written(times.received)),
            leaf("TimeResponse", times.written(times.replied)),
        ),
    )


def _user(user: AuthorizedUser) -> Xml:
    return node(
        "AuthorizedUser",
        leaf("UserID", user.user),
        leaf("Email", user.email),
        leaf("OrgUnit", user.org_unit),
        leaf("MatrixID", user.sector),
        leaf("MatrixSubID", user.institution_type),
    )


def _service(request: ServiceRequest, served: Served) -> Xml:
    return node(
        "ServiceReply",
        summary("ns2", served.details),
        leaf("ServiceId", request.service),
        leaf("Version", request.version),
        served.body,
    )
