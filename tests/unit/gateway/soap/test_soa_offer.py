"""A flow has a service by being in the lawbook, where it can be answered at once."""

from lxml import etree
from tests.house import a_hub
from tests.unit.gateway.soap.soa_house import a_law, services

from kruispunt.gateway import wsdl_files
from kruispunt.gateway.soap.soa.described import XSD
from kruispunt.law import Supply, read_lawbook

LAW = read_lawbook()
KNOWN = {"TestConnectionService", "RetrieveTIGroupsService"}


def test_every_flow_that_is_answered_at_once_has_a_service_and_no_other():
    names = {name.removesuffix(".wsdl") for name, _ in wsdl_files(LAW, base_url="http://x")}

    at_once = (Supply.STATION, Supply.DIRECTORY)
    assert names == KNOWN | {flow.id for flow in LAW.flows.values() if flow.supply in at_once}


def test_a_row_has_every_field_of_the_flow_in_its_order():
    wsdls = dict(wsdl_files(LAW, base_url="http://x"))

    for flow in LAW.flows.values():
        if found := wsdls.get(f"{flow.id}.wsdl"):
            root = etree.fromstring(found.encode())
            row = root.find(f".//{{{XSD}}}complexType[@name='RowType']/{{{XSD}}}sequence")
            assert row is not None
            assert [one.get("name") for one in row] == [field.name for field in flow.fields]


def test_a_door_gives_the_wsdl_that_is_written_with_its_own_address():
    twin = a_hub(lawbook=a_law())
    written = dict(wsdl_files(twin.laws.now.lawbook, base_url="https://hub.test"))

    for path, service in services(twin).items():
        found = service.wsdl("wsdl", f"https://hub.test/soap/{path}")
        assert found
        assert found.decode() == written[f"{path}.wsdl"]
        assert f'location="https://hub.test/soap/{path}"' in found.decode()
        assert service.wsdl("xsd=1", "https://hub.test") is None


def test_a_seat_offers_what_it_answers_and_no_more():
    twin = a_hub(lawbook=a_law())

    assert set(services(twin)) == {"TestConnectionService", "household"}
    assert set(services(twin, flows=())) == {"TestConnectionService"}
