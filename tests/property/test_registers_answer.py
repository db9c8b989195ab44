"""What the stations of registers and insurers answer is what the frames of the people say."""

import re
import tomllib
from collections.abc import AsyncGenerator, Mapping
from datetime import date
from typing import Final

import polars as pl
import pytest

from kruispunt.law import Lawbook, read_lawbook
from kruispunt.people import Population, generate, load_table, read_country
from kruispunt.postgres import Connection
from kruispunt.postgres.driver import connect
from kruispunt.vocabulary import FlowId, data_folder

TODAY: Final = date(2026, 1, 15)
COUNTRY: Final = data_folder("country")
ASKED: Final = 60
PLACES: Final = {"ssin": "$1::text", "begin": "$2::date", "end": "$3::date"}
PERIODS: Final = (
    (date(1900, 1, 1), None),
    (TODAY, date(2026, 1, 16)),
    (date(2012, 1, 1), date(2015, 1, 1)),
)

Rows = list[Mapping[str, object]]


@pytest.fixture(scope="module")
def people() -> Population:
    return generate(read_country(), size=2_000, seed=11, today=TODAY)


@pytest.fixture(scope="module")
def lawbook() -> Lawbook:
    return read_lawbook()


class Stations:
    """The tables of both stations in one database, and their selects."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.flows = {
            name: re.sub(r"(?<!:):(ssin|begin|end)\b", lambda at: PLACES[at[1]], flow["sql"])
            for station in ("rr", "insurability")
            for name, flow in _toml(f"stations/{station}.toml")["flows"].items()
        }

    async def rows(self, flow: str, ssin: int, begin: date, end: date | None = None) -> Rows:
        sql = self.flows[flow]
        given = (f"{ssin:011d}", begin, end)[: len(set(re.findall(r"\$\d", sql)))]
        found = await self._connection.fetch(sql, *given)
        return [dict(row) for row in found]


def _toml(name: str) -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads((COUNTRY / name).read_text("utf-8"))


@pytest.fixture
async def stations(people: Population, empty_database: str) -> AsyncGenerator[Stations]:
    connection = await connect(empty_database, name="kruispunt tests", timeout_s=60)
    frames = people.frames()
    for station in tomllib.loads((COUNTRY / "network.toml").read_text("utf-8"))["stations"]:
        if station["mapping"] != "stations/rsz.toml":
            await connection.execute((COUNTRY / station["tables"]).read_text("utf-8"))
            schema = station["tables"].removeprefix("tables/").removesuffix(".sql")
            for table, frame in station["fill"].items():
                await load_table(connection, schema, table, frames[frame])
    yield Stations(connection)
    await connection.close()


async def test_every_column_is_a_field_and_every_field_that_is_required_is_there(
    stations: Stations, people: Population, lawbook: Lawbook
):
    persons = people.persons.sample(ASKED, seed=1)["ssin"].to_list()
    for flow_id in stations.flows:
        flow = lawbook.flows[FlowId(flow_id)]
        fields = {field.name for field in flow.fields}
        required = [field.name for field in flow.fields if field.required]
        asked = [await stations.rows(flow_id, ssin, *PERIODS[0]) for ssin in persons]
        rows = [row for found in asked for row in found]

        assert rows
        for row in rows:
            assert set(row) == fields
            assert all(row[name] is not None for name in required)
        assert max(map(len, asked)) <= flow.limits.max_rows


async def test_no_value_is_longer_than_the_law_says(
    stations: Stations, people: Population, lawbook: Lawbook
):
    for flow_id in stations.flows:
        longest = {str(f.name): f.max_length for f in lawbook.flows[FlowId(flow_id)].fields}
        for ssin in people.persons.sample(ASKED, seed=2)["ssin"]:
            for row in await stations.rows(flow_id, ssin, *PERIODS[0]):
                texts = {name: one for name, one in row.items() if isinstance(one, str)}
                limits = {name: longest[name] or 11 for name in texts}
                assert all(len(text) <= limits[name] for name, text in texts.items())


@pytest.mark.parametrize(("begin", "end"), PERIODS)
async def test_residences_and_insurability_are_those_that_touch_the_period(
    stations: Stations, people: Population, begin: date, end: date | None
):
    held = people.registered
    for flow, frame, first, last in (
        ("addresses.consult", held.addresses, "begin_date", "end_date"),
        ("insurability.consult", held.insurability, "insurability_begin", "insurability_end"),
    ):
        touching = frame.filter(
            (pl.col(first) < (end or date(9999, 12, 31)))
            & (pl.col(last).is_null() | (pl.col(last) >= begin))
        )
        for ssin in people.persons.sample(ASKED, seed=3)["ssin"]:
            own = touching.filter(pl.col("ssin") == ssin)
            rows = await stations.rows(flow, ssin, begin, end)
            assert [row[first] for row in rows] == own.sort(first)[first].to_list()


async def test_a_household_is_the_same_whoever_of_it_is_asked_about(
    stations: Stations, people: Population
):
    home = people.registered.members.filter(pl.len().over("household") > 2)
    first = home.filter(pl.col("household") == home["household"].min())

    told = [
        {(row["member_ssin"], row["relationship"], row["since"]) for row in rows}
        for ssin in first["ssin"]
        for rows in [await stations.rows("household.consult", ssin, TODAY)]
    ]

    assert len(told) == first.height
    assert all(one == told[0] for one in told)
    assert len(told[0]) == first.height


async def test_who_is_in_no_register_has_no_row(stations: Stations, people: Population):
    nobody: int = people.unknown["ssin"][0]

    for flow in stations.flows:
        assert await stations.rows(flow, nobody, *PERIODS[0]) == []
