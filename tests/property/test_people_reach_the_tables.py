"""Every row of a frame reaches its table as it was made."""

from datetime import date

import polars as pl
import pytest

from kruispunt.people import (
    Population,
    employer_rows,
    generate,
    load_table,
    number_rows,
    read_country,
)
from kruispunt.postgres.driver import connect
from kruispunt.vocabulary import NumberStatus, data_folder

CODES = {
    NumberStatus.KNOWN: 1,
    NumberStatus.REPLACED: 2,
    NumberStatus.CANCELLED: 3,
    NumberStatus.DECEASED: 4,
}


@pytest.fixture(scope="module")
def people() -> Population:
    return generate(read_country(), size=2_000, seed=5, today=date(2026, 1, 15))


async def test_frames_reach_the_tables_as_they_were_made(people: Population, empty_database: str):
    connection = await connect(empty_database, name="kruispunt tests", timeout_s=60)
    for tables in ("rsz.sql", "rr.sql", "insurability.sql"):
        await connection.execute((data_folder("country") / "tables" / tables).read_text())
    frames = {
        "rsz.employer": employer_rows(people),
        "rsz.activity": people.activity,
        "rsz.mandatary": people.mandataries,
        "rsz.mandate": people.mandates,
        "rsz.routing": people.routing,
        "rsz.portal_user": people.portal_users,
        "rsz.worker": people.workers,
        "rsz.dimona": people.dimona,
        "rsz.employment": people.employments,
        "rr.person": people.registered.persons,
        "rr.address": people.registered.addresses,
        "rr.member": people.registered.members,
        "insurability.period": people.registered.insurability,
        "identity.number": number_rows(people, CODES),
    }

    for name, frame in frames.items():
        schema, table = name.split(".")
        loaded = await load_table(connection, schema, table, frame)
        columns = ", ".join(frame.columns)
        order = ", ".join(str(n + 1) for n in range(frame.width))
        stored = await connection.fetch(f"select {columns} from {name} order by {order}")

        assert loaded == frame.height == len(stored)
        assert [tuple(row) for row in stored] == expected(frame)
    await connection.close()


def expected(frame: pl.DataFrame) -> list[tuple[object, ...]]:
    """Rows in the order of PostgreSQL: by bytes of text, null last."""
    return frame.sort(frame.columns, nulls_last=True).rows()
