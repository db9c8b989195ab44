"""Clients that nobody here wrote read our WSDLs, ask over HTTP, and understand the replies."""

import asyncio
from base64 import b64decode
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Any, Final, cast

import pytest
import suds
import suds.client
import zeep
import zeep.exceptions
from tests.house import Twin, a_hub
from tests.law.inventing import PERSON, SUCCESSOR
from tests.unit.gateway.soap.soa_house import CBE, CONTEXT, a_law, said, services
from tests.unit.gateway.soap.test_soa_tigroups import a_register, an_item

from kruispunt.gateway import wsdl_files
from kruispunt.gateway.soap.port import SoapService
from kruispunt.law import read_lawbook
from kruispunt.web import Address, App, HttpReply, Request, Route, Server

CUSTOMER: Final = {"ticket": "T 7", "customerIdentification": {"cbeNumber": CBE}}
DAYS: Final = {"beginDate": date(2031, 3, 1), "endDate": date(2031, 3, 31)}


@dataclass(frozen=True, slots=True)
class Door:
    """Services on a real socket, for a caller who is believed."""

    services: dict[str, SoapService]
    ports: list[int]

    async def post(self, request: Request) -> HttpReply:
        return await said(self.services[request.argument], request.body)

    async def get(self, request: Request) -> HttpReply:
        path = request.argument.partition("?")[0]
        found = self.services[path].wsdl("wsdl", self.address(path))
        assert found
        return HttpReply(status=200, headers={"content-type": "text/xml"}, body=found)

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.ports[0]}/soap/{path}"


@asynccontextmanager
async def served(twin: Twin) -> AsyncGenerator[Door]:
    door = Door(services(twin), [])
    template = "/soap/{service}"
    routes = [
        Route(method="POST", template=template, handler=door.post, media_type="text/xml"),
        Route(method="GET", template=template, handler=door.get),
    ]
    server = Server(App(routes, random_bytes=Random(3).randbytes), Address())
    running = asyncio.create_task(server.run(signals=False))
    await asyncio.sleep(0.05)
    door.ports.append(server.port)
    try:
        yield door
    finally:
        server.stop()
        await running


def with_zeep(address: str) -> Any:
    return zeep.Client(f"{address}?wsdl").service


def with_suds(address: str) -> Any:
    return suds.client.Client(f"{address}?wsdl", cache=None).service


CLIENTS: Final = pytest.mark.parametrize("client", [with_zeep, with_suds])


@pytest.fixture(scope="module")
def wsdls(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("wsdl")
    for name, text in wsdl_files(read_lawbook(), base_url="http://127.0.0.1:1"):
        (folder / name).write_text(text, encoding="utf-8")
    return sorted(folder.iterdir())


def test_every_wsdl_is_read_by_clients_that_know_nothing_of_us(wsdls: list[Path]):
    for path in wsdls:
        service: Any
        definition: Any
        (service,) = zeep.Client(str(path)).wsdl.services.values()
        (definition,) = cast("list[Any]", suds.client.Client(path.as_uri(), cache=None).sd)
        (port,) = service.ports.values()
        (operation,) = port.binding._operations
        ((_, ((method, arguments),)),) = definition.ports

        assert method == operation
        assert arguments
    assert {"L609.wsdl", "personnel.consult.wsdl", "TestConnectionService.wsdl"} <= {
        path.name for path in wsdls
    }


@CLIENTS
async def test_a_client_that_tests_its_connection_hears_itself(client: Any):
    async with served(a_hub(lawbook=a_law())) as door:
        address = door.address("TestConnectionService")

        reply = await asyncio.to_thread(
            lambda: client(address).sendTestMessage(echo="hello cbss service")
        )

    assert reply.echo == "hello cbss service"
    assert reply.sslCertificate == "print"
    assert str(reply.informationCBSS.ticketCBSS).count("-") == 4


@CLIENTS
async def test_a_client_asks_a_flow_and_reads_typed_rows(client: Any):
    twin = a_hub(lawbook=a_law())
    async with served(twin) as door:
        reply = await asyncio.to_thread(
            lambda: client(door.address("household")).consult(
                informationCustomer=CUSTOMER,
                legalContext=CONTEXT,
                criteria={"ssin": PERSON.digits, "period": DAYS},
            )
        )

    (entry,) = twin.entries
    assert reply.status.value == "DATA_FOUND"
    assert reply.informationCBSS.ticketCBSS == str(entry.id)
    assert reply.criteria.period.endDate == date(2031, 3, 31)
    (row,) = reply.result.row
    assert (row.members, row.since) == (True, True)
    assert [one.field for one in reply.result.withheld] == ["income"]
    signature = reply.receipt.signature
    raw = signature if isinstance(signature, bytes) else b64decode(signature)
    assert len(raw) == 64


@CLIENTS
async def test_a_client_reads_a_refusal_as_a_status(client: Any):
    async with served(a_hub(lawbook=a_law(), lines=())) as door:
        reply = await asyncio.to_thread(
            lambda: client(door.address("household")).consult(
                informationCustomer=CUSTOMER,
                legalContext=CONTEXT,
                criteria={"ssin": PERSON.digits, "period": DAYS},
            )
        )

    assert (reply.status.value, reply.status.code) == ("NO_RESULT", "MSG00012")
    assert getattr(reply, "result", None) is None


@CLIENTS
async def test_a_client_is_told_what_is_wrong_by_a_fault_with_its_detail(client: Any):
    async with served(a_hub(lawbook=a_law())) as door:
        with pytest.raises((zeep.exceptions.Fault, suds.WebFault)) as fault:
            await asyncio.to_thread(
                lambda: client(door.address("household")).consult(
                    informationCustomer=CUSTOMER,
                    legalContext=CONTEXT,
                    criteria={"ssin": "x", "period": DAYS},
                )
            )

    assert "does not fit its schema" in str(fault.value)


@CLIENTS
async def test_a_client_reads_items_of_the_register(client: Any):
    twin = a_register(
        an_item("010", last_name="Peeters", first_name="An"),
        an_item("120", code="20", text_de="Verheiratet", related_ssin=SUCCESSOR.digits),
    )
    async with served(twin) as door:
        reply = await asyncio.to_thread(
            lambda: client(door.address("RetrieveTIGroupsService")).retrieveTI(
                informationCustomer=CUSTOMER,
                legalContext=CONTEXT,
                searchInformation={"ssin": PERSON.digits, "language": "de", "history": False},
            )
        )

    assert reply.status.code == "MSG00000"
    found = reply.rrn_it_implicit
    (name,) = found.Names.Name
    assert name.Name.LastName.Label == "Peeters"
    (state,) = found.CivilStates.CivilState
    assert (state.CivilState.Code, state.CivilState.Label) == ("20", "Verheiratet")
    assert state.Spouse.NationalNumber.NationalNumber == SUCCESSOR.digits
    assert state.Date.Century == "20"
