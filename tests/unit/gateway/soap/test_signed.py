"""Signed envelopes, by a client that nobody here wrote: only the body that SOAP reads counts."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.unit.gateway.soap.soap_house import (
    ENTERPRISE,
    FUND,
    Held,
    House,
    a_certificate,
    an_envelope,
    forwarded,
    stamp,
)
from xmlsec import constants
from zeep.wsse.signature import BinarySignature, MemorySignature

from kruispunt.gateway.soap.envelope import SOAP, SoapFault, opened
from kruispunt.gateway.soap.signed import DS, WSSE, WSU, security_of, verify_envelope
from kruispunt.gateway.soap.xml import LARGE, NotXml, read_xml
from kruispunt.vocabulary import NotAuthenticated, ProofKind, WrongSignature
from kruispunt.web import Certificate, HttpReply

Bytes = Callable[[bytes], bytes]
S, U, D = f"{{{SOAP}}}", f"{{{WSU}}}", f"{{{DS}}}"
BODY, HEADER = f"{S}Body", f"{S}Header"


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Held:
    return a_certificate(tmp_path_factory.mktemp("signer"), "signer")


@pytest.fixture
def house(tmp_path: Path, held: Held) -> House:
    house = House(folder=tmp_path / "house")
    house.believe(held, FUND)
    return house


def signed(
    held: Held,
    at: datetime,
    *,
    life: timedelta = timedelta(minutes=4),
    kind: type[MemorySignature] = BinarySignature,
    method: object = constants.TransformRsaSha256,
    digest: object = constants.TransformSha256,
    stamped: bool = True,
    inside: str = "<ask>x</ask>",
) -> bytes:
    """An envelope as zeep signs it: the body and the timestamp."""
    security = f'<w:Security xmlns:w="{WSSE}">{stamp(at, life) if stamped else ""}</w:Security>'
    envelope = etree.fromstring(an_envelope(inside, header=security))
    by_name = kind is BinarySignature
    signer: Any = kind(
        str(held.key) if by_name else held.key.read_bytes(),
        str(held.pem) if by_name else held.pem.read_bytes(),
        signature_method=method,
        digest_method=digest,
    )
    signer.apply(envelope, {})
    return etree.tostring(envelope)


def is_refused(reply: HttpReply) -> bool:
    told = opened(read_xml(reply.body)).body.findtext("faultstring")
    return told == "expected a caller that is proven"


@pytest.mark.parametrize("kind", [BinarySignature, MemorySignature])
async def test_an_envelope_that_zeep_signs_proves_its_sender(
    house: House, held: Held, kind: type[MemorySignature]
) -> None:
    reply = await house.post(signed(held, house.clock(), kind=kind), headers=forwarded(held))

    assert reply.status == 200
    (caller,) = house.parrot.callers
    assert (caller.institution, caller.org_units) == (FUND, {ENTERPRISE})
    proof = caller.proof
    assert (proof.kind, proof.key_id) == (ProofKind.WS_SECURITY, held.fingerprint)
    assert len(proof.signature) == 256
    assert proof.created == int(house.clock().timestamp())


async def test_a_signature_on_a_curve_is_believed(house: House, tmp_path: Path) -> None:
    curve = a_certificate(tmp_path, "curve", curve=True)
    house.believe(curve, FUND)

    body = signed(curve, house.clock(), method=constants.TransformEcdsaSha256)

    assert (await house.post(body)).status == 200


async def test_the_same_envelope_does_not_come_twice(house: House, held: Held) -> None:
    body = signed(held, house.clock())

    first, again = await house.post(body), await house.post(body)
    spaced = await house.post(body.replace(b"<s:Body", b" <s:Body"))

    assert first.status == 200
    assert is_refused(again)
    assert is_refused(spaced)
    assert len(house.parrot.callers) == 1


async def test_a_signature_alone_is_looked_for_in_64_kb_at_most(house: House, held: Held) -> None:
    most, more = (f"<ask>{'x' * size}</ask>" for size in (LARGE - 8000, LARGE))

    alone = await house.post(signed(held, house.clock(), inside=most))
    large = signed(held, house.clock(), inside=more)
    refused = await house.post(large)
    beside = await house.post(large, headers=forwarded(held), private=True)

    assert (alone.status, beside.status) == (200, 200)
    assert is_refused(refused)
    kinds = {one.proof.kind for one in house.parrot.callers}
    assert kinds == {ProofKind.WS_SECURITY}


@pytest.mark.parametrize(
    ("begun", "life"),
    [(-301, 400), (-3600, 3605), (62, 100), (-100, 99), (-10, 0), (0, -5), (86_400, 10)],
)
async def test_a_timestamp_that_is_stale_or_to_come_is_refused(
    house: House, held: Held, begun: int, life: int
) -> None:
    at = house.clock() + timedelta(seconds=begun)

    assert is_refused(await house.post(signed(held, at, life=timedelta(seconds=life))))


async def test_a_certificate_that_is_not_valid_now_is_refused(
    house: House, tmp_path: Path
) -> None:
    now = house.clock()
    past = a_certificate(tmp_path, "past", end=now - timedelta(seconds=1))
    later = a_certificate(tmp_path, "later", begin=now + timedelta(seconds=1))
    unknown = a_certificate(tmp_path, "unknown")
    for one in (past, later):
        house.believe(one, FUND)

    for one in (past, later, unknown):
        assert is_refused(await house.post(signed(one, now)))


async def test_old_digests_are_not_believed(house: House, held: Held) -> None:
    weak = constants.TransformRsaSha1, constants.TransformSha1

    assert is_refused(await house.post(signed(held, house.clock(), method=weak[0])))
    assert is_refused(await house.post(signed(held, house.clock(), digest=weak[1])))
    assert is_refused(await house.post(signed(held, house.clock(), stamped=False)))


def other_body(root: Any) -> None:
    root.find(BODY)[0].text = "y"


def wrapped_in_header(root: Any) -> None:
    """The signed body is hidden in the header; another stands where SOAP reads it."""
    body, header = root.find(BODY), root.find(HEADER)
    root.remove(body)
    etree.SubElement(header, "hidden").append(body)
    other = etree.SubElement(root, BODY)
    etree.SubElement(other, "ask").text = "y"


def wrapped_with_the_id(root: Any) -> None:
    wrapped_in_header(root)
    hidden = root.find(f"{HEADER}/hidden/{BODY}")
    root.find(BODY).set(f"{U}Id", hidden.get(f"{U}Id"))


def wrapped_with_a_plain_id(root: Any) -> None:
    wrapped_in_header(root)
    hidden = root.find(f"{HEADER}/hidden/{BODY}")
    root.find(BODY).set("Id", hidden.get(f"{U}Id"))


def wrapped_in_an_object(root: Any) -> None:
    wrapped_in_header(root)
    hidden = root.find(f"{HEADER}/hidden/{BODY}")
    signature = root.find(f".//{D}Signature")
    etree.SubElement(signature, f"{D}Object").append(hidden)
    root.find(BODY).set(f"{U}Id", "other")


def body_not_signed(root: Any) -> None:
    info = root.find(f".//{D}SignedInfo")
    named = f"#{root.find(BODY).get(f'{U}Id')}"
    for one in info.findall(f"{D}Reference"):
        if one.get("URI") == named:
            info.remove(one)


def no_reference(root: Any) -> None:
    info = root.find(f".//{D}SignedInfo")
    for one in info.findall(f"{D}Reference"):
        info.remove(one)


def whole_document(root: Any) -> None:
    for one in root.iterfind(f".//{D}Reference"):
        one.set("URI", "")


def a_file(root: Any) -> None:
    for one in root.iterfind(f".//{D}Reference"):
        one.set("URI", "file:///etc/hostname")


def a_stylesheet(root: Any) -> None:
    for one in root.iterfind(f".//{D}Reference//{D}Transform"):
        one.set("Algorithm", "http://www.w3.org/TR/1999/REC-xslt-19991116")


def a_key_of_a_password(root: Any) -> None:
    method = root.find(f".//{D}SignatureMethod")
    method.set("Algorithm", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")


def other_digest(root: Any) -> None:
    root.find(f".//{D}DigestValue").text = "A" * 43 + "="


def other_signature(root: Any) -> None:
    root.find(f".//{D}SignatureValue").text = "A" * 344


def other_timestamp(root: Any) -> None:
    created = root.find(f".//{U}Created")
    created.text = created.text.replace("Z", ".5Z")


def two_timestamps(root: Any) -> None:
    security = root.find(f"{HEADER}/{{{WSSE}}}Security")
    security.insert(0, etree.fromstring(stamp(datetime(2031, 6, 15, 10, tzinfo=UTC))))


def two_headers(root: Any) -> None:
    etree.SubElement(root.find(HEADER), f"{{{WSSE}}}Security")


def two_signatures(root: Any) -> None:
    security = root.find(f"{HEADER}/{{{WSSE}}}Security")
    etree.SubElement(security, f"{D}Signature")


def no_certificate(root: Any) -> None:
    security = root.find(f"{HEADER}/{{{WSSE}}}Security")
    security.remove(security.find(f"{{{WSSE}}}BinarySecurityToken"))


def spoiled_certificate(root: Any) -> None:
    root.find(f".//{{{WSSE}}}BinarySecurityToken").text = "MAA="


SPOILED = (
    other_body, wrapped_in_header, wrapped_with_the_id, wrapped_with_a_plain_id,
    wrapped_in_an_object, body_not_signed, no_reference, whole_document, a_file, a_stylesheet,
    a_key_of_a_password, other_digest, other_signature, other_timestamp, two_timestamps,
    two_headers, two_signatures, no_certificate, spoiled_certificate,
)  # fmt: skip


@pytest.mark.parametrize("spoil", SPOILED, ids=lambda spoil: spoil.__name__)
async def test_what_was_moved_or_changed_after_signing_proves_nobody(
    house: House, held: Held, spoil: Callable[[object], None]
) -> None:
    root = etree.fromstring(signed(held, house.clock()))
    spoil(root)

    reply = await house.post(etree.tostring(root))

    assert is_refused(reply)
    assert house.parrot.callers == []
    assert house.nonces.seen == set()


@settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(data=st.data())
def test_no_change_of_the_bytes_leaves_another_body_proven(
    house: House, held: Held, data: st.DataObject
) -> None:
    now = house.clock()
    whole = SIGNED.setdefault(held.fingerprint, signed(held, now))
    body = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(body) - 1))
        cut = data.draw(st.integers(0, 6))
        body[at : at + cut] = data.draw(st.binary(max_size=6))
    known = {held.fingerprint: Certificate(fingerprint=held.fingerprint, institution=FUND)}
    try:
        found = opened(read_xml(bytes(body)))
        security = security_of(found)
        if security is None:
            return
        proven = verify_envelope(found, security, body=bytes(body), certificates=known, now=now)
    except (NotXml, SoapFault, NotAuthenticated, WrongSignature):
        return
    assert proven.institution == FUND
    assert (found.body.tag, found.body.text) == ("ask", "x")


SIGNED: dict[str, bytes] = {}


def test_a_security_header_without_a_signature_is_passed_over_unless_it_must_be_understood() -> (
    None
):
    security = f'<w:Security xmlns:w="{WSSE}"{{}}><w:UsernameToken/></w:Security>'

    assert security_of(opened(read_xml(an_envelope(header=security.format(""))))) is None
    must = security.format(' s:mustUnderstand="1"')
    with pytest.raises(NotAuthenticated):
        security_of(opened(read_xml(an_envelope(header=must))))
