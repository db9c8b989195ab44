from pathlib import Path

from kruispunt.postgres import Secrets, database_name
from kruispunt.vocabulary import InstitutionCode


def test_a_password_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path):
    secrets = Secrets(folder=tmp_path / "secrets", random_bytes=lambda size: b"\x01" * size)

    first = secrets.make("fund")
    again = Secrets(folder=secrets.folder, random_bytes=lambda size: b"\x02" * size).make("fund")

    assert first == again == "01" * 24
    assert secrets.file("fund").read_text() == f"*:*:*:fund:{first}\n"
    assert secrets.file("fund").stat().st_mode & 0o777 == 0o600
    assert secrets.folder.stat().st_mode & 0o777 == 0o700


def test_the_name_of_a_database_is_plain_whatever_the_code_of_the_institution():
    assert database_name(InstitutionCode("PPS-SI")) == "kruispunt_pps_si"
    assert database_name(InstitutionCode('x"; drop')) == "kruispunt_x_drop"
