"""Whatever stands in a file that someone here wrote: it is read, or its fault names the file."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contract.station_house import STATION
from tests.property.mangling import anything

from kruispunt.circuits.letters.words import WordsWrong, read_wordings
from kruispunt.cli.network import NetworkWrong, read_network
from kruispunt.cli.settings import WrongSettings, read_settings
from kruispunt.cli.story import StoriesWrong, read_stories
from kruispunt.law import LawWrong, read_lawbook
from kruispunt.law.rule import read_rules
from kruispunt.station.settings import StationFileWrong, read_station
from kruispunt.vocabulary import data_folder
from kruispunt.web import KeyWrong, read_key, read_ring
from kruispunt.web.callers import read_callers
from kruispunt.web.certificates import read_certificates

LAW: Final = read_lawbook()
COUNTRY: Final = data_folder("country")
SETTINGS: Final = b"""
[database]
pool = 4
[door]
body-s = 10.0
[front.urls]
HUB = "https://hub.example"
[processes]
log-level = "info"
"""
KEY: Final = f'key_id = "A/1"\ninstitution = "A"\nseed = "{"00" * 32}"\n'.encode()
RING: Final = f"""
[[keys]]
key_id = "A/1"
institution = "A"
public = "{"11" * 32}"
not_before = 2031-01-01T00:00:00Z
not_after = 2032-01-01T00:00:00Z
""".encode()
CALLERS: Final = b'[[callers]]\nenterprise = "0400000185"\ninstitution = "A"\nsector = 17\n'
CERTIFICATES: Final = (
    f'[[certificates]]\nfingerprint = "{"22" * 32}"\ninstitution = "A"\n'.encode()
)

WRONG: Final = (KeyWrong, NetworkWrong, StationFileWrong, StoriesWrong, WrongSettings)

FILES: Final[Mapping[str, tuple[str, Callable[[Path], object], bytes]]] = {
    "settings": ("settings.toml", lambda path: read_settings(path.parent), SETTINGS),
    "a network": (
        "network.toml",
        lambda path: read_network(LAW, path),
        (COUNTRY / "network.toml").read_bytes(),
    ),
    "a station": ("station.toml", read_station, STATION.encode()),
    "stories": ("demo.toml", read_stories, (COUNTRY / "demo.toml").read_bytes()),
    "a private key": ("own.key", read_key, KEY),
    "public keys": ("keys.toml", read_ring, RING),
    "callers": ("callers.toml", read_callers, CALLERS),
    "certificates": ("certificates.toml", read_certificates, CERTIFICATES),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@pytest.mark.parametrize("kind", FILES)
@given(data=st.data())
def test_any_file_is_read_or_its_fault_names_it(folder: Path, kind: str, data: st.DataObject):
    name, read, seed = FILES[kind]

    assert name in fault_of(folder / name, read, data.draw(anything(seed)))


@pytest.mark.parametrize("kind", FILES)
def test_what_is_spoiled_there_was_in_order(folder: Path, kind: str):
    name, read, seed = FILES[kind]

    assert fault_of(folder / name, read, seed) == f"{name} is in order"


def fault_of(path: Path, read: Callable[[Path], object], data: bytes) -> str:
    """The fault that is told; anything else that breaks is ours."""
    path.touch(mode=0o600)
    path.write_bytes(data)
    try:
        read(path)
    except WRONG as wrong:
        return str(wrong)
    return f"{path.name} is in order"


@pytest.fixture(scope="module")
def law(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(data_folder("law"), tmp_path_factory.mktemp("law") / "law"))


OF_LAW: Final[Mapping[str, Callable[[Path], object]]] = {
    "purposes.toml": read_lawbook,
    "flows/L609.toml": read_lawbook,
    "deliberations/2005/05-022.toml": read_lawbook,
    "deliberations/2005/05-022.cases.toml": read_lawbook,
    "institutions/institutions.csv": read_lawbook,
    "codes/qualities.csv": read_lawbook,
    "rules/05-022.toml": read_rules,
    "letters/nl.toml": read_wordings,
}


@pytest.mark.parametrize("name", OF_LAW)
@given(data=st.data())
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
def test_any_file_of_the_law_is_read_or_its_faults_are_told(
    law: Path, name: str, data: st.DataObject
):
    path = law / name
    whole = path.read_bytes()
    path.write_bytes(data.draw(anything(whole)))

    try:
        told = law_fault(OF_LAW[name], law)
    finally:
        path.write_bytes(whole)

    assert told


def law_fault(read: Callable[[Path], object], law: Path) -> str:
    try:
        read(law)
    except (LawWrong, WordsWrong) as wrong:
        return str(wrong)
    return "in order"
