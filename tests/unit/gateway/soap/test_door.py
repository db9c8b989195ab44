"""The SOAP door: any bytes are answered by a fault, and none tells what went wrong inside."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.unit.gateway.soap.soap_house import FRONT, FUND, URL, House, an_envelope
from tests.unit.gateway.soap.test_caller import OWN
from tests.unit.gateway.soap.test_xml import DOCUMENTS, LAUGHS

from kruispunt.gateway.soap.door import NOT_PROVEN
from kruispunt.gateway.soap.envelope import SOAP, SoapFault, opened
from kruispunt.gateway.soap.xml import FAMILIAR, LARGE, read_xml
from kruispunt.vocabulary import NotFound, Problem, Unavailable
from kruispunt.web import App, HttpReply, Request, Trace


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(folder=tmp_path / "house")


def told(reply: HttpReply) -> tuple[str, str]:
    body = opened(read_xml(reply.body)).body
    code, words = body.findtext("faultcode"), body.findtext("faultstring")
    return (code or "").rpartition(":")[2], words or ""


async def test_a_proven_caller_is_answered_by_the_service(house: House) -> None:
    reply = await house.post(headers=OWN)

    assert reply.status == 200
    assert opened(read_xml(reply.body)).body.text == FUND


async def test_only_of_a_proven_caller_a_tag_becomes_familiar(house: House) -> None:
    mine, strange = (an_envelope(f"<s:Body><{name}/></s:Body>") for name in ("mine", "strange"))

    await house.post(strange, headers={})
    await house.post(mine, headers=OWN)

    assert FAMILIAR.holds(mine)
    assert not FAMILIAR.holds(strange)


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (b"", "Client", "expected well-formed XML"),
        (LAUGHS, "Client", "expected no document type"),
        (b"<a>" * 200 + b"</a>" * 200, "Client", "expected a depth of at most 64"),
        (b"<a/>", "Client", "expected an envelope of SOAP 1.1"),
        (an_envelope(""), "Client", "expected one element in the body"),
        (
            an_envelope().replace(SOAP.encode(), b"urn:x"),
            "VersionMismatch",
            "expected an envelope",
        ),
    ],
)
async def test_a_fault_tells_the_rule(house: House, body: bytes, code: str, words: str) -> None:
    said = told(await house.post(body, headers=OWN))

    assert said[0] == code
    assert said[1].startswith(words)


@pytest.mark.parametrize("body", [b"", LAUGHS, b"<a>", an_envelope(), b"x" * (2 * LARGE)])
async def test_of_whom_another_proof_does_not_hold_nothing_is_read(
    house: House, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(_: bytes) -> None:
        raise AssertionError("it is read")

    monkeypatch.setattr("kruispunt.gateway.soap.door.read_xml", read)
    wrong = {"authorization": OWN["authorization"] + "x"}

    told_wrong = await house.post(body, headers=wrong)
    told_spoiled = await house.post(body, headers={"client-cert": ":x:"}, private=True)

    assert told(told_wrong) == told(told_spoiled) == ("Client", NOT_PROVEN)


async def test_without_another_proof_what_is_large_is_not_read(house: House) -> None:
    large = an_envelope("<ask>" + "x" * LARGE + "</ask>")
    small = an_envelope("<ask>" + "x" * 1000 + "</ask>")

    unread, none = await house.post(large), await house.post(small)
    spoiled, proven = await house.post(large[1:]), await house.post(large, headers=OWN)

    assert unread.body == none.body == spoiled.body
    assert (unread.status, proven.status) == (401, 200)


@pytest.mark.parametrize(
    ("breaks", "code", "words"),
    [
        (SoapFault("Client", "said so", detail=etree.Element("why")), "Client", "said so"),
        (NotFound("no such thing"), "Client", "no such thing"),
        (Unavailable("come back", retry_after_s=3), "Server", "come back"),
        (Problem(), "Server", "internal server error"),
        (ValueError("a secret"), "Server", "internal error"),
        (RecursionError("a secret"), "Server", "internal error"),
    ],
)
async def test_what_breaks_inside_is_a_fault_without_a_trace(
    house: House, breaks: Exception, code: str, words: str
) -> None:
    house.parrot.breaks = breaks

    reply = await house.post(headers=OWN)

    assert told(reply) == (code, words)
    assert reply.status == 500
    assert b"secret" not in reply.body
    assert reply.headers.get("retry-after") == ("3" if isinstance(breaks, Unavailable) else None)


def a_get(target: str, *, private: bool = False) -> Request:
    return Request(
        method="GET",
        target=target,
        argument=target.partition("?")[0].rpartition("/")[2],
        headers={},
        body=b"",
        trace=Trace("1" * 32, "2" * 16),
        private=private,
    )


async def test_anyone_reads_what_describes_a_service_with_the_address_they_came_to(
    house: House,
) -> None:
    own = await house.door.describe(a_get("/soap/parrot?WSDL"))
    front = await house.door.describe(a_get("/soap/parrot?wsdl", private=True))

    assert (own.status, own.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert f"{URL}/soap/parrot'".encode() in own.body
    assert f"{FRONT}/soap/parrot'".encode() in front.body
    assert (await house.door.describe(a_get("/soap/parrot?xsd=1"))).status == 200


@pytest.mark.parametrize(
    "target",
    ["/soap/parrot", "/soap/parrot?", "/soap/parrot?xsd=2", "/soap/parrot?xsd=x", "/soap/x?wsdl"],
)
async def test_what_is_not_described_is_not_found(house: House, target: str) -> None:
    with pytest.raises(NotFound):
        await house.door.describe(a_get(target))


def test_the_routes_stand_in_a_table(house: House) -> None:
    app = App(house.door.routes, random_bytes=lambda size: b"1" * size)

    assert app.limits


@settings(
    max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    st.binary(max_size=200)
    | DOCUMENTS
    | st.text(max_size=80).map(lambda inside: an_envelope(inside))
    | st.text(max_size=80).map(lambda header: an_envelope(header=header))
)
async def test_any_bytes_are_answered_in_soap(house: House, body: bytes) -> None:
    reply = await house.post(body, headers=OWN)

    assert reply.status in (200, 500)
    assert opened(read_xml(reply.body)).body.tag in ("said", f"{{{SOAP}}}Fault")
