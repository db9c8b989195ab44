"""A node searches by name at the hub, which writes it down first; nobody else may."""

from collections.abc import Mapping
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


async def ask(
    house: House,
    changes: Mapping[str, object],
    *,
    by: InstitutionCode = NODE,
    to: InstitutionCode | None = None,
) -> tuple[int, dict[str, object]]:
    """The status and the body of the answer to a search, at the hub or another seat."""
    said = {"ssin": NOBODY.digits, "purpose": "pcsa-social-inquiry", "period": DAY, **changes}
    body = house.body("full-time", **said)
    reply = await house.ask_raw(house.request(body, flow=FLOW, by=by, to=to or house.hub))
    return reply.status, msgspec.json.decode(reply.body, type=dict[str, object])


async def test_somebody_is_found_by_a_name_that_is_mistyped(house: House, people: Population):
    someone = people.persons.filter(pl.col("last_name").str.len_chars() > 6).row(0, named=True)
    details = {
        "last_name": someone["first_name"],
        "first_name": "x" + someone["last_name"].upper(),
        "birth_date": someone["birth_date"],
        "tolerance": "0",
        "maximum": "10",
    }
    hub = await house.entries(house.hub)

    status, told = await ask(house, {"details": details})

    assert status == 200
    assert {"found_ssin": f"{someone['ssin']:011d}"} in msgspec.convert(told["rows"], list[object])
    assert await house.entries(house.hub) == hub + 1


async def test_nobody_is_found_where_nobody_is_called_so(house: House):
    details = {"last_name": "Xqzwxq", "birth_date": "1970-01-01"}

    status, told = await ask(house, {"details": details})

    assert (status, told["rows"]) == (200, [])


async def test_a_node_without_leave_is_refused_before_anyone_is_searched(
    house: House, people: Population
):
    someone = people.persons.row(0, named=True)
    known = {"last_name": someone["last_name"], "birth_date": someone["birth_date"]}
    unknown = {"last_name": "Xqzwxq", "birth_date": "1970-01-01"}

    found = await ask(house, {"details": known}, by=house.node)
    missed = await ask(house, {"details": unknown}, by=house.node)

    assert (found[0], found[1]["reason"]) == (403, "no-clause")
    assert (missed[0], missed[1]["reason"], missed[1]["detail"]) == (
        403,
        "no-clause",
        found[1]["detail"],
    )


async def test_numbers_found_by_name_are_nobodys_over_rest(house: House, people: Population):
    someone = people.persons.row(0, named=True)
    known = {"last_name": someone["last_name"], "birth_date": someone["birth_date"]}
    centre = house.network.members(house.network.nodes[-1])[0]
    before = await house.entries(NODE), await house.entries(house.hub)

    status, told = await ask(house, {"details": known}, by=centre, to=NODE)

    assert (status, "rows" in told) == (404, False)
    assert (await house.entries(NODE), await house.entries(house.hub)) == before


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
    house: House, changes: dict[str, object]
):
    before = await house.entries(house.hub)

    status, _ = await ask(house, changes)

    assert status == 400
    assert await house.entries(house.hub) == before


async def test_a_search_is_about_nobody(house: House, people: Population):
    details = {"last_name": "Peeters", "birth_date": "1970-00-00"}
    someone = f"{people.persons['ssin'][0]:011d}"

    status, told = await ask(house, {"ssin": someone, "details": details})

    assert status == 400
    assert someone not in msgspec.json.encode(told).decode()
