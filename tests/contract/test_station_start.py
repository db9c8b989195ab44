"""A station tries everything that its file names before the first question, and while it runs."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.contract.station_house import STATION, House, a_house, as_role, connected
from tests.contract.station_talk import NOW, a_station, call

from kruispunt.station import StationFileWrong
from kruispunt.vocabulary import Unavailable


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    with a_house(tmp_path, database_url, now=NOW) as house:
        yield house


async def test_health_reads_the_tables(house: House):
    async with a_station(house) as app:
        before = await call(app, "/health", b"", {})
    async with connected(house.owner_dsn) as connection:
        await connection.execute("drop table farm.cow")
    with pytest.raises(StationFileWrong, match=r'\$\.flows\."cow\.consult"\.sql: relation'):
        async with a_station(house):
            pass

    told = msgspec.json.decode(before.body)
    assert (before.status, told["status"]) == (200, "UP")
    assert told["details"]["flow cow.consult"] == {"status": "UP"}


async def test_health_is_down_when_a_table_goes_away(house: House):
    async with a_station(house) as app:
        async with connected(house.owner_dsn) as connection:
            await connection.execute("alter table farm.cow rename to ox")
        reply = await call(app, "/health", b"", {})

    assert reply.status == 503


async def test_a_reader_that_may_write_is_refused_at_the_start(house: House):
    (house.folder / "reader.dsn").write_text(house.owner_dsn, "utf-8")

    with pytest.raises(StationFileWrong, match=r"can only read, it may change .*farm\.cow"):
        async with a_station(house):
            pass


async def test_a_key_of_another_institution_is_refused_at_the_start(house: House):
    house.file.write_text(STATION.replace('"FARM"', '"BARN"'), "utf-8")

    with pytest.raises(StationFileWrong, match="expected a key of BARN, found one of FARM"):
        async with a_station(house):
            pass


async def test_a_column_that_does_not_travel_is_refused_at_the_start(house: House):
    house.file.write_text(STATION.replace("pg_sleep(30)::text", "random()"), "utf-8")

    with pytest.raises(StationFileWrong, match=r'"cow\.slow"\.sql: column .nap.: .* float8'):
        async with a_station(house):
            pass


async def test_a_group_is_refused_at_the_start_where_it_can_not_travel(house: House):
    house.file.write_text(STATION.replace("pg_sleep(30)::text", "'[]'::jsonb"), "utf-8")

    with pytest.raises(StationFileWrong, match=r'"cow\.slow"\.sql: column .nap. is a group'):
        async with a_station(house):
            pass


async def test_a_select_that_would_write_is_refused_at_the_start(house: House):
    sneaky = "with gone as (delete from farm.cow where ssin = :ssin::bigint returning name) select"
    house.file.write_text(
        STATION.replace(
            "select cow.name from farm.cow where cow.ssin = :ssin::bigint",
            f"{sneaky} gone.name from gone",
        ),
        "utf-8",
    )

    with pytest.raises(StationFileWrong, match=r"cow\.twins"):
        async with a_station(house):
            pass


async def test_a_database_that_is_away_is_no_fault_of_the_file(house: House):
    away = as_role("postgresql://127.0.0.1:1/x", "a", "b")
    (house.folder / "log.dsn").write_text(away, "utf-8")

    with pytest.raises(Unavailable):
        async with a_station(house):
            pass
