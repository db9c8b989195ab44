"""A centre for social welfare asks its node, which asks the hub, which asks the registers."""

from dataclasses import dataclass
from datetime import date
from typing import Final, cast

import polars as pl
import pytest
from tests.acceptance.standing import PEOPLE, SEED, TODAY, House, a_message

from kruispunt.client import AskRefused, AskReply, ProblemBody
from kruispunt.people import Population, generate, read_country
from kruispunt.vocabulary import InstitutionCode, Ssin

NODE: Final = InstitutionCode("PODMI")
PURPOSE: Final = "pcsa-social-inquiry"
LONG_AGO: Final = date(1950, 1, 1)
FLOWS: Final = (
    "addresses.consult",
    "employer.consult",
    "household.consult",
    "insurability.consult",
    "person.groups",
    "person.identify",
    "personnel.consult",
    "repertory.consult",
)
WITHOUT_A_FILE: Final = ("person.identify",)


@dataclass(frozen=True, kw_only=True)
class Client:
    """A person whom a centre helps, the centre, and another one."""

    ssin: Ssin
    centre: InstitutionCode
    other: InstitutionCode
    insurer: str


@pytest.fixture(scope="module")
def people() -> Population:
    return generate(read_country(), size=PEOPLE, seed=SEED, today=TODAY)


@pytest.fixture(scope="module")
def helped(people: Population, house: House) -> Client:
    """Someone with an open file at a centre, insured, who once worked."""
    insured = people.memberships.filter(pl.col("end").is_null()).select("ssin", insurer="member")
    open_files = people.registered.centres.filter(pl.col("end").is_null())
    found = open_files.join(insured, on="ssin").join(people.dimona, on="ssin", how="semi")
    row = found.sort("ssin").row(0, named=True)
    centres = house.network.members(house.network.nodes[-1])
    other = next(code for code in centres if code != row["member"])
    return Client(
        ssin=Ssin.of(row["ssin"]), centre=row["member"], other=other, insurer=row["insurer"]
    )


async def ask(
    house: House,
    flow: str,
    ssin: Ssin,
    *,
    by: InstitutionCode,
    begin: date = TODAY,
    until: date | None = TODAY,
) -> AskReply:
    async with house.client(by, of=NODE) as client:
        return await client.ask(
            flow, ssin=ssin, purpose=PURPOSE, begin=begin, until=until, message_id=a_message()
        )


async def refused(house: House, flow: str, ssin: Ssin, *, by: InstitutionCode) -> ProblemBody:
    with pytest.raises(AskRefused) as wrong:
        await ask(house, flow, ssin, by=by)
    return wrong.value.problem


def row_of(frame: pl.DataFrame, ssin: Ssin) -> dict[str, object]:
    return frame.filter(pl.col("ssin") == ssin.number).row(0, named=True)


async def test_who_someone_is_comes_from_the_register_through_node_and_hub(
    house: House, helped: Client, people: Population
):
    node, hub = await house.entries(NODE), await house.entries(house.hub)

    answer = await ask(house, "person.identify", helped.ssin, by=helped.centre)

    told = row_of(people.registered.persons, helped.ssin)
    (row,) = answer.rows
    assert row["ssin"] == helped.ssin.digits
    for field in ("last_name", "first_name", "birth_date", "civil_state", "origin", "register"):
        assert row[field] == told[field]
    home = people.registered.addresses.filter(pl.col("ssin") == helped.ssin.number)
    assert row["municipality"] == home.sort("begin_date")["municipality"].last()
    assert told["identity_card_number"] or told["sis_card_number"]
    assert not row.keys() & {"identity_card_number", "sis_card_number"}
    assert answer.ground.deliberation == "pcsa-assumed"
    assert (await house.entries(NODE), await house.entries(house.hub)) == (node + 1, hub + 1)


async def test_the_household_is_each_member_with_its_place(
    house: House, helped: Client, people: Population
):
    answer = await ask(house, "household.consult", helped.ssin, by=helped.centre)

    members = people.registered.members
    home = row_of(members, helped.ssin)["household"]
    own = members.filter(pl.col("household") == home)
    known = {(f"{row['ssin']:011d}", row["relationship"]) for row in own.to_dicts()}
    assert {(row["member_ssin"], row["relationship"]) for row in answer.rows} == known
    assert {row["ssin"] for row in answer.rows} == {helped.ssin.digits}


