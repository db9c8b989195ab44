"""XML is read within bounds, and what stands in it is never expanded, fetched or kept."""

import asyncio
import subprocess
import sys
from pathlib import Path
from threading import Event, current_thread

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kruispunt.gateway.soap.xml import (
    LARGE,
    MAX_ATTRIBUTES,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_ELEMENTS,
    Element,
    NotXml,
    read_in_turn,
    read_inner,
    read_xml,
    write_xml,
)

LAUGHS = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><l>&b;</l>'
EXTERNAL = b'<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/hostname">]><l>&x;</l>'
PARAMETER = b'<!DOCTYPE l [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]><l/>'
IN_ATTRIBUTE = b'<!DOCTYPE l [<!ENTITY a "hahaha">]><l a="&a;&a;&a;"/>'
ELSEWHERE = b'<!DOCTYPE l SYSTEM "http://127.0.0.1:9/l.dtd"><l/>'


@pytest.mark.parametrize("body", [LAUGHS, EXTERNAL, PARAMETER, IN_ATTRIBUTE, ELSEWHERE])
def test_a_document_type_is_refused_whatever_it_says(body: bytes) -> None:
    with pytest.raises(NotXml, match="no document type"):
        read_xml(body)


@pytest.mark.parametrize(
    "body",
    [
        b"", b" ", b"<", b"<a>", b"<a></b>", b"<a/><b/>", b"a", b"<a>&b;</a>", b"<a b=1/>",
        b"<a b='1' b='2'/>", b"<a>\x00</a>", b"<a>\x01</a>", b"<x:a/>", b"<a>\xff</a>",
        b"<?xml version='1.0'?>", b"<a xmlns:x='u'><x:b></a>", b"<![CDATA[<a/>]]>", b"<a>]]></a>",
        b"<a/>tail", b"\x1f\x8b\x08", b"{}", b"<a>&#0;</a>",
    ],
)  # fmt: skip
def test_what_is_not_well_formed_is_refused_without_a_word_of_it(body: bytes) -> None:
    with pytest.raises(NotXml, match=r"^expected well-formed XML$"):
        read_xml(body)


def test_a_declaration_as_old_clients_write_it_is_read() -> None:
    body = b"<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n<a>\xc3\xa9</a>"

    assert read_xml(body).text == "é"
    assert read_xml(b"\xef\xbb\xbf" + body).text == "é"


def test_an_encoding_of_one_byte_is_read_as_declared() -> None:
    assert read_xml(b'<?xml version="1.0" encoding="ISO-8859-1"?><a>\xe9</a>').text == "é"
    assert read_xml(b'<?xml version="1.0" encoding="windows-1252"?><a>\x80</a>').text == "€"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-7", "ebcdic-cp-be", "x"])
def test_another_encoding_is_refused(encoding: str) -> None:
    with pytest.raises(NotXml):
        read_xml(f"<?xml version='1.0' encoding='{encoding}'?><a/>".encode())


def test_a_document_in_two_bytes_a_character_is_refused() -> None:
    hidden = LAUGHS.decode()

    for body in (hidden.encode("utf-16"), hidden.encode("utf-16-be"), hidden.encode("utf-32")):
        with pytest.raises(NotXml):
            read_xml(body)


def test_a_document_inside_another_is_text_and_its_declared_encoding_is_past() -> None:
    inner = "<?xml version='1.0' encoding='ISO-8859-1' standalone='yes'?><a>é€</a>"

    assert read_inner(inner).text == "é€"


def test_what_is_inside_is_refused_by_the_same_rules() -> None:
    escaped = LAUGHS.replace(b"&", b"&amp;").replace(b"<", b"&lt;")
    outer = read_xml(b"<a>" + escaped + b"</a>")
    assert outer.text

    with pytest.raises(NotXml, match="no document type"):
        read_inner(outer.text)


def test_comments_and_instructions_are_left_out_and_split_no_text() -> None:
    root = read_xml(b"<a>1<!-- x -->2<?php echo ?>3<![CDATA[4]]></a>")

    assert root.text == "1234"
    assert len(root) == 0


def deep(levels: int) -> bytes:
    return b"<a>" * levels + b"</a>" * levels


