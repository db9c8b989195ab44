"""Envelopes of classic XML, a waist that says what it is told to, and readers of the replies."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import Final, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from lxml import etree
from tests.house import NOON
from tests.law.inventing import PERSON, a_question

from kruispunt.gateway.lines import Integration
from kruispunt.gateway.soap.port import SoapCaller
from kruispunt.gateway.soap.ssdn import SsdnService, ssdn_service
from kruispunt.gateway.soap.ssdn.names import COMMON, SERVICE
from kruispunt.gateway.soap.ssdn.shape import SCHEMAS
from kruispunt.gateway.soap.xml import Element
from kruispunt.law import Lawbook, read_lawbook
from kruispunt.vocabulary import (
    Accepted,
    Answer,
    ClauseId,
    FlowId,
    Ground,
    InstitutionCode,
    NoAnswer,
    Problem,
    Question,
    Reason,
    Receipt,
    Refusal,
    Row,
    Ssin,
    data_folder,
)

CENTRE: Final = InstitutionCode("OCMW-63023")
CBE: Final = "0123456749"
USER: Final = "67031200155"
ZONE: Final = ZoneInfo("Europe/Brussels")
FLOWS: Final = tuple(
    map(
        FlowId,
        (
            "person.identify",
            "person.search",
            "household.consult",
            "addresses.consult",
            "repertory.consult",
            "insurability.consult",
            "personnel.consult",
            "employer.consult",
        ),
    )
)
TICKETS: Final = Random(7)

KNOWN: Final[Mapping[str, object]] = {
    "ssin": PERSON.digits,
    "origin": "RN_RR",
    "last_name": "D'Hôte & Fils",
    "first_name": "Zoë",
    "middle_name": "Marie",
    "birth_date": "2001-01-01",
    "sex": "F",
    "country": "150",
    "municipality": "63023",
    "municipality_fr": "Eupen",
    "municipality_de": "Eupen",
    "postal_code": "4700",
    "street_de": "Gospertstraße",
    "house_number": "12",
    "box": "3",
    "civil_state": "10",
    "birth_place": "63023",
    "birth_place_de": "Eupen",
    "register": "1",
    "nationality": "150",
}


def a_receipt(entry: UUID) -> Receipt:
    return Receipt(
        entry=entry,
        recorded_at=NOON,
        leaf=b"",
        index=0,
        size=1,
        path=(),
        root=b"",
        origin="test",
        key_id="k",
        signature=b"",
    )


def answered(*rows: Mapping[str, object]) -> Answer:
    ticket = UUID(bytes=TICKETS.randbytes(16), version=4)
    ground = Ground(clause=ClauseId("c"), deliberation="d", paragraph="p", fields=())
    kept = tuple(cast("Row", row) for row in rows)
    return Answer(ticket=ticket, ground=ground, rows=kept, receipt=a_receipt(ticket))


def refused(reason: Reason, *, successor: Ssin | None = None) -> NoAnswer:
    ticket = UUID(bytes=TICKETS.randbytes(16), version=4)
    refusal = Refusal(reason=reason, successor=successor)
    return NoAnswer(ticket=ticket, refusal=refusal, receipt=a_receipt(ticket))


Told = Answer | Accepted | NoAnswer | Problem


@dataclass
class SaidWaist:
    """Says of each flow what it is told to, of the questions about it in their order."""

    said: dict[str, list[Told]] = field(default_factory=dict[str, list[Told]])
    asked: list[Question] = field(default_factory=list[Question])

    async def serve(self, question: Question) -> Answer | Accepted | NoAnswer:
        told = self._next(question)
        if isinstance(told, Problem):
            raise told
        return told

    async def serve_many(self, questions: Sequence[Question]) -> Sequence[Told]:
        assert len({question.proof for question in questions}) == 1
        assert len({question.content for question in questions}) == len(questions)
        return [self._next(question) for question in questions]

    def _next(self, question: Question) -> Told:
        self.asked.append(question)
        return self.said[question.flow].pop(0)


def a_caller() -> SoapCaller:
    return SoapCaller(
        institution=CENTRE,
        proof=a_question().proof,
        received_at=NOON,
        asked_on=NOON.date(),
        org_units=frozenset({CBE}),
        sector=17,
        institution_type=1,
    )


@cache
def the_lawbook() -> Lawbook:
    """The law as it is."""
    return read_lawbook(data_folder("law"))


def a_service(
    waist: SaidWaist,
    *,
    integration: Integration | None = None,
    lawbook: Lawbook | None = None,
    offered: Collection[FlowId] = FLOWS,
) -> SsdnService:
    return ssdn_service(
        waist=waist,
        lawbook=lawbook or the_lawbook(),
        offered=offered,
        zone=ZONE,
        now=lambda: NOON,
        random_bytes=TICKETS.randbytes,
        integration=integration,
    )


def context(*, org_unit: str = CBE, sector: str = "17", kind: str = "1", extra: str = "") -> str:
    return (
        "<RequestContext><AuthorizedUser>"
        f"<UserID>{USER}</UserID><Email>info@ocmw.example</Email><OrgUnit>{org_unit}</OrgUnit>"
        f"<MatrixID>{sector}</MatrixID><MatrixSubID>{kind}</MatrixSubID></AuthorizedUser>"
        "<Message><Reference>630230001156994</Reference>"
        f"<TimeRequest>20310615T115958</TimeRequest>{extra}</Message></RequestContext>"
    )


def asking(service: str, version: str, body: str) -> str:
    return (
        f"<ServiceRequest><ServiceId>{service}</ServiceId><Version>{version}</Version>"
        f"{body}</ServiceRequest>"
    )


def envelope(*services: str, before: str | None = None, declaration: str = "") -> str:
    said = context() if before is None else before
    return f"{declaration}<SSDNRequest xmlns='{SERVICE}'>{said}{''.join(services)}</SSDNRequest>"


_SHAPE: Final = etree.XMLSchema(file=str(SCHEMAS / "Service.xsd"))


async def reply_to(service: SsdnService, text: str) -> Element:
    """The reply, which is as its schema says."""
    root = etree.fromstring(await service.reply_to(text, a_caller()))
    _SHAPE.assertValid(root)
    return root


def assert_fits(root: Element, schema: str, at: int = 0) -> None:
    """The answer of a service is as its schema says."""
    body = root.findall(f"{{{SERVICE}}}ServiceReply")[at][3]
    etree.XMLSchema(file=str(SCHEMAS / f"{schema}.xsd")).assertValid(body)


def codes(root: Element) -> list[str]:
    """What is remarked, the envelope's own first."""
    return [str(one.text) for one in root.iter(f"{{{COMMON}}}ReasonCode")]


def fields(root: Element) -> list[str]:
    return [str(one.text) for one in root.iter(f"{{{COMMON}}}FieldName")]


def texts(root: Element, name: str) -> list[str]:
    """The texts of all elements of this name, in whatever namespace."""
    return [str(one.text) for one in root.iter(f"{{*}}{name}")]


def said(root: Element) -> str:
    """All that a reply says."""
    return etree.tostring(root, encoding="unicode")
