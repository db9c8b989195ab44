"""An institution looks whether its software could come over SOAP, before any of it does."""

import os
from collections.abc import Generator
from pathlib import Path
from typing import Final

import msgspec
import pytest
from tests.acceptance.standing import House, kruispunt
from tests.acceptance.test_centres import NODE

from kruispunt.cli.wire import Told
from kruispunt.vocabulary import EnterpriseNumber, check_digits
from kruispunt.web import hash_password

CBE: Final = EnterpriseNumber(f"02066539{check_digits(2066539):02d}").digits
PASSWORD: Final = "p123abc"
WHO: Final = ("--user", f"E{CBE}", "--sector", "17", "--institution-type", "1")


@pytest.fixture(scope="module", autouse=True)
def caller(house: House) -> Generator[None]:
    """A centre may come to its node with a password."""
    path = house.place.home(NODE).callers
    centre = house.network.members(house.network.nodes[-1])[0]
    path.write_text(
        f'[[callers]]\nenterprise = "{CBE}"\ninstitution = "{centre}"\nsector = 17\n'
        f'institution_type = 1\npassword = "{hash_password(PASSWORD, salt=os.urandom(16))}"\n',
        encoding="utf-8",
    )
    path.chmod(0o600)
    yield
    path.unlink()


def test_a_door_that_is_right_is_told_so(house: House, tmp_path: Path):
    (tmp_path / "password").write_text(f"{PASSWORD}\n")

    done = kruispunt(
        *("wire", "check", house.url(NODE), *WHO, "--json"),
        *("--password-file", str(tmp_path / "password")),
    )

    assert done.returncode == 0, done.stdout + done.stderr
    told = {one.name: (one.result, one.told) for one in told_of(done.stdout).checks}
    assert told["wsdl ssdn"] == ("ok", "offers sendXML")
    assert told["wsdl person.identify"] == ("ok", "offers consult")
    assert told["proof at TestConnectionService"] == ("ok", f"proven by E{CBE}")
    assert told["unknown version at ssdn"] == ("ok", "told 31300000")


async def test_a_wrong_password_is_a_fault_and_leaves_no_entry(house: House):
    before = await house.entries(NODE)

    done = kruispunt("wire", "check", house.url(NODE), *WHO, stdin="p123abd\n")

    assert done.returncode == 3
    assert "expected a caller that is proven" in done.stdout
    assert await house.entries(NODE) == before


def test_a_service_that_is_named_has_to_be_there(house: House):
    done = kruispunt("wire", "check", house.url(NODE), "--service", "L500", "--json")

    told = told_of(done.stdout)
    assert (done.returncode, told.right) == (3, False)
    assert [one.name for one in told.checks if one.result == "wrong"] == ["wsdl L500"]


def told_of(text: str) -> Told:
    return msgspec.json.decode(text, type=Told)
