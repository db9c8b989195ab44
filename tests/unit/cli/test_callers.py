"""`kruispunt key caller`: a password is printed once, and only its scrypt is kept."""

from pathlib import Path

import pytest

from kruispunt.cli.callers import add, list_, revoke
from kruispunt.cli.place import Home, Place
from kruispunt.vocabulary import InstitutionCode
from kruispunt.web import fits, read_callers

ENTERPRISE = "0200000043"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Place(state=tmp_path).home(InstitutionCode("KSZ"))
    home.folder.mkdir(parents=True)
    home.key.touch()
    return home


def come(tmp_path: Path, **other: object) -> int:
    return add(
        at="KSZ",
        institution=str(other.get("institution", "NIC")),
        enterprise=str(other.get("enterprise", ENTERPRISE)),
        sector=11,
        password=bool(other.get("password", True)),
        state=tmp_path,
    )


def test_a_caller_gets_a_password_that_nobody_keeps(
    tmp_path: Path, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    assert come(tmp_path) == 0
    user, _, password = capsys.readouterr().out.strip().partition(" ")

    assert (user, password[:1], len(password)) == (f"E{ENTERPRISE}", "p", 25)
    assert fits(password, read_callers(home.callers)[ENTERPRISE].password)
    assert password not in home.callers.read_text("utf-8")
    assert home.callers.stat().st_mode & 0o777 == 0o600
    assert list_(at="KSZ", state=tmp_path) == 0
    assert capsys.readouterr().out == f"E{ENTERPRISE} NIC 11 - password\n"


def test_said_again_it_gets_another_and_revoked_it_has_none(
    tmp_path: Path, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    come(tmp_path)
    first = capsys.readouterr().out.split()[1]
    come(tmp_path)

    assert not fits(first, read_callers(home.callers)[ENTERPRISE].password)
    assert revoke(ENTERPRISE, state=tmp_path) == 0
    capsys.readouterr()
    assert list_(at="KSZ", state=tmp_path) == 0
    assert capsys.readouterr().out == f"E{ENTERPRISE} NIC 11 - revoked\n"


def test_what_is_wrong_is_told_and_nothing_is_kept(tmp_path: Path, home: Home) -> None:
    assert come(tmp_path, enterprise="0200000044") == 2
    assert come(tmp_path, institution="no name") == 2
    assert not home.callers.exists()
    assert revoke(ENTERPRISE, state=tmp_path) == 2

    assert come(tmp_path, password=False) == 0
    assert come(tmp_path, institution="RVA") == 2
    assert read_callers(home.callers)[ENTERPRISE].password == ""
