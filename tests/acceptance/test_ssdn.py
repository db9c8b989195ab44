"""A centre whose software speaks classic XML asks its node, with clients nobody here wrote."""

import asyncio
import os
from collections.abc import Callable, Generator
from typing import Any, Final
from uuid import UUID

import polars as pl
import pytest
import requests
import suds.client
import suds.transport.http
import zeep
from lxml import etree
from tests.acceptance.standing import TODAY, House
from tests.acceptance.test_centres import NODE, Client, helped, people, row_of

from kruispunt.gateway.soap.ssdn.names import (
    COMMON,
    CONNECTOR,
    IDENTIFY_PERSON,
    MESSAGE,
    PERFORM_INVESTIGATION,
    REFERENCE_MANAGER,
    SERVICE,
)
from kruispunt.gateway.soap.xml import Element
from kruispunt.people import Population
from kruispunt.vocabulary import EnterpriseNumber, Ssin, check_digits
from kruispunt.web import hash_password

__all__ = ["helped", "people"]  # fixtures

CBE: Final = EnterpriseNumber(f"02123448{97 - 2123448 % 97:02d}").digits
PASSWORD: Final = "p123abc"
USER: Final = f"000000001{check_digits(1):02d}"
Send = Callable[[str], str]


@pytest.fixture(scope="module", autouse=True)
def password(house: House, helped: Client) -> Generator[None]:
    """The centre may come to its node with a password."""
    path = house.place.home(NODE).callers
    path.write_text(
        f'[[callers]]\nenterprise = "{CBE}"\ninstitution = "{helped.centre}"\nsector = 17\n'
        "institution_type = 1\n"
        f'password = "{hash_password(PASSWORD, salt=os.urandom(16))}"\n',
        encoding="utf-8",
    )
    path.chmod(0o600)
    yield
    path.unlink()


def by_zeep(house: House) -> Send:
    session = requests.Session()
    session.auth = (f"E{CBE}", PASSWORD)
    client: Any = zeep.Client(
        f"{house.url(NODE)}/soap/ssdn?wsdl", transport=zeep.Transport(session=session)
    )
    return lambda text: str(client.service.sendXML(text))


def by_suds(house: House) -> Send:
    transport = suds.transport.http.HttpAuthenticated(username=f"E{CBE}", password=PASSWORD)
    client: Any = suds.client.Client(
        f"{house.url(NODE)}/soap/ssdn?wsdl", transport=transport, cache=None
    )
    return lambda text: str(client.service.sendXML(text))


def by_hand(*, cdata: bool) -> Callable[[House], Send]:
    """As a client writes the bytes itself."""

    def send(house: House) -> Send:
        def post(text: str) -> str:
            inside = f"<![CDATA[{text}\n]]>" if cdata else escaped(text)
            reply = requests.post(
                f"{house.url(NODE)}/soap/ssdn",
                data=(
                    "<?xml version='1.0' encoding='utf-8'?>\n<soap:Envelope"
                    " xmlns:soap='http://schemas.xmlsoap.org/soap/envelope/'><soap:Body>"
                    f"<bcss:xmlString xmlns:bcss='{CONNECTOR}'>{inside}</bcss:xmlString>"
                    "</soap:Body></soap:Envelope>"
                ).encode(),
                headers={"content-type": "text/xml; charset=utf-8"},
                auth=(f"E{CBE}", PASSWORD),
                timeout=20,
            )
            assert reply.status_code == 200, reply.text
            found = etree.fromstring(reply.content).find(f".//{{{CONNECTOR}}}xmlString")
            assert found is not None
            return found.text or ""

        return post

    return send


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


CLIENTS: Final = pytest.mark.parametrize(
    "client",
    [by_zeep, by_suds, by_hand(cdata=True), by_hand(cdata=False)],
    ids=["zeep", "suds", "cdata", "escaped"],
)


def an_envelope(*services: str, org_unit: str = CBE) -> str:
    """As a client was seen to write it, with its declaration and its language."""
    return (
        "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>"
        f"<SSDNRequest xmlns='{SERVICE}'><RequestContext><AuthorizedUser><UserID>{USER}</UserID>"
        f"<Email>info@ocmw.example</Email><OrgUnit>{org_unit}</OrgUnit><MatrixID>17</MatrixID>"
        "<MatrixSubID>1</MatrixSubID></AuthorizedUser><Message><Reference>630230001</Reference>"
        f"<TimeRequest>{TODAY:%Y%m%d}T120000</TimeRequest><Language>fr</Language></Message>"
        f"</RequestContext>{''.join(services)}</SSDNRequest>"
    )


