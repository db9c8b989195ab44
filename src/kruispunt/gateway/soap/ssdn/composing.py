"""The service with all that stands behind it, made once for each process."""

from collections.abc import Callable, Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from kruispunt.gateway.lines import Integration
from kruispunt.gateway.soap.ssdn.access import ManageAccess
from kruispunt.gateway.soap.ssdn.asking import SsdnBody
from kruispunt.gateway.soap.ssdn.connector import SsdnService
from kruispunt.gateway.soap.ssdn.employer import EmployerDirectory
from kruispunt.gateway.soap.ssdn.identify import IdentifyPerson
from kruispunt.gateway.soap.ssdn.insurance import HealthInsurance
from kruispunt.gateway.soap.ssdn.investigation import PerformInvestigation
from kruispunt.gateway.soap.ssdn.personnel import PersonnelFile
from kruispunt.gateway.soap.ssdn.references import ReferenceManager
from kruispunt.gateway.soap.ssdn.shape import Shape
from kruispunt.gateway.soap.ssdn.xmlite import XmLite
from kruispunt.gateway.waist import Waist
from kruispunt.law import Lawbook
from kruispunt.vocabulary import FlowId


def ssdn_service(
    *,
    waist: Waist,
    lawbook: Lawbook,
    offered: Collection[FlowId],
    zone: ZoneInfo,
    now: Callable[[], datetime],
    random_bytes: Callable[[int], bytes],
    integration: Integration | None = None,
) -> SsdnService:
    """`sendXML` of a seat.

    Without an integration no file is registered: who asks for it hears that it is not given here.
    """
    services: tuple[SsdnBody, ...] = (
        IdentifyPerson(shape=Shape.read("IdentifyPerson")),
        ManageAccess(shape=Shape.read("ManageAccess"), integration=integration),
        PerformInvestigation(shape=Shape.read("PerformInvestigation")),
        ReferenceManager(shape=Shape.read("ReferenceManager"), lawbook=lawbook),
        HealthInsurance(shape=Shape.read("HealthInsurance")),
        XmLite(shape=Shape.read("Message"), forms=(PersonnelFile(), EmployerDirectory())),
    )
    return SsdnService(
        waist=waist,
        flows={flow: lawbook.flows[flow] for flow in offered if flow in lawbook.flows},
        services=services,
        envelope=Shape.read("Service"),
        zone=zone,
        now=now,
        random_bytes=random_bytes,
    )
