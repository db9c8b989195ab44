"""Every reply is of the schema that describes it, and so is every request that is understood."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import pytest
from lxml import etree
from tests.house import Talker, a_hub
from tests.law.inventing import PERSON, SUCCESSOR, a_flow, a_number
from tests.unit.gateway.soap.soa_house import (
    CUSTOMER,
    Said,
    a_consult,
    a_law,
    said,
    services,
)
from tests.unit.gateway.soap.test_soa_connection import a_test
from tests.unit.gateway.soap.test_soa_tigroups import PATH, a_register, a_search, an_item

from kruispunt.gateway.soap.soa import connection, tigroups
from kruispunt.gateway.soap.soa.described import XSD, Described
from kruispunt.gateway.soap.soa.flow_schema import described
from kruispunt.gateway.soap.soa.rn25 import GROUPS
from kruispunt.gateway.soap.xml import Element, read_xml
from kruispunt.law import read_lawbook
from kruispunt.vocabulary import NumberStatus

LAW = read_lawbook()


def schema_of(service: Described, folder: Path) -> etree.XMLSchema:
    """The schemas of a WSDL as a validator wants them: in files that name each other."""
    spaces: dict[str, str] = {}
    for place, schema in enumerate(service.schemas):
        root = etree.fromstring(schema)
        for one in root.findall(f"{{{XSD}}}import"):
            one.set("schemaLocation", spaces[str(one.get("namespace"))])
        name = f"{place}.xsd"
        (folder / name).write_bytes(etree.tostring(root))
        spaces[str(root.get("targetNamespace"))] = name
    return etree.XMLSchema(etree.parse(folder / f"{len(spaces) - 1}.xsd"))


def wrong(schema: etree.XMLSchema, element: Element) -> list[str]:
    schema.validate(etree.fromstring(etree.tostring(element)))
    return [error.message for error in cast("Iterable[Any]", schema.error_log)]


HOUSES = {
    "found": lambda: a_hub(lawbook=a_law()),
    "empty": lambda: a_hub(lawbook=a_law(), source=Talker()),
    "no file": lambda: a_hub(lawbook=a_law(), lines=()),
    "cancelled": lambda: a_hub(lawbook=a_law(), number=a_number(NumberStatus.CANCELLED)),
}


@pytest.mark.parametrize("name", HOUSES)
async def test_replies_of_a_flow_are_of_its_schema(name: str, tmp_path: Path):
    schema = schema_of(described(a_flow()), tmp_path)
    service = services(HOUSES[name]())["household"]
    bodies = [
        a_consult(),
        a_consult(ssin="12345678901"),
        a_consult(context="x"),
        a_consult(customer=CUSTOMER.replace("<ticket>T 7</ticket>", "")),
    ]

    replies = [Said.of(await said(service, body)).root for body in bodies]

    assert [wrong(schema, reply) for reply in replies] == [[]] * len(bodies)
    assert wrong(schema, read_xml(a_consult())[1][0]) == []


async def test_the_detail_of_a_fault_is_of_the_schema(tmp_path: Path):
    schema = schema_of(described(a_flow()), tmp_path)

    reply = Said.of(await said(services(a_hub(lawbook=a_law()))["household"], a_consult(ssin="")))

    assert wrong(schema, reply.only("detail")[0]) == []


async def test_items_of_every_type_are_of_the_schema(tmp_path: Path):
    schema = schema_of(tigroups.DESCRIBED, tmp_path)
    known = {"related_ssin": SUCCESSOR.digits, "number": PERSON.digits, "relationship": "03"}
    full = [an_item(kind, end_date="2025-01-31", **known) for kind in GROUPS]
    bare = [an_item(kind, begin_date="") for kind in GROUPS if kind != "000"]

    for twin in (a_register(*full), a_register(*bare)):
        reply = Said.of(await said(services(twin)[PATH], a_search("<history>true</history>")))
        assert wrong(schema, reply.root) == []


async def test_an_echo_is_of_the_schema(tmp_path: Path):
    schema = schema_of(connection.DESCRIBED, tmp_path)
    service = services(a_hub(lawbook=a_law()))[connection.PATH]

    for inside in ("<echo>x</echo>", ""):
        reply = Said.of(await said(service, a_test(inside)))
        told = reply.root if inside else reply.only("detail")[0]
        assert wrong(schema, told) == []


def test_every_flow_has_a_schema_that_holds(tmp_path: Path):
    flows = [flow for flow in LAW.flows.values() if all(f.type != "group" for f in flow.fields)]
    for flow in flows:
        folder = tmp_path / flow.id
        folder.mkdir()
        assert schema_of(described(flow), folder)
