"""The promises over SSDN, with the real law and the real waist: only the rooms are in memory."""

import re
from datetime import date

import pytest
from msgspec import structs
from tests.bringing_house import a_seat as bringing
from tests.house import Twin, a_hub
from tests.law.inventing import PERSON, SUCCESSOR, a_number
from tests.unit.gateway.soap.ssdn.givens import (
    FLOWS,
    KNOWN,
    SaidWaist,
    a_caller,
    a_service,
    codes,
    envelope,
    reply_to,
    texts,
    the_lawbook,
)
from tests.unit.gateway.soap.ssdn.test_access import a_request as manage
from tests.unit.gateway.soap.ssdn.test_consulting import (
    a_consultation,
    an_inquiry,
    an_insurance,
    during,
    groups,
)
from tests.unit.gateway.soap.ssdn.test_envelope_of_ssdn import IDENTIFY
from tests.unit.gateway.soap.ssdn.test_xmlite import employer, personnel

from kruispunt.gateway.lines import Integration
from kruispunt.gateway.soap.port import SoapCaller
from kruispunt.gateway.soap.ssdn import SsdnService, ssdn_service
from kruispunt.gateway.soap.ssdn.access import INTEGRATE
from kruispunt.gateway.soap.ssdn.asking import Look
from kruispunt.gateway.soap.ssdn.employer import EMPLOYER
from kruispunt.gateway.soap.ssdn.identify import IDENTIFY as WHO
from kruispunt.gateway.soap.ssdn.insurance import INSURABILITY
from kruispunt.gateway.soap.ssdn.investigation import ADDRESSES, HOUSEHOLD
from kruispunt.gateway.soap.ssdn.personnel import PERSONNEL
from kruispunt.gateway.soap.ssdn.references import REPERTORY
from kruispunt.law import Lawbook
from kruispunt.sources import Simulator
from kruispunt.vocabulary import (
    DirectoryLine,
    FlowId,
    InstitutionCode,
    NumberFact,
    NumberStatus,
    Period,
    PurposeId,
    Quality,
    Sector,
)

NODE = InstitutionCode("PODMI")
IDENTIFIED = FlowId("person.identify")
UNKNOWN = NumberFact(status=NumberStatus.UNKNOWN)


@pytest.fixture(scope="module")
def lawbook() -> Lawbook:
    return the_lawbook()


def a_line(sector: int, quality: int) -> DirectoryLine:
    return DirectoryLine(
        ssin=PERSON,
        sector=Sector(sector),
        quality=Quality(quality),
        period=Period(date(2020, 1, 1)),
    )


OWN = a_line(17, 1)
OTHERS = (a_line(11, 1), a_line(12, 30), a_line(12, 10), a_line(18, 1), a_line(11, 2))


def a_seat(
    lawbook: Lawbook,
    *lines: DirectoryLine,
    number: NumberFact | None = None,
    source: Simulator | None = None,
    integration: Integration | None = None,
) -> tuple[Twin, SsdnService]:
    """The hub under the real law, which the node of the centres asks."""
    twin = a_hub(
        lawbook=lawbook,
        seat=lawbook.hub,
        lines=lines,
        number=number,
        source=source or Simulator({(IDENTIFIED, PERSON): (KNOWN,)}),
    )
    service = ssdn_service(
        waist=twin.hub,
        lawbook=lawbook,
        offered=FLOWS,
        zone=a_service(SaidWaist()).zone,
        now=twin.clock,
        random_bytes=a_service(SaidWaist()).random_bytes,
        integration=integration,
    )
    return twin, service


def the_node() -> SoapCaller:
    """The node itself, since a hub knows no centres."""
    caller = a_caller()
    return SoapCaller(
        institution=NODE,
        proof=structs.replace(caller.proof),
        received_at=caller.received_at,
        asked_on=caller.asked_on,
        org_units=caller.org_units,
        sector=caller.sector,
        institution_type=caller.institution_type,
    )


def without_tickets(reply: str) -> str:
    return re.sub(r"<Ticket>[^<]*</Ticket>", "", reply)


CONTROLLED = {
    "household": an_inquiry(groups("1", "0", "0")),
    "addresses": an_inquiry(groups("0", "0", "1")),
    "repertory": a_consultation(),
    "insurability": an_insurance(during("Assurability")),
    "personnel": personnel(),
    "employer": employer(),
}


LISTED = manage("LIST")
LISTED_WITHOUT_PROOF = manage("LIST", proof="")
TAKEN_BACK = manage("UNREGISTER")


@pytest.mark.parametrize("text", CONTROLLED.values(), ids=CONTROLLED)
async def test_nobody_hears_whether_a_person_is_unknown_or_has_no_file(
    lawbook: Lawbook, text: str
) -> None:
    known, to_known = a_seat(lawbook, *OTHERS)
    unknown, to_unknown = a_seat(lawbook, OWN, *OTHERS, number=UNKNOWN)

    no_file = await to_known.reply_to(text, the_node())
    nobody = await to_unknown.reply_to(text, the_node())

    assert without_tickets(no_file) == without_tickets(nobody)
    assert "31300020" in no_file
    assert (known.asked, unknown.asked) == ([], [])
    assert len(known.entries) == len(unknown.entries) == 1


