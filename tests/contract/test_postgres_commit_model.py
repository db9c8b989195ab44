"""The committer beside a small model: any bundles, any groups, the same tables and results."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kruispunt.postgres import Bundle, Commit, Committed, Database, Lost, Query, Statement, Write

NUMBERS = "select n.number from unnest($1::new_number[]) as n"


def claim(name: str) -> Statement:
    insert = f"insert into {name} (key) {NUMBERS} on conflict do nothing returning key"
    return Statement(Query(name, insert), width=1, key=(0,))


FIRST, SECOND = claim("first"), claim("second")
NOTE = Statement(Query("note", f"insert into note (number) {NUMBERS}"), width=1)
ORDER = (FIRST, NOTE, SECOND)
TABLES = """
create table first (key integer primary key);
create table second (key integer primary key);
create table note (position bigserial, number integer);
create type new_number as (number integer);
"""

writes = st.builds(Write, st.sampled_from(ORDER), st.tuples(st.integers(min_value=0, max_value=8)))
bundles = st.builds(
    Bundle, st.lists(writes, max_size=4).map(tuple), st.sampled_from([b"", b"leaf", b"other"])
)


@dataclass
class Model:
    """What the tables hold when bundles are taken one by one, statement by statement."""

    keys: set[tuple[Statement, object]] = field(default_factory=set[tuple[Statement, object]])
    notes: list[object] = field(default_factory=list[object])

    def commit(self, group: Sequence[Bundle]) -> list[Lost | tuple[bytes, ...]]:
        lost: dict[int, Lost] = {}
        for statement in ORDER:
            for place, bundle in enumerate(group):
                if place not in lost and not self._take(statement, bundle):
                    lost[place] = Lost(statement)
        marks = tuple(b.mark for place, b in enumerate(group) if b.mark and place not in lost)
        return [lost.get(place, marks) for place in range(len(group))]

    def _take(self, statement: Statement, bundle: Bundle) -> bool:
        wanted = [write.row[0] for write in bundle.writes if write.statement == statement]
        if statement is NOTE:
            self.notes += wanted
            return True
        free = {key for key in wanted if (statement, key) not in self.keys}
        self.keys |= {(statement, key) for key in wanted}
        return free == set(wanted)


@pytest.fixture
async def database(empty_database: str) -> AsyncIterator[Database]:
    opened = await Database.open(empty_database)
    async with opened.transaction() as connection:
        await connection.execute(TABLES)
    yield opened
    await opened.close()


@given(given_bundles=st.lists(bundles, max_size=12), size=st.integers(1, 5))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_any_bundles_in_any_groups_do_what_the_model_does(
    database: Database, given_bundles: list[Bundle], size: int
):
    await database.execute(Query("empty", "truncate first, second, note"))
    commit = Commit(database, order=ORDER, max_group=size)
    await commit.start()
    model = Model()

    results = await asyncio.gather(*map(commit.run, given_bundles))
    await commit.stop()

    groups = [given_bundles[at : at + size] for at in range(0, len(given_bundles), size)]
    expected = [result for group in groups for result in model.commit(group)]
    told = [r.group.marks if isinstance(r, Committed) else r for r in results]
    notes = await database.fetch(Query("notes", "select number from note order by position"))
    assert told == expected
    assert [record["number"] for record in notes] == model.notes
    for bundle, result in zip(given_bundles, results, strict=True):
        if isinstance(result, Committed):
            own = result.group.marks[result.index] if result.index >= 0 else b""
            assert own == bundle.mark
