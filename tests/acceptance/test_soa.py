"""An insurer whose software speaks SOAP asks its node, with clients that nobody here wrote."""

import asyncio
import os
from collections.abc import Generator
from typing import Any, Final
from uuid import UUID

import pytest
import requests
import suds.client
import suds.transport.http
import zeep
import zeep.exceptions
from tests.acceptance.standing import House
from tests.acceptance.test_asking import ASR, ask

from kruispunt.vocabulary import EnterpriseNumber, check_digits
from kruispunt.web import hash_password

CBE: Final = EnterpriseNumber(f"02066539{check_digits(2066539):02d}").digits
PASSWORD: Final = "p123abc"
CUSTOMER: Final = {"ticket": "T 7", "customerIdentification": {"cbeNumber": CBE}}
CLIENTS: Final = pytest.mark.parametrize("kind", ["zeep", "suds"])


@pytest.fixture(scope="module", autouse=True)
def password(house: House) -> Generator[None]:
    """The insurer may come to its node with a password."""
    path = house.place.home(house.node).callers
    path.write_text(
        f'[[callers]]\nenterprise = "{CBE}"\ninstitution = "{house.insurer}"\n'
        f'password = "{hash_password(PASSWORD, salt=os.urandom(16))}"\n',
        encoding="utf-8",
    )
    path.chmod(0o600)
    yield
    path.unlink()


def a_client(kind: str, house: House, path: str, *, password: str = PASSWORD) -> Any:
    """The service at our node, as a client reads it from its WSDL."""
    address = f"{house.url(house.node)}/soap/{path}?wsdl"
    if kind == "zeep":
        session = requests.Session()
        session.auth = (f"E{CBE}", password)
        return zeep.Client(address, transport=zeep.Transport(session=session)).service
    transport = suds.transport.http.HttpAuthenticated(username=f"E{CBE}", password=password)
    return suds.client.Client(address, transport=transport, cache=None).service


@CLIENTS
async def test_a_client_is_told_over_soap_what_it_is_told_over_rest(house: House, kind: str):
    person = house.persons["full-time"]
    before = await house.entries(house.node)

    rest = await ask(house, "full-time", "dimona.consult")
    soap = await asyncio.to_thread(
        lambda: a_client(kind, house, "dimona.consult").consult(
            informationCustomer=CUSTOMER,
            legalContext=ASR,
            criteria={
                "ssin": person.ssin.digits,
                "period": {"beginDate": person.begin, "endDate": person.until},
            },
        )
    )

    assert soap.status.value == "DATA_FOUND"
    rows = [
        {name: str(value) for name in rest.fields if (value := getattr(row, name, None))}
        for row in soap.result.row
    ]
    assert rows == [
        {name: str(value) for name, value in row.items() if value} for row in rest.rows
    ]
    assert sorted(one.field for one in soap.result.withheld) == sorted(
        one.field for one in rest.withheld
    )
    assert soap.result.ground.clause == rest.ground.clause
    assert await house.entries(house.node) == before + 2
    query = "select ticket from audit.decision where id = $1"
    (entry,) = await house.fetch(house.node, query, UUID(str(soap.informationCBSS.ticketCBSS)))
    assert entry["ticket"] == "T 7"


@CLIENTS
async def test_a_client_hears_itself(house: House, kind: str):
    reply = await asyncio.to_thread(
        lambda: a_client(kind, house, "TestConnectionService").sendTestMessage(echo="hello")
    )

    assert reply.echo == "hello"
    assert reply.sslCertificate == f"E{CBE}"


async def test_a_person_of_another_insurer_reads_as_one_nobody_knows(house: House):
    client = a_client("zeep", house, "L609")
    told: list[tuple[str, str]] = []
    for story in ("other-member", "unknown"):
        ssin = house.persons[story].ssin.digits
        reply = await asyncio.to_thread(
            client.consult,
            informationCustomer=CUSTOMER,
            legalContext=ASR,
            criteria={"ssin": ssin, "period": {"beginDate": house.persons["full-time"].begin}},
        )
        told.append((reply.status.code, reply.status.description))

    assert told == [("MSG00012", "no file of yours covers this person and period")] * 2


async def test_whoever_has_not_the_password_hears_one_sentence(house: House):
    def wrong() -> None:
        a_client("zeep", house, "TestConnectionService", password="p").sendTestMessage(echo="x")

    with pytest.raises((zeep.exceptions.Fault, zeep.exceptions.TransportError)) as refused:
        await asyncio.to_thread(wrong)

    assert "expected a caller that is proven" in f"{refused.value} {vars(refused.value)}"