def a_service(service: str, version: str, body: str) -> str:
    return (
        f"<ServiceRequest><ServiceId>{service}</ServiceId><Version>{version}</Version>{body}"
        "</ServiceRequest>"
    )


def identify(ssin: Ssin, verification: str = "") -> str:
    body = (
        f"<ns1:IdentifyPersonRequest xmlns:ns1='{IDENTIFY_PERSON}'><ns1:SearchCriteria>"
        f"<ns1:SSIN>{ssin.digits}</ns1:SSIN></ns1:SearchCriteria>{verification}"
        "</ns1:IdentifyPersonRequest>"
    )
    return a_service("OCMWCPASIdentifyPerson", "20050930", body)


def search(name: str, birth: str, most: int) -> str:
    body = (
        f"<ns1:IdentifyPersonRequest xmlns:ns1='{IDENTIFY_PERSON}'><ns1:SearchCriteria>"
        f"<ns1:PhoneticCriteria><ns1:LastName>{name}</ns1:LastName>"
        f"<ns1:BirthDate>{birth}</ns1:BirthDate><ns1:Maximum>{most}</ns1:Maximum>"
        "</ns1:PhoneticCriteria></ns1:SearchCriteria></ns1:IdentifyPersonRequest>"
    )
    return a_service("OCMWCPASIdentifyPerson", "20050930", body)


def inquiry(ssin: Ssin) -> str:
    body = (
        f"<p:PerformInvestigationRequest xmlns:p='{PERFORM_INVESTIGATION}'>"
        f"<p:SocialSecurityUser>{ssin.digits}</p:SocialSecurityUser>"
        "</p:PerformInvestigationRequest>"
    )
    return a_service("OCMWCPASPerformInvestigation", "20080604", body)


def references(ssin: Ssin) -> str:
    days = "".join(f"<c:{name}Date>{TODAY}</c:{name}Date>" for name in ("Start", "End"))
    body = (
        f"<ReferenceManagerRequest xmlns='{REFERENCE_MANAGER}' xmlns:c='{COMMON}'>"
        "<ConsultOtherSectorsCriteria><QualityCodeRequestor>1</QualityCodeRequestor>"
        f"<RequestedSsin>{ssin.digits}</RequestedSsin><IntegratedPeriod>{days}</IntegratedPeriod>"
        f"<RequestedPeriod>{days}</RequestedPeriod><FetchDescriptions>true</FetchDescriptions>"
        "</ConsultOtherSectorsCriteria></ReferenceManagerRequest>"
    )
    return a_service("ReferenceManager.consult", "20050525", body)


def personnel(ssin: Ssin) -> str:
    days = f"19950101{TODAY:%Y%m%d}"
    prefix = (
        f"U62NA1017001{'630230001':15}{USER}O0C{ssin.digits}L950{'':32}2605011200M03S000100"
        f"{days}{days}{'':6}"
    )
    body = (
        f"<ns1:Message xmlns:ns1='{MESSAGE}'><ns1:Header><ns1:ClassicPrefix>{prefix}"
        "</ns1:ClassicPrefix></ns1:Header><ns1:Data><ns1:XML><L950 processType='L' version='001'"
        " xmlns='http://www.ksz-bcss.fgov.be/XmlSchema'><Request><NaturalPerson>"
        f"<INSS>{ssin.digits}</INSS></NaturalPerson><SearchPeriod><BeginDate>1995-01-01"
        f"</BeginDate><EndDate>{TODAY}</EndDate></SearchPeriod><ActiveWorker>1</ActiveWorker>"
        "<CanceledContract>0</CanceledContract><NbrOfAnswer>32</NbrOfAnswer></Request></L950>"
        "</ns1:XML></ns1:Data></ns1:Message>"
    )
    return a_service("XMLite", "20051206", body)


async def sent(client: Callable[[House], Send], house: House, text: str) -> Element:
    reply = await asyncio.to_thread(lambda: client(house)(text))
    return etree.fromstring(reply)


def texts(root: Element, name: str) -> list[str]:
    return [str(one.text) for one in root.iter(f"{{*}}{name}")]