async def test_where_someone_lived_is_told_of_the_days_asked_about(
    house: House, helped: Client, people: Population
):
    answer = await ask(
        house, "addresses.consult", helped.ssin, by=helped.centre, begin=LONG_AGO, until=None
    )

    homes = people.registered.addresses.filter(pl.col("ssin") == helped.ssin.number)
    days = [f"{day}" for day in homes.sort("begin_date")["begin_date"]]
    assert [row["begin_date"] for row in answer.rows] == days


async def test_the_items_of_the_register_hold_name_address_and_state(house: House, helped: Client):
    answer = await ask(
        house, "person.groups", helped.ssin, by=helped.centre, begin=LONG_AGO, until=None
    )

    types = {cast("str", row["information_type"]) for row in answer.rows}
    assert types >= {"000", "001", "010", "020", "031", "100", "120", "253"}
    now = await ask(house, "person.groups", helped.ssin, by=helped.centre)
    assert len(now.rows) <= len(answer.rows)
    assert len([row for row in now.rows if row["information_type"] == "020"]) == 1


async def test_that_someone_is_insured_is_told_but_not_where(house: House, helped: Client):
    answer = await ask(house, "insurability.consult", helped.ssin, by=helped.centre)

    (row,) = answer.rows
    assert row["holder_code_1"]
    assert not {"insurer_number", "registration_number"} & set(row)
    assert {one.field for one in answer.withheld} == {"insurer_number", "registration_number"}


async def test_other_sectors_are_told_as_lines_and_the_centres_own_are_not(
    house: House, helped: Client, people: Population
):
    answer = await ask(house, "repertory.consult", helped.ssin, by=helped.centre)

    lines = people.hub_lines.filter(pl.col("ssin") == helped.ssin.number)
    now = lines.filter(
        (pl.col("begin") <= TODAY)
        & (pl.col("end").is_null() | (pl.col("end") >= TODAY))
        & (pl.col("sector") != 17)
    )
    known = {
        (f"{row['sector']:03d}", f"{row['quality']:03d}", f"{row['begin']}")
        for row in now.to_dicts()
    }
    shown = {(row["sector"], row["quality"], row["begin_date"]) for row in answer.rows}
    assert shown == {one for one in known if one[:2] != ("011", "002")}
    assert ("011", "001") in {(sector, quality) for sector, quality, _ in shown}


async def test_where_someone_worked_and_for_whom_is_told(house: House, helped: Client):
    jobs, employers = [
        await ask(house, flow, helped.ssin, by=helped.centre, begin=LONG_AGO, until=None)
        for flow in ("personnel.consult", "employer.consult")
    ]

    found = {row["employer_cbe"] for row in jobs.rows}
    assert found == {row["cbe_number"] for row in employers.rows}
    assert found


@pytest.mark.parametrize("flow", [flow for flow in FLOWS if flow not in WITHOUT_A_FILE])
async def test_another_centre_is_refused_with_the_words_for_a_number_that_nobody_has(
    house: House, helped: Client, people: Population, flow: str
):
    nobody = Ssin.of(people.unknown["ssin"][0])

    problem = await refused(house, flow, helped.ssin, by=helped.other)
    unknown = await refused(house, flow, nobody, by=helped.other)

    assert (problem.status, problem.reason) == (403, "no-file")
    assert (problem.detail, problem.title) == (unknown.detail, unknown.title)


async def test_a_number_that_no_register_has_reads_as_no_file_where_none_is_wanted_too(
    house: House, helped: Client, people: Population
):
    nobody = Ssin.of(people.unknown["ssin"][0])

    problem = await refused(house, "person.identify", nobody, by=helped.centre)

    assert (problem.status, problem.reason) == (403, "no-file")


@pytest.mark.parametrize("flow", ["repertory.integrate"])
async def test_what_is_no_look_at_one_person_is_not_asked_as_one(
    house: House, helped: Client, flow: str
):
    sent = house.request(
        house.body(ssin=helped.ssin.digits, purpose=PURPOSE), flow=flow, by=helped.centre, to=NODE
    )

    assert (await house.ask_raw(sent)).status == 404


async def test_the_hub_hears_of_no_centre_and_of_no_insurer(house: House, helped: Client):
    for flow in FLOWS:
        await ask(house, flow, helped.ssin, by=helped.centre)

    words = await house.fetch(house.hub, "select content from audit.term")
    told = {str(row["content"]) for row in words}
    assert NODE in told
    assert not {helped.centre, helped.other, helped.insurer} & told
    assert not any(helped.centre in one for one in told)
