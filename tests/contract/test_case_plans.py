"""What is done of a case is found by its key, however many wait, and whatever was counted last."""

import pytest

from kruispunt.circuits.store import TURN
from kruispunt.exchange.requests import SETTLE, WITHDRAW
from kruispunt.postgres import Statement
from kruispunt.postgres.driver import BY_KEY, connect

ALL_DONE = """
insert into circuits.action (id, case_id, due_at, done_at, lane, body)
select gen_random_uuid(), gen_random_uuid(), now(), now(), 0, '' from generate_series(1, 2000);
insert into exchange.request
    (ticket, recorded_at, consumer, told, flow, due_at, expected, settled_at)
select gen_random_uuid(), now(), 'a', 'b', 'c', now(), 1, now() from generate_series(1, 2000);
analyze circuits.action, exchange.request;
"""


@pytest.mark.parametrize(
    ("statement", "key", "open_ones"),
    [
        (TURN, "action_pkey", "action_due"),
        (SETTLE, "request_pkey", "request_due_at"),
        (WITHDRAW, "request_pkey", "request_due_at"),
    ],
)
async def test_a_plan_made_when_nothing_waits_does_not_go_through_all_that_waits_later(
    empty_database: str, statement: Statement, key: str, open_ones: str
):
    connection = await connect(empty_database, name="test", timeout_s=60, settings=BY_KEY)
    try:
        await connection.execute(ALL_DONE)
        await connection.execute(f"prepare one as {statement.query.sql}")
        found = await connection.fetch("explain execute one ('{}')")
    finally:
        await connection.close()

    plan = "\n".join(row[0] for row in found)
    assert key in plan
    assert open_ones not in plan