def test_depth_is_bounded() -> None:
    assert read_xml(deep(MAX_DEPTH)) is not None
    for levels in (MAX_DEPTH + 1, 300, 3_000, 40_000):
        with pytest.raises(NotXml):
            read_xml(deep(levels))


def test_elements_attributes_and_bytes_are_bounded() -> None:
    full = b"<a>" + b"<b/>" * (MAX_ELEMENTS - 1) + b"</a>"

    assert len(read_xml(full)) == MAX_ELEMENTS - 1
    too_many = [
        full.replace(b"</a>", b"<b/></a>"),
        b"<a>" + b"<b/>" * (3 * MAX_ELEMENTS) + b"</a>",
        b"<a " + b" ".join(b"b%d=''" % i for i in range(MAX_ATTRIBUTES + 1)) + b"/>",
        b"<a>" + b"x" * MAX_BYTES + b"</a>",
        b"<a>" + b"<!---->" * (3 * MAX_ELEMENTS) + b"</a>",
    ]
    for body in too_many:
        with pytest.raises(NotXml, match="at most"):
            read_xml(body)


async def test_a_large_document_is_read_beside_the_loop_one_at_a_time() -> None:
    inside: list[str] = []
    first, go_on = Event(), Event()

    def read(document: bytes) -> Element:
        inside.append(current_thread().name)
        first.set()
        assert go_on.wait(10)
        return read_xml(document)

    large = b"<a>" + b"x" * LARGE + b"</a>"
    both = [asyncio.create_task(read_in_turn(read, large)) for _ in range(2)]
    assert await asyncio.to_thread(first.wait, 10)
    # The loop goes on meanwhile, and what is small is read where it is.
    assert (await read_in_turn(read_xml, b"<a>" + b"x" * (LARGE - 7) + b"</a>")).tag == "a"
    assert len(inside) == 1
    go_on.set()
    found = await asyncio.gather(*both)

    assert [one.tag for one in found] == ["a", "a"]
    assert inside == ["xml_0", "xml_0"]


async def test_what_is_wrong_with_a_large_document_is_told_as_with_any() -> None:
    with pytest.raises(NotXml, match="well-formed"):
        await read_in_turn(read_xml, b"x" * (LARGE + 1))
    with pytest.raises(NotXml, match="document type"):
        await read_in_turn(read_inner, LAUGHS.decode() + " " * LARGE)


DOCUMENTS = st.sampled_from(
    (b"<a b='1'><c xmlns='u'>\xc3\xa9</c><![CDATA[<x/>]]></a>", LAUGHS, EXTERNAL, deep(70),
     b"<?xml version='1.0' encoding='UTF-8' standalone='yes'?><p:a xmlns:p='urn:p'><p:b/></p:a>")
)  # fmt: skip


@st.composite
def spoiled(draw: st.DrawFn) -> bytes:
    """A document with some of its bytes changed, left out or said again."""
    body = bytearray(draw(DOCUMENTS))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(body)))
        cut = draw(st.integers(0, 8))
        body[at : at + cut] = draw(st.binary(max_size=8) | st.just(bytes(body[at : at + 20])))
    return bytes(body)


@given(st.binary(max_size=400) | spoiled())
@example(b"<?xml version='1.0' encoding=''?><a/>")
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        root = read_xml(body)
    except NotXml:
        return
    assert read_xml(write_xml(root)).tag == root.tag


@given(st.text(max_size=200) | spoiled().map(lambda body: body.decode("latin-1")))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        root = read_inner(text)
    except NotXml:
        return
    assert root.tag


GREEDY = Path(__file__).with_name("greedy_documents.py")


def test_the_worst_documents_stay_within_64_mb_each_and_leave_nothing_behind() -> None:
    """In a process of its own: how far its memory rose at most, and where it stands after."""
    done = subprocess.run(
        [sys.executable, str(GREEDY)], capture_output=True, text=True, check=True, timeout=120
    )

    risen = {name: int(mb) for name, mb in (line.split() for line in done.stdout.splitlines())}
    assert risen.pop("again") < 64
    assert risen.pop("spoiled") < 8
    assert risen.pop("short") < 8
    assert max(risen.values()) < 64, risen
