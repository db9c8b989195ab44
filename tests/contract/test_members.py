"""The insurer's register of members, in its own database."""

from collections.abc import AsyncGenerator

import pytest
from tests.contract.cases_house import PERSON

from kruispunt.circuits import Addressee, FiledMembers, Member
from kruispunt.postgres import Database

PUT = "insert into circuits.member (ssin, name, address, language) values ($1, $2, $3, $4)"


@pytest.fixture
async def database(empty_database: str) -> AsyncGenerator[Database]:
    found = await Database.open(empty_database, size=1)
    yield found
    await found.close()


async def put(database: Database, address: str | None) -> None:
    async with database.transaction() as connection:
        await connection.execute(PUT, int(PERSON.digits), "Jan Janssens", address, "nl")


async def test_a_member_is_found_with_name_address_and_language(database: Database):
    await put(database, "Kerkstraat 1, 9000 Gent")

    found = await FiledMembers(database=database).find(PERSON)

    to = Addressee(name="Jan Janssens", lines=("Kerkstraat 1", "9000 Gent"))
    assert found == Member(to=to, language="nl")


async def test_who_is_no_member_or_has_no_address_can_t_be_reached(database: Database):
    members = FiledMembers(database=database)
    assert await members.find(PERSON) is None

    await put(database, None)

    assert await members.find(PERSON) is None
