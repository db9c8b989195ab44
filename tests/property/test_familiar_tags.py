"""What is familiar brings libxml2 no name, whatever stands in it."""

from typing import Final

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from lxml import etree

from kruispunt.gateway.soap.familiar import LONGEST, MOST, Familiar

TAKEN: Final = (
    b"""<?xml version='1.0' encoding='UTF-8' standalone='yes'?>
    <s:Envelope xmlns:s='urn:s'><s:Body><p:a xmlns:p="urn:p" c='1'> x </p:a ></s:Body>
    </s:Envelope>""",
    b"<a><b c='d'/><e>5 &gt; 4</e><![CDATA[<b c='d'/>]]></a>",
)


def names(body: bytes) -> set[str]:
    """Every name that libxml2 met in it."""
    found = set[str]()
    for element in etree.fromstring(body).iter(etree.Element):
        name = etree.QName(element)
        found |= {name.localname, name.namespace or "", element.prefix or ""}
        found |= {prefix or "" for prefix in element.nsmap} | set(element.nsmap.values())
        found |= {etree.QName(key).localname for key in element.attrib}
    return found


KNOWN: Final = set[str]().union(*map(names, TAKEN))


def taught() -> Familiar:
    familiar = Familiar()
    for body in TAKEN:
        familiar.add(body)
    return familiar


FAMILIAR: Final = taught()


@st.composite
def changed(draw: st.DrawFn) -> bytes:
    """One of the documents, with some bytes changed, left out or put elsewhere."""
    body = bytearray(draw(st.sampled_from(TAKEN)))
    for _ in range(draw(st.integers(1, 4))):
        at, cut = draw(st.integers(0, len(body))), draw(st.integers(0, 8))
        start = draw(st.integers(0, len(body)))
        new = draw(
            st.binary(max_size=6)
            | st.sampled_from(
                (b">", b"<", b"'", b'"', b"<b c='d'/>", b"<n/>", b"<![CDATA[", b"]]>")
            )
            | st.just(bytes(body[start : start + 12]))
        )
        body[at : at + cut] = new
    return bytes(body)


@given(changed())
@example(b"""<a><b c='d'/><b c='>'n="e"/></a>""")
@example(b"<a><b c='d'/>&n;</a>")
@example(b"<a><![CDATA[<b c='d'/>]]><n/></a>")
@example(b"<a><!-- <b c='d'/> --></a>")
def test_a_document_that_is_familiar_has_no_name_that_is_new(body: bytes) -> None:
    assume(FAMILIAR.holds(body))
    try:
        met = names(body)
    except etree.XMLSyntaxError:
        return
    assert met <= KNOWN


@pytest.mark.parametrize("body", TAKEN)
def test_a_document_that_was_taken_is_familiar_with_other_texts(body: bytes) -> None:
    assert not Familiar().holds(body)
    assert FAMILIAR.holds(body)
    assert FAMILIAR.holds(body.replace(b" x ", b"another").replace(b"5 &gt;", b"&amp;&#233;"))


@pytest.mark.parametrize(
    "body",
    [
        b"<a><n/></a>",
        b"<a><b c='e'/></a>",
        b"<a><b c='d' n=''/></a>",
        b"<a>&n;</a>",
        b"<a><!--n--></a>",
        b"<a><?n?></a>",
        b"<!DOCTYPE a><a/>",
        b"<n",
        b"n",
    ],
)
def test_whatever_is_new_is_not_familiar(body: bytes) -> None:
    assert not FAMILIAR.holds(body)


def test_no_text_is_kept_and_never_too_much() -> None:
    familiar = Familiar()
    familiar.add(b"<a>71020100000</a><b>7>1</b><c d='>71'/>" + b"<e f='%s'/>" % (b"x" * LONGEST))
    familiar.add(b"".join(b"<n%d/>" % at for at in range(2 * MOST)))

    assert familiar.holds(b"<a><b>other</b></a>")
    assert not familiar.holds(b"<c d='>71'/>")
    assert not familiar.holds(b"<e f='%s'/>" % (b"x" * LONGEST))
    assert familiar.holds(b"<n1/>")
    assert not familiar.holds(b"<n%d/>" % (2 * MOST - 1))
