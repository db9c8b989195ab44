from pathlib import Path

import pytest

from kruispunt.postgres import WrongQueries, read_queries

TWO = """-- A word about this file.
-- name: find_lines
-- All lines of a person.
select a, b
from lines
where a = $1;

-- name: drop_lines
delete from lines;
"""


def test_a_file_of_queries_gives_each_by_its_name_without_its_comments(tmp_path: Path):
    path = tmp_path / "store.sql"
    path.write_text(TWO)

    queries = read_queries(path)

    assert list(queries) == ["find_lines", "drop_lines"]
    assert queries["find_lines"].sql == "select a, b\nfrom lines\nwhere a = $1"
    assert queries["drop_lines"].sql == "delete from lines"


@pytest.mark.parametrize(
    "text",
    [
        "select 1;\n-- name: one\nselect 1;",
        "-- name: one\n-- only a promise\n",
        "-- name: one\nselect 1;\n-- name: one\nselect 2;",
    ],
)
def test_a_file_that_loses_sql_is_refused(tmp_path: Path, text: str):
    path = tmp_path / "store.sql"
    path.write_text(text)

    with pytest.raises(WrongQueries, match=r"store\.sql"):
        read_queries(path)
