from pathlib import Path

import pytest

from kruispunt.station.settings import StationFileWrong, read_station
from kruispunt.vocabulary import FlowId

GOOD = """
institution = "A"
hub = "H"
key_file = "key.toml"
ring_file = "/etc/keys.toml"
[database]
reader_dsn_file = "reader.dsn"
log_dsn_file = "log.dsn"
[flows."f.consult"]
sql = "select 1 as a where :ssin = ''"
"""


def a_file(folder: Path, text: str) -> Path:
    file = folder / "station.toml"
    file.write_text(text, "utf-8")
    return file


def the_fault(folder: Path, text: str) -> str:
    with pytest.raises(StationFileWrong) as wrong:
        read_station(a_file(folder, text))
    return str(wrong.value)


def test_a_station_needs_eight_lines_and_a_select(tmp_path: Path):
    settings = read_station(a_file(tmp_path, GOOD))

    assert settings.key_file == tmp_path / "key.toml"
    assert settings.ring_file == Path("/etc/keys.toml")
    assert settings.tables.log_dsn_file == tmp_path / "log.dsn"
    assert settings.flows[FlowId("f.consult")].max_rows == 200


def test_paths_start_at_the_state_folder_where_there_is_one(tmp_path: Path):
    settings = read_station(a_file(tmp_path, GOOD), state=Path("/state"))

    assert settings.tables.reader_dsn_file == Path("/state/reader.dsn")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (GOOD.replace("hub =", "hubb ="), "unknown field `hubb`"),
        (GOOD.replace('hub = "H"', ""), "missing required field `hub`"),
        (GOOD.replace("[database]", "[database]\nrolle = 'x'"), "$.database"),
        (GOOD.replace("reader_dsn", "max_rows = 3\nreader_dsn"), "unknown field `max_rows`"),
        (GOOD + "max_rows = 0", "$.flows[...].max_rows"),
        (GOOD + "max_rows = 1000000", "$.flows[...].max_rows"),
        (GOOD.split("[flows")[0], "missing required field `flows`"),
        (GOOD + "[", "station.toml"),
        (GOOD.replace(":ssin", ":nobody"), '$.flows."f.consult".sql: unknown placeholder :nobody'),
        (GOOD.replace(":ssin", ":nobody"), '$.flows."f.consult".sql: missing placeholder :ssin'),
    ],
)
def test_a_fault_names_the_file_and_the_place(tmp_path: Path, text: str, fault: str):
    told = the_fault(tmp_path, text)

    assert fault in told
    assert all(line.startswith(str(tmp_path / "station.toml")) for line in told.splitlines())


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(StationFileWrong, match=r"nowhere\.toml"):
        read_station(tmp_path / "nowhere.toml")


def test_the_shipped_station_file_has_no_faults():
    folder = Path(__file__).parents[3] / "country" / "stations"

    for file in folder.glob("*.toml"):
        named = "institution =" in file.read_text("utf-8")
        assert read_station(file, institution="" if named else "A").flows


def test_a_file_that_several_have_alike_is_whose_it_is_started_for(tmp_path: Path):
    alike = a_file(tmp_path, GOOD.replace('institution = "A"', ""))

    assert read_station(alike, institution="B").institution == "B"
    with pytest.raises(StationFileWrong, match="expected a code, found none"):
        read_station(alike)


def test_a_file_that_names_its_institution_is_nobody_elses(tmp_path: Path):
    with pytest.raises(StationFileWrong, match="expected B, found A"):
        read_station(a_file(tmp_path, GOOD), institution="B")
