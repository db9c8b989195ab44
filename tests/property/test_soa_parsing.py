"""Whatever a client sends, it hears a documented code or a fault."""

from collections.abc import Sequence
from typing import Final

from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree
from tests.house import Twin, a_hub
from tests.law.inventing import PERSON
from tests.unit.gateway.soap.soa_house import (
    CUSTOMER,
    DAYS,
    SOAP,
    Said,
    a_consult,
    a_law,
    said,
    services,
)

from kruispunt.gateway.soap.envelope import SoapFault
from kruispunt.gateway.soap.soa.common_v3 import put
from kruispunt.gateway.soap.xml import NotXml, read_xml
from kruispunt.web import HttpReply

CODES: Final = {"MSG00000", "MSG00008", "MSG00011", "MSG00012", "MSG00013", "MSG00100"}
CLIENTS_FAULTS: Final = {
    "soapenv:Client",
    "soapenv:MustUnderstand",
    "soapenv:VersionMismatch",
}
SEED: Final = a_consult()
WORDS: Final = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["0", "99999999999", PERSON.digits, "2031-02-30", "9999-12-31", "0000-00-00", "", " "]
    ),
)
MOMENTS: Final = st.sampled_from(
    [
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "0000-01-01T00:00:00Z",
        "2031-06-15T24:00:00",
        "2031-06-15T11:59:00.123456789012",
    ]
)


async def reply_to(body: bytes, twin: Twin) -> HttpReply | None:
    """None: the door itself says that it is no envelope."""
    try:
        return await said(services(twin)["household"], body)
    except (NotXml, SoapFault):
        return None


def documented(reply: HttpReply) -> bool:
    root = Said.of(reply)
    if reply.status == 500:
        of_the_envelope = root.root.find("detail") is None
        details = root.all("detail/consultFault/detail/reasonCode")
        return root.text("faultcode") in CLIENTS_FAULTS and (
            of_the_envelope or set(details) == {"MSG00008"}
        )
    return reply.status == 200 and root.text("status/code") in CODES


@given(st.binary(max_size=200))
async def test_any_bytes_are_a_fault(body: bytes):
    twin = a_hub(lawbook=a_law())

    reply = await reply_to(body, twin)

    assert reply is None or documented(reply)
    assert twin.entries == []


@given(st.lists(st.tuples(st.integers(0, len(SEED) - 1), st.integers(0, 255)), max_size=6))
async def test_a_request_with_bytes_changed_has_a_documented_end(changes: list[tuple[int, int]]):
    body = bytearray(SEED)
    for place, byte in changes:
        body[place] = byte
    twin = a_hub(lawbook=a_law())

    reply = await reply_to(bytes(body), twin)

    assert reply is None or documented(reply)


@given(st.permutations(range(5)), st.sets(st.integers(0, 9)), WORDS)
@example(order=range(5), emptied=set(), word="x")
async def test_elements_missing_doubled_emptied_or_out_of_order_have_a_documented_end(
    order: Sequence[int], emptied: set[int], word: str
):
    """Each of the request's texts may say anything; its children may stand in any order."""
    root = read_xml(SEED)
    request = root[1][0]
    texts = [one for one in request.iter() if (one.text or "").strip()]
    for place in emptied & set(range(len(texts))):
        try:
            texts[place].text = word
        except ValueError:
            texts[place].text = ""
    children = list(request)
    for place in order:
        if place < len(children):
            request.append(children[place])
    twin = a_hub(lawbook=a_law())

    reply = await reply_to(etree.tostring(root), twin)

    assert reply
    assert documented(reply)


@given(MOMENTS, WORDS)
async def test_moments_and_tickets_of_any_form_never_stop_a_question(moment: str, ticket: str):
    safe = put(etree.Element("x"), "ticket", ticket[:36])
    customer = CUSTOMER.replace("2031-06-15T11:59:00.123+02:00", moment).replace(
        "<ticket>T 7</ticket>", etree.tostring(safe, encoding="unicode")
    )
    twin = a_hub(lawbook=a_law())

    reply = await reply_to(a_consult(customer=customer), twin)

    assert reply
    assert Said.of(reply).text("status/code") == "MSG00000"


@given(st.text(max_size=60))
def test_any_text_of_a_source_leaves_as_xml_that_can_be_read(text: str):
    root = etree.Element("x")
    written = put(root, "value", text)

    read = read_xml(etree.tostring(root, encoding="UTF-8"))

    assert (read[0].text or "") == (written.text or "")
    assert len(written.text or "") == len(text)


def test_the_seed_is_understood():
    assert SOAP.encode() in SEED
    assert DAYS.encode() in SEED
