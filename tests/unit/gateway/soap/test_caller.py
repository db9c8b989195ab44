"""Who calls: each kind of proof is believed, and nobody hears why another was not."""

from base64 import b64encode
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.law.inventing import ABOUT, FLOW, PERSON, PURPOSE
from tests.unit.gateway.soap.soap_house import (
    ENTERPRISE,
    FUND,
    NODE,
    OTHERS,
    PASSWORD,
    House,
    a_certificate,
    forwarded,
)

from kruispunt.gateway.soap.asking import fresh_id, wire_question
from kruispunt.gateway.soap.envelope import opened
from kruispunt.gateway.soap.xml import read_xml
from kruispunt.vocabulary import InstitutionCode, ProofKind, Unavailable
from kruispunt.web import HttpReply, KeyWrong, read_callers, revoke_caller, revoke_certificate

STRANGER = InstitutionCode("stranger")


def basic(user: str, password: str) -> dict[str, str]:
    told = b64encode(f"{user}:{password}".encode()).decode("ascii")
    return {"authorization": f"Basic {told}"}


OWN = basic(f"E{ENTERPRISE}", PASSWORD)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(folder=tmp_path / "house")


def words(reply: HttpReply) -> str | None:
    return opened(read_xml(reply.body)).body.findtext("faultstring")


def is_refused(reply: HttpReply) -> bool:
    return words(reply) == "expected a caller that is proven"


async def test_a_password_that_fits_is_who_it_says(house: House) -> None:
    reply = await house.post(headers=OWN)

    (caller,) = house.parrot.callers
    assert reply.status == 200
    assert (caller.institution, caller.org_units) == (FUND, {ENTERPRISE})
    assert (caller.sector, caller.institution_type) == (17, None)
    assert caller.proof.kind is ProofKind.BASIC
    assert (caller.proof.key_id, caller.proof.signature) == (f"E{ENTERPRISE}", b"")


@pytest.mark.parametrize(
    "headers",
    [
        {}, basic(f"E{ENTERPRISE}", "x"), basic(f"E{OTHERS}", PASSWORD),
        basic(ENTERPRISE, PASSWORD),
        basic("", ""), {"authorization": "Bearer x"}, {"authorization": "Basic"},
        {"authorization": "Basic ="}, {"authorization": "Basic " + "A" * 5000},
        {"authorization": OWN["authorization"] + ", " + OWN["authorization"]},
    ],
)  # fmt: skip
async def test_whoever_is_not_proven_hears_the_same(house: House, headers: dict[str, str]) -> None:
    none = await house.post()

    reply = await house.post(headers=headers)

    assert is_refused(reply)
    assert (reply.status, reply.body) == (none.status, none.body) == (401, none.body)
    assert reply.headers["www-authenticate"].startswith("Basic")
    assert house.parrot.callers == []


async def test_a_password_comes_only_over_the_private_socket_or_loopback(tmp_path: Path) -> None:
    house = House(folder=tmp_path / "open", on_loopback=False)

    refused, private = await house.post(headers=OWN), await house.post(headers=OWN, private=True)

    assert is_refused(refused)
    assert (refused.status, "www-authenticate" in refused.headers) == (500, False)
    assert private.status == 200


def fits_never(_password: str, _kept: str) -> bool:
    return False


async def test_a_password_is_remembered_for_minutes_and_forgotten_with_its_caller(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await house.post(headers=OWN)).status == 200
    monkeypatch.setattr("kruispunt.gateway.soap.passwords.fits", fits_never)
    assert (await house.post(headers=OWN)).status == 200

    house.clock.pass_by(timedelta(minutes=6))
    assert is_refused(await house.post(headers=OWN))
    monkeypatch.undo()
    assert (await house.post(headers=OWN)).status == 200

    assert revoke_caller(ENTERPRISE, house.callers, at=house.clock())
    assert is_refused(await house.post(headers=OWN))
    assert read_callers(house.callers)[ENTERPRISE].password == ""


async def test_a_password_that_was_changed_is_the_only_one(house: House) -> None:
    assert (await house.post(headers=OWN)).status == 200

    house.add(ENTERPRISE, FUND, "another")

    assert is_refused(await house.post(headers=OWN))
    assert (await house.post(headers=basic(f"E{ENTERPRISE}", "another"))).status == 200


