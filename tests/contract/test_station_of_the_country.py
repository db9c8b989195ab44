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

from kruispunt.client import LookFault
from kruispunt.exchange import keep
from kruispunt.law import Flow, Supply, read_lawbook
from kruispunt.postgres.driver import connect
from kruispunt.sources import Cause, WrongSource
from kruispunt.station import open_sources, read_station
from kruispunt.station.source import Key
from kruispunt.vocabulary import FieldName, Period, Reply, Ssin, data_folder

NOW = datetime(2026, 3, 2, tzinfo=UTC)
FILES = sorted(
    file
    for file in (data_folder("country") / "stations").glob("*.toml")
    if "institution" in tomllib.loads(file.read_text("utf-8"))
)
"""Those of one institution; what several have alike is answered by mail."""
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
insert into rsz.employer (
    cbe_number, nsso_number, nsso_number_origin, establishment_number, employer_category, nace,
    language, municipality, curatorship, denomination, address, curator_id, curator_name,
    curator_address, provisional_number
) values
    ('0403019261', '0100000086', '1', '2000000002', '010', '70220', 'nl', '11002', true,
    'Brelovi NV', 'Kerkstraat 1, Gent', 'CUR0000001', 'E F', 'Markt 2, Gent', '5100000012'),
    ('0403019360', '0100000185', '1', '2000000101', '010', '70220', 'fr', '11002', false,
    'Karosol SA', null, null, null, null, null);
insert into rsz.activity (cbe_number, first_quarter, last_quarter) values
    ('0403019261', '2019Q1', '2024Q4'), ('0403019261', '2025Q2', null);
insert into rsz.mandatary (cbe_number, nsso_number, denomination, capacity, language) values
    ('0403019459', '0100000284', 'Loonbureau Kalvermun', 'OTHER_PROVIDER', 'nl'),
    ('0403019558', '0100000383', 'Loonbureau Vandolo', 'OTHER_PROVIDER', 'nl');
insert into rsz.mandate (employer_cbe, mandatary_cbe, begin_date, end_date) values
    ('0403019261', '0403019459', '2021-01-01', '2025-09-30'),
    ('0403019261', '0403019558', '2025-10-01', null),
    ('0403019360', '0403019459', '2021-01-01', null);
insert into rsz.routing (
    employer_cbe, destination_cbe, channel, request_scope, begin_date, end_date
) values
    ('0403019261', '0403019261', 'PAPER', 'ALL', '2019-01-01', '2020-12-31'),
    ('0403019261', '0403019459', 'ELECTRONIC', 'NON_GENERIC_ONLY', '2021-01-01', null),
    ('0403019360', '0403019360', 'ELECTRONIC', 'ALL', '2021-01-01', null);
insert into rsz.portal_user (
    contact_person_id, cbe_number, mobile_number, phone_number, fax_number, email, capacity,
    channel_type, local_manager_id, language
) values
    ('U2', '0403019459', null, '+32 0200 1', null, 'u2@example.net', 'OTHER_PROVIDER', 'BATCH',
    'U2', 'nl'),
    ('U1', '0403019261', null, '+32 0200 2', null, null, 'EMPLOYER', 'PAPER', 'U1', 'nl'),
    ('U3', '0403019360', null, null, null, 'u3@example.org', 'EMPLOYER', 'ONLINE', 'U3', 'fr');
insert into rsz.worker (
    ssin, last_name, first_name, second_name_initial, birth_date, birth_municipality,
    birth_country, sex, nationality
) values
    (85073003328, 'A', 'B', 'C', '1985-07-30', 'Gent', '150', 'M', '150'),
    (17073003384, 'C', 'D', null, '2017-07-00', null, '111', 'F', '150');
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
        [found] = await source.rows([Key.of(ssin, about)])
        assert not isinstance(found, LookFault)
        return Reply(ssin=ssin, rows=tuple(source.offer.given(found, names)))


@pytest.mark.parametrize("flow", supplied_by("RSZ"), ids=lambda flow: flow.id)
async def test_every_field_of_a_flow_is_given_and_passes_minimisation(state: Path, flow: Flow):
    reply = await the_rows(state, flow, ANN, Period(date(2020, 1, 1)))

    question = a_recorded_grant(flow=flow.id).entry.question
    names = tuple(field.name for field in flow.fields)
    rows = keep(reply, question=question, flow=flow, fields=names)

    assert rows
    assert all(tuple(row) == names for row in rows)
    if FieldName("ssin") in names:
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


def the_flow(name: str) -> Flow:
    [flow] = [flow for flow in supplied_by("RSZ") if flow.id == name]
    return flow


ROUTING = ["destination_cbe", "destination_type", "mandate_to", "channel", "request_scope"]
TO_THE_EMPLOYER = ["0403019261", "EMPLOYER", None, "PAPER", "ALL"]
TO_THE_MANDATARY = [
    "0403019459", "OTHER_PROVIDER", "2025-09-30", "ELECTRONIC", "NON_GENERIC_ONLY",
]  # fmt: skip


