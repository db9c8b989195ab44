"""A centre brings a file to its node, the node to the hub; each writes down who let what stand."""

from datetime import date
from typing import Final, Literal
from uuid import UUID

import pytest
from tests.acceptance.standing import House, a_message

from kruispunt.client import AskFailed, AskRefused, AskReply, Fault
from kruispunt.people import Example
from kruispunt.vocabulary import InstitutionCode

Act = Literal["integrate", "remove", "list"]
NODE: Final = InstitutionCode("PODMI")
CENTRE: Final = InstitutionCode("OCMW-63023")
OTHER: Final = InstitutionCode("OCMW-44021")
FLOW: Final = "repertory.integrate"
PURPOSE: Final = "pcsa-social-inquiry"
BEGIN, UNTIL = date(2027, 1, 4), date(2027, 2, 12)
FILE: Final = {"sector": "017", "quality": "009"}

LINES: Final = """
select l.begin_date, l.end_date, m.code from directory.line as l
left join directory.member as m on m.id = l.member
where l.ssin = $1 and l.sector = 17 and l.quality = 9 order by 1
"""


@pytest.fixture
def person(house: House) -> Example:
    return house.persons["full-time"]


async def lines(
    house: House,
    person: Example,
    act: Act = "integrate",
    *,
    by: InstitutionCode = CENTRE,
    of: InstitutionCode = NODE,
    quality: str = "009",
    message: UUID | None = None,
) -> AskReply:
    async with house.client(by, of=of) as client:
        return await client.lines(
            FLOW,
            ssin=person.ssin,
            purpose=PURPOSE,
            act=act,
            begin=BEGIN,
            until=UNTIL,
            quality=quality,
            message_id=message or a_message(),
        )


async def test_a_file_stands_at_the_node_with_its_centre_and_at_the_hub_without(
    house: House, person: Example
):
    told = await lines(house, person)
    number = person.ssin.number
    at_node = await house.fetch(NODE, LINES, number)
    at_hub = await house.fetch(house.hub, LINES, number)
    listed = await lines(house, person, "list")
    gone = await lines(house, person, "remove")

    days = {"begin_date": "2027-01-04", "end_date": "2027-02-12"}
    assert told.rows == listed.rows == [FILE | days]
    assert [tuple(row.values()) for row in at_node] == [(BEGIN, date(2027, 2, 13), CENTRE)]
    assert [tuple(row.values()) for row in at_hub] == [(BEGIN, date(2027, 2, 13), None)]
    assert gone.rows == []
    assert await house.fetch(NODE, LINES, number) == []
    assert await house.fetch(house.hub, LINES, number) == []


async def changes(house: House, of: InstitutionCode, person: Example) -> int:
    sql = "select count(*) as n from audit.change where ssin = $1"
    (row,) = await house.fetch(of, sql, person.ssin.number)
    return int(str(row["n"]))


async def test_both_trails_tell_of_the_entry_and_of_the_change(house: House, person: Example):
    at_node, at_hub = await changes(house, NODE, person), await changes(house, house.hub, person)

    told = await lines(house, person)

    entries = "select id from audit.decision where id = $1 and ssin = $2"
    assert await house.fetch(NODE, entries, told.ticket, person.ssin.number)
    assert await changes(house, NODE, person) == at_node + 1
    assert await changes(house, house.hub, person) == at_hub + 1
    await lines(house, person, "remove")


async def test_the_same_message_again_is_marked_and_brings_nothing_again(
    house: House, person: Example
):
    message = a_message()
    first = await lines(house, person, message=message)
    await lines(house, person, "remove")

    again = await lines(house, person, message=message)

    assert not first.repeated
    assert again.repeated
    assert again.ticket == first.ticket
    assert again.rows == []
    assert await house.fetch(house.hub, LINES, person.ssin.number) == []


async def test_what_another_centre_has_stays_and_is_not_told(house: House, person: Example):
    await lines(house, person)
    await lines(house, person, by=OTHER)

    gone = await lines(house, person, "remove")

    (left,) = await house.fetch(house.hub, LINES, person.ssin.number)
    assert gone.rows == []
    assert left["begin_date"] == BEGIN
    await lines(house, person, "remove", by=OTHER)
    assert await house.fetch(house.hub, LINES, person.ssin.number) == []


async def test_a_number_that_the_hub_refuses_stands_nowhere(house: House):
    replaced = house.persons["replaced"]

    with pytest.raises(AskRefused) as wrong:
        await lines(house, replaced)

    assert wrong.value.reason == "number-replaced"
    assert await house.fetch(NODE, LINES, replaced.ssin.number) == []


async def test_lines_that_no_clause_names_are_refused(house: House, person: Example):
    with pytest.raises(AskRefused) as wrong:
        await lines(house, person, quality="900")

    assert wrong.value.reason == "no-clause"


async def test_who_has_no_clause_brings_nothing(house: House, person: Example):
    with pytest.raises(AskRefused) as wrong:
        await lines(house, person, by=house.insurer, of=house.node)

    assert wrong.value.reason == "no-clause"


async def test_a_file_under_examination_stands_two_months_at_most(house: House, person: Example):
    async with house.client(CENTRE, of=NODE) as client:
        with pytest.raises(AskFailed) as wrong:
            await client.lines(
                FLOW,
                ssin=person.ssin,
                purpose=PURPOSE,
                act="integrate",
                begin=BEGIN,
                until=date(2027, 3, 4),
                quality="001",
            )

    assert wrong.value.fault is Fault.PROBLEM
    assert wrong.value.problem is not None
    assert wrong.value.problem.status == 400