async def test_more_passwords_at_once_than_are_checked_must_wait(house: House) -> None:
    passwords = house.door.gate.passwords
    assert passwords is not None
    places = [passwords.places.take() for _ in range(passwords.places.most)]

    reply = await house.post(headers=OWN)

    assert words(reply) == "too many passwords at once"
    assert reply.headers["retry-after"] == "1"
    with pytest.raises(Unavailable):
        await passwords.caller(OWN["authorization"], now=house.clock())
    places[0].leave()
    assert (await house.post(headers=OWN)).status == 200


async def test_a_caller_that_is_not_in_the_law_is_nobody(house: House) -> None:
    house.add(OTHERS, STRANGER, PASSWORD)

    assert is_refused(await house.post(headers=basic(f"E{OTHERS}", PASSWORD)))


async def test_a_forwarded_certificate_is_believed_on_the_private_socket_alone(
    house: House, tmp_path: Path
) -> None:
    held = a_certificate(tmp_path, "fund")
    house.believe(held, FUND)

    own = await house.post(headers=forwarded(held), private=True)
    at_the_open_door = await house.post(headers=forwarded(held))

    (caller,) = house.parrot.callers
    assert own.status == 200
    assert is_refused(at_the_open_door)
    assert (caller.institution, caller.org_units) == (FUND, {ENTERPRISE})
    assert caller.proof.kind is ProofKind.CLIENT_CERTIFICATE
    assert caller.proof.key_id == held.fingerprint


async def test_a_proxy_may_say_by_an_empty_value_that_no_certificate_came(house: House) -> None:
    empty = {"client-cert": ""}

    assert (await house.post(headers={**empty, **OWN}, private=True)).status == 200
    assert is_refused(await house.post(headers=empty, private=True))


async def test_a_certificate_that_is_unknown_spoiled_or_revoked_is_nobody(
    house: House, tmp_path: Path
) -> None:
    known, unknown = a_certificate(tmp_path, "known"), a_certificate(tmp_path, "unknown")
    house.believe(known, FUND)
    revoke_certificate(known.fingerprint, house.certificates, at=house.clock())

    for headers in (forwarded(known), forwarded(unknown), {"client-cert": ":x:"}):
        assert is_refused(await house.post(headers=headers, private=True))


async def test_proofs_of_two_institutions_prove_nobody(house: House, tmp_path: Path) -> None:
    held = a_certificate(tmp_path, "node")
    house.believe(held, NODE)

    assert is_refused(await house.post(headers={**forwarded(held), **OWN}, private=True))
    wrong = basic(f"E{ENTERPRISE}", "x")
    assert is_refused(await house.post(headers={**forwarded(held), **wrong}, private=True))


async def test_a_question_gets_a_nonce_of_its_own(house: House) -> None:
    await house.post(headers=OWN)
    (caller,) = house.parrot.callers

    asked = [
        wire_question(
            caller,
            message_id=fresh_id(lambda size, byte=byte: bytes([byte]) * size),
            flow=FLOW,
            purpose=PURPOSE,
            ssin=PERSON,
            about=ABOUT,
        )
        for byte in (1, 2)
    ]

    assert len({one.proof.nonce for one in asked}) == 2
    assert {one.proof.nonce for one in asked} == {one.message_id.bytes for one in asked}
    assert {one.message_id.version for one in asked} == {4}
    assert {one.asked_on for one in asked} == {caller.asked_on}


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    st.text(max_size=60) | st.binary(max_size=40).map(lambda b: "Basic " + b64encode(b).decode())
)
async def test_any_other_header_proves_nobody(house: House, header: str) -> None:
    if header == OWN["authorization"]:
        return
    assert is_refused(await house.post(headers={"authorization": header}))


def test_a_file_that_others_may_read_is_not_believed(house: House) -> None:
    assert house.callers.stat().st_mode & 0o777 == 0o600
    house.callers.chmod(0o640)

    with pytest.raises(KeyWrong, match="only its owner"):
        read_callers(house.callers)