@CLIENTS
async def test_who_someone_is_comes_through_node_and_hub_and_stands_in_both_trails(
    house: House, helped: Client, people: Population, client: Callable[[House], Send]
):
    before = await house.entries(NODE), await house.entries(house.hub)

    root = await sent(client, house, an_envelope(identify(helped.ssin)))

    told = row_of(people.registered.persons, helped.ssin)
    assert texts(root, "ReturnCode") == ["0", "0"]
    assert texts(root, "LastName") == [told["last_name"]]
    assert texts(root, "Extended") == []
    after = await house.entries(NODE), await house.entries(house.hub)
    assert after == (before[0] + 1, before[1] + 1)
    query = "select ticket from audit.decision where id = $1"
    (entry,) = await house.fetch(NODE, query, UUID(texts(root, "Ticket")[0]))
    assert entry["ticket"] == "630230001"


async def test_each_person_found_by_name_is_a_look_of_its_own(
    house: House, helped: Client, people: Population
):
    told = row_of(people.registered.persons, helped.ssin)
    mistyped = "X" + escaped(str(told["last_name"]).upper())
    before = await house.entries(NODE), await house.entries(house.hub)

    asked = an_envelope(search(mistyped, str(told["birth_date"]), 5))
    root = await sent(by_zeep, house, asked)

    shown = texts(root, "SocialSecurityUser")
    assert helped.ssin.digits in shown
    assert await house.entries(NODE) == before[0] + 1 + len(shown)
    assert await house.entries(house.hub) == before[1] + 1 + len(shown)


async def test_who_is_proven_gets_more_and_who_is_not_a_warning(
    house: House, helped: Client, people: Population
):
    told = row_of(people.registered.persons, helped.ssin)

    def said(last: object) -> str:
        return (
            "<ns1:VerificationData><ns1:PersonData>"
            f"<ns1:LastName>{escaped(str(last).upper())}</ns1:LastName>"
            f"<ns1:BirthDate>{told['birth_date']}</ns1:BirthDate>"
            "</ns1:PersonData></ns1:VerificationData>"
        )

    envelope = an_envelope(
        identify(helped.ssin, said(told["last_name"])), identify(helped.ssin, said("X"))
    )
    root = await sent(by_zeep, house, envelope)

    assert texts(root, "ReasonCode") == ["20000001", "12007001", "22007007"]
    assert texts(root, "CivilState") == [told["civil_state"]]


async def test_an_inquiry_is_family_citizens_and_addresses(
    house: House, helped: Client, people: Population
):
    root = await sent(by_zeep, house, an_envelope(inquiry(helped.ssin)))

    members = people.registered.members
    home = members.filter(pl.col("household") == row_of(members, helped.ssin)["household"])
    homes = people.registered.addresses.filter(pl.col("ssin") == helped.ssin.number)
    assert texts(root, "ReturnCode") == ["0", "0"]
    assert len(texts(root, "FamilyMember")) == len(texts(root, "Citizen")) == len(home)
    assert len(texts(root, "HistoricalAddress")) == len(homes)
    assert texts(root, "Extended") == []


async def test_one_envelope_asks_several_services(house: House, helped: Client):
    root = await sent(by_suds, house, an_envelope(references(helped.ssin), personnel(helped.ssin)))

    assert texts(root, "ReturnCode") == ["0", "0", "0"]
    assert "11" in texts(root, "Sector")
    assert int(texts(root, "NbrOfAvailableAnswer")[0]) == len(texts(root, "Activity")) > 0


async def test_who_has_no_file_hears_the_same_as_of_nobody(
    house: House, helped: Client, people: Population
):
    files = people.registered.centres.filter(pl.col("member") == helped.centre)
    stranger = people.registered.persons.join(files, on="ssin", how="anti")
    unknown = Ssin.of(people.unknown["ssin"][0])
    told: list[list[str]] = []
    for ssin in (Ssin.of(stranger["ssin"][0]), unknown):
        root = await sent(by_zeep, house, an_envelope(inquiry(ssin)))
        told.append([*texts(root, "ReasonCode"), *texts(root, "Diagnostic")])

    assert told[0] == told[1]
    assert told[0][:2] == ["30000001", "31300020"]


async def test_who_says_to_be_another_asks_nothing(house: House, helped: Client):
    before = await house.entries(NODE)

    root = await sent(
        by_hand(cdata=True), house, an_envelope(identify(helped.ssin), org_unit="0999999922")
    )

    assert texts(root, "ReasonCode") == ["31300010"]
    assert await house.entries(NODE) == before
