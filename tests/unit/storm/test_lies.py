"""Lies are lies: each changes a true reply, and those with rows leave an empty one alone."""

import msgspec
import pytest
from storm.lies import LIES, NOBODY

PERSON = "85073003328"
TRUE = msgspec.json.encode(
    {"found": [{"ssin": PERSON, "rows": [{"ssin": PERSON, "begin": "2024-10-01", "days": 5}]}]}
)
NOTHING = msgspec.json.encode({"found": [{"ssin": PERSON, "rows": []}]})


@pytest.mark.parametrize("name", [name for name, lie in LIES.items() if lie.signs == "true"])
def test_a_lie_under_the_true_key_changes_body_status_or_length(name: str):
    lie = LIES[name]

    assert lie.body(TRUE) != TRUE or lie.status != 200 or lie.cut


@pytest.mark.parametrize("name", [name for name, lie in LIES.items() if lie.needs_rows])
def test_a_lie_about_rows_says_nothing_where_there_are_none(name: str):
    assert msgspec.json.decode(LIES[name].body(NOTHING)) == msgspec.json.decode(NOTHING)


def test_the_other_person_is_nobody_who_was_asked_about():
    lied = msgspec.json.decode(LIES["row-of-another"].body(TRUE))

    assert lied["found"][0]["ssin"] == PERSON
    assert lied["found"][0]["rows"][0]["ssin"] == NOBODY


def test_only_the_extra_field_is_no_fault():
    assert [name for name, lie in LIES.items() if not lie.causes] == ["extra-field"]
