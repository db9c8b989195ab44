"""Signed replies, verified by a client that nobody here wrote, and by the door's own reader."""

from pathlib import Path

import pytest
from lxml import etree
from tests.unit.gateway.soap.soap_house import FUND, Held, House, a_certificate
from tests.unit.gateway.soap.test_caller import OWN
from tests.unit.gateway.soap.test_signed import signed
from zeep.exceptions import SignatureVerificationFailed
from zeep.wsse.signature import BinarySignature

from kruispunt.gateway import ReplySigner
from kruispunt.gateway.soap.envelope import CLIENT, SoapFault, opened
from kruispunt.gateway.soap.signed import security_of, verify_envelope
from kruispunt.gateway.soap.xml import read_xml
from kruispunt.vocabulary import InstitutionCode, NotFound
from kruispunt.web import Certificate, HttpReply, KeyWrong

SEAT = InstitutionCode("SEAT")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Held:
    return a_certificate(tmp_path_factory.mktemp("client"), "client")


@pytest.fixture(scope="module", params=[False, True], ids=["rsa", "ecdsa"])
def seat(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Held:
    return kept(a_certificate(tmp_path_factory.mktemp("seat"), "seat", curve=request.param))


def kept(held: Held) -> Held:
    held.key.chmod(0o600)
    return held


def opening(held: Held) -> ReplySigner:
    return ReplySigner.open(key=held.key, certificate=held.pem)


@pytest.fixture
def house(tmp_path: Path, client: Held, seat: Held) -> House:
    house = House(folder=tmp_path / "house", signer=opening(seat))
    house.believe(client, FUND)
    return house


def zeep_verifies(reply: HttpReply, by: Held) -> bool:
    try:
        own = BinarySignature(str(by.key), str(by.pem))
        own.verify(etree.fromstring(reply.body))  # pyright: ignore[reportUnknownMemberType] untyped
    except SignatureVerificationFailed:
        return False
    return True


def is_signed(reply: HttpReply) -> bool:
    return security_of(opened(read_xml(reply.body))) is not None


async def test_who_signed_gets_a_signed_reply(house: House, client: Held, seat: Held) -> None:
    reply = await house.post(signed(client, house.clock()))

    assert reply.status == 200
    assert opened(read_xml(reply.body)).body.text == FUND
    assert zeep_verifies(reply, seat)
    assert not zeep_verifies(reply, client)


async def test_the_reply_holds_by_the_rules_of_our_own_door(
    house: House, client: Held, seat: Held
) -> None:
    reply = await house.post(signed(client, house.clock()))
    found = opened(read_xml(reply.body))
    security = security_of(found)
    known = Certificate(fingerprint=seat.fingerprint, institution=SEAT)

    assert security is not None
    proven = verify_envelope(
        found,
        security,
        body=reply.body,
        certificates={seat.fingerprint: known},
        now=house.clock(),
    )
    assert proven.institution == SEAT


async def test_what_is_changed_on_its_way_is_noticed(
    house: House, client: Held, seat: Held
) -> None:
    reply = await house.post(signed(client, house.clock()))

    changed = HttpReply(status=200, headers={}, body=reply.body.replace(FUND.encode(), b"another"))

    assert changed.body != reply.body
    assert not zeep_verifies(changed, seat)


@pytest.mark.parametrize("wrong", [SoapFault(CLIENT, "no"), NotFound("no"), ValueError("no")])
async def test_a_fault_for_who_is_proven_is_signed_too(
    house: House, client: Held, seat: Held, wrong: Exception
) -> None:
    house.parrot.breaks = wrong

    reply = await house.post(signed(client, house.clock()))

    assert opened(read_xml(reply.body)).body.findtext("faultstring")
    assert zeep_verifies(reply, seat)


async def test_who_is_not_proven_by_a_signature_gets_none(house: House, tmp_path: Path) -> None:
    stranger = a_certificate(tmp_path, "stranger")
    by_password = await house.post(headers=OWN)
    not_proven = await house.post(signed(stranger, house.clock()))

    assert (by_password.status, is_signed(by_password)) == (200, False)
    assert (not_proven.status == 200, is_signed(not_proven)) == (False, False)


async def test_without_a_certificate_of_the_seat_nothing_is_signed(
    tmp_path: Path, client: Held
) -> None:
    none = ReplySigner.open(key=tmp_path / "soap.key", certificate=tmp_path / "soap.pem")
    house = House(folder=tmp_path / "house", signer=none)
    house.believe(client, FUND)

    reply = await house.post(signed(client, house.clock()))

    assert (reply.status, is_signed(reply)) == (200, False)


async def test_another_certificate_counts_without_a_restart(
    tmp_path: Path, house: House, client: Held, seat: Held
) -> None:
    own = Held(key=tmp_path / "soap.key", pem=tmp_path / "soap.pem", der=seat.der)
    own.key.write_bytes(seat.key.read_bytes())
    own.pem.write_bytes(seat.pem.read_bytes())
    signer = opening(kept(own))
    after = a_certificate(tmp_path, "after")
    reply = await house.post(signed(client, house.clock()))
    plain = HttpReply(status=200, headers={}, body=reply.body)

    own.key.write_bytes(after.key.read_bytes())
    own.pem.write_bytes(after.pem.read_bytes())

    assert zeep_verifies(signer.sign(plain, now=house.clock()), after)


def test_a_key_that_is_not_of_the_certificate_or_that_others_may_read_is_refused(
    seat: Held, client: Held, tmp_path: Path
) -> None:
    with pytest.raises(KeyWrong, match="of the certificate"):
        ReplySigner.open(key=seat.key, certificate=client.pem)
    with pytest.raises(KeyWrong, match="PEM"):
        ReplySigner.open(key=seat.key, certificate=tmp_path / "missing")
    open_to_all = tmp_path / "open.key"
    open_to_all.write_bytes(seat.key.read_bytes())
    open_to_all.chmod(0o644)
    with pytest.raises(KeyWrong, match="nobody else"):
        ReplySigner.open(key=open_to_all, certificate=seat.pem)
