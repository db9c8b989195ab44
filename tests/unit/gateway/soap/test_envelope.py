"""Envelopes of SOAP 1.1: opened where they are one, closed so that any client reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from kruispunt.gateway.soap.envelope import (
    CLIENT,
    MUST_UNDERSTAND,
    SECURITY,
    SOAP,
    VERSION_MISMATCH,
    SoapFault,
    fault,
    opened,
    soap,
)
from kruispunt.gateway.soap.xml import read_xml

TWELVE = "http://www.w3.org/2003/05/soap-envelope"


def an_envelope(inside: str, *, space: str = SOAP) -> bytes:
    return f'<s:Envelope xmlns:s="{space}">{inside}</s:Envelope>'.encode()


def refused(body: bytes) -> str:
    with pytest.raises(SoapFault) as caught:
        opened(read_xml(body))
    return caught.value.code


def test_an_envelope_gives_its_header_and_the_one_element_of_its_body() -> None:
    with_header = opened(
        read_xml(an_envelope("<s:Header><h/></s:Header><s:Body> <a>1</a> </s:Body>"))
    )
    without = opened(read_xml(an_envelope("<s:Body><a/></s:Body>")))

    assert with_header.header is not None
    assert (with_header.header[0].tag, with_header.body.text) == ("h", "1")
    assert without.header is None


@pytest.mark.parametrize(
    "inside",
    [
        "", "<s:Body/>", "<s:Body><a/><b/></s:Body>", "<s:Body><a/></s:Body><s:Body><b/></s:Body>",
        "<s:Body><a/></s:Body><s:Header/>", "<Body><a/></Body>", "<s:Header/>",
        "<s:Header/><s:Header/><s:Body><a/></s:Body>", "<x/><s:Body><a/></s:Body>",
        "<s:Body>text</s:Body>", "<s:Body><a/></s:Body><tail/>",
    ],
)  # fmt: skip
def test_another_shape_is_refused(inside: str) -> None:
    assert refused(an_envelope(inside)) == CLIENT


def test_what_is_no_envelope_is_refused_and_another_version_is_named() -> None:
    assert refused(b"<a/>") == CLIENT
    assert refused(an_envelope("<s:Body><a/></s:Body>", space=TWELVE)) == VERSION_MISMATCH
    assert refused(b"<Envelope><Body><a/></Body></Envelope>") == CLIENT


def test_a_header_that_must_be_understood_is_refused_but_for_security() -> None:
    def headed(entry: str) -> bytes:
        return an_envelope(f"<s:Header>{entry}</s:Header><s:Body><a/></s:Body>")

    space, _, name = SECURITY[1:].partition("}")

    assert refused(headed('<x s:mustUnderstand="1"/>')) == MUST_UNDERSTAND
    assert opened(read_xml(headed('<x s:mustUnderstand="0"/>'))).body.tag == "a"
    known = headed(f'<w:{name} xmlns:w="{space}" s:mustUnderstand="1"/>')
    assert opened(read_xml(known)).body.tag == "a"


def test_a_reply_holds_one_element_in_its_body() -> None:
    reply = soap(etree.Element("{urn:x}answer"))

    assert reply.status == 200
    assert reply.headers["content-type"] == "text/xml; charset=utf-8"
    assert opened(read_xml(reply.body)).body.tag == "{urn:x}answer"


def test_a_fault_tells_its_code_and_words_and_its_detail() -> None:
    detail = etree.Element("why")

    told = opened(read_xml(fault(CLIENT, "expected <this>", detail=detail).body)).body

    assert told.findtext("faultcode") == f"{told.prefix}:Client"
    assert told.findtext("faultstring") == "expected <this>"
    assert told.find("detail/why") is not None
    assert fault(CLIENT, "x").status == 500


TAGS = st.sampled_from(
    (f"{{{SOAP}}}Envelope", f"{{{SOAP}}}Header", f"{{{SOAP}}}Body", "a", "{u}b")
)


@st.composite
def trees(draw: st.DrawFn) -> bytes:
    root = etree.Element(draw(TAGS))
    nodes = [root]
    for _ in range(draw(st.integers(0, 6))):
        nodes.append(etree.SubElement(draw(st.sampled_from(nodes)), draw(TAGS)))
    return etree.tostring(root)


@given(trees())
def test_any_tree_is_opened_or_refused_by_a_code_of_soap(body: bytes) -> None:
    try:
        found = opened(read_xml(body))
    except SoapFault as wrong:
        told = wrong.code
    else:
        told = "opened"
        assert found.body.getparent() is not None
    assert told in ("opened", CLIENT, MUST_UNDERSTAND, VERSION_MISMATCH)
