"""Several statements as one text: parameters, parts, and what may not travel together."""

import pytest

from kruispunt.postgres import Query, Statement
from kruispunt.postgres.together import Together, width

CLAIM = Statement(
    Query(
        "claim",
        "insert into claim (key) select unnest($1::text[]) on conflict do nothing returning key",
    ),
    key=(0,),
)
NOTE = Statement(
    Query(
        "note",
        "with added (n) as (insert into note (n) select unnest($2::integer[]) returning n),\n"
        "more as (select (1) as one)\n"
        "insert into seal (n, at) select n, now() from added where n = any($1::integer[])",
    )
)
CLOSE = Statement(Query("close", "update claim set closed = true where key = any($1::text[])"))
REOPEN = Statement(
    Query("reopen", "UPDATE claim set closed = false where key = any($1::text[]) returning key"),
    key=(0,),
)


def test_parameters_are_numbered_through_and_parts_that_write_move_to_the_top():
    together = Together.of([CLAIM, NOTE, CLOSE])

    assert together is not None
    assert [width(one) for one in (CLAIM, NOTE, CLOSE)] == [1, 2, 1]
    assert together.sql == (
        "with part_0 as (\n"
        "insert into claim (key) select unnest($1::text[]) on conflict do nothing returning key\n"
        "), added (n) as (insert into note (n) select unnest($3::integer[]) returning n),\n"
        "more as (select (1) as one), part_1 as (\n"
        "insert into seal (n, at) select n, now() from added where n = any($2::integer[])\n"
        "), part_2 as (\n"
        "update claim set closed = true where key = any($4::text[])\n"
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


def test_a_statement_that_never_comes_is_our_own_mistake():
    wrong = Statement(Query("wrong", "with added as (insert into note (n) values (1)"))

    with pytest.raises(ValueError, match="after its parts"):
        Together.of([CLAIM, wrong])
