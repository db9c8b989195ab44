"""OCMWCPASHealthInsurance 20070509: is somebody insured for medical care, and how."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kruispunt.gateway.soap.ssdn.asking import Asking, Look, refused, ticket_of
from kruispunt.gateway.soap.ssdn.names import HEALTH_INSURANCE
from kruispunt.gateway.soap.ssdn.reading import read_period, read_ssin, word
from kruispunt.gateway.soap.ssdn.rows import flag, text
from kruispunt.gateway.soap.ssdn.served import Served
from kruispunt.gateway.soap.ssdn.shape import Shape
from kruispunt.gateway.soap.ssdn.summary import Detail, missing, no_data
from kruispunt.gateway.soap.ssdn.writing import NOTHING, Xml, leaf, node
from kruispunt.gateway.soap.xml import Element
from kruispunt.vocabulary import Answer, NotFound, Row

INSURABILITY: Final = Look.at("insurability.consult")

_IN: Final = f"{{{HEALTH_INSURANCE}}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthInsurance:
    """The service. Indemnity is in no flow: whoever asks for it hears so, and gets nothing."""

    shape: Shape
    service: str = "OCMWCPASHealthInsurance"
    version: str = "20070509"
    element: str = f"{_IN}HealthInsuranceRequest"

    def faults(self, body: Element) -> tuple[Detail, ...]:
        """What is wrong with the shape of a request."""
        return self.shape.faults(body)

    async def serve(self, body: Element, asking: Asking) -> Served:
        """The periods of insurability that touch the one asked about."""
        ssin = read_ssin(word(body, f"{_IN}SSIN"), "SSIN")
        if isinstance(ssin, Served):
            return ssin
        if body.find(f"{_IN}Indemnity") is not None:
            return refused(NotFound("indemnity is not told here, only assurability"))
        during = body.find(f"{_IN}Assurability/{_IN}Period")
        if during is None:
            return Served(details=(missing("Assurability"),))
        about = read_period(during, "Period")
        if isinstance(about, Served):
            return about
        told = await asking.look(INSURABILITY, ssin, about)
        if not isinstance(told, Answer):
            return refused(told)
        return Served(
            details=() if told.rows else (no_data(),),
            body=_reply(told.rows),
            ticket=ticket_of(told),
        )


def _reply(rows: Sequence[Row]) -> Xml:
    return node("ns3:HealthInsuranceReply", *map(_insurance, rows), xmlns_ns3=HEALTH_INSURANCE)


def _insurance(row: Row) -> Xml:
    """What the law withholds of it, at which institution above all, is not there."""
    return node(
        "ns3:Insurance",
        node(
            "ns3:HolderRights",
            leaf("ns3:YearApplicationMaximumToBeInvoiced", text(row, "maximum_billing_year")),
            leaf("ns3:PayingThirdIndicator", flag(row, "third_party_payer")),
        ),
        node(
            "ns3:InsurancePart",
            leaf("ns3:HealthServiceIdentification", text(row, "insurer_number")),
            leaf("ns3:HealthServiceRegistrationNumber", text(row, "registration_number")),
            _holder("ns3:HolderCode1", text(row, "holder_code_1"), row),
            _holder("ns3:HolderCode2", text(row, "holder_code_2"), row),
            node(
                "ns3:InsurancePeriod",
                leaf("ns3:StartDate", text(row, "insurability_begin")),
                leaf("ns3:EndDate", text(row, "insurability_end")),
            ),
        ),
    )


def _holder(tag: str, code: str, row: Row) -> Xml:
    """Three digits: regime, social status, and whether the intervention is increased."""
    if not code:
        return NOTHING
    padded = code.rjust(3, "0")
    return node(
        tag,
        leaf("ns3:Regime", padded[0]),
        leaf("ns3:SocialStatus", padded[1]),
        leaf("ns3:IncreasedIntervention", flag(row, "increased_reimbursement") or padded[2]),
    )
