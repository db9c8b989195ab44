"""What a register holds on a person, item by item, as clients of RetrieveTIGroups read it."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest
from tests.house import Talker, Twin, a_hub
from tests.law.inventing import ASKED_ON, PERSON, SUCCESSOR, SUPPLIED, a_clause, a_flow, a_line
from tests.unit.gateway.soap.soa_house import (
    CONTEXT,
    CUSTOMER,
    Said,
    a_law,
    enveloped,
    said,
    services,
)

from kruispunt.gateway.soap.soa.rn25 import GROUPS
from kruispunt.gateway.soap.soa.tigroups import PATH, SPACE
from kruispunt.law import Field, Limits, Sensitivity, ValueType
from kruispunt.vocabulary import FieldName, FlowId, Period, data_folder

EVER = Period(date(1900, 1, 1))
ITEMS = FlowId("person.groups")
NAMES = (
    "ssin",
    "information_type",
    "structure",
    "begin_date",
    "end_date",
    "code",
    "text_nl",
    "text_fr",
    "text_de",
    "municipality",
    "municipality_nl",
    "municipality_fr",
    "municipality_de",
    "postal_code",
    "street_code",
    "street_nl",
    "street_fr",
    "street_de",
    "house_number",
    "box",
    "last_name",
    "first_name",
    "middle_name",
    "birth_date",
    "number",
    "related_ssin",
    "relationship",
)


def a_field(name: str) -> Field:
    return Field(
        name=FieldName(name),
        terms={"nl": name, "en": name},
        type=ValueType.STR,
        sensitivity=Sensitivity.ID,
        required=False,
        paragraph="§1",
        max_length=96,
        digits=None,
    )


def an_item(kind: str, structure: str = "A1", **values: str) -> Mapping[str, object]:
    return {
        "ssin": PERSON.digits,
        "information_type": kind,
        "structure": structure,
        "begin_date": "2024-05-01",
        **values,
    }


def a_register(*items: Mapping[str, object]) -> Twin:
    limits = Limits(max_rows=99, timeout_s=1.0, max_days=None)
    flow = replace(a_flow(ITEMS), fields=tuple(map(a_field, NAMES)), limits=limits)
    clause = a_clause(flow=ITEMS, fields=map(FieldName, NAMES), withheld=())
    law = replace(a_law(flow), clauses=(clause,))
    lines = (a_line(period=EVER), a_line(SUPPLIED, EVER))
    return a_hub(lawbook=law, lines=lines, source=Talker(*items))


def a_search(extra: str = "", *, ssin: str = PERSON.digits) -> bytes:
    return enveloped(
        f"<v2:retrieveTIGroupsRequest xmlns:v2='{SPACE}'>{CUSTOMER}"
        f"<legalContext>{CONTEXT}</legalContext>"
        f"<searchInformation><ssin>{ssin}</ssin>{extra}</searchInformation>"
        "</v2:retrieveTIGroupsRequest>"
    )


async def test_items_stand_in_their_groups_with_type_and_structure():
    twin = a_register(
        an_item("140", "B1", relationship="03", related_ssin=SUCCESSOR.digits, text_fr="enfant"),
        an_item("010", last_name="De Smet", first_name="An", middle_name="Maria Ida"),
        an_item(
            "020",
            postal_code="9000",
            street_code="123",
            street_nl="Veldstraat",
            house_number="7",
            box="A",
            end_date="2025-01-31",
        ),
        an_item("000", number=PERSON.digits),
    )

    reply = Said.of(await said(services(twin)[PATH], a_search("<language>nl</language>")))

    assert reply.names == [
        "informationCustomer",
        "informationCBSS",
        "legalContext",
        "searchInformation",
        "status",
        "rrn_it_implicit",
    ]
    assert reply.text("status/code") == "MSG00000"
    groups = reply.only("rrn_it_implicit")
    assert [child.tag.rpartition("}")[2] for child in groups] == [
        "NationalNumber",
        "Names",
        "LegalMainAddresses",
        "FamilyMembers",
    ]
    assert reply.text("rrn_it_implicit/Names/Name/Name/LastName/Label") == "De Smet"
    assert reply.all("rrn_it_implicit/Names/Name/Name/FirstName/Label") == ["An", "Maria", "Ida"]
    address = "rrn_it_implicit/LegalMainAddresses/LegalMainAddress"
    assert reply.text(f"{address}/Address/Street/Label") == "Veldstraat"
    assert reply.all(f"{address}/Date/Century") == ["20"]
    assert reply.all(f"{address}/DelDate/Day") == ["31"]
    member = groups[3][0]
    assert (member.get("Type"), member.get("Structure")) == ("140", "B1")
    assert reply.text("rrn_it_implicit/FamilyMembers/FamilyMember/FamilyRole/Label") == "enfant"
    number = "rrn_it_implicit/FamilyMembers/FamilyMember/NationalNumber/NationalNumber"
    assert reply.text(number) == SUCCESSOR.digits


async def test_every_type_has_its_place_even_when_nothing_of_it_is_known():
    twin = a_register(*map(an_item, GROUPS))

    reply = Said.of(await said(services(twin)[PATH], a_search()))

    types = [one.get("Type") for one in reply.root.iter() if one.get("Type")]
    assert types == list(GROUPS)


async def test_without_history_it_is_asked_about_the_day_of_asking():
    twin = a_register()
    service = services(twin)[PATH]

    await said(service, a_search())
    await said(service, a_search("<history>false</history>"))
    await said(service, a_search("<language>de</language><history>1</history>"))

    now, no, past = (entry.question.about for entry in twin.entries)
    assert now == no == Period.through(ASKED_ON, ASKED_ON)
    assert past == Period.through(date(1800, 1, 1), ASKED_ON)


async def test_what_is_said_back_is_what_was_said():
    reply = Said.of(await said(services(a_register())[PATH], a_search("<history>0</history>")))

    assert [child.tag for child in reply.only("searchInformation")] == ["ssin", "history"]
    assert reply.text("status/value") == "NO_DATA_FOUND"
    assert reply.root.find("rrn_it_implicit") is None


@pytest.mark.parametrize(
    "extra",
    ["<language>en</language>", "<history>yes</history>", "<history>1</history><language/>"],
)
async def test_what_the_schema_has_not_is_a_fault(extra: str):
    reply = await said(services(a_register())[PATH], a_search(extra))

    fault = Said.of(reply)
    assert reply.status == 500
    assert fault.text("detail/retrieveTIGroupsFault/detail/reasonCode") == "MSG00008"


async def test_parents_stand_together_and_a_birth_place_has_the_day_of_birth():
    twin = a_register(
        an_item("110", "C1", related_ssin=PERSON.digits, begin_date=""),
        an_item("110", "C1", related_ssin=SUCCESSOR.digits, begin_date=""),
        an_item("100", code="44021", text_nl="Gent", birth_date="2001-01-00", begin_date=""),
    )

    reply = Said.of(await said(services(twin)[PATH], a_search()))

    one = "rrn_it_implicit/Filiations/Filiation"
    assert reply.text(f"{one}/Parent1/NationalNumber/NationalNumber") == PERSON.digits
    assert reply.text(f"{one}/Parent2/NationalNumber/NationalNumber") == SUCCESSOR.digits
    birth = "rrn_it_implicit/BirthPlace"
    assert reply.text(f"{birth}/Place1/Code") == "44021"
    assert reply.text(f"{birth}/Date/Month") == "01"
    assert reply.all(f"{birth}/Date/Day") == []


def test_every_item_that_the_register_of_the_country_holds_has_its_place():
    station = (data_folder("country") / "stations/rr.toml").read_text(encoding="utf-8")

    held = set(re.findall(r"'(\d{3})' as information_type", station))

    assert held
    assert held <= set(GROUPS)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"retrieveTIGroupsRequest", b"consultRequest"),
        (SPACE.encode(), b"http://kszbcss.fgov.be/intf/RetrieveTIGroupsService/v1"),
    ],
)
async def test_the_request_of_another_service_is_a_fault_and_nothing_is_asked(
    old: bytes, new: bytes
):
    twin = a_register()

    fault = Said.of(await said(services(twin)[PATH], a_search().replace(old, new)))

    assert fault.text("faultcode") == "soapenv:Client"
    assert fault.all("detail/retrieveTIGroupsFault/detail/information/fieldName") == ["body"]
    assert twin.entries == []
