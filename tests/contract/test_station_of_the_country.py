"""The shipped station files answer what the law says their institutions supply, field by field."""

import asyncio
import tomllib
from collections.abc import Generator
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.contract.station_house import as_role
from tests.unit.sources.wire_station import ANN, BOB, a_recorded_grant

from kruispunt.exchange import keep
from kruispunt.law import Flow, Supply, read_lawbook
from kruispunt.postgres.driver import connect
from kruispunt.sources import Cause, WrongSource
from kruispunt.station import open_sources, read_station
from kruispunt.vocabulary import FieldName, Period, Reply, Ssin, data_folder

NOW = datetime(2026, 3, 2, tzinfo=UTC)
FILES = sorted((data_folder("country") / "stations").glob("*.toml"))
LAWBOOK = read_lawbook()
ROWS = """
insert into rsz.dimona (
    dimona_period_id, ssin, employer_cbe, nsso_number, last_name, first_name, worker_type,
    joint_committee, begin_date, end_date
) values
    (3, 85073003328, '0403019261', '0100000086', 'A', 'B', 'OTH', '200', '2025-06-01', null),
    (1, 85073003328, '0403019261', '0100000086', 'A', 'B', '', '200', '2020-01-01', '2025-03-31'),
    (2, 85073003328, '0403019261', '0100000086', 'A', 'B', '', '200', '2019-01-01', '2019-12-31'),
    (4, 17073003384, '0403019261', '0100000086', 'C', 'D', 'OTH', '200', '2020-01-01', null);
insert into rsz.employment (
    ssin, nsso_number, nsso_number_origin, cbe_number, employer_category, worker_code,
    joint_committee_number, curatorship, worker_status, employment_begin_date,
    employment_end_date, mean_weekly_hours_reference_s, mean_weekly_hours_worker_q
) values
    (85073003328, '0100000086', '1', '0403019261', '010', '495', '200', false, null,
    '2020-01-01', null, 38.00, 19.00);
"""


def supplied_by(institution: str) -> list[Flow]:
    flows = LAWBOOK.flows.values()
    return [
        flow for flow in flows if flow.supplier == institution and flow.supply is Supply.STATION
    ]


def institution_of(file: Path) -> str:
    return tomllib.loads(file.read_text("utf-8"))["institution"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_station_answers_exactly_the_flows_of_its_institution(file: Path):
    settings = read_station(file)
    law = {flow.id: flow.limits.max_rows for flow in supplied_by(settings.institution)}

    assert {asked.flow: asked.max_rows for asked in settings.flows.values()} == law


@pytest.fixture
def state(tmp_path: Path, empty_database: str) -> Generator[Path]:
    """The tables of the social security office with four relations, and a role that reads them."""
    role = "reads_" + urlsplit(empty_database).path.strip("/")
    tables = (data_folder("country") / "tables" / "rsz.sql").read_text("utf-8")
    grants = f"""
        create role {role} login password 'open';
        grant usage on schema rsz to {role}; grant select on all tables in schema rsz to {role};
    """
    asyncio.run(run(empty_database, tables + ROWS + grants))
    (tmp_path / "log.dsn").write_text(empty_database)
    (tmp_path / "reader.dsn").write_text(as_role(empty_database, role, "open"))
    yield tmp_path
    asyncio.run(run(empty_database, f"drop owned by {role}; drop role {role}"))


async def run(dsn: str, statements: str) -> None:
    connection = await connect(dsn, name="test", timeout_s=30)
    try:
        await connection.execute(statements)
    finally:
        await connection.close()


async def the_rows(state: Path, flow: Flow, ssin: Ssin, about: Period) -> Reply:
    """What the station gives of every field of a flow."""
    file = next(file for file in FILES if institution_of(file) == flow.supplier)
    names = [field.name for field in flow.fields]
    async with open_sources(read_station(file, state=state)) as sources:
        source = sources[flow.id]
        assert source.offer.missing(names) == ()
        found = await source.rows(ssin, about)
        return Reply(ssin=ssin, rows=tuple(source.offer.given(found, names)))


@pytest.mark.parametrize("flow", supplied_by("RSZ"), ids=lambda flow: flow.id)
async def test_every_field_of_a_flow_is_given_and_passes_minimisation(state: Path, flow: Flow):
    reply = await the_rows(state, flow, ANN, Period(date(2020, 1, 1)))

    question = a_recorded_grant(flow=flow.id).entry.question
    names = tuple(field.name for field in flow.fields)
    rows = keep(reply, question=question, flow=flow, fields=names)

    assert rows
    assert all(tuple(row) == names for row in rows)
    assert {row[FieldName("ssin")] for row in rows} == {ANN.digits}


@pytest.mark.parametrize(
    ("about", "periods"),
    [
        (Period(date(2019, 12, 31), date(2020, 1, 2)), ["2", "1"]),
        (Period(date(2025, 3, 31), date(2025, 4, 1)), ["1"]),
        (Period(date(2025, 4, 1), date(2025, 6, 1)), []),
        (Period(date(2025, 4, 1), date(2025, 6, 2)), ["3"]),
        (Period(date(2018, 1, 1)), ["2", "1", "3"]),
    ],
)
async def test_relations_that_share_a_day_with_the_period_are_given_oldest_first(
    state: Path, about: Period, periods: list[str]
):
    [flow] = [flow for flow in supplied_by("RSZ") if flow.id == "dimona.consult"]

    reply = await the_rows(state, flow, ANN, about)

    assert [row["dimona_period_id"] for row in reply.rows] == periods


async def test_a_row_of_another_person_would_be_noticed(state: Path):
    [flow] = [flow for flow in supplied_by("RSZ") if flow.id == "dimona.consult"]
    reply = await the_rows(state, flow, BOB, Period(date(2020, 1, 1)))
    question = a_recorded_grant(ssin=ANN, flow=flow.id).entry.question

    with pytest.raises(WrongSource) as wrong:
        keep(
            Reply(ssin=ANN, rows=reply.rows),
            question=question,
            flow=flow,
            fields=tuple(field.name for field in flow.fields),
        )

    assert wrong.value.cause is Cause.OTHER_PERSON
