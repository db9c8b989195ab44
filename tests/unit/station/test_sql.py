import pytest

from kruispunt.station.sql import describing, faults, listing, wrapped

GOOD = "select b.ssin, b.day from b where b.ssin = :ssin::bigint and b.day < :end"


def test_a_plain_select_about_one_person_has_no_faults():
    assert list(faults(GOOD)) == []


def test_a_select_after_with_has_no_faults():
    sql = "with mine as (select 1 as a where :ssin = '1') select a from mine"

    assert list(faults(sql)) == []


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("delete from b where ssin = :ssin", "expected one select"),
        ("-- select\ninsert into b values (:ssin)", "expected one select"),
        ("", "expected one select"),
        ("select 1 where :ssin = ''; drop table b", "without a semicolon"),
        ("select 1 where :ssin = :insz", "unknown placeholder :insz"),
        ("select 1", "missing placeholder :ssin"),
        ("select 1 as a -- :ssin\n", "missing placeholder :ssin"),
        ("select ':ssin' as a", "missing placeholder :ssin"),
        ("select 1 where $1 = :ssin", "expected a named placeholder, found $1"),
        ("select 1 where :ssin = 'x", "the text after ' is not closed"),
        ("select 1 where :ssin = '' /* and", "the text after /* is not closed"),
        ("select 1 where (:ssin = ''", "brackets do not match"),
        ("select :ssin as a) as x cross join (select 2", "brackets do not match"),
    ],
)
def test_a_select_that_would_do_something_else_is_refused_in_words(sql: str, fault: str):
    found = list(faults(sql))

    assert any(fault in each for each in found), found


@pytest.mark.parametrize(
    "text", ["':begin'", '":begin"', "$$:begin$$", "$a$:begin$a$", "e'\\':begin'", "'a'':begin'"]
)
def test_what_looks_like_a_placeholder_inside_a_text_is_left_alone(text: str):
    sql = f"select {text} as a where :ssin = ''"

    assert list(faults(sql)) == []
    assert text in describing(sql)


def test_a_cast_is_no_placeholder():
    filled = describing("select 1 as a where :ssin::bigint = 1 and now()::date > :begin")

    assert "null::text::bigint = 1" in filled
    assert "now()::date > null::date" in filled


def test_a_semicolon_or_quote_in_a_comment_does_no_harm():
    sql = "select 1 as a -- don't; stop\n/* it's; */ where :ssin = ''"

    assert list(faults(sql)) == []
    assert "don't" not in describing(sql)


def test_the_wrapping_lists_its_columns_and_asks_for_one_row_too_many():
    query = wrapped(GOOD, ["ssin", 'odd "name"'], max_rows=200)

    assert query.startswith('select r."ssin", r."odd ""name""", q.n\n')
    assert "limit 201" in query
    assert 'b.ssin = q.ssin::bigint and b.day < q."end"' in query
    assert "*" not in query


EVERYONE = 'select b.ssin from b where b.day >= :begin and b.day < :end order by b."ssin"'


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        (GOOD, "unknown placeholder :ssin, expected one of :begin, :end"),
        ("delete from b", "expected one select"),
        ("select 1; select 2", "without a semicolon"),
    ],
)
def test_a_select_about_everyone_asks_for_nobody(sql: str, fault: str):
    assert list(faults(EVERYONE, lists=True)) == []
    assert any(fault in each for each in faults(sql, lists=True))


def test_what_lists_everyone_names_its_columns_and_knows_the_days_once():
    query = listing(EVERYONE, ["ssin", 'odd "name"'])

    assert query.startswith('select answer."ssin", answer."odd ""name"""\n')
    assert query.count("$1") == query.count("$2") == 1
    assert 'b.day >= q."begin" and b.day < q."end"' in query