@pytest.mark.parametrize(
    ("about", "told"),
    [
        (Period(date(2020, 3, 1), date(2020, 4, 1)), [TO_THE_EMPLOYER, TO_THE_MANDATARY]),
        (Period(date(2020, 12, 31), date(2021, 1, 1)), [TO_THE_EMPLOYER, TO_THE_MANDATARY]),
        (Period(date(2021, 1, 1), date(2021, 1, 2)), [TO_THE_MANDATARY]),
        (Period(date(2025, 4, 1), date(2025, 6, 1)), []),
        (Period(date(2026, 1, 1)), [TO_THE_MANDATARY]),
    ],
)
async def test_choices_are_those_of_the_employers_of_the_period_that_had_not_ended_before_it(
    state: Path, about: Period, told: list[list[str | None]]
):
    reply = await the_rows(state, the_flow("routing.consult"), ANN, about)

    assert [[row[name] for name in ROUTING] for row in reply.rows] == told
    assert {row["employer_cbe"] for row in reply.rows} <= {"0403019261"}


async def test_an_employer_that_receives_requests_itself_has_no_mandate_behind_its_choice(
    state: Path,
):
    reply = await the_rows(
        state, the_flow("routing.consult"), ANN, Period(date(2020, 3, 1), date(2020, 4, 1))
    )

    own, passed_on = reply.rows
    assert (own["mandate_from"], own["mandate_to"]) == (None, None)
    assert own["destination_nsso_number"] == "0100000086"
    assert own["destination_name"] == "Brelovi NV"
    assert passed_on["mandate_from"] == "2021-01-01"
    assert passed_on["destination_nsso_number"] == "0100000284"
    assert passed_on["destination_name"] == "Loonbureau Kalvermun"
    assert passed_on["mandatary_cbe"] == passed_on["destination_cbe"]


@pytest.mark.parametrize(
    ("about", "told"),
    [
        (Period(date(2025, 7, 1), date(2025, 8, 1)), ["U1", "U2"]),
        (Period(date(2025, 4, 1), date(2025, 6, 1)), []),
    ],
)
async def test_contacts_are_those_of_the_employers_and_of_whom_they_chose(
    state: Path, about: Period, told: list[str]
):
    reply = await the_rows(state, the_flow("uam.consult"), ANN, about)

    assert [row["contact_person_id"] for row in reply.rows] == told
    assert {row["enterprise_language"] for row in reply.rows} <= {"NL"}


PERSONNEL = ["dimona_period_id", "employment_status_at_risk", "service_end_date"]


@pytest.mark.parametrize(
    ("about", "told"),
    [
        (
            Period(date(2019, 12, 31), date(2020, 1, 2)),
            [["2", "IN_SERVICE", "2019-12-31"], ["1", None, "2025-03-31"]],
        ),
        (Period(date(2025, 3, 31), date(2025, 4, 1)), [["1", "IN_SERVICE", "2025-03-31"]]),
        (Period(date(2025, 4, 1), date(2025, 6, 1)), [["1", "OUT_OF_SERVICE", "2025-03-31"]]),
        (Period(date(2025, 4, 1), date(2025, 6, 2)), [["3", None, None]]),
        (Period(date(2025, 6, 1)), [["3", "IN_SERVICE", None]]),
        (Period(date(2018, 1, 1), date(2019, 1, 1)), []),
    ],
)
async def test_the_status_is_that_of_the_first_day_and_who_left_has_the_last_relation(
    state: Path, about: Period, told: list[list[str | None]]
):
    reply = await the_rows(state, the_flow("personnel.consult"), ANN, about)

    assert [[row[name] for name in PERSONNEL] for row in reply.rows] == told


async def test_an_incomplete_birth_date_and_a_place_that_is_not_known_are_told_as_they_are(
    state: Path,
):
    flow = the_flow("personnel.consult")
    reply = await the_rows(state, flow, BOB, Period(date(2026, 1, 1)))

    [row] = keep(
        reply,
        question=a_recorded_grant(ssin=BOB, flow=flow.id).entry.question,
        flow=flow,
        fields=tuple(field.name for field in flow.fields),
    )

    assert row[FieldName("birth_date")] == "2017-07-00"
    assert row[FieldName("birth_municipality")] is None


@pytest.mark.parametrize(
    ("begin", "quarter", "active"),
    [
        (date(2024, 12, 31), "2024Q4", True),
        (date(2025, 1, 1), "2025Q1", False),
        (date(2025, 6, 30), "2025Q2", True),
        (date(2031, 1, 1), "2031Q1", True),
    ],
)
async def test_an_employer_is_active_or_not_in_the_quarter_in_which_the_period_begins(
    state: Path, begin: date, quarter: str, active: bool
):
    reply = await the_rows(state, the_flow("employer.consult"), ANN, Period(begin))

    [row] = reply.rows
    assert (row["quarter"], row["active_in_quarter"]) == (quarter, active)
    assert row["curator_address"] == "Markt 2, Gent"


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
