"""A centre finds somebody by name: through node and hub, and each writes the search down first."""

from typing import Final

import msgspec
import polars as pl
import pytest
from tests.acceptance.standing import PEOPLE, SEED, TODAY, House

from kruispunt.people import Population, generate, read_country
from kruispunt.vocabulary import NOBODY, InstitutionCode

NODE: Final = InstitutionCode("PODMI")
FLOW: Final = "person.search"
DAY: Final = {"beginDate": f"{TODAY}", "endDate": f"{TODAY}"}


@pytest.fixture(scope="module")
def people() -> Population:
    return generate(read_country(), size=PEOPLE, seed=SEED, today=TODAY)


@pytest.fixture(scope="module")
def centre(house: House) -> InstitutionCode:
    return house.network.members(house.network.nodes[-1])[0]


async def ask(
    house: House, by: InstitutionCode, to: InstitutionCode | None = NODE, **changes: object
) -> tuple[int, dict[str, object]]:
    """The status and the body of the answer to a search."""
    said = {"ssin": NOBODY.digits, "purpose": "pcsa-social-inquiry", "period": DAY, **changes}
    body = house.body("full-time", **said)
    reply = await house.ask_raw(house.request(body, flow=FLOW, by=by, to=to))
    return reply.status, msgspec.json.decode(reply.body, type=dict[str, object])


async def test_somebody_is_found_by_a_name_that_is_mistyped(
    house: House, people: Population, centre: InstitutionCode
):
    someone = people.persons.filter(pl.col("last_name").str.len_chars() > 6).row(0, named=True)
    details = {
        "last_name": someone["first_name"],
        "first_name": "x" + someone["last_name"].upper(),
        "birth_date": someone["birth_date"],
        "tolerance": "0",
        "maximum": "10",
    }
    node, hub = await house.entries(NODE), await house.entries(house.hub)

    status, told = await ask(house, centre, details=details)

    assert status == 200
    assert {"found_ssin": f"{someone['ssin']:011d}"} in msgspec.convert(told["rows"], list[object])
    assert await house.entries(NODE) == node + 1
    assert await house.entries(house.hub) == hub + 1


async def test_nobody_is_found_where_nobody_is_called_so(house: House, centre: InstitutionCode):
    details = {"last_name": "Xqzwxq", "birth_date": "1970-01-01"}

    status, told = await ask(house, centre, details=details)

    assert (status, told["rows"]) == (200, [])


async def test_who_may_not_search_is_refused_before_anyone_is_searched(
    house: House, people: Population
):
    someone = people.persons.row(0, named=True)
    known = {"last_name": someone["last_name"], "birth_date": someone["birth_date"]}
    unknown = {"last_name": "Xqzwxq", "birth_date": "1970-01-01"}
    insurer = InstitutionCode(people.memberships["member"][0])

    found = await ask(house, insurer, house.node, details=known)
    missed = await ask(house, insurer, house.node, details=unknown)

    assert (found[0], found[1]["reason"]) == (403, "no-clause")
    assert (missed[0], missed[1]["reason"], missed[1]["detail"]) == (
        403,
        "no-clause",
        found[1]["detail"],
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"details": {"last_name": "Peeters", "birth_date": "1970-13-01"}},
        {"details": {"last_name": "Peeters", "birth_date": "1970-00-00", "tolerance": "11"}},
        {"details": {"last_name": "Peeters", "birth_date": "1970-00-00", "maximum": "81"}},
        {"details": {"last_name": "-", "birth_date": "1970-00-00"}},
        {"details": {"last_name": "P" * 201, "birth_date": "1970-00-00"}},
        {"details": {"birth_date": "1970-00-00"}},
        {"ssin": None},
    ],
)
async def test_a_search_that_would_find_nobody_is_refused_without_an_entry(
    house: House, centre: InstitutionCode, changes: dict[str, object]
):
    before = await house.entries(NODE)

    status, _ = await ask(house, centre, NODE, **changes)

    assert status == 400
    assert await house.entries(NODE) == before


async def test_a_search_is_about_nobody(house: House, people: Population, centre: InstitutionCode):
    details = {"last_name": "Peeters", "birth_date": "1970-00-00"}
    someone = f"{people.persons['ssin'][0]:011d}"

    status, told = await ask(house, centre, ssin=someone, details=details)

    assert status == 400
    assert someone not in msgspec.json.encode(told).decode()
