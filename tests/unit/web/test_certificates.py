"""Client certificates that a proxy forwards: how they are written, and whose they are."""

from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.web.givens import NOON

from kruispunt.vocabulary import InstitutionCode, NotAuthenticated, WrongSignature
from kruispunt.web import (
    Certificate,
    CertificatesFile,
    Front,
    KeyWrong,
    add_certificate,
    fingerprint,
    read_certificates,
    read_client_cert,
    revoke_certificate,
    write_client_cert,
)

DER = b"\x30\x03\x02\x01\x07"
A, B = InstitutionCode("A"), InstitutionCode("B")
OWN = {"client-cert": write_client_cert(DER)}


def of(institution: InstitutionCode, der: bytes = DER) -> Certificate:
    return Certificate(fingerprint=fingerprint(der), institution=institution)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "certificates.toml"
    add_certificate(of(A), path)
    return path


def front(path: Path) -> Front:
    return Front(url="https://hub.example", certificates=CertificatesFile.open(path))


@given(st.binary(max_size=200))
def test_a_certificate_comes_back_from_its_header(rest: bytes):
    assert read_client_cert(write_client_cert(b"\x30" + rest)) == b"\x30" + rest


@given(st.text(max_size=40) | st.from_regex(r":[A-Za-z0-9+/=]*:", fullmatch=True))
def test_any_other_text_is_refused_or_is_the_one_way_to_write_it(text: str):
    try:
        der = read_client_cert(text)
    except NotAuthenticated:
        return
    assert len(write_client_cert(der)) == len(text)


WRITTEN = b64encode(DER).decode()


@pytest.mark.parametrize(
    "value",
    [
        "",
        "::",
        WRITTEN,
        f":{WRITTEN}",
        f":{WRITTEN}:, :{WRITTEN}:",
        f":{WRITTEN}:;a=1",
        f" :{WRITTEN}:",
        f":{WRITTEN[:-1]}:",
        f":{WRITTEN[:4]}\n{WRITTEN[4:]}:",
        "-----BEGIN CERTIFICATE-----",
        ":aGVsbG8=:",
        f":{'A' * 9000}:",
    ],
)
def test_what_is_not_one_byte_sequence_with_a_certificate_is_refused(value: str):
    with pytest.raises(NotAuthenticated, match="RFC 9440"):
        read_client_cert(value)


def test_the_certificate_of_who_signed_is_believed(path: Path):
    front(path).check(OWN, institution=A, now=NOON)


@pytest.mark.parametrize("none", [{}, {"client-cert": ""}])
def test_without_a_certificate_the_caller_is_told_to_bring_one(path: Path, none: dict[str, str]):
    with pytest.raises(NotAuthenticated, match="expected a client certificate") as told:
        front(path).check(none, institution=A, now=NOON)
    assert told.type is NotAuthenticated
    with pytest.raises(NotAuthenticated, match="expected a client certificate"):
        front(path).whose(none, now=NOON)


def test_a_certificate_of_another_institution_and_an_unknown_one_are_refused_alike(path: Path):
    unknown = {"client-cert": write_client_cert(DER + b"0")}

    with pytest.raises(WrongSignature) as of_another:
        front(path).check(OWN, institution=B, now=NOON)
    with pytest.raises(WrongSignature) as of_nobody:
        front(path).check(unknown, institution=A, now=NOON)

    assert of_another.value.detail == of_nobody.value.detail


def test_a_revoked_certificate_stops_counting_at_once_and_for_good(path: Path):
    door = front(path)
    door.check(OWN, institution=A, now=NOON)

    known = revoke_certificate(fingerprint(DER), path, at=NOON)
    add_certificate(of(A), path)

    assert known
    with pytest.raises(WrongSignature, match="revoked"):
        door.check(OWN, institution=A, now=NOON)
    assert not revoke_certificate("0" * 64, path, at=NOON)


def test_without_a_file_no_certificate_counts(tmp_path: Path):
    with pytest.raises(WrongSignature):
        front(tmp_path / "none.toml").check(OWN, institution=A, now=NOON)


def test_a_certificate_has_one_owner(path: Path):
    with pytest.raises(KeyWrong, match="a certificate of A"):
        add_certificate(of(B), path)
    assert [one.institution for one in read_certificates(path).values()] == [A]


def test_an_institution_may_have_several_while_it_changes_them(path: Path):
    add_certificate(of(A, DER + b"0"), path)

    front(path).check(OWN, institution=A, now=NOON)
    assert len(read_certificates(path)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "certificates = 3",
        "[[certificates]]\nfingerprint = '00'\ninstitution = 'A'\n",
        f"[[certificates]]\nfingerprint = '{'0' * 64}'\ninstitution = 'A b'\n",
        f"[[certificates]]\nfingerprint = '{'0' * 64}'\ninstitution = 'A'\n" * 2,
        "[[certificate]]\n",
    ],
)
def test_a_file_that_is_no_list_of_certificates_is_refused(tmp_path: Path, text: str):
    path = tmp_path / "certificates.toml"
    path.write_text(text)

    with pytest.raises(KeyWrong, match=r"certificates\.toml"):
        CertificatesFile.open(path)
