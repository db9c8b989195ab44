"""One group on a real server: at once or step by step, the same tables and the same losers."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import cast

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kruispunt.postgres import (
    Bundle,
    Committed,
    Connection,
    Lost,
    Query,
    Record,
    Statement,
    Write,
)
from kruispunt.postgres.driver import BY_KEY, Prepared, connect
from kruispunt.postgres.session import REFUSED, Rows, Session, WrongBundle

TABLES = """
create table claim (key integer primary key, owner integer not null, closed boolean);
create table note (position bigserial primary key, number integer check (number < 1000));
create table seal (number integer primary key);
create table rest (number integer not null);
create type new_claim as (key integer, owner integer);
create type new_number as (number integer);
"""
NOTHING = """
drop table if exists claim, note, seal, rest;
drop type if exists new_claim, new_number;
"""
CLAIM = Statement(
    Query(
        "claim",
        "insert into claim (key, owner, closed) select c.key, c.owner, false "
        "from unnest($1::new_claim[]) as c on conflict (key) do nothing returning key",
    ),
    width=2,
    key=(0,),
)
REOPEN = Statement(
    Query(
        "reopen",
        "update claim as m set closed = false from unnest($1::new_number[]) as c "
        "where m.key = c.number and m.closed returning m.key",
    ),
    width=1,
    key=(0,),
)
NOTE = Statement(
    Query(
        "note",
        "with noted as (insert into note (number) select n.number "
        "from unnest($1::new_number[]) as n returning number) "
        "insert into seal (number) select distinct n.number from noted as n "
        "on conflict do nothing",
    ),
    width=1,
)
REST = Statement(
    Query("rest", "insert into rest (number) select n.number from unnest($1::new_number[]) as n"),
    width=1,
)
CLOSE = Statement(
    Query(
        "close",
        "update claim as m set closed = true from unnest($1::new_number[]) as c "
        "where m.key = c.number",
    ),
    width=1,
)
ORDER = (CLAIM, REOPEN, NOTE, REST, CLOSE)


@dataclass
class Counted:
    """A connection, or a statement prepared on it, that counts what goes to the server."""

    inner: Connection | Prepared
    sent: list[str] = field(default_factory=list[str])
    root: "Counted | None" = None
    fault: BaseException | None = None
    """What is raised instead of call `fault_at`, or after it."""

    fault_at: int = 0
    after: bool = False

    async def execute(self, query: str) -> str:
        with self.faulty(query):
            return await cast("Connection", self.inner).execute(query)

    async def prepare(self, query: str) -> "Counted":
        inner = await cast("Connection", self.inner).prepare(query)
        return Counted(inner, self.sent, root=self)

    async def fetch(self, *args: object) -> list[Record]:
        with (self.root or self).faulty("prepared"):
            return await cast("Prepared", self.inner).fetch(*args)

    @contextmanager
    def faulty(self, what: str) -> Generator[None]:
        due = self.fault is not None and len(self.sent) == self.fault_at
        self.sent.append(what)
        if due and self.fault and not self.after:
            raise self.fault
        yield
        if due and self.fault:
            raise self.fault

    def terminate(self) -> None:
        cast("Connection", self.inner).terminate()


@dataclass
class House:
    dsn: str
    connection: Connection
    counted: Counted
    session: Session

    async def table(self, name: str, order: str = "1") -> list[tuple[object, ...]]:
        rows = await self.connection.fetch(f"select * from {name} order by {order}")
        return [tuple(row) for row in rows]

    async def seen_by_others(self, name: str) -> list[tuple[object, ...]]:
        """What is durable: the rows that another connection finds."""
        async with a_house(self.dsn) as other:
            return await other.table(name)

    async def tables(self) -> list[object]:
        notes = [row[1] for row in await self.table("note")]
        return [
            await self.table("claim"),
            notes,
            await self.table("seal"),
            await self.table("rest"),
        ]


class ByStep(Session):
    """A session that never writes at once."""

    async def _write_at_once(self, plan: Sequence[tuple[Statement, Rows]]) -> bool:
        assert plan
        return False


@asynccontextmanager
async def a_house(dsn: str, kind: type[Session] = Session) -> AsyncGenerator[House]:
    connection = await connect(dsn, name="test", timeout_s=10, settings=BY_KEY)
    counted = Counted(connection)
    places = {statement: place for place, statement in enumerate(ORDER)}
    session = kind(connection=cast("Connection", counted), places=places)
    yield House(dsn, connection, counted, session)
    await connection.close()


@pytest.fixture
async def house(empty_database: str) -> AsyncIterator[House]:
    async with a_house(empty_database) as opened:
        await opened.connection.execute(TABLES)
        yield opened


def asked(key: int, *more: Write) -> Bundle:
    writes = (Write(CLAIM, (key, 7)), Write(NOTE, (key,)), Write(REST, (key,)), *more)
    return Bundle(writes=writes, mark=b"%d" % key)


def ended(key: int) -> Bundle:
    return Bundle(writes=(Write(CLOSE, (key,)),))


async def test_a_group_of_many_statements_is_one_round_trip(house: House):
    await house.session.write([asked(1), asked(2)])
    house.counted.sent.clear()

    results = await house.session.write([asked(4), ended(1), asked(3), ended(2)])

    assert house.counted.sent == ["prepared"]
    assert all(isinstance(result, Committed) for result in results)
    assert await house.tables() == [
        [(1, 7, True), (2, 7, True), (3, 7, False), (4, 7, False)],
        [1, 2, 4, 3],
        [(1,), (2,), (3,), (4,)],
        [(1,), (2,), (3,), (4,)],
    ]


@pytest.mark.parametrize(
    "writes", [(Write(REST, (1,)), Write(CLOSE, (1,))), (Write(CLOSE, (1,)),)]
)
async def test_what_rides_alone_is_one_round_trip_too(house: House, writes: tuple[Write, ...]):
    await house.session.write([Bundle(writes)])

    assert house.counted.sent == ["prepared"]


async def test_a_loser_makes_its_group_go_by_steps_after_an_attempt_that_wrote_only_claims(
    house: House,
):
    await house.session.write([asked(1), asked(2)])
    house.counted.sent.clear()

    results = await house.session.write([asked(3), asked(1), asked(4)])

    assert results[1] == Lost(CLAIM)
    assert house.counted.sent == ["prepared", "begin", *["prepared"] * 3, "commit"]
    positions = [row[0] for row in await house.table("note")]
    assert positions == [1, 2, 3, 4], "expected that nothing was noted by what was lost"


async def test_who_loses_is_told_so_although_the_rest_of_its_bundle_is_wrong(house: House):
    await house.session.write([asked(1)])
    wrong = Bundle((Write(CLAIM, (1, 7)), Write(NOTE, (5000,)), Write(REST, ("no number",))))

    results = await house.session.write([wrong, asked(2)])

    assert results[0] == Lost(CLAIM)
    assert isinstance(results[1], Committed)


async def test_a_key_wanted_twice_in_a_group_costs_no_attempt(house: House):
    results = await house.session.write([asked(1), asked(1)])

    assert [type(result) for result in results] == [Committed, Lost]
    assert house.counted.sent[0] == "begin"


async def test_a_row_with_a_column_too_many_does_not_move_those_of_others(house: House):
    short, long = Write(CLAIM, (1,)), Write(NOTE, (2, 3))

    with pytest.raises(WrongBundle):
        await house.session.write([Bundle((short, long))])

    assert house.counted.sent == []
    assert await house.tables() == [[], [], [], []]


@pytest.mark.parametrize(
    "row", [Write(REST, (1, 2)), Write(REST, ()), Write(CLAIM, ()), Write(NOTE, ("no number",))]
)
async def test_after_a_bundle_that_is_wrong_by_steps_what_is_told_as_durable_is(
    house: House, row: Write
):
    await house.session.write([asked(1)])
    wrong = [Bundle((Write(REOPEN, (1,)), Write(CLOSE, (1,)))), ended(1), Bundle((row,))]

    with pytest.raises(REFUSED):
        await house.session.write(wrong)
    told = await house.session.write([Bundle((Write(REST, (7,)),))])

    assert isinstance(told[0], Committed)
    assert await house.seen_by_others("rest") == [(1,), (7,)]


FAULTS = (
    WrongBundle("a row"),
    ValueError("a value"),
    TypeError("a type"),
    IndexError("no cause that anyone thought of"),
    asyncio.CancelledError(),
    asyncpg.DataError("refused"),
    asyncpg.InterfaceError("connection is closed"),
    OSError("cut"),
)


@given(st.sampled_from(FAULTS), st.integers(min_value=0, max_value=5), st.booleans())
@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_whatever_ends_a_group_nothing_of_it_is_open_and_the_next_is_durable(
    empty_database: str, fault: BaseException, at: int, after: bool
):
    async with a_house(empty_database, ByStep) as house:
        await house.connection.execute(f"{NOTHING} {TABLES}")
        house.counted.fault, house.counted.fault_at, house.counted.after = fault, at, after
        with suppress(*map(type, FAULTS)):
            await house.session.write([asked(1), asked(2)])
        house.counted.fault = None

        stood = len(await house.seen_by_others("rest"))
        assert stood == (0 if at < 4 or (at == 4 and not after) else 2)
        if house.connection.is_closed():
            return
        assert not cast("asyncpg.Connection", house.connection).is_in_transaction()
        await house.session.write([Bundle((Write(REST, (7,)),))])
        assert (7,) in await house.seen_by_others("rest")


async def test_a_group_that_is_cancelled_while_it_waits_leaves_nothing_open(house: House):
    async with a_house(house.dsn) as other:
        await other.connection.execute("begin; insert into claim values (2, 8, false)")
        writing = asyncio.create_task(house.session.write([asked(1), asked(2), asked(1)]))
        _done, waits = await asyncio.wait([writing], timeout=0.5)
        assert waits
        assert house.counted.sent == ["begin", "prepared"]
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
        await other.connection.execute("commit")

        assert house.connection.is_closed()
        assert await other.tables() == [[(2, 8, False)], [], [], []]


async def test_a_database_without_the_function_of_lost_claims_refuses_loudly(house: House):
    await house.connection.execute("drop function postgres.lose_claim()")

    with pytest.raises(asyncpg.UndefinedFunctionError):
        await house.session.write([asked(1)])


async def test_a_session_older_than_the_types_of_its_rows_writes_once_they_are_there(
    empty_database: str,
):
    async with a_house(empty_database) as house:
        with pytest.raises(asyncpg.UndefinedTableError):
            await house.session.write([asked(1)])
        await house.connection.execute(TABLES)

        results = await house.session.write([asked(1)])

        assert isinstance(results[0], Committed)
        assert await house.seen_by_others("rest") == [(1,)]


async def test_rows_are_found_by_key_also_where_the_plan_was_made_on_an_empty_table(house: House):
    await house.connection.execute(f"prepare closing as {CLOSE.query.sql}")

    plan = await house.connection.fetch("explain execute closing ('{(1)}')")

    assert any("Index Scan using claim_pkey" in row[0] for row in plan)


keys = st.integers(min_value=0, max_value=6)
writes = st.one_of(
    st.builds(Write, st.just(CLAIM), st.tuples(keys, st.just(7))),
    st.builds(Write, st.sampled_from([REOPEN, NOTE, REST, CLOSE]), st.tuples(keys)),
)
bundles = st.builds(Bundle, st.lists(writes, max_size=5).map(tuple), st.sampled_from([b"", b"x"]))
groups = st.lists(st.lists(bundles, min_size=1, max_size=4), max_size=5)


def possible(group: Sequence[Bundle]) -> list[Bundle]:
    """Nobody closes what is claimed in the same group: who claims is not answered yet."""
    claimed = {write.row[0] for b in group for write in b.writes if write.statement is CLAIM}
    return [
        Bundle(
            tuple(w for w in b.writes if w.statement is not CLOSE or w.row[0] not in claimed),
            b.mark,
        )
        for b in group
    ]


@given(given_groups=groups)
@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_any_groups_leave_the_same_tables_and_losers_at_once_and_by_steps(
    house: House, given_groups: list[list[Bundle]]
):
    by_step = ByStep(
        connection=house.session.connection,
        places=house.session.places,
        prepared=house.session.prepared,
    )
    seen: list[object] = []

    for session in (house.session, by_step):
        await house.connection.execute("truncate claim, note, seal, rest")
        told = [await session.write(possible(group)) for group in given_groups]
        flat = [r if isinstance(r, Lost) else (r.group.marks, r.index) for g in told for r in g]
        seen.append([flat, await house.tables()])

    assert seen[0] == seen[1]
