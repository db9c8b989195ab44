"""Several statements as one text: parameters, parts, and what may not travel together."""

import pytest

from kruispunt.postgres import Query, Statement
from kruispunt.postgres.together import Together

CLAIM = Statement(
    Query(
        "claim",
        "insert into claim (key) select c.key from unnest($1::new_claim[]) as c "
        "on conflict do nothing returning key",
    ),
    width=1,
    key=(0,),
)
NOTE = Statement(
    Query(
        "note",
        "with added (n) as (insert into note (n) select m.n from unnest($1::new_note[]) as m "
        "returning n),\n"
        "more as (select (1) as one)\n"
        "insert into seal (n, at) select n, now() from added "
        "where n = any(select m.n from unnest($1::new_note[]) as m)",
    ),
    width=1,
)
CLOSE = Statement(
    Query(
        "close",
        "update claim set closed = true from unnest($1::new_claim[]) as c where key = c.key",
    ),
    width=1,
)
REOPEN = Statement(
    Query(
        "reopen",
        "UPDATE claim set closed = false from unnest($1::new_claim[]) as c where key = c.key "
        "returning key",
    ),
    width=1,
    key=(0,),
)


def test_rows_are_numbered_by_statement_and_parts_that_write_move_to_the_top():
    together = Together.of([CLAIM, NOTE, CLOSE])

    assert together is not None
    assert together.sql == (
        "with part_0 as (\n"
        "insert into claim (key) select c.key from unnest($1::new_claim[]) as c "
        "on conflict do nothing returning key\n"
        "), added (n) as (insert into note (n) select m.n from unnest($2::new_note[]) as m "
        "returning n),\n"
        "more as (select (1) as one), part_1 as (\n"
        "insert into seal (n, at) select n, now() from added "
        "where n = any(select m.n from unnest($2::new_note[]) as m)\n"
        "), part_2 as (\n"
        "update claim set closed = true from unnest($3::new_claim[]) as c where key = c.key\n"
        ")\n"
        "select\n"
        "    case when (select count(*) from part_0) < cardinality($1) "
        "then postgres.lose_claim() end as lost_0"
    )


def test_without_a_claim_nothing_can_be_lost():
    together = Together.of([NOTE, CLOSE])

    assert together is not None
    assert together.sql.endswith("select\n    true as written")
    assert "lose_claim" not in together.sql


def test_two_statements_that_change_rows_do_not_travel_together():
    assert Together.of([REOPEN, NOTE, CLOSE]) is None
    assert Together.of([REOPEN, NOTE]) is not None


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("with added as (insert into note (n) values ($1)", "after its parts"),
        ("insert into note (n) values ($1, $2)", "one parameter"),
        ("insert into note (n) values ($10)", "one parameter"),
        ("insert into note (n) values (1)", "one parameter"),
    ],
)
def test_a_statement_that_never_comes_or_takes_more_than_its_rows_is_our_own_mistake(
    sql: str, told: str
):
    with pytest.raises(ValueError, match=told):
        Together.of([CLAIM, Statement(Query("wrong", sql), width=1)])