@pytest.mark.parametrize("text", [LISTED, LISTED_WITHOUT_PROOF, TAKEN_BACK])
async def test_nobody_hears_whether_files_are_registered_on_an_unknown_person(
    lawbook: Lawbook, text: str
) -> None:
    here = bringing(lawbook.hub, law=lawbook)
    nowhere = bringing(lawbook.hub, law=lawbook, number=UNKNOWN)
    here.files.lines.kept = frozenset(OTHERS)
    _, to_known = a_seat(lawbook, *OTHERS, integration=here.integration)
    _, to_unknown = a_seat(lawbook, number=UNKNOWN, integration=nowhere.integration)

    no_file = await to_known.reply_to(text, the_node())
    nobody = await to_unknown.reply_to(text, the_node())

    assert without_tickets(no_file) == without_tickets(nobody)
    assert "31300020" in no_file
    assert here.kept == set(OTHERS)


@pytest.mark.parametrize("name", ["insurability", "personnel", "employer"])
async def test_a_supplier_without_a_file_reads_as_no_data(lawbook: Lawbook, name: str) -> None:
    _, without_line = a_seat(lawbook, OWN)
    _, without_data = a_seat(lawbook, OWN, *OTHERS)

    no_line = await without_line.reply_to(CONTROLLED[name], the_node())
    no_data = await without_data.reply_to(CONTROLLED[name], the_node())

    assert without_tickets(no_line) == without_tickets(no_data)
    assert "12000100" in no_data


async def test_every_look_has_its_entry_and_its_ticket(lawbook: Lawbook) -> None:
    twin, service = a_seat(lawbook, OWN)

    text = envelope(IDENTIFY, IDENTIFY)
    reply = await service.reply_to(text, the_node())

    assert len(twin.entries) == len(twin.asked) == 2
    assert f"<Ticket>{twin.entries[0].id}</Ticket>" in reply
    assert {entry.question.user for entry in twin.entries} != {""}
    assert {entry.question.purpose for entry in twin.entries} == {PurposeId("pcsa-social-inquiry")}


async def test_a_household_is_asked_together_and_each_member_has_an_entry(
    lawbook: Lawbook,
) -> None:
    family = [
        {
            "ssin": PERSON.digits,
            "origin": "RN_RR",
            "member_ssin": one.digits,
            "relationship": "01",
            "since": None,
        }
        for one in (PERSON, SUCCESSOR)
    ]
    source = Simulator(
        {
            (FlowId("household.consult"), PERSON): family,
            (IDENTIFIED, PERSON): [KNOWN],
            (IDENTIFIED, SUCCESSOR): [{**KNOWN, "ssin": SUCCESSOR.digits}],
        }
    )
    twin, service = a_seat(lawbook, OWN, source=source)
    twin.registers.facts[SUCCESSOR] = a_number()

    reply = await service.reply_to(an_inquiry(groups("1", "1", "0")), the_node())

    assert [entry.question.flow for entry in twin.entries] == [
        "household.consult",
        "person.identify",
        "person.identify",
    ]
    assert reply.count("<ns3:Citizen ") == 2


async def test_lines_that_tell_of_health_are_not_shown(lawbook: Lawbook) -> None:
    _, service = a_seat(lawbook, OWN, *OTHERS)

    reply = await service.reply_to(a_consultation(), the_node())

    assert "<ns3:Sector>18</ns3:Sector><ns3:QualityCode>1</ns3:QualityCode>" in reply
    assert "<ns3:Sector>11</ns3:Sector><ns3:QualityCode>1</ns3:QualityCode>" in reply
    assert "<ns3:QualityCode>2</ns3:QualityCode>" not in reply


async def test_who_the_law_gives_nothing_hears_so_and_the_refusal_is_an_entry(
    lawbook: Lawbook,
) -> None:
    twin, service = a_seat(lawbook, OWN)

    root = await reply_to(service, envelope(IDENTIFY))

    assert codes(root) == ["30000001", "31300010"]
    assert texts(root, "LastName") == []
    assert (len(twin.entries), twin.asked) == (1, [])


@pytest.mark.parametrize(
    "look",
    [WHO, HOUSEHOLD, ADDRESSES, REPERTORY, INSURABILITY, PERSONNEL, EMPLOYER, INTEGRATE],
    ids=lambda look: look.flow,
)
def test_the_law_knows_every_flow_and_purpose_that_a_service_asks(
    lawbook: Lawbook, look: Look
) -> None:
    assert look.flow in lawbook.flows
    assert look.purpose in lawbook.purposes
